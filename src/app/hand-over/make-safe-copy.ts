// A safe copy needs two readings of a capture: the first collects the secrets, the second sanitises, judges and writes.
// Only the secrets are kept in memory.
import { basename } from "node:path";
import type { CaptureEvent, SignatureCheck, SourceSummary } from "../../core/capture-event.ts";
import { ToolError } from "../../core/tool-error.ts";
import type { Analysis } from "../../diagnosis/analysis.ts";
import type { Analyzer } from "../../diagnosis/analyze.ts";
import { startFileAnalysis } from "../../diagnosis/analyze-file.ts";
import { joinAnalyses } from "../../diagnosis/join-analyses.ts";
import { startReadinessCollector } from "../../diagnosis/readiness/collector.ts";
import { safeLogFileName } from "../../sanitising/safe-log-file-name.ts";
import { keepSecrets, type Pseudonymise, type Redacted } from "../../sanitising/sanitise.ts";
import { countRemovals, type Removals } from "../../sanitising/search/count-removals.ts";
import { type CollectorLimits, SecretCollector } from "../../sanitising/search/known-secrets.ts";
import { PublicIdentifiers } from "../../sanitising/search/public-identifiers.ts";
import { safeCopyOf } from "../../sanitising/search/safe-copy-event.ts";
import { type KnownValue, ValueSearch } from "../../sanitising/search/value-search.ts";
import type { AnalysisSource } from "../../sinks/analysis-json.ts";
import type { CaptureSink } from "../../sinks/formats/capture-sink.ts";
import type { Progress } from "../../sources/input/byte-input.ts";
import { isLogFormat } from "../../sources/input/capture-kind.ts";
import { type Spool, startSpool } from "../../sources/input/spool.ts";
import { restartMarker } from "../../sources/time/read-in-time-order.ts";
import { startVerification } from "../../verification/verify-signatures.ts";
import type { Configuration } from "../configuration.ts";
import { knownApplications } from "../hybrid-app.ts";
import {
  type CaptureGroup,
  type GroupReading,
  groupName,
  groupsOf,
  judgingOptions,
  readGroup,
} from "../reading/capture-group.ts";
import { median, noteSkew } from "./clock-skew.ts";
import type { SearchRules } from "./search-written-file.ts";

export interface ReadTask {
  readonly files: readonly string[];
  /** All files are one capture, merged by time; else each is judged by itself. */
  readonly isTogether?: boolean;
  readonly realm: string | null;
  readonly configuration: Configuration;
  readonly pseudonymise: Pseudonymise;
  readonly hidesDomains: boolean;
  readonly isSanitised: boolean;
  /** Bounds on the collected secrets, where the usual ones do not fit. */
  readonly limits?: Partial<CollectorLimits>;
  /** Called when the reading of a file begins, also of a written one, for the progress line. */
  readonly onFile?: ((name: string, progress: () => Progress) => void) | undefined;
}

export interface SafeCopy {
  /** The analysis of the copy, not of the original. */
  readonly analysis: Analysis;
  /** False when sanitising changed the verdict or the findings. */
  readonly isJudgedAlike: boolean;
  readonly sources: readonly AnalysisSource[];
  /** Problems of the captures, one line each. */
  readonly problems: readonly string[];
  readonly isTruncated: boolean;
  /** How many secrets of each kind were removed. */
  readonly removed: Removals;
  /** How many different secrets and names the written files are searched for, and how many are beyond the bounds. */
  readonly search: { readonly values: number; readonly beyond: number };
  /** Median of the servers' `Date` minus the time of capture; null when no answer has one. */
  readonly clockSkewSeconds: number | null;
  /**
   * What the written files must not hold: one set of rules for each search of a file, made on demand. Those for reports leave
   * out values that are plain words.
   */
  rules(kind: "capture" | "report"): Iterable<SearchRules>;
}

/**
 * Reads the captures in the order of time, each by itself or together as one, and writes every sanitised event to the sinks,
 * which are opened after the first reading. Throws ToolError.
 */
export async function makeSafeCopy(
  task: ReadTask,
  openSinks: (known: ValueSearch) => readonly CaptureSink[],
): Promise<SafeCopy> {
  // Standard input comes once: a spool keeps it for the second reading.
  const spool = task.files.includes("-") ? await startSpool(process.stdin) : null;
  try {
    return await readBoth({ ...task, spool }, openSinks);
  } finally {
    spool?.close();
  }
}

