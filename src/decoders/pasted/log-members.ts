// Members of GenericInfo and other values about OAuth in the logs of Exchange Server.
import { codeOfOAuthCategory, oauthCategories } from "../../core/oauth-categories.ts";
import type { Applications } from "../../core/principals.ts";
import { readMembers } from "../../server-logs/generic-info.ts";
import { categoryName, type ExtraInfo, readExtraInfo } from "../../server-logs/oauth-members.ts";
import { readLoggedToken } from "../../server-logs/printed-token.ts";
import { protocolWords } from "../../server-logs/reason-words.ts";
import type { Diagnostics } from "../facts.ts";
import type { JsonObject } from "../json-text.ts";
import { decodeDiagnostics } from "../messages/diagnostics.ts";
import { decodePrinted, decodeValue } from "./decode-value.ts";
import { type DecodedValue, valueOfKind } from "./decoded-value.ts";
import { applicationWords } from "./log-row-words.ts";
import { decodeLogUser } from "./log-users.ts";

/** Categories of OAuthExtraInfo. */
const extraCategories: Readonly<Record<string, string>> = {
  s2sapponly: "a partner application for itself",
  s2sappactas: "a partner application that acts as a user",
  v1apponly: "an application with a token of Entra for itself",
  v1appactas: "an application with a token of Entra that acts as a user",
  v1idtoken: "a user with an id token of Entra",
  v1exchangeselfissued: "Exchange with a token that it issued to itself",
  v1callback: "a callback with a token of Entra",
  callback: "a callback",
};

/** Numbers of `ErrorCode`, finer than a category; observed, second-hand. */
const errorNumbers: Readonly<Record<string, string>> = {
  "1001": "the signature is wrong",
  "2001": "the outer token is signed, too",
  "2002": "the actor token is not signed",
  "2003": "no issuer",
  "2005": "a claim is missing",
  "2006": "the issuer has a bad form",
  "2007": "the issuer has a bad form",
  "2008": "the issuer is unknown",
  "2009": "nameid has a bad form",
  "2010": "the audience has a bad form",
  "2011": "the realm of the audience is not that of the issuer",
  "2015": "the issuer of the outer token is not the nameid of the actor",
  "2016": "the realm is wrong",
  "2017": "the realm is wrong",
  "2018": "no claims about the user",
  "2020": "this kind of token is not applicable here",
  "2022": "the token cannot be read",
  "2023": "neither smtp nor puid",
  "2024": "neither a scope nor a linked account",
  "3001": "the token has expired",
  "4001": "the audience has no realm",
  "4002": "the audience names another host",
  "4003": "the audience is not that of the endpoint",
  "5002": "the tenant of the realm is not found",
  "5003": "tid is missing",
  "6001": "no such user",
  "6002": "the user is ambiguous",
  "6003": "the SID does not match",
  "6004": "the version of the mailbox does not match",
  "7001": "the application is unknown",
  "8001": "the directory failed",
  "8002": "an unexpected error",
  "9004": "no scope",
  "9006": "the scope is not enough",
  "9007": "the scope covers the own mailbox only",
  "10001": "a certificate is not found",
};

/** A code as a diagnostics header would have it, so that the same rules judge it; null without a number of the header. */
export function diagnosticsOf(code: number | null, text: string): Diagnostics | null {
  const name = code === null ? undefined : Object.entries(oauthCategories).find(([key]) => key === String(code))?.[1];
  if (name === undefined) return null;
  const read = decodeDiagnostics(`${code};reason="${text.replaceAll('"', "")}";error_category="${name}"`);
  return read.ok ? read.value : null;
}

