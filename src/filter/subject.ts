// What a filter looks at: one row of the traffic, with what its token says and, where it is at hand, what was in it.
import type { HttpTransaction } from "../core/http-transaction.ts";
import type { Principal } from "../core/principals.ts";
import type { S2sToken, TransactionFacts } from "../decoders/facts.ts";
import type { TrafficRow } from "../diagnosis/analysis.ts";

/** What the token of a request says, as text; hostile like the row itself. Nothing in it is a secret or a person. */
export interface TokenSummary {
  readonly issuer: string;
  readonly audience: string;
  /** Name and id of the calling application. */
  readonly application: string;
  readonly realm: string;
  readonly algorithm: string;
  /** Epoch milliseconds; null when the token does not say. */
  readonly expiresAt: number | null;
}

export interface FilterSubject {
  readonly row: TrafficRow;
  /** Who calls whom: X Exchange, S Skype for Business or Teams, T token service; `S>X`. Empty when it cannot be told. */
  readonly direction: string;
  readonly token: TokenSummary | null;
  /** Codes of the findings that the row was evidence of when it came. */
  readonly findings: readonly string[];
}

const textLimit = 512;

/** What a filter and the screen need of one transaction, small enough for another process. */
export function filterSubject(
  row: TrafficRow,
  facts: TransactionFacts | null,
  findings: readonly { readonly code: string }[],
): FilterSubject {
  const token = facts === null ? null : firstToken(facts);
  return {
    row,
    direction: facts === null ? "" : directionOf(facts, token),
    token: token === null ? null : summaryOf(token),
    findings: findings.map(({ code }) => code),
  };
}

/** The request's token, else the first that stands anywhere in the transaction. */
function firstToken({ authorization, tokens }: TransactionFacts): S2sToken | null {
  if (authorization.scheme === "bearer" && authorization.token.ok) return authorization.token.value;
  for (const { token } of tokens) if (token.ok) return token.value;
  return null;
}

function summaryOf(token: S2sToken): TokenSummary {
  const actor = token.actor?.ok === true ? token.actor.value : null;
  const caller = token.caller ?? actor?.caller ?? null;
  return {
    issuer: (token.issuer?.asSeen ?? token.issuerText).slice(0, textLimit),
    audience: (token.audience?.asSeen ?? token.audienceText).slice(0, textLimit),
    application: caller === null ? "" : `${caller.name ?? ""} ${caller.id}`.trim().slice(0, textLimit),
    realm: token.tenant.slice(0, textLimit),
    algorithm: (actor?.alg ?? token.alg).slice(0, 32),
    expiresAt: token.expires,
  };
}

const exchangeEndpoints: ReadonlySet<string> = new Set([
  ..."ews ews-ws-security autodiscover activesync mapi rpc oab owa rest metadata".split(" "),
]);

function directionOf(facts: TransactionFacts, token: S2sToken | null): string {
  const to = targetOf(facts.endpoint);
  if (to === "") return "";
  const caller = partyOf(token?.caller ?? null);
  const from = caller !== "" ? caller : to === "X" ? "S" : to === "S" ? "X" : "?";
  return `${from}>${to}`;
}

function targetOf(endpoint: string): string {
  if (exchangeEndpoints.has(endpoint)) return "X";
  if (endpoint === "sts-token" || endpoint === "sts-metadata") return "T";
  return endpoint === "ucwa" || endpoint === "web-ticket" ? "S" : "";
}

function partyOf(caller: Principal | null): string {
  if (caller === null || caller.id === "") return "";
  return caller.id.startsWith("00000002-0000-0ff1-ce00-") ? "X" : "S";
}

/** What was in a request, for the fields `header.NAME` and `body`; null where it is not at hand. */
export type FilterContent = HttpTransaction | null;