interface SpooledTask extends ReadTask {
  readonly spool: Spool | null;
}

async function readBoth(
  task: SpooledTask,
  openSinks: (known: ValueSearch) => readonly CaptureSink[],
): Promise<SafeCopy> {
  const groups = groupsOf(task.files, task.isTogether === true);
  const { values, later, beyond, unordered } = await readFirst(task, groups);
  const known = new ValueSearch(values);
  const sinks = openSinks(known);
  const reader = new SecondReading(task, sinks, known);
  const judged: JudgedGroup[] = [];
  for (const group of groups) judged.push(await reader.read(group, unordered.has(group)));
  const sources = judged.flatMap((one) => one.sources);
  const analysis = joinAnalyses(judged, groups.length === 1);
  for (const sink of sinks) await sink.close(analysis, sources);
  return {
    analysis,
    isJudgedAlike: judged.every((one) => outline(one.analysis) === outline(one.original)),
    sources,
    problems: sources.flatMap(({ path, problems }) => problems.map((problem) => `${basename(path)}: ${problem}`)),
    isTruncated: sources.some(({ truncated }) => truncated),
    removed: reader.removed,
    search: { values: [values, ...later].reduce((sum, some) => sum + some.length, 0), beyond },
    clockSkewSeconds: median(reader.skews),
    rules: (kind) => rulesOf(kind, { values, later, known }, (text) => reader.publicTexts.has(text)),
  };
}

interface Secrets {
  readonly values: readonly KnownValue[];
  readonly later: readonly (readonly KnownValue[])[];
  readonly beyond: number;
  /** Groups whose files are not in the order of time. */
  readonly unordered: ReadonlySet<CaptureGroup>;
}

function* rulesOf(
  kind: "capture" | "report",
  { values, later, known }: Pick<Secrets, "values" | "later"> & { readonly known: ValueSearch },
  isPublic: (text: string) => boolean,
): Generator<SearchRules> {
  const readings = 1 + later.length;
  const isSought = ({ value }: KnownValue): boolean => kind === "capture" || !isPlainWord(value);
  yield {
    known: kind === "capture" ? known : new ValueSearch(values.filter(isSought)),
    isPublic,
    reading: 1,
    readings,
  };
  for (const [index, portion] of later.entries()) {
    yield { known: new ValueSearch(portion.filter(isSought)), isPublic, reading: index + 2, readings };
  }
}

/** The first reading: collects the secrets when the copy is sanitised, and finds groups that are not in the order of time. */
async function readFirst(task: SpooledTask, groups: readonly CaptureGroup[]): Promise<Secrets> {
  const secrets = new SecretCollector(task.limits);
  const unordered = new Set<CaptureGroup>();
  for (const group of groups) {
    const reading = readGroup(group, { take: () => null, spool: task.spool });
    task.onFile?.(groupName(group), reading.progress);
    if (!(await isOrdered(reading, task.isSanitised ? secrets : null))) unordered.add(group);
  }
  return {
    values: secrets.values(task.pseudonymise),
    later: secrets.overflowPortions(),
    beyond: secrets.missedCount,
    unordered,
  };
}

/** Reads a group and adds its secrets; true when it is in the order of time. */
async function isOrdered({ batches }: GroupReading<null>, secrets: SecretCollector | null): Promise<boolean> {
  let isInOrder = true;
  for await (const batch of batches) {
    if (batch === restartMarker) {
      isInOrder = false;
      if (secrets === null) break;
    } else if (secrets !== null) for (const { event } of batch) secrets.add(event);
  }
  return isInOrder;
}

/** A short word may be in the text of a report by chance, a short number in its colours and drawings. */
function isPlainWord(value: string): boolean {
  return (value.length < 12 && /^[a-z]+$/i.test(value)) || /^[a-z]?[0-9a-f]{1,6}z?$/i.test(value);
}

interface JudgedGroup {
  readonly path: string;
  /** Of the copy. */
  readonly analysis: Analysis;
  readonly original: Analysis;
  readonly sources: readonly AnalysisSource[];
}

