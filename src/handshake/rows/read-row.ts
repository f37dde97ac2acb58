// What one row of a server's log proves, independent of any other row. A row that leaves a doubt proves nothing.

import type { CallerSource, LogRow } from "../../core/log-row.ts";
import { memoize } from "../../core/memoize.ts";
import { type Applications, isGuid, type Principal, parsePrincipal } from "../../core/principals.ts";
import { wellKnownApplication } from "../../core/well-known-applications.ts";
import { isCloudUserAgent, isPersonsUserAgent, wellKnownClient } from "../../core/well-known-clients.ts";
import type { S2sToken } from "../../decoders/facts.ts";

import { compactOfPrinted, tokensInText } from "../../decoders/token-in-text.ts";
import { decodeToken } from "../../decoders/tokens/s2s-token.ts";
import type { Lane } from "../reduce.ts";
import type { Outcome } from "../signals.ts";

/**
 * `call` carried a token, `probe` an empty Bearer. `password` is Basic, `windows` NTLM or Negotiate of a client. `token` is the answer of
 * a token service, `event` of Windows without a token, `person` a person's sign-in. `other` proves nothing about a handshake.
 */
export type RowRole = "call" | "probe" | "password" | "windows" | "token" | "event" | "person" | "other";

export interface RowReading {
  readonly role: RowRole;
  /** How the call ended; null for other roles. */
  readonly outcome: Outcome | null;
  readonly lane: Lane;
  /** Null where the row does not name the application. */
  readonly caller: Principal | null;
  /** The place that names it. */
  readonly shownBy: CallerSource | null;
  /** The realm that the row shows; empty when it shows none. */
  readonly realm: string;
  /** The User-Agent is that of a cloud service. */
  readonly isCloud: boolean;
  /** A call that acts as a user and was let in, of an application that the row does not name. */
  readonly isUnnamed: boolean;
  /** The token that the row prints, without its signature or with it; null without one. */
  readonly token: S2sToken | null;
  /** The row holds a token with its signature, or did so before it was made safe. */
  readonly isRawToken: boolean;
}

export interface RowDecoder {
  read(row: LogRow): RowReading;
}

const printedLimit = 256;

/** Starts to read rows; equal printed tokens are decoded once. */
export function startRowDecoder(applications?: Applications): RowDecoder {
  const tokenIn = memoize(printedLimit, (text): Pick<RowReading, "token" | "isRawToken"> => {
    const [raw] = tokensInText(text);
    const compact = raw ?? compactOfPrinted(text);
    const token = compact === null ? null : decodeToken(compact, applications);
    const read = token?.ok === true ? token.value : null;
    return { token: read, isRawToken: raw !== undefined && read !== null && isSigned(read) };
  });
  return {
    read(row) {
      const printed = row.printedToken === null ? noToken : tokenIn(row.printedToken);
      const named = nameOf(row, printed.token, applications);
      const isCloud = isCloudUserAgent(row.userAgent);
      const { token, isRawToken } = printed;
      const { caller, realm, shownBy } = named;
      const { role, outcome, isUnnamed } = judge(row, { caller, isCloud, token });
      const lane = laneOfRow(row, token);
      return { role, outcome, lane, caller, shownBy, realm, isCloud, isUnnamed, token, isRawToken };
    },
  };
}

/** The signature of a token is that of its signed part. */
function isSigned({ signature, actor }: S2sToken): boolean {
  return signature !== "absent" || (actor?.ok === true && actor.value.signature !== "absent");
}

const noToken = { token: null, isRawToken: false } as const;

function nameOf(row: LogRow, token: S2sToken | null, applications: Applications | undefined) {
  const id = row.caller?.applicationId.toLowerCase() ?? "";
  const printed = token?.caller ?? null;
  const realm = (row.realm ?? (printed?.realm || token?.tenant || "")).slice(0, 256);
  const named = isGuid(id) ? parsePrincipal(realm === "" ? id : `${id}@${realm}`, applications) : printed;
  const caller = named === null || named.id === "" ? null : named;
  return { caller, realm, shownBy: caller === null ? null : (row.caller?.shownBy ?? tokenSource(row)) };
}

