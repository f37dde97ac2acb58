// Lines for a pipe, a log or a screen reader: one event a line, the verdict last.

import type { View } from "../../app/live/view.ts";
import type { CaptureEvent } from "../../core/capture-event.ts";
import { withoutCommands } from "../../core/runner-commands.ts";
import { safe } from "../../core/safe-text.ts";
import type { Analysis, HandshakeReport, TrafficRow } from "../../diagnosis/analysis.ts";
import type { FindingReport } from "../../diagnosis/catalogue/finding.ts";
import type { AnalysisSource } from "../../sinks/analysis-json.ts";
import type { PendingRows } from "../../tui/model/messages.ts";
import type { Bell } from "../../tui/terminal/bell.ts";
import {
  renderEventLine,
  renderFindingLine,
  renderHandshakeLine,
  renderPendingLine,
  renderRowLine,
  renderVerdictChange,
  renderVerdictLines,
} from "../../tui/words/plain-text.ts";

export interface PlainViewOptions {
  /** Only the verdict, at the end. */
  readonly isQuiet: boolean;
  /** Prints each transaction as it comes; a replay does so only with --verbose. */
  readonly showsRows: boolean;
  readonly write: (text: string) => void;
  /** Rings for the first bad verdicts; absent without --bell. */
  readonly bell?: Bell;
}

/** The view for lines. */
export function plainView(options: PlainViewOptions): View {
  const line = (text: string): void => options.write(`${withoutCommands(text)}\n`);
  const printed = new Set<string>();
  let rows = 0;
  const printOnce = (finding: FindingReport): void => {
    const key = `${finding.code} ${finding.message}`;
    if (printed.has(key)) return;
    printed.add(key);
    line(renderFindingLine(finding));
  };
  const slowRequests = startSlowRequestLines(line);
  const verdicts = new Map<string, string>();
  const printVerdict = (handshake: HandshakeReport): void => {
    const { id, verdict } = handshake;
    if (verdicts.get(id) === verdict || (verdict === "inconclusive" && !verdicts.has(id))) return;
    verdicts.set(id, verdict);
    line(renderVerdictChange(handshake));
  };
  return {
    ready(listener) {
      const to = listener.target === null ? "" : ` -> ${listener.target}`;
      const host = listener.address.includes(":") ? `[${listener.address}]` : listener.address;
      if (!options.isQuiet) line(safe(`ready ${listener.kind} ${host}:${listener.port}${to}`));
    },
    notice(text) {
      if (!options.isQuiet) line(safe(text));
    },
    beginCapture(capture) {
      printed.clear();
      rows = 0;
      if (capture !== null && !options.isQuiet && options.showsRows) line(safe(`capture ${capture}`));
    },
    restart() {
      printed.clear();
      verdicts.clear();
      if (rows > 0) line("This capture is not in the order of time: its requests are listed again, in that order.");
      rows = 0;
    },
    change(event: CaptureEvent, change) {
      if (options.isQuiet || !options.showsRows) return;
      const other = renderEventLine(event);
      if (other !== null) line(other);
      if (change.row !== null) {
        rows += 1;
        slowRequests.ended(change.row.id);
        line(renderRowLine(change.row, change.place));
      }
      change.handshakes.forEach(printVerdict);
      options.bell?.hear(change.handshakes, Date.now());
      change.findings.forEach(printOnce);
    },
    pending(waiting) {
      if (!options.isQuiet && options.showsRows) slowRequests.take(waiting);
    },
    end(analysis, sources) {
      slowRequests.stop();
      if (!options.isQuiet) {
        for (const problem of sources.flatMap(problemLines)) line(problem);
        printConclusion(analysis, sources, { line, printed, printOnce });
      }
      renderVerdictLines(analysis).forEach(line);
      return Promise.resolve();
    },
  };
}

interface LinePrinter {
  readonly line: (text: string) => void;
  /** Keys of the findings that were printed. */
  readonly printed: Set<string>;
  readonly printOnce: (finding: FindingReport) => void;
}

/** Prints handshakes, findings and remedies; those of several captures separately for each. */
function printConclusion(
  analysis: Analysis,
  sources: readonly AnalysisSource[],
  { line, printed, printOnce }: LinePrinter,
): void {
  const print = ({ handshakes, findings }: Pick<Analysis, "handshakes" | "findings">): void => {
    for (const handshake of handshakes) line(renderHandshakeLine(handshake));
    // Some findings are known only at the end; a live run has printed the others.
    findings.forEach(printOnce);
    findings.flatMap(remedyLines).forEach(line);
  };
  if (analysis.captures === undefined) {
    print(analysis);
    const captures = sources.filter(({ files }) => files === undefined);
    if (captures.length > 1) line(mergedLine(captures));
    return;
  }
  for (const capture of analysis.captures) {
    line(safe(`capture ${capture.path}`));
    printed.clear();
    print(capture);
  }
}

function remedyLines(finding: FindingReport): string[] {
  return finding.severity === "info" || finding.remedy === ""
    ? []
    : [safe(`what to do about ${finding.code}: ${finding.remedy}`)];
}

/** Which captures were judged as one, and the prefix of the requests of each. */
function mergedLine(sources: readonly AnalysisSource[]): string {
  const names = sources.map(({ path }, index) => safe(`f${index + 1} is ${path}`));
  return `${sources.length} captures judged as one, merged by time: ${names.join(", ")}`;
}

function problemLines(source: AnalysisSource): string[] {
  return source.problems.map((problem) => safe(`${source.path}: ${problem}`));
}

/** Milliseconds without an answer after which a pending request is reported. */
const slowAfterMs = 10_000;

interface SlowRequestLines {
  /** Takes all pending requests. */
  take(pending: PendingRows): void;
  /** The request with this id has ended. */
  ended(id: string): void;
  stop(): void;
}

/** Reports each request that has had no answer for ten seconds, once. A request whose answer is being streamed is not reported. */
function startSlowRequestLines(print: (line: string) => void): SlowRequestLines {
  let unanswered: readonly TrafficRow[] = [];
  let reported: ReadonlySet<string> = new Set();
  let timer: NodeJS.Timeout | undefined;
  const reportDue = (): void => {
    const unreported = unanswered.filter(({ id }) => !reported.has(id));
    const due = unreported.filter(({ at }) => Date.now() - at >= slowAfterMs);
    for (const row of due) print(renderPendingLine(row, slowAfterMs / 1000));
    reported = new Set([...reported, ...due.map(({ id }) => id)]);
    const [next] = unreported.filter((row) => !due.includes(row));
    clearTimeout(timer);
    if (next === undefined) return;
    timer = setTimeout(reportDue, Math.max(1, Math.min(slowAfterMs, next.at + slowAfterMs - Date.now())));
    timer.unref();
  };
  return {
    take({ rows }) {
      unanswered = rows.map(({ row }) => row).filter(({ status }) => status === null);
      reported = new Set(unanswered.map(({ id }) => id).filter((id) => reported.has(id)));
      reportDue();
    },
    ended(id) {
      unanswered = unanswered.filter((row) => row.id !== id);
    },
    stop() {
      unanswered = [];
      clearTimeout(timer);
    },
  };
}
