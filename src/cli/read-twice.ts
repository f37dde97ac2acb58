// A capture on its way to other people is read twice: first for what is secret in it, then to be made safe, judged and
// written. Nothing of it is kept in memory but the secrets.
import { basename } from "node:path";
import type { CaptureEvent, SignatureCheck } from "../core/capture-event.ts";
import { firstHeader } from "../core/headers.ts";
import type { HttpTransaction } from "../core/http-transaction.ts";
import { parseHttpDate } from "../decoders/http-date.ts";
import type { Analysis } from "../diagnosis/analysis.ts";
import { type Analyzer, startAnalysis } from "../diagnosis/analyze.ts";
import { countRemovals, type Removals } from "../sanitising/count-removals.ts";
import { handOver } from "../sanitising/hand-over.ts";
import { type CollectorLimits, SecretCollector } from "../sanitising/known-secrets.ts";
import { PublicTexts } from "../sanitising/public-texts.ts";
import { keepSecrets, type Pseudonymise, type Redacted } from "../sanitising/sanitise.ts";
import { type KnownValue, ValueSearch } from "../sanitising/value-search.ts";
import type { AnalysisSource } from "../sinks/analysis-json.ts";
import type { CaptureSink } from "../sinks/capture-sink.ts";
import type { Progress } from "../sources/byte-input.ts";
import { openCapture } from "../sources/open-capture.ts";
import { type Spool, startSpool } from "../sources/spool.ts";
import { startVerification } from "../verification/verify-signatures.ts";
import type { CheckRules } from "./check-written.ts";
import type { Configuration } from "./configuration.ts";
import { renumber } from "./renumber.ts";

export interface ReadTask {
  readonly files: readonly string[];
  readonly realm: string | null;
  readonly configuration: Configuration;
  readonly pseudonymise: Pseudonymise;
  readonly hidesDomains: boolean;
  readonly isSanitised: boolean;
  /** How many secrets are looked for, where the usual numbers will not do. */
  readonly limits?: Partial<CollectorLimits>;
  /** Called when a file begins to be read, for the progress line; what was written is read again. */
  readonly onFile?: ((name: string, progress: () => Progress) => void) | undefined;
}

export interface HandedOver {
  /** Of what was handed over, not of the original. */
  readonly analysis: Analysis;
  /** False when what was taken away changed the verdict or the findings. */
  readonly isJudgedAlike: boolean;
  readonly sources: readonly AnalysisSource[];
  /** One line each: what was wrong with the captures. */
  readonly problems: readonly string[];
  readonly isTruncated: boolean;
  /** How many of each were taken away. */
  readonly removed: Removals;
  /** Different secrets and names that are looked for in what was written, and those beyond the bounds, which are not. */
  readonly search: { readonly values: number; readonly beyond: number };
  /** Median of the servers' `Date` minus the time of capture; null when no answer has one. */
  readonly clockSkewSeconds: number | null;
  /**
   * What the written files must not hold, for one reading of them after the other: each is made when it is asked for. For
   * reports without values that are plain words, which a report is made of.
   */
  rules(kind: "capture" | "report"): Iterable<CheckRules>;
}

/**
 * Reads the captures as one and gives every event, made safe, to the sinks; they are opened when it is known what must not
 * stand in them. Throws ToolError.
 */