function tokenSource({ log }: LogRow): CallerSource {
  return log === "windows-event" ? "event" : "token";
}

/** A row that acts as a user, names an account beside the application, or holds a token that names a user. */
function laneOfRow({ actsAs, isPerson }: LogRow, token: S2sToken | null): Lane {
  return actsAs !== null || isPerson || token?.tokenKind === "app-acts-as-user" ? "user" : "application";
}

type Known = Pick<RowReading, "caller" | "isCloud" | "token">;
type Judged = Pick<RowReading, "role" | "outcome" | "isUnnamed">;

const other: Judged = { role: "other", outcome: null, isUnnamed: false };

function judge(row: LogRow, known: Known): Judged {
  switch (row.log) {
    case "http-proxy":
    case "ews":
    case "autodiscover":
      return judgeRequest(row, known);
    case "oauth-outbound":
    case "entra-sign-in":
      return row.isTokenGiven === null ? other : { ...other, role: "token" };
    case "windows-event":
      return row.refusal !== null && row.operation === tokenRefusedEvent
        ? { role: "call", outcome: "refused", isUnnamed: false }
        : { ...other, role: "event" };
    case "iis":
    case "http-err":
      return other;
  }
}

/** `MSExchange OAuth` 2006: a token was refused. */
const tokenRefusedEvent = "2006";

function judgeRequest(row: LogRow, known: Known): Judged {
  switch (row.signIn) {
    case "bearer":
    case "bearer-unauthenticated":
      return judgeBearer(row, known);
    case "basic":
      return { ...other, role: "password" };
    case "ntlm":
    case "negotiate":
      // On the back end it is the hop of the front end.
      return row.side === "front-end" ? { ...other, role: "windows" } : other;
    default:
      return other;
  }
}

function judgeBearer(row: LogRow, known: Known): Judged {
  if (isOfPerson(row, known)) return { ...other, role: "person" };
  if (isSuccess(row.status)) return judgeSuccess(row, known);
  if (isRefusal(row)) return { role: "call", outcome: "refused", isUnnamed: false };
  // The empty Bearer of every first call is logged so; a refused token without its error looks the same.
  if (row.signIn === "bearer-unauthenticated")
    return row.status === 401 && known.caller === null ? { ...other, role: "probe" } : other;
  return known.caller === null && !known.isCloud && row.actsAs === null
    ? other
    : { role: "call", outcome: "undecided", isUnnamed: false };
}

function judgeSuccess(row: LogRow, { caller, isCloud }: Known): Judged {
  if (row.signIn !== "bearer") return other;
  const isAnswered = row.backEndStatus === null || isSuccess(row.backEndStatus);
  // Only the front end's word for the sign-in is known; an error beside a success leaves a doubt.
  const isShown = row.log === "http-proxy" && isAnswered && row.refusal === null && row.failure === "";
  if (caller !== null) return { role: "call", outcome: isShown ? "accepted" : "undecided", isUnnamed: false };
  const isActing = row.actsAs !== null;
  if (!isActing && !isCloud) return other;
  const isVerified = isActing && row.actsAs?.isVerified !== null;
  return { role: "call", outcome: isShown && isCloud && isVerified ? "accepted" : "undecided", isUnnamed: isShown };
}

function isSuccess(status: number | null): boolean {
  return status !== null && status >= 200 && status < 300;
}

/** True where the row says that Exchange refused a token; the category `Probe` is that of an empty Bearer. */
function isRefusal({ refusal }: LogRow): boolean {
  return refusal !== null && !/^probe\b/i.test(refusal.category ?? "");
}

/** A person's program signs in with a token of its own: its account is what the row names, or its application is a known program. */
function isOfPerson({ userAgent, actsAs, isPerson }: LogRow, { caller, isCloud }: Known): boolean {
  if (isCloud) return false;
  const id = caller?.id ?? "";
  if (id !== "" && wellKnownClient(id) !== undefined) return true;
  if (wellKnownApplication(id) !== undefined) return false;
  const isProgram = isPersonsUserAgent(userAgent);
  if (caller !== null) return isProgram && isPerson;
  return actsAs === null && (isProgram || isPerson);
}
