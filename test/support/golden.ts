import type { Analysis } from "../../src/diagnosis/analysis.ts";

/** The part of an analysis that a golden file holds: codes, stages and verdict, never prose. */
export function golden(analysis: Analysis): object {
  return {
    verdict: analysis.verdict,
    counts: analysis.counts,
    handshakes: analysis.handshakes.map(({ verdict, stage, server, principal, realm, signature }) => ({
      verdict,
      stage,
      server,
      principal: principal?.id ?? null,
      realm,
      signature,
    })),
    findings: analysis.findings.map(({ code, severity, count }) => ({ code, severity, count })),
  };
}