const memberStart = /(?:^|[;'\s.])(?:OAuthExtraInfo|OAuthErrorCategory|OAuthError|OAuthToken|ActAsUserVerified)=/i;

/** Errors of OAuthOutbound. */
const outboundErrors: Readonly<Record<string, string>> = {
  MissingSigningCertificate: "Exchange has no certificate to sign with",
  CertificatePrivateKeySizeTooSmall: "the private key of the signing certificate is too short",
  UnableToGetTokenFromACS: "the token service gave no token; error-detail has its code",
  OAuthConfigurationUnavailable: "Exchange could not load its OAuth configuration",
  NoMatchedTokenIssuer: "the challenge of the other side names no token service that Exchange is set up for",
  InvalidChallenge: "the challenge of the other side cannot be read",
  MissingRealmInAuthServer: "the auth server of Exchange's configuration has no realm",
  EmptyClientId: "a client id is empty",
  EmptyNameIdClaim: "the claim nameid is empty",
};

const namedCell =
  /^(AuthenticatedUser|cs-username|OAuthExtraInfo|OAuthErrorCategory|OAuthError|OAuthToken|token-result|ErrorCode|error-string|ActAsUserVerified)\s{0,40}[:=]\s{0,8}(\S[^\r\n;]*);?$/i;

/** One cell or member with its name: `AuthenticatedUser : S2S~…`, `OAuthErrorCategory: InvalidToken`. Null for any other text. */
function decodeNamedCell(text: string, applications: Applications | undefined): DecodedValue | null {
  const [, name = "", cell = ""] = namedCell.exec(text) ?? [];
  switch (name.toLowerCase()) {
    case "authenticateduser":
    case "cs-username":
      return decodeLogUser(cell, applications);
    case "oauthextrainfo":
      return membersValue({ extra: cell }, applications);
    case "oautherrorcategory":
      return membersValue({ category: cell }, applications);
    case "oautherror":
      return membersValue({ error: cell }, applications);
    case "oauthtoken":
    case "token-result":
      return loggedToken(cell, applications);
    case "errorcode":
      return membersValue({ extra: `ErrorCode:${cell}` }, applications);
    case "error-string":
      return decodeOutboundError(cell);
    case "actasuserverified":
      return membersValue({ verified: cell }, applications);
    default:
      return null;
  }
}

/** The name of an error of OAuthOutbound; null for any other text. */
function decodeOutboundError(text: string): DecodedValue | null {
  const name = /^[A-Za-z]{8,40}(?=$|[\s:.])/.exec(text)?.[0] ?? "";
  const reason = Object.hasOwn(outboundErrors, name) ? outboundErrors[name] : undefined;
  if (reason === undefined) return null;
  const note = "OAuthOutbound shows whether Exchange holds a token, never what the other side answered to a call.";
  return valueOfKind("log-members", {
    error: name,
    reason,
    proves: "Exchange got no token for a call to the cloud.",
    note,
  });
}

/** A value of GenericInfo about OAuth, or the whole cell; null for any other text. */
export function decodeLogMembers(value: string, applications: Applications | undefined): DecodedValue | null {
  const text = value.slice(0, 16_384).trim();
  const named = decodeNamedCell(text, applications) ?? decodeOutboundError(text);
  if (named !== null) return named;
  if (/^(?:Category:[A-Za-z0-9]{2,40}(?:\||$)|AppId:[A-Za-z0-9~-]{36,42}(?:\||$)|ErrorCode:\S)/i.test(text))
    return membersValue({ extra: text }, applications);
  // A whole row begins with its time.
  if (memberStart.test(text) && !text.includes("\n") && !/^"?\d{4}-\d{2}-\d{2}T/.test(text))
    return membersValue(memberTexts(text), applications);
  const isCategory =
    categoryName(text) === text.replace(/-BE$/i, "") && codeOfOAuthCategory(categoryName(text)) !== null;
  return isCategory ? membersValue({ category: text }, applications) : null;
}

function memberTexts(cell: string): MemberTexts {
  const members = readMembers(cell);
  return {
    extra: members.get("oauthextrainfo") ?? "",
    category: members.get("oautherrorcategory") ?? "",
    error: members.get("oautherror") ?? "",
    token: members.get("oauthtoken") ?? "",
    verified: members.get("actasuserverified") ?? "",
  };
}

interface MemberTexts {
  readonly extra?: string;
  readonly category?: string;
  readonly error?: string;
  readonly token?: string;
  readonly verified?: string;
}

function membersValue(texts: MemberTexts, applications: Applications | undefined): DecodedValue {
  const { extra = "", category = "", error = "", token = "", verified = "" } = texts;
  const info = readExtraInfo(extra);
  const name = categoryName(category);
  const code = codeOfOAuthCategory(name);
  const printed = loggedToken(token, applications);
  const reason = [errorNumbers[info.errorCode] ?? "", protocolWords(error)].filter((part) => part !== "").join("; ");
  const isRefusal = category !== "" || error !== "" || info.errorCode !== "";
  const shown: JsonObject = {
    ...extraInfoJson(info, applications),
    refusal: [code === null ? "" : String(code), name].filter((part) => part !== "").join(" "),
    // A name with underscores is one of `x-ms-diagnostics`, which both ends write alike.
    refusedBy: name === "" || name.includes("_") ? "" : /-BE$/i.test(category) ? "back end" : "front end",
    reason,
    actsAs: /^true$/i.test(verified)
      ? "a verified user"
      : /^false$/i.test(verified)
        ? "a user that is not verified"
        : "",
    token: printed?.value ?? null,
    proves: isRefusal ? "Exchange refused a token." : "",
    note: isRefusal && info.applicationId !== null ? refusedNote : noSignatureNote,
  };
  const subject = {
    diagnostics: diagnosticsOf(code, reason),
    tokens: printed?.subject.tokens ?? [],
    isPrinted: printed !== null,
  };
  return valueOfKind("log-members", shown, subject);
}

/** The members about OAuth in a cell of GenericInfo. */
export function decodeMemberCell(cell: string, applications: Applications | undefined): DecodedValue {
  return membersValue(memberTexts(cell.slice(0, 16_384)), applications);
}

const noSignatureNote =
  "a log shows no signature. These members are known from Exchange 2013; for later builds their form is not proven.";
const refusedNote = `the application is what the refused token claims, and ${noSignatureNote}`;

function extraInfoJson(
  { category, applicationId, errorCode }: ExtraInfo,
  applications: Applications | undefined,
): JsonObject {
  const meaning = extraCategories[category.toLowerCase()] ?? "";
  return {
    category,
    meaning,
    caller: applicationId === null ? "" : applicationWords(applicationId, applications),
    errorCode,
  };
}

/** The token of a cell, in base64 or raw; null when it is neither. */
export function loggedToken(cell: string, applications: Applications | undefined): DecodedValue | null {
  const text = readLoggedToken(cell);
  return text === null ? null : decodeLoggedText(text, applications);
}

/** A printed or raw token as text; null when it is neither. */
export function decodeLoggedText(text: string, applications: Applications | undefined): DecodedValue | null {
  const printed = decodePrinted(text, applications);
  if (printed !== null) return printed;
  const raw = decodeValue(text, applications === undefined ? {} : { applications });
  return raw.kind === "jwt" ? raw : null;
}
