// A file that this program exported from several captures has ids such as `f1.t7` and `f2.t7`. Its captures are judged
// separately again when the file is read, so that joining captures in one file changes no verdict.
import type { CaptureEvent } from "../core/capture-event.ts";
import type { TransactionFacts } from "../decoders/facts.ts";
import { type AnalysisChange, type AnalysisOptions, type Analyzer, startAnalysis } from "./analyze.ts";
import { besideOf, type JudgedCapture, joinAnalyses } from "./join-analyses.ts";

export interface FileAnalysisOptions extends AnalysisOptions {
  /** Name of the file. */
  readonly name?: string;
  /** Judges everything as one capture, whatever the ids (`--together`). */
  readonly isOne?: boolean;
}

/** Starts an analysis of a file; feed it every event in order. */
export function startFileAnalysis(options: FileAnalysisOptions): Analyzer {
  const { prefix = "", name = "", isOne = false } = options;
  const analyzers = new Map<string, Analyzer>();
  const captureOf = startNaming(isOne, prefix);
  const analyzerOf = (event: CaptureEvent): Analyzer => {
    const wanted = captureOf(event);
    const key = analyzers.has(wanted) || analyzers.size < captureLimit ? wanted : beyondLimit;
    const known = analyzers.get(key);
    if (known !== undefined) return known;
    const hasPrefix = key !== "" && key !== beyondLimit;
    const started = startAnalysis(hasPrefix ? { ...options, prefix: prefix + key } : options);
    analyzers.set(key, started);
    return started;
  };
  const besides = new Set<string>();
  // A row about a request of another capture of the file is judged there, as it was when both were read.
  const judgeOf = (event: CaptureEvent): Analyzer => {
    const own = analyzerOf(event);
    if (event.kind !== "log-row" || event.row.clientRequestId === null || analyzers.size < 2) return own;
    const id = event.row.clientRequestId;
    const other = own.knowsRequest(id) ? own : [...analyzers.values()].find((one) => one.knowsRequest(id));
    if (other === undefined || other === own) return own;
    besides.add(captureOf(event));
    return other;
  };
  return {
    accept: (event: CaptureEvent, facts?: TransactionFacts): AnalysisChange => judgeOf(event).accept(event, facts),
    knowsRequest: (id) => [...analyzers.values()].some((analyzer) => analyzer.knowsRequest(id)),
    snapshot() {
      const captures = [...analyzers].map(([key, analyzer]) => {
        const analysis = analyzer.snapshot();
        return { path: `${name} ${key.slice(0, -1)}`.trim(), analysis, ...besideOf(besides.has(key), analysis) };
      });
      return captures.length === 0 ? startAnalysis(options).snapshot() : joinAnalyses(withoutEmpty(captures));
    },
  };
}

/** Events before the first request or row are not a capture; their findings are added to the first capture. */
function withoutEmpty(captures: readonly JudgedCapture[]): readonly JudgedCapture[] {
  const [first, next, ...rest] = captures;
  if (first === undefined || next === undefined) return captures;
  const { transactions, logRows } = first.analysis.counts;
  if (transactions + logRows > 0) return captures;
  const findings = [...first.analysis.findings, ...next.analysis.findings];
  return [{ path: next.path, analysis: { ...next.analysis, findings } }, ...rest];
}

/** Bounds memory for a made-up file: captures beyond the limit are judged together as one more. */
const captureLimit = 1_000;
const beyondLimit = "rest.";

/** Names the capture of each event by its prefix: an event without an id belongs to the capture of the event before it. */
function startNaming(isOne: boolean, prefix: string): (event: CaptureEvent) => string {
  let current = "";
  // All log files of a run are one capture: a report about a file belongs to the capture of the rows.
  let ofRows: string | null = null;
  return (event) => {
    if (isOne) return "";
    if (event.kind === "log-file") return ofRows ?? current;
    current = captureIn(event, prefix) ?? current;
    if (event.kind === "log-row") ofRows = current;
    return current;
  };
}

/** The prefix `f2.` of the id of an event; empty without a prefix, null for an event without an id. */
function captureIn(event: CaptureEvent, prefix: string): string | null {
  const id = idOf(event);
  if (id === null) return null;
  return /^(f\d{1,4}\.)(?:r\d{1,5}\.)?[tl]\d{1,9}$/.exec(id.slice(prefix.length))?.[1] ?? "";
}

function idOf(event: CaptureEvent): string | null {
  switch (event.kind) {
    case "transaction":
      return event.transaction.id;
    case "signature":
      return event.check.transactionId;
    case "log-row":
      return event.row.id;
    default:
      return null;
  }
}
