// The subject of a filter: one row of the traffic with a summary of its token and, where available, its content.

import type { HttpTransaction } from "../core/http-transaction.ts";
import type { LogRow } from "../core/log-row.ts";
import { microsoftHost } from "../core/microsoft-hosts.ts";
import type { Principal } from "../core/principals.ts";
import { wellKnownApplication } from "../core/well-known-applications.ts";
import type { S2sToken, ServiceEndpoint, TransactionFacts } from "../decoders/facts.ts";
import { tokensOfServices } from "../decoders/tokens/token-sightings.ts";
import type { TrafficRow } from "../diagnosis/analysis.ts";

/** The token of a request as text; hostile like the row. Holds no secret and no person. */
export interface TokenSummary {
  readonly issuer: string;
  readonly audience: string;
  /** Name and id of the calling application. */
  readonly application: string;
  readonly realm: string;
  readonly algorithm: string;
  /** Epoch milliseconds; null without an expiry. */
  readonly expiresAt: number | null;
}

export interface FilterSubject {
  readonly row: TrafficRow;
  /** Caller and server of this request alone: X Exchange Server, S a service of the cloud, T token service; `S>X`. Empty when unknown. */
  readonly direction: string;
  readonly token: TokenSummary | null;
  /** Codes of the findings that cited the row when it arrived. */
  readonly findings: readonly string[];
}

const textLimit = 512;

/** The part of a transaction that filter and screen need, small enough for another process. */
export function filterSubject(
  row: TrafficRow,
  facts: TransactionFacts | null,
  findings: readonly { readonly code: string }[],
): FilterSubject {
  const token = facts === null ? null : firstToken(facts);
  return {
    row,
    direction: facts === null ? "" : directionOf(facts, token, row.host),
    token: token === null ? null : summaryOf(token),
    findings: findings.map(({ code }) => code),
  };
}

/** The same for a row of a log: of its token only what the row shows. */
export function logSubject(
  row: TrafficRow,
  { caller, realm, side }: LogRow,
  findings: readonly { readonly code: string }[],
): FilterSubject {
  const id = caller?.applicationId ?? "";
  const application = `${wellKnownApplication(id)?.name ?? ""} ${id}`.trim();
  const token = { issuer: "", audience: "", application, realm: realm ?? "", algorithm: "", expiresAt: null };
  return {
    row,
    direction: side === "token-service" ? "X>T" : row.direction === "outbound" ? "X>S" : "S>X",
    token: id === "" && realm === null ? null : token,
    findings: findings.map(({ code }) => code),
  };
}

/** The token of Authorization, else the first one that may be a service's. */
function firstToken(facts: TransactionFacts): S2sToken | null {
  const { authorization, tokens } = facts;
  if (authorization.scheme === "bearer" && authorization.token.ok) return authorization.token.value;
  return tokens.length === 0 ? null : (tokensOfServices(facts)[0] ?? null);
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

function directionOf(facts: TransactionFacts, token: S2sToken | null, host: string): string {
  const to = targetOf(facts.endpoint, host);
  if (to === "") return "";
  const from = partyOf(token?.caller ?? null, to, host) || (to === "X" ? "S" : to === "S" ? "X" : "?");
  return `${from}>${to}`;
}

function targetOf(endpoint: ServiceEndpoint, host: string): string {
  if (endpoint === "sts-token" || endpoint === "sts-metadata") return "T";
  const service = microsoftHost(host)?.service;
  if (service === "graph" || service === "exchange-online") return "S";
  if (exchangeEndpoints.has(endpoint)) return "X";
  return endpoint === "ucwa" || endpoint === "web-ticket" ? "S" : "";
}

function partyOf(caller: Principal | null, to: string, host: string): string {
  if (caller === null || caller.id === "") return "";
  const role = wellKnownApplication(caller.id)?.role;
  if (role === "exchange") return "X";
  // Towards the cloud, and for a token of Entra, an application of the tenant is Exchange Server's own.
  const isOwn = role === undefined && (to === "S" || (to === "T" && !/\.accesscontrol\./i.test(host)));
  return isOwn ? "X" : "S";
}

/** The content for the fields `header.NAME` and `body`; null where not available. */
export type FilterContent = HttpTransaction | null;