export async function readTwice(
  task: ReadTask,
  openSinks: (known: ValueSearch) => readonly CaptureSink[],
): Promise<HandedOver> {
  // Standard input comes once: what it held is kept for the second reading.
  const spool = task.isSanitised && task.files.includes("-") ? await startSpool(process.stdin) : null;
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
): Promise<HandedOver> {
  const { values, later, beyond } = task.isSanitised ? await readSecrets(task) : noSecrets;
  const known = new ValueSearch(values);
  const sinks = openSinks(known);
  const reader = new SecondReading(task, sinks, known);
  const sources = await reader.read();
  const analysis = reader.handed.snapshot();
  for (const sink of sinks) await sink.close(analysis, sources);
  return {
    analysis,
    isJudgedAlike: outline(analysis) === outline(reader.original.snapshot()),
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
}

const noSecrets: Secrets = { values: [], later: [], beyond: 0 };

function* rulesOf(
  kind: "capture" | "report",
  { values, later, known }: Pick<Secrets, "values" | "later"> & { readonly known: ValueSearch },
  isPublic: (text: string) => boolean,
): Generator<CheckRules> {
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

async function readSecrets(task: SpooledTask): Promise<Secrets> {
  const secrets = new SecretCollector(task.limits);
  for (const file of task.files) {
    const capture = await openCapture(file, task.spool);
    task.onFile?.(file, capture.progress);
    for await (const event of capture.events) secrets.add(event);
  }
  return { values: secrets.values(task.pseudonymise), later: secrets.later(), beyond: secrets.missed };
}

/** A word of letters alone may stand in the words of a report by chance. */
function isPlainWord(value: string): boolean {
  return value.length < 12 && /^[a-z]+$/i.test(value);
}

class SecondReading {
  readonly original: Analyzer;
  readonly handed: Analyzer;
  readonly publicTexts = new PublicTexts();
  readonly removed: Record<string, number> = {};
  readonly skews: number[] = [];
  readonly #task: SpooledTask;
  readonly #sinks: readonly CaptureSink[];
  readonly #known: ValueSearch;
  readonly #verifier = startVerification({});
  readonly #make: (event: CaptureEvent) => Redacted<CaptureEvent>;

  constructor(task: SpooledTask, sinks: readonly CaptureSink[], known: ValueSearch) {
    const { realm, configuration } = task;
    const options = { ...(realm === null ? {} : { realm }), applications: configuration.applications };
    this.original = startAnalysis(options);
    this.handed = startAnalysis(options);
    this.#task = task;
    this.#sinks = sinks;
    this.#known = known;
    const { pseudonymise, hidesDomains } = task;
    const rules = { pseudonymise, known, hidesDomains };
    this.#make = task.isSanitised ? (event) => handOver(event, rules) : keepSecrets;
  }

  async read(): Promise<readonly AnalysisSource[]> {
    const sources: AnalysisSource[] = [];
    const { files, spool } = this.#task;
    for (const [index, file] of files.entries()) {
      const capture = await openCapture(file, spool);
      this.#task.onFile?.(file, capture.progress);
      for await (const event of capture.events) {
        await this.#accept(files.length === 1 ? event : renumber(event, index + 1));
      }
      sources.push({ ...capture.summary(), path: this.#known.replaceIn(basename(file)) });
    }
    return sources;
  }

  async #accept(event: CaptureEvent): Promise<void> {
    const { facts } = this.#take(event);
    if (event.kind === "transaction" && facts !== null) {
      const checks: readonly SignatureCheck[] = await this.#verifier.accept(event.transaction.id, facts);
      for (const check of checks) this.#take({ kind: "signature", check });
    }
    for (const sink of this.#sinks) await sink.drain();
  }

  #take(event: CaptureEvent): ReturnType<Analyzer["accept"]> {
    const change = this.original.accept(event);
    const safe = this.#make(event);
    this.handed.accept(safe);
    this.publicTexts.add(safe);
    countRemovals(safe, this.removed);
    if (event.kind === "transaction") noteSkew(event.transaction, this.skews);
    for (const sink of this.#sinks) sink.write(safe);
    return change;
  }
}

/** What must be the same before and after: verdicts, and which findings with which evidence. */
function outline({ verdict, handshakes, findings }: Analysis): string {
  return JSON.stringify([
    verdict,
    handshakes.map((handshake) => [handshake.id, handshake.verdict, handshake.stage]),
    findings.map(({ code, severity, evidence, count }) => [code, severity, evidence, count]),
  ]);
}

const skewLimit = 10_000;

function noteSkew({ response, startedAt, durationMs }: HttpTransaction, skews: number[]): void {
  const date = response === null ? undefined : firstHeader(response.headers, "date");
  const at = date === undefined ? null : parseHttpDate(date);
  // `Date` has whole seconds, cut off: half a second is added for what is missing on average.
  if (at !== null && skews.length < skewLimit)
    skews.push(Math.round((at + 500 - startedAt - (durationMs ?? 0)) / 1000));
}

function median(numbers: readonly number[]): number | null {
  return [...numbers].sort((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? null;
}
