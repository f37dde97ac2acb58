// The exit codes are a contract with scripts and CI systems.
import type { Analysis } from "../diagnosis/analysis.ts";
import { isAtLeast, type Severity } from "../diagnosis/catalogue/finding-text.ts";

export const exitCode = {
  trustShown: 0,
  problemFound: 1,
  cannotJudge: 2,
  notEnoughEvidence: 3,
  bug: 70,
  interrupted: 130,
  terminated: 143,
} as const;

/** The code of several captures or traces: one that cannot be judged outweighs a problem, a problem outweighs too little evidence. */
export function worstExitCode(codes: readonly number[]): number {
  const order = [exitCode.cannotJudge, exitCode.problemFound, exitCode.notEnoughEvidence];
  return order.find((code) => codes.includes(code)) ?? exitCode.trustShown;
}

/** The exit code of a judged capture, by its findings at or above `failOn` and its verdict; of several captures the worst. */
export function exitCodeOf(analysis: Analysis, failOn: Severity): number {
  if (analysis.captures !== undefined)
    return worstExitCode(analysis.captures.map((capture) => codeOfOne(capture, failOn)));
  return codeOfOne(analysis, failOn);
}

function codeOfOne(analysis: Pick<Analysis, "counts" | "findings" | "verdict">, failOn: Severity): number {
  // Connections that failed are a problem also where no request got through.
  if (analysis.findings.some((finding) => isAtLeast(finding.severity, failOn))) return exitCode.problemFound;
  const { transactions, logRows, logRowsDropped } = analysis.counts;
  if (transactions + logRows + logRowsDropped === 0) return exitCode.cannotJudge;
  switch (analysis.verdict) {
    case "oauth-confirmed":
      return exitCode.trustShown;
    case "basic-fallback":
    case "oauth-rejected":
    case "other-auth":
      return exitCode.problemFound;
    case "inconclusive":
    case "none":
      return exitCode.notEnoughEvidence;
  }
}
