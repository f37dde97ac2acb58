// Joins the analyses of captures that were judged separately into one result, without judging across captures.
import type { Analysis, CaptureVerdict, ChecklistItem, Counts, HandshakeReport } from "./analysis.ts";
import type { FindingReport } from "./catalogue/finding.ts";
import { joinDirections } from "./directions.ts";

export interface JudgedCapture {
  readonly path: string;
  readonly analysis: Analysis;
  /** Logs beside captures whose rows were judged with the captures: no verdict of its own. */
  readonly isBeside?: true;
}

/** Marks logs of which no row is left to judge by itself. */
export function besideOf(hasGivenRows: boolean, analysis: Analysis): Pick<JudgedCapture, "isBeside"> {
  return hasGivenRows && analysis.verdict === "none" ? { isBeside: true } : {};
}

/** The joined analysis with each capture listed in `captures`; a single capture is returned unchanged. */
export function joinAnalyses(judged: readonly JudgedCapture[], isOne = judged.length === 1): Analysis {
  const captures = (isOne ? judged : judged.flatMap(capturesInside)).map(withoutMissingSignIn);
  const analyses = captures.map(({ analysis }) => analysis);
  const [only] = analyses;
  if (isOne && only !== undefined) return only;
  const ofOwn = captures.filter(({ isBeside }) => isBeside !== true).map(({ analysis }) => analysis);
  return {
    verdict: worstOf(ofOwn),
    directions: joinDirections(analyses.map((analysis) => analysis.directions)),
    counts: sumOf(analyses),
    handshakes: analyses.flatMap(({ handshakes }) => handshakes),
    findings: analyses.flatMap(({ findings }) => findings),
    checklist: joinChecklists(analyses),
    ...ewsOnlineOf(analyses.flatMap(({ ewsOnline }) => ewsOnline ?? [])),
    captures: captures.map(
      ({ path, isBeside, analysis: { verdict, directions, counts, handshakes, findings, ewsOnline, readiness } }) => ({
        path,
        ...(isBeside === true ? { isBeside } : {}),
        verdict,
        directions,
        counts,
        handshakes,
        findings,
        ...ewsOnlineOf(ewsOnline ?? []),
        ...(readiness === undefined ? {} : { readiness }),
      }),
    ),
  };
}

/** The sign-ins in rows that were judged with captures are findings of those. */
function withoutMissingSignIn(capture: JudgedCapture): JudgedCapture {
  if (capture.isBeside !== true) return capture;
  const findings = capture.analysis.findings.filter(({ code }) => code !== "LOG_NO_SIGN_IN");
  return { ...capture, analysis: { ...capture.analysis, findings } };
}

function ewsOnlineOf(uses: NonNullable<Analysis["ewsOnline"]>): Pick<Analysis, "ewsOnline"> {
  return uses.length === 0 ? {} : { ewsOnline: uses };
}

/** The captures inside a file that was exported from several. */
function capturesInside({ path, analysis, isBeside }: JudgedCapture): readonly JudgedCapture[] {
  const { captures, checklist } = analysis;
  if (captures === undefined) return [{ path, analysis, ...(isBeside === true ? { isBeside } : {}) }];
  return captures.map(({ path: name, isBeside: isOfRows, ...inside }, index) => ({
    path: name,
    ...(isOfRows === true ? { isBeside: isOfRows } : {}),
    analysis: { ...inside, checklist: index === 0 ? checklist : [] },
  }));
}

/** The name of the capture that an id (`f2.t7`, `f2.h1`) belongs to; null when there is only one capture. */
export function captureOf(id: string, names: readonly string[]): string | null {
  if (names.length === 0) return null;
  const number = /^[fm](\d+)\./.exec(id)?.[1];
  return number === undefined ? null : (names[Number(number) - 1] ?? null);
}

/** From best to worst, as the exit codes rank them: a capture without a handshake is worse than a confirmed one. */
const fromBestToWorst: readonly CaptureVerdict[] = [
  "oauth-confirmed",
  "none",
  "inconclusive",
  "other-auth",
  "oauth-rejected",
  "basic-fallback",
];

/** The worst verdict of captures; `none` for an empty list. */
export function worstOf(analyses: readonly Pick<Analysis, "verdict">[]): CaptureVerdict {
  const found = analyses.map(({ verdict }) => fromBestToWorst.indexOf(verdict));
  return found.length === 0 ? "none" : (fromBestToWorst[Math.max(...found)] ?? "none");
}

const noCounts: Counts = {
  transactions: 0,
  jwts: 0,
  actorTokens: 0,
  basicCredentials: 0,
  bearerProbes: 0,
  challenges: 0,
  ntlmMessages: 0,
  tokenRequests: 0,
  status401: 0,
  logRows: 0,
  logRowsDropped: 0,
};

/** The sum of each count. */
export function sumOf(analyses: readonly Pick<Analysis, "counts">[]): Counts {
  const sum: Record<string, number> = { ...noCounts };
  for (const { counts } of analyses) {
    for (const [name, count] of Object.entries(counts)) sum[name] = (sum[name] ?? 0) + Number(count);
  }
  return { ...noCounts, ...sum };
}

/** A sign counts as seen when any capture shows it. */
export function joinChecklists(analyses: readonly Pick<Analysis, "checklist">[]): readonly ChecklistItem[] {
  const joined = new Map<string, ChecklistItem>();
  for (const item of analyses.flatMap(({ checklist }) => checklist)) {
    const known = joined.get(item.sign);
    if (known === undefined || (item.isSeen && !known.isSeen)) joined.set(item.sign, item);
  }
  return [...joined.values()];
}

/** Looks up the capture that a handshake or finding belongs to; null when there is only one capture. */
export function captureNames(analysis: Analysis): (item: HandshakeReport | FindingReport) => string | null {
  const names = new Map<HandshakeReport | FindingReport, string>();
  for (const { path, handshakes, findings } of analysis.captures ?? [])
    for (const item of [...handshakes, ...findings]) names.set(item, path);
  return (item) => names.get(item) ?? null;
}
