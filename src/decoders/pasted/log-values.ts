// Values out of the logs of Exchange Server: a name of AuthenticatedUser, members of GenericInfo.
import { codeOfOAuthCategory, oauthCategories } from "../../core/oauth-categories.ts";
import { type Applications, parsePrincipal } from "../../core/principals.ts";
import { readMembers } from "../../server-logs/generic-info.ts";
import { categoryName, type ExtraInfo, readExtraInfo } from "../../server-logs/oauth-members.ts";
import { readLoggedToken } from "../../server-logs/printed-token.ts";
import { protocolWords } from "../../server-logs/reason-words.ts";
import { readSignedIn, type SignedIn } from "../../server-logs/signed-in.ts";
import type { Diagnostics } from "../facts.ts";
import type { JsonObject } from "../json-text.ts";
import { decodeDiagnostics } from "../messages/diagnostics.ts";
import { redactUser, safeDomain } from "../tokens/token-user.ts";
import { decodePrinted, decodeValue } from "./decode-value.ts";
import { type DecodedValue, valueOfKind } from "./decoded-value.ts";
import { applicationWords } from "./log-row-words.ts";

/** A name of AuthenticatedUser in words: a service, one that acts as a user, an account (redacted). Empty for no name. */
export function signedInWords(name: string, applications: Applications | undefined): string {
  const user = readSignedIn(name);
  switch (user.kind) {
    case "none":
      return "";
    case "application":
      return `service ${serviceWords(user.applicationId, applications)}`;
    case "acts-as":
      return "a service that acts as a user (OAuth)";
    case "sid":
      return "a user by SID: a person, or a service that acts as one";
    case "callback":
      return "a callback of Exchange";
    case "health-mailbox":
      return "a health mailbox of Exchange's own probes";
    case "machine":
      return "a machine account: a server of Exchange itself";
    case "account":
      return accountWords(name);
    case "other":
      return "a name of an unknown shape";
  }
}

/** Id first, as in the table of services. */
function serviceWords(id: string, applications: Applications | undefined): string {
  const { name } = parsePrincipal(id, applications);
  return name === null ? id : `${id} (${name})`;
}

function accountWords(name: string): string {
  const slash = name.indexOf("\\");
  const domain = slash === -1 ? "" : `${safeDomain(name.slice(0, slash))}\\`;
  return `account ${domain}${redactUser(name.slice(slash + 1))}`;
}

const proofs: Readonly<Partial<Record<SignedIn["kind"], string>>> = {
  application:
    "it names the caller and no realm; it is written for calls that Exchange accepted and shows no signature",
  "acts-as": "it names the user and not the application: OAuthExtraInfo in GenericInfo does, where the build writes it",
  sid: "it does not tell a person from an application that acts as one: ActAsUserVerified in GenericInfo does",
  callback: "it names no application",
  machine: "with Negotiate, NTLM or Logon it is the hop between front end and back end, not a sign-in of a service",
  "health-mailbox": "it says nothing about services",
};

const accountForm = /^[A-Za-z0-9._-]{1,64}\\[A-Za-z0-9._$-]{1,64}$/;

/** A name of AuthenticatedUser alone; null for any other text, one that could be any word included. */
export function decodeLogUser(value: string, applications: Applications | undefined): DecodedValue | null {
  const user = readSignedIn(value);
  const note = proofs[user.kind] ?? "";
  const meaning = signedInWords(value, applications);
  switch (user.kind) {
    case "application": {
      const principal = parsePrincipal(user.applicationId, applications);
      const shown = { form: user.form, service: meaning, signIn: signInOf(user.form), ...principal, note };
      return valueOfKind("log-user", shown, { principal });
    }
    case "acts-as":
      return valueOfKind("log-user", { form: user.form, meaning, userForms: user.keys, note });
    case "sid":
    case "callback":
      return valueOfKind("log-user", { form: user.kind === "sid" ? "SID" : "CLB", meaning, note });
    case "machine":
    case "health-mailbox":
    case "account":
      return accountForm.test(value) ? valueOfKind("log-user", { form: user.kind, meaning, note }) : null;
    default:
      return null;
  }
}

function signInOf(form: "S2S" | "V1A" | "V1S"): string {
  if (form === "S2S") return "OAuth, a partner application for itself";
  return form === "V1A"
    ? "OAuth, a token of Entra for an application"
    : "OAuth, a token that Exchange issued to itself";
}

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

/** A value of GenericInfo about OAuth, or the whole cell; null for any other text. */
export function decodeLogMembers(value: string, applications: Applications | undefined): DecodedValue | null {
  const text = value.slice(0, 16_384).trim();
  if (
    /^(?:OAuthExtraInfo[=:]\s{0,4})?(?:Category:[A-Za-z0-9]{2,40}(?:\||$)|AppId:[A-Za-z0-9~-]{36,42}(?:\||$)|ErrorCode:\S)/i.test(
      text,
    )
  )
    return membersValue({ extra: text.replace(/^OAuthExtraInfo[=:]/i, "") }, applications);
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
    refusedBy: name === "" ? "" : /-BE$/i.test(category) ? "back end" : "front end",
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
