// The members of GenericInfo that the front end of Exchange writes about OAuth. Known from builds of 2013; the names live on in a log
// of the Subscription Edition.

import type { LogRow } from "../core/log-row.ts";
import { codeOfOAuthCategory } from "../core/oauth-categories.ts";
import type { Members } from "./generic-info.ts";
import { callerOfPrinted, readLoggedToken } from "./printed-token.ts";
import { isCodeName, protocolWords } from "./reason-words.ts";

/** The value of `OAuthExtraInfo`: `Category:S2SAppActAs|AppId:S2S~<id>|<claim>:<value>…ErrorCode:<name>`. */
export interface ExtraInfo {
  /** `S2SAppOnly`, `S2SAppActAs`, `V1AppOnly`…; empty when the value has none. */
  readonly category: string;
  /** In lower case; null when the value names no application. */
  readonly applicationId: string | null;
  /** Name or number of the error; empty without one. */
  readonly errorCode: string;
}

const longest = 16_384;

/** Reads a value of `OAuthExtraInfo`; empty parts for another text. */
export function readExtraInfo(value: string): ExtraInfo {
  const text = value.slice(0, longest);
  const category = /(?:^|\|)\s{0,4}Category:([A-Za-z0-9]{1,40})(?![A-Za-z0-9])/i.exec(text)?.[1] ?? "";
  const id = /(?:^|\|)\s{0,4}AppId:(?:[A-Z0-9]{2,4}~)?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?![0-9a-f-])/i;
  // The error is the last part: a claim before it may hold any text.
  const error = [...text.matchAll(/ErrorCode:\s{0,4}([A-Za-z0-9_]{1,60})(?![A-Za-z0-9_])/gi)].at(-1);
  return { category, applicationId: id.exec(text)?.[1]?.toLowerCase() ?? null, errorCode: error?.[1] ?? "" };
}

/** What the members of one row say about OAuth. */
export interface OAuthMembers {
  readonly extraInfo: ExtraInfo;
  readonly printedToken: string | null;
  readonly tokenCaller: { readonly applicationId: string | null; readonly realm: string | null };
  readonly refusal: LogRow["refusal"];
  /** `ActAsUserVerified`; null without it. */
  readonly isUserVerified: boolean | null;
}

export function readOAuthMembers(members: Members): OAuthMembers {
  const extraInfo = readExtraInfo(members.get("oauthextrainfo") ?? "");
  const printedToken = readLoggedToken(members.get("oauthtoken") ?? "");
  const verified = (members.get("actasuserverified") ?? "").toLowerCase();
  return {
    extraInfo,
    printedToken,
    tokenCaller: printedToken === null ? { applicationId: null, realm: null } : callerOfPrinted(printedToken),
    refusal: refusalOf(members.get("oautherrorcategory") ?? "", members.get("oautherror") ?? "", extraInfo.errorCode),
    isUserVerified: verified === "true" ? true : verified === "false" ? false : null,
  };
}

/** `InvalidToken` of `InvalidToken-BE`, whose ending marks a refusal by the back end; empty for a text that is not a name. */
export function categoryName(text: string): string {
  const name = text.trim().replace(/-BE$/i, "");
  return /^[A-Za-z][A-Za-z0-9_]{1,60}$/.test(name) && (isCodeName(name) || codeOfOAuthCategory(name) !== null)
    ? name
    : "";
}

/** An error by category, text and `ErrorCode`; the category `Probe` marks the empty `Bearer` of a first call, no refusal. */
function refusalOf(rawCategory: string, error: string, errorCode: string): LogRow["refusal"] {
  const category = categoryName(rawCategory);
  const isProbe = /^Probe(?:-BE)?$/i.test(rawCategory.trim());
  if (isProbe || (rawCategory === "" && error === "" && errorCode === "")) return null;
  const text = [errorCode, protocolWords(error)].filter((part) => part !== "").join(": ");
  return { code: codeOfOAuthCategory(category), category: category || errorCode || null, text };
}