/** The analyses of one group: of the original and of the copy. */
interface Judges {
  readonly original: Analyzer;
  readonly copy: Analyzer;
  readonly verifier: ReturnType<typeof startVerification>;
}

class SecondReading {
  readonly publicTexts = new PublicIdentifiers();
  readonly removed: Record<string, number> = {};
  readonly skews: number[] = [];
  readonly #task: SpooledTask;
  readonly #sinks: readonly CaptureSink[];
  readonly #known: ValueSearch;
  readonly #sanitise: (event: CaptureEvent) => Redacted<CaptureEvent>;

  constructor(task: SpooledTask, sinks: readonly CaptureSink[], known: ValueSearch) {
    this.#task = task;
    this.#sinks = sinks;
    this.#known = known;
    const { pseudonymise, hidesDomains } = task;
    const rules = { pseudonymise, known, hidesDomains };
    this.#sanitise = task.isSanitised ? (event) => safeCopyOf(event, rules) : keepSecrets;
  }

  async read(group: CaptureGroup, isUnordered: boolean): Promise<JudgedGroup> {
    const { spool, onFile } = this.#task;
    // `m` marks ids of captures that were judged together: they are one capture when the copy is read again.
    const letter = group.isTogether ? "m" : "f";
    const reading = readGroup(group, { take: () => null, spool, isUnordered, letter });
    onFile?.(groupName(group), reading.progress);
    const path = group.logs === undefined ? this.#namesOf(group) : this.#safeName(groupName(group));
    const judges = this.#startJudges(group, path);
    for await (const batch of reading.batches) {
      if (batch === restartMarker) throw changed(path);
      for (const { event } of batch) await this.#accept(event, judges);
    }
    const sources = reading.summaries().map((summary) => ({ ...summary, path: this.#safeSource(summary) }));
    return { path, analysis: judges.copy.snapshot(), original: judges.original.snapshot(), sources };
  }

  #namesOf({ files }: CaptureGroup): string {
    return files.map((file) => this.#safeName(file.path)).join(" + ");
  }

  #safeSource({ path, format }: SourceSummary): string {
    return isLogFormat(format) ? safeLogFileName(path, this.#task.pseudonymise) : this.#safeName(path);
  }

  #safeName(path: string): string {
    return this.#known.replaceIn(basename(path));
  }

  #startJudges(group: CaptureGroup, name: string): Judges {
    const { realm, configuration } = this.#task;
    const known = knownApplications(configuration);
    const options = { ...(realm === null ? {} : { realm }), ...known, ...judgingOptions(group), name };
    const original = startFileAnalysis(options);
    const copy = startFileAnalysis({ ...options, startReadiness: startReadinessCollector });
    return { original, copy, verifier: startVerification({}) };
  }

  async #accept(event: CaptureEvent, judges: Judges): Promise<void> {
    const { facts } = this.#take(event, judges);
    if (event.kind === "transaction" && facts !== null) {
      const checks: readonly SignatureCheck[] = await judges.verifier.accept(
        event.transaction.id,
        facts,
        event.transaction,
      );
      for (const check of checks) this.#take({ kind: "signature", check }, judges);
    }
    for (const sink of this.#sinks) await sink.drain();
  }

  #take(event: CaptureEvent, { original, copy }: Judges): ReturnType<Analyzer["accept"]> {
    const change = original.accept(event);
    const safe = this.#sanitise(event);
    copy.accept(safe);
    this.publicTexts.add(safe);
    countRemovals(safe, this.removed);
    if (event.kind === "transaction") noteSkew(event.transaction, this.skews);
    for (const sink of this.#sinks) sink.write(safe);
    return change;
  }
}

function changed(name: string): ToolError {
  return new ToolError("changed", `${JSON.stringify(name)} has changed while it was read.`, {
    hint: "Wait until no program writes to it any more, or name a copy of it.",
  });
}

/** What original and copy must have in common: verdicts, directions with their routes, and findings with their evidence. */
function outline({ verdict, handshakes, findings }: Analysis): string {
  return JSON.stringify([
    verdict,
    handshakes.map(({ id, verdict: own, stage, direction, route, tokenService }) => {
      return [id, own, stage, direction, route, tokenService];
    }),
    findings.map(({ code, severity, evidence, count }) => [code, severity, evidence, count]),
  ]);
}
