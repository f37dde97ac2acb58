// Judges pasted requests and answers: they are transactions, so the rules of traffic apply to them.
import { firstHeader } from "../core/headers.ts";
import type { HttpTransaction } from "../core/http-transaction.ts";
import type { Applications } from "../core/principals.ts";
import type { Analysis, CaptureVerdict, DirectionReport, Directions } from "./analysis.ts";
import { startAnalysis } from "./analyze.ts";
import type { FindingCode, FindingReport } from "./catalogue/finding.ts";

export interface MessageContext {
  readonly realm?: string;
  readonly applications?: Applications;
  /** The tenant's dedicated hybrid application: its id in lower case. */
  readonly hybridApp?: string;
}

/** Findings that need a whole capture, or a clock that the text does not have. */
const needsMore: ReadonlySet<FindingCode> = new Set<FindingCode>([
  ...(["NO_SERVICE_REQUEST", "LEGACY_PRINCIPAL_ONLY", "EXTENDED_PROTECTION", "CALL_UNANSWERED", "CLOCK_SKEW"] as const),
  // `judgeValue` reports the refusal of a pasted answer with its cause.
  "UNSEEN_TOKEN_REFUSED",
]);
const needsTime: ReadonlySet<FindingCode> = new Set<FindingCode>(["TOKEN_EXPIRED", "TOKEN_NOT_YET_VALID"]);

export interface JudgedMessages {
  readonly verdict: CaptureVerdict;
  readonly findings: readonly FindingReport[];
}

/** Judges pasted messages as one small capture, by the rules that need no more of it. Without a capture, `evidence` is empty. */
export function judgeMessages(transactions: readonly HttpTransaction[], context: MessageContext): JudgedMessages {
  const { verdict, findings } = analyze(transactions, context);
  const hasTimes = transactions.every(({ startedAt }) => startedAt !== 0);
  const hasWholeAnswer = transactions.some(isWholeUnchallenged);
  const hasHosts = transactions.every(({ host }) => host !== "");
  return {
    verdict,
    findings: findings
      .filter(({ code }) => !needsMore.has(code))
      .filter(({ code }) => hasTimes || !needsTime.has(code))
      .filter(({ code }) => hasWholeAnswer || code !== "CHALLENGE_MISSING")
      .filter(({ code }) => hasHosts || code !== "AUDIENCE_HOST_MISMATCH")
      .map((finding) => ({ ...finding, evidence: [] })),
  };
}

/** A 401 without a challenge whose body was pasted, too: its head ended. Of a head alone the challenge may not have been copied. */
function isWholeUnchallenged({ response }: HttpTransaction): boolean {
  if (response?.status !== 401 || response.body.bytes.length === 0) return false;
  return firstHeader(response.headers, "www-authenticate") === undefined;
}

/**
 * The directions of pasted messages with their routes, token services and verdicts; null where none is a call of a service, or
 * one names no host: the called server decides.
 */
export function directionsOfMessages(
  transactions: readonly HttpTransaction[],
  context: MessageContext,
): Directions | null {
  if (transactions.some(({ host }) => host === "")) return null;
  const { inbound, outbound } = analyze(transactions, context).directions;
  if (inbound === null && outbound === null) return null;
  return { inbound: withoutEvidence(inbound), outbound: withoutEvidence(outbound) };
}

function withoutEvidence(report: DirectionReport | null): DirectionReport | null {
  return report === null ? null : { ...report, evidence: [] };
}

function analyze(
  transactions: readonly HttpTransaction[],
  { realm, applications, hybridApp }: MessageContext,
): Analysis {
  const analyzer = startAnalysis({
    isExcerpt: true,
    ...(realm === undefined ? {} : { realm }),
    ...(applications === undefined ? {} : { applications }),
    ...(hybridApp === undefined ? {} : { hybridApp }),
  });
  for (const transaction of transactions) analyzer.accept({ kind: "transaction", transaction });
  return analyzer.snapshot();
}
