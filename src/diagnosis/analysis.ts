// The results of an analysis. cli/, sinks/ and tui/ show these and decide nothing themselves.
import type { CallerSource, LogKind } from "../core/log-row.ts";
import type { TokenService } from "../decoders/facts.ts";
import type { GraphFamily } from "../decoders/graph-facts.ts";
import type { Direction, Route } from "../handshake/direction.ts";
import type { EwsPolicy } from "../handshake/ews-policy.ts";
import type { SignIn } from "../handshake/reduce.ts";
import type { Stage } from "../handshake/stages.ts";
import type { FindingReport, Severity } from "./catalogue/finding.ts";
import type { EwsOnlineUse } from "./ews-online.ts";
import type { ReadinessEvidence } from "./readiness-evidence.ts";

export type { SignIn };
export type Verdict = "oauth-confirmed" | "oauth-rejected" | "basic-fallback" | "other-auth" | "inconclusive";
/** `none`: the capture holds no service-to-service handshake. */
export type CaptureVerdict = Verdict | "none";

/** What was counted over a whole capture; `Tally` has the exact definitions. */
export interface Counts {
  readonly transactions: number;
  readonly jwts: number;
  readonly actorTokens: number;
  readonly basicCredentials: number;
  readonly bearerProbes: number;
  readonly challenges: number;
  readonly ntlmMessages: number;
  readonly tokenRequests: number;
  readonly status401: number;
  /** Rows of logs that were judged, and every other readable row of the log files. */
  readonly logRows: number;
  readonly logRowsDropped: number;
}

/** The evidence of a verdict: captured traffic, rows of a server's log, or both. */
export type Basis = "traffic" | "log" | "both";

export interface HandshakeReport {
  readonly id: string;
  /** Address of the client without its port; empty when unknown. Captured text, like every text below unless stated otherwise. */
  readonly client: string;
  readonly server: string;
  readonly verdict: Verdict;
  readonly stage: Stage;
  /** Null while only a token request without a known target was seen. */
  readonly direction: Direction | null;
  /** The interface that it calls; null while only a token was requested. */
  readonly route: Route | null;
  /** Issuer of its token; null when it is not known. */
  readonly tokenService: TokenService | null;
  readonly principal: { readonly id: string; readonly name: string | null } | null;
  readonly realm: string;
  readonly issuerAsSeen: string;
  /** Name of the user form when the call acted as a user, else null. Never the user. */
  readonly actingAs: string | null;
  /** The last answer to its calls as the application alone, and as a user. */
  readonly lanes: { readonly application: LaneState; readonly user: LaneState };
  /** The token service refused the last token request, and no token was issued or accepted since. */
  readonly isTokenDenied: boolean;
  /** Servers behind the name that refuse its calls while another of them accepts. Printable ASCII. */
  readonly refusingServers: readonly string[];
  /** The policy that refused its last call to EWS, and not its token; absent when none did. */
  readonly policy?: EwsPolicy;
  /** Families of calls that Microsoft Graph refuses for a permission; absent without any. */
  readonly refusedGraphCalls?: readonly GraphFamily[];
  /** Sign-ins other than OAuth that were sent in place of a token, one for each scheme. */
  readonly signIns: readonly SignIn[];
  readonly signature: "verified" | "failed" | "no-key" | "unchecked";
  /** Owner of the key that the signature was checked with, in words; empty when it was not checked. */
  readonly signingKey: string;
  /** Ids of its first and last transactions and log rows. */
  readonly transactions: readonly string[];
  readonly basis: Basis;
  /** Which place of a log row names the caller; null where a token of the traffic does, or nothing. */
  readonly callerShownBy: CallerSource | null;
  /** Calls that only a log shows, and how many of them the server accepted; absent without such calls. */
  readonly loggedCalls?: { readonly all: number; readonly accepted: number };
  /** Operations of accepted calls that rows of the back end name; absent without any. Letters only. */
  readonly loggedOperations?: readonly string[];
  /** Rows rest on members whose form is not proven for that version of Exchange; absent elsewhere. */
  readonly isFormUnproven?: true;
  /** The steps of the handshake in order. An `unseen` step may be legitimate (a cached token). */
  readonly steps: readonly HandshakeStep[];
  readonly startedAt: number;
  readonly endedAt: number;
}

