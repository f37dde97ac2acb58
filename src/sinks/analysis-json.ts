import type { SourceSummary } from "../core/capture-event.ts";
import type { Analysis, CaptureOutcome, HandshakeReport } from "../diagnosis/analysis.ts";

export interface AnalysisSource extends Omit<SourceSummary, "format"> {
  readonly format: SourceSummary["format"] | "live" | "unknown";
}

/** The object of `--json`, schema `realmscope.analysis/1`. A contract: members may be added; any other change needs a changelog line. */
export function analysisJson(analysis: Analysis, version: string, sources: readonly AnalysisSource[]): object {
  return {
    schema: "realmscope.analysis/1",
    tool: { name: "realmscope", version },
    sources,
    verdict: analysis.verdict,
    directions: analysis.directions,
    counts: analysis.counts,
    handshakes: analysis.handshakes.map(handshakeJson),
    findings: analysis.findings,
    checklist: analysis.checklist,
    ...ewsOnlineJson(analysis.ewsOnline),
    ...(analysis.captures === undefined ? {} : { captures: analysis.captures.map(captureJson) }),
  };
}

/** The results of one of several captures that were judged separately. */
export function captureJson({ handshakes, ewsOnline, ...capture }: CaptureOutcome): object {
  const { path, verdict, directions, counts, findings } = capture;
  const judged = { path, verdict, directions, counts, handshakes: handshakes.map(handshakeJson), findings };
  return { ...judged, ...ewsOnlineJson(ewsOnline) };
}

/** Who calls EWS of Exchange Online; no member where nobody does, no times in a capture without. */
function ewsOnlineJson(uses: Analysis["ewsOnline"]): object {
  if (uses === undefined) return {};
  const timeOf = (at: number): string | null => (at === 0 ? null : new Date(at).toISOString());
  return {
    ewsOnline: uses.map(({ firstAt, lastAt, ...use }) => ({
      ...use,
      firstAt: timeOf(firstAt),
      lastAt: timeOf(lastAt),
    })),
  };
}

/** One handshake as JSON; times are ISO 8601 in UTC. The realm is null where it rests on rows of a log that do not show it. */
export function handshakeJson(handshake: HandshakeReport): object {
  const { startedAt, endedAt, realm } = handshake;
  return {
    ...handshake,
    realm: realm === "" && handshake.basis === "log" ? null : realm,
    startedAt: new Date(startedAt).toISOString(),
    endedAt: new Date(endedAt).toISOString(),
  };
}
