import type { View } from "../../app/live/view.ts";
import type { CaptureEvent } from "../../core/capture-event.ts";
import { withoutCommands } from "../../core/runner-commands.ts";
import { safe } from "../../core/safe-text.ts";
import type { Analysis, HandshakeReport, TrafficRow } from "../../diagnosis/analysis.ts";
import type { FindingReport } from "../../diagnosis/catalogue/finding.ts";
import type { AnalysisSource } from "../../sinks/analysis-json.ts";
import type { PendingRows } from "../../tui/model/messages.ts";
import { startBell } from "../../tui/terminal/bell.ts";
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
  /** Print each transaction as it comes; a replay shows them only when asked for more. */
  readonly showsRows: boolean;
  readonly write: (text: string) => void;
  /** Lets the terminal be heard; left out where nobody asked for it. */
  readonly ring?: () => void;
}

/** Lines for a pipe, a log, a screen reader: one event a line, the verdict last. */
export function plainView(options: PlainViewOptions): View {
  const line = (text: string): void => options.write(`${withoutCommands(text)}\n`);
  const told = new Set<string>();
  let rows = 0;
  const tellOnce = (finding: FindingReport): void => {
    const key = `${finding.code} ${finding.message}`;
    if (told.has(key)) return;
    told.add(key);
    line(renderFindingLine(finding));
  };
  const bell = startBell(() => options.ring?.());
  const waitingLines = startWaitingLines(line);
  const verdicts = new Map<string, string>();
  const tellVerdict = (handshake: HandshakeReport): void => {
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
    begins(capture) {
      told.clear();
      rows = 0;
      if (capture !== null && !options.isQuiet && options.showsRows) line(safe(`capture ${capture}`));
    },
    again() {
      told.clear();
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
        waitingLines.ended(change.row.id);
        line(renderRowLine(change.row));
      }
      change.handshakes.forEach(tellVerdict);
      bell.hear(change.handshakes, Date.now());
      change.findings.forEach(tellOnce);
    },
    waiting(waiting) {
      if (!options.isQuiet && options.showsRows) waitingLines.take(waiting);
    },
    end(analysis, sources) {
      waitingLines.stop();
      if (!options.isQuiet) {
        for (const problem of sources.flatMap(problemLines)) line(problem);
        conclude(analysis, sources, { line, told, tellOnce });
      }
      renderVerdictLines(analysis).forEach(line);
      return Promise.resolve();
    },
  };
}

interface Telling {
  readonly line: (text: string) => void;
  readonly told: Set<string>;
  readonly tellOnce: (finding: FindingReport) => void;
}

/** What was concluded, of several captures for each by itself. */
function conclude(analysis: Analysis, sources: readonly AnalysisSource[], { line, told, tellOnce }: Telling): void {
  const tell = ({ handshakes, findings }: Pick<Analysis, "handshakes" | "findings">): void => {
    for (const handshake of handshakes) line(renderHandshakeLine(handshake));
    // Some are known only at the end; a live run has told the others already.
    findings.forEach(tellOnce);
    findings.flatMap(remedyLines).forEach(line);
  };
  if (analysis.captures === undefined) {
    tell(analysis);
    if (sources.length > 1) togetherLines(sources).forEach(line);
    return;
  }
  for (const capture of analysis.captures) {
    line(safe(`capture ${capture.path}`));
    told.clear();
    tell(capture);
  }
}

function remedyLines(finding: FindingReport): string[] {
  return finding.severity === "info" || finding.remedy === ""
    ? []
    : [safe(`what to do about ${finding.code}: ${finding.remedy}`)];
}

/** Which captures were judged as one, and which requests are of which. */
function togetherLines(sources: readonly AnalysisSource[]): readonly string[] {
  const names = sources.map(({ path }, index) => safe(`f${index + 1} is ${path}`));
  return [`${sources.length} captures judged as one, merged by time: ${names.join(", ")}`];
}

function problemLines(source: AnalysisSource): string[] {
  return source.problems.map((problem) => safe(`${source.path}: ${problem}`));
}

/** Milliseconds without an answer until a request is told. */
const afterMs = 10_000;

export interface WaitingLines {
  take(waiting: PendingRows): void;
  /** That request has ended. */
  ended(id: string): void;
  stop(): void;
}

/** Tells each request that has had no answer for ten seconds, once. What streams its answer is as it should be, and not told. */
function startWaitingLines(tell: (line: string) => void): WaitingLines {
  let unanswered: readonly TrafficRow[] = [];
  let told: ReadonlySet<string> = new Set();
  let timer: NodeJS.Timeout | undefined;
  const look = (): void => {
    const untold = unanswered.filter(({ id }) => !told.has(id));
    const due = untold.filter(({ at }) => Date.now() - at >= afterMs);
    for (const row of due) tell(renderPendingLine(row, afterMs / 1000));
    told = new Set([...told, ...due.map(({ id }) => id)]);
    const [next] = untold.filter((row) => !due.includes(row));
    clearTimeout(timer);
    if (next === undefined) return;
    timer = setTimeout(look, Math.max(1, Math.min(afterMs, next.at + afterMs - Date.now())));
    timer.unref();
  };
  return {
    take({ rows }) {
      unanswered = rows.map(({ row }) => row).filter(({ status }) => status === null);
      told = new Set(unanswered.map(({ id }) => id).filter((id) => told.has(id)));
      look();
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
