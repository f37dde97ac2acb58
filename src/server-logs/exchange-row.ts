// What rows of HttpProxy, Ews and Autodiscover have in common: who signed in, how, and what became of the call.
import type { LogRow, LogSignIn } from "../core/log-row.ts";
import { isCloudUserAgent, isPersonsUserAgent } from "../core/well-known-clients.ts";
import type { Cells } from "./columns.ts";
import type { Members } from "./generic-info.ts";
import { isNoise } from "./noise.ts";
import { type OAuthMembers, readOAuthMembers } from "./oauth-members.ts";
import { readSignedIn, type SignedIn } from "./signed-in.ts";

/** Who is signed in by a row, and how. */
export interface SignInOfRow {
  readonly signIn: LogSignIn;
  readonly account: SignedIn;
  readonly oauth: OAuthMembers;
}

export function readSignIn(cell: Cells, members: Members): SignInOfRow {
  const account = readSignedIn(cell("authenticateduser"));
  const isAuthenticated = isTrue(cell("isauthenticated"), account);
  return {
    signIn: signInOf(cell("authenticationtype"), isAuthenticated),
    account,
    oauth: readOAuthMembers(members),
  };
}

/** `true` in any letter case; where the log has no such column or cell, the name of a user. */
function isTrue(cell: string, account: SignedIn): boolean {
  return cell === "" ? account.kind !== "none" : /^true$/i.test(cell);
}

/** Any other word is the first one of the Authorization field that the client sent. */
function signInOf(type: string, isAuthenticated: boolean): LogSignIn {
  switch (type.toLowerCase()) {
    case "bearer":
    case "bearerpreauth":
      return isAuthenticated ? "bearer" : "bearer-unauthenticated";
    case "basic":
      return "basic";
    case "ntlm":
      return "ntlm";
    case "negotiate":
    case "kerberos":
      return "negotiate";
    case "fba":
      return "forms";
    case "":
    case "anonymous":
      return "none";
    default:
      return "unknown";
  }
}

type Judged = Pick<LogRow, "caller" | "actsAs" | "isPerson" | "realm" | "printedToken" | "refusal" | "isFormUnproven">;

/** The members of a row that tell the caller and the refusal. `status` null: not shown. */
export function judgedMembers(
  { signIn, account, oauth }: SignInOfRow,
  status: number | null,
  isNewerThan2013: boolean,
): Judged {
  const { extraInfo, printedToken, tokenCaller, isUserVerified } = oauth;
  const caller = callerOf(account, oauth);
  const actsAs = actsAsOf(account, extraInfo.category, isUserVerified);
  // A back end writes another word than `Bearer` for some sign-ins by OAuth.
  const isOAuth = signIn !== "basic" && signIn !== "ntlm" && signIn !== "forms";
  // An accepted call with a left-over error was not refused.
  const isRefused = isOAuth && (signIn === "bearer-unauthenticated" || status === null || status >= 400);
  const refusal = isRefused ? oauth.refusal : null;
  return {
    caller,
    actsAs,
    isPerson: (account.kind === "sid" && actsAs === null) || account.kind === "account",
    realm: tokenCaller.realm,
    printedToken,
    refusal,
    isFormUnproven: isNewerThan2013 && (caller !== null || account.kind === "acts-as" || refusal !== null),
  };
}

function callerOf(account: SignedIn, { extraInfo, tokenCaller }: OAuthMembers): LogRow["caller"] {
  if (account.kind === "application") return { applicationId: account.applicationId, shownBy: "AuthenticatedUser" };
  if (extraInfo.applicationId !== null) return { applicationId: extraInfo.applicationId, shownBy: "OAuthExtraInfo" };
  return tokenCaller.applicationId === null ? null : { applicationId: tokenCaller.applicationId, shownBy: "token" };
}

function actsAsOf(account: SignedIn, category: string, isVerified: boolean | null): LogRow["actsAs"] {
  if (account.kind === "acts-as") return { keys: account.keys, isVerified };
  // Exchange writes `ActAsUserVerified` for such calls only; a verified user is then a bare SID.
  if (isVerified === null && !/ActAs$/i.test(category)) return null;
  return { keys: account.kind === "sid" ? ["sid"] : [], isVerified };
}

export interface Candidate {
  readonly read: SignInOfRow;
  readonly row: LogRow;
  /** The protocol takes calls of services: EWS, Autodiscover, REST. */
  readonly isServiceProtocol: boolean;
}

/** True for a row that judging needs. */
export function isNeeded({ read, row, isServiceProtocol }: Candidate): boolean {
  const { userAgent, client, path, signIn } = row;
  if (row.caller !== null || row.actsAs !== null || row.refusal !== null) return true;
  if (isNoise({ account: read.account, signIn, userAgent, client, path })) return false;
  if (isCloudUserAgent(userAgent)) return true;
  switch (signIn) {
    case "bearer":
      return !row.isPerson;
    case "bearer-unauthenticated":
      return isServiceProtocol && !isPersonsUserAgent(userAgent);
    case "basic":
    case "ntlm":
    case "negotiate":
      return isServiceProtocol;
    default:
      return false;
  }
}