/** What a capture shows of one direction. */
export interface DirectionReport {
  /** The worst verdict of its handshakes. */
  readonly verdict: Verdict;
  /** A policy of EWS, and no refusal of trust, is why it is `inconclusive`; absent elsewhere. */
  readonly isBlocked?: true;
  readonly routes: readonly Route[];
  readonly tokenServices: readonly TokenService[];
  /** Called servers, at most 20. Captured text. */
  readonly hosts: readonly string[];
  /** Ids of the rows that decide the verdict, at most 20. */
  readonly evidence: readonly string[];
}

/** `inbound`: a service calls Exchange Server; `outbound`: Exchange Server calls. Null: not seen in this capture. */
export interface Directions {
  readonly inbound: DirectionReport | null;
  readonly outbound: DirectionReport | null;
}

export type LaneState = "accepted" | "refused" | "unseen";

export interface HandshakeStep {
  /** `discovery` comes first, and only where it was seen. */
  readonly step: "discovery" | "probe" | "challenge" | "signing-key" | "token" | "call" | "answer";
  readonly state: "ok" | "failed" | "unseen";
  readonly transactionId: string | null;
  /** Our own words: `401 offering Bearer, Basic`, `200`. */
  readonly note: string;
}

/** One line of the traffic table: small, free of secrets, fit for another process. Text fields are captured text. */
export interface TrafficRow {
  readonly id: string;
  /** Name of the capture when several are read. */
  readonly capture?: string;
  readonly at: number;
  readonly client: string;
  readonly method: string;
  readonly scheme: string;
  readonly host: string;
  readonly path: string;
  readonly status: number | null;
  /** `Bearer` `Bearer?` (probe, refused or unreadable) `BASIC` `NTLM` `Nego` `anon` `-` or another scheme's name. */
  readonly auth: string;
  /** Our words: `actor RS256`, `acts as user`, `offers Bearer, Basic`, `token issued`… */
  readonly detail: string;
  /** Of both bodies, on the wire; null where the capture does not tell. */
  readonly bytes: number | null;
  readonly durationMs: number | null;
  readonly handshakeId: string | null;
  /** Direction of that handshake when the row was made. */
  readonly direction: Direction | null;
  /** The interface that the request calls; null for a token service. */
  readonly route: Route | null;
  /** Issuer of the token of the request itself; null without a readable one. */
  readonly tokenService: TokenService | null;
  /** The place in a log that the row comes from; absent for a captured request. */
  readonly log?: { readonly kind: LogKind; readonly file: string; readonly line: number };
  /** Worst severity of the findings that this row was evidence for when the row was made. */
  readonly worst: Severity | null;
}

export interface ChecklistItem {
  readonly sign: "voicemail-greeting" | "conversation-history" | "archived-messages" | "out-of-office";
  readonly isSeen: boolean;
  readonly evidence: readonly string[];
}

/** Verdict and results of one of several captures. */
export interface CaptureOutcome {
  /** The name of the capture as it was given. */
  readonly path: string;
  /** Logs whose rows were judged with the captures beside them: no verdict of their own. */
  readonly isBeside?: true;
  readonly verdict: CaptureVerdict;
  readonly directions: Directions;
  readonly counts: Counts;
  readonly handshakes: readonly HandshakeReport[];
  readonly findings: readonly FindingReport[];
  readonly ewsOnline?: readonly EwsOnlineUse[];
  readonly readiness?: ReadinessEvidence;
}

export interface Analysis {
  /** The worst verdict when there are several captures. */
  readonly verdict: CaptureVerdict;
  readonly directions: Directions;
  readonly counts: Counts;
  readonly handshakes: readonly HandshakeReport[];
  readonly findings: readonly FindingReport[];
  readonly checklist: readonly ChecklistItem[];
  /** Who calls EWS of Exchange Online, by operation; absent when nobody does. */
  readonly ewsOnline?: readonly EwsOnlineUse[];
  /** Where it was asked for; of several captures each has its own. */
  readonly readiness?: ReadinessEvidence;
  /** Results of each capture when several were judged separately; the members above then cover all of them. */
  readonly captures?: readonly CaptureOutcome[];
}
