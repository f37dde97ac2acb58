// Judges a pasted header block: it is a transaction, so the rules of traffic apply to it.
import type { HttpTransaction } from "../core/http-transaction.ts";
import type { Applications } from "../core/principals.ts";
import type { Analysis, DirectionReport, Directions } from "./analysis.ts";
import { startAnalysis } from "./analyze.ts";
import type { FindingCode, FindingReport } from "./catalogue/finding.ts";

export interface MessageContext {
  readonly realm?: string;
  readonly applications?: Applications;
  /** The tenant's dedicated hybrid application: its id in lower case. */
  readonly hybridApp?: string;
}

/** Findings that need more than one request, or a clock that the block does not have. */
const needsMore: ReadonlySet<FindingCode> = new Set<FindingCode>([
  ...(["NO_SERVICE_REQUEST", "LEGACY_PRINCIPAL_ONLY", "EXTENDED_PROTECTION", "CALL_UNANSWERED", "CLOCK_SKEW"] as const),
  // `judgeValue` reports the refusal of a pasted answer with its cause.
  "UNSEEN_TOKEN_REFUSED",
]);
const needsTime: ReadonlySet<FindingCode> = new Set<FindingCode>(["TOKEN_EXPIRED", "TOKEN_NOT_YET_VALID"]);

/** Judges a pasted message by the rules of traffic that need no other request. Without a capture, `evidence` is empty. */
export function judgeMessage(transaction: HttpTransaction, context: MessageContext): readonly FindingReport[] {
  return analyze(transaction, context)
    .findings.filter(({ code }) => !needsMore.has(code))
    .filter(({ code }) => transaction.startedAt !== 0 || !needsTime.has(code))
    .filter(({ code }) => transaction.host !== "" || code !== "AUDIENCE_HOST_MISMATCH")
    .map((finding) => ({ ...finding, evidence: [] }));
}

/**
 * The direction of a pasted message with its route, token service and verdict; null where it is not a call of a service, or
 * names no host: the called server decides.
 */
export function directionsOfMessage(transaction: HttpTransaction, context: MessageContext): Directions | null {
  if (transaction.host === "") return null;
  const { inbound, outbound } = analyze(transaction, context).directions;
  if (inbound === null && outbound === null) return null;
  return { inbound: withoutEvidence(inbound), outbound: withoutEvidence(outbound) };
}

function withoutEvidence(report: DirectionReport | null): DirectionReport | null {
  return report === null ? null : { ...report, evidence: [] };
}

function analyze(transaction: HttpTransaction, { realm, applications, hybridApp }: MessageContext): Analysis {
  const analyzer = startAnalysis({
    isExcerpt: true,
    ...(realm === undefined ? {} : { realm }),
    ...(applications === undefined ? {} : { applications }),
    ...(hybridApp === undefined ? {} : { hybridApp }),
  });
  analyzer.accept({ kind: "transaction", transaction });
  return analyzer.snapshot();
}
