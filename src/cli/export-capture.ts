// What export and ticket share: captures are read, judged, made safe and handed to sinks; then the written files are read
// again by a check that knows nothing of how they were made, and taken back when it finds a secret.
import { existsSync, renameSync, rmSync } from "node:fs";
import { basename } from "node:path";
import { firstHeader } from "../core/headers.ts";
import type { HttpTransaction } from "../core/http-transaction.ts";
import { ToolError } from "../core/tool-error.ts";
import { parseHttpDate } from "../decoders/http-date.ts";
import type { Analysis } from "../diagnosis/analysis.ts";
import { countRemovals, type Removals } from "../sanitising/count-removals.ts";
import { SecretCollector } from "../sanitising/known-secrets.ts";
import type { Pseudonymise } from "../sanitising/sanitise.ts";
import type { CaptureSink } from "../sinks/capture-sink.ts";
import { openHarSink } from "../sinks/har-sink.ts";
import { htmlReport } from "../sinks/html-report.ts";
import { openJournalSink } from "../sinks/journal-sink.ts";
import { markdownReport } from "../sinks/markdown-report.ts";
import { openReportSink } from "../sinks/report-sink.ts";
import { openSazSink } from "../sinks/saz-sink.ts";
import { openCapture } from "../sources/open-capture.ts";
import { checkWritten } from "./check-written.ts";
import type { Configuration } from "./configuration.ts";
import type { ExportFormat } from "./export-formats.ts";
import { renumber } from "./renumber.ts";
import { startPipeline } from "./run-pipeline.ts";
import { toolVersion } from "./version.ts";

export interface ExportTask {
  readonly files: readonly string[];
  readonly realm: string | null;
  readonly configuration: Configuration;
  readonly pseudonymise: Pseudonymise;
  /** Format and path of each file to write; the paths must not exist. */
  readonly outputs: readonly (readonly [format: ExportFormat, path: string])[];
  readonly title: string;
}

export interface Exported {
  readonly analysis: Analysis;
  /** One line each: what was wrong with the captures. */
  readonly problems: readonly string[];
  readonly isTruncated: boolean;
  /** How many of each were taken away. */
  readonly removed: Removals;
  /** Median of the servers' `Date` minus the time of capture; null when no answer has one. */
  readonly clockSkewSeconds: number | null;
  /** Secrets of the originals, to search other files for. Never shown. */
  readonly secrets: readonly string[];
}

/** Writes the outputs beside their places, checks them, and moves them there. Throws ToolError; leaves nothing half done. */
export async function exportCapture(task: ExportTask): Promise<Exported> {
  for (const [, path] of task.outputs) refuseExisting(path);
  const partial = task.outputs.map(([format, path]) => ({ format, path, temporary: `${path}.partial` }));
  try {
    for (const { temporary } of partial) rmSync(temporary, { force: true });
    const sinks = partial.map(({ format, temporary }) => openSink(format, temporary, task.title));
    const secrets = new SecretCollector();
    const exported = await readInto(task, sinks, secrets);
    for (const { temporary, format } of partial) {
      await checkWritten(temporary, format === "saz" ? "zip" : "plain", secrets.list());
    }
    for (const { temporary, path } of partial) renameSync(temporary, path);
    return exported;
  } finally {
    for (const { temporary } of partial) rmSync(temporary, { force: true });
  }
}

export function refuseExisting(path: string): void {
  if (!existsSync(path)) return;
  throw new ToolError("exists", `${JSON.stringify(path)} exists.`, {
    hint: "Name another file for -o; nothing was written.",
  });
}

function openSink(format: ExportFormat, path: string, title: string): CaptureSink {
  const version = toolVersion();
  const options = { title, version, madeAt: Date.now() };
  try {
    switch (format) {
      case "har":
        return openHarSink(path, { version });
      case "saz":
        return openSazSink(path);
      case "ndjson":
        return openJournalSink(path, { version });
      case "html":
        return openReportSink(path, htmlReport, options);
      case "markdown":
        return openReportSink(path, markdownReport, options);
    }
  } catch (cause) {
    if (cause instanceof ToolError) throw cause;
    throw new ToolError("unwritable", `${JSON.stringify(path)} cannot be written.`, {
      hint: "Name a file in a folder that exists and that you may write to.",
      cause,
    });
  }
}

async function readInto(task: ExportTask, sinks: readonly CaptureSink[], secrets: SecretCollector): Promise<Exported> {
  const problems: string[] = [];
  const removed: Record<string, number> = {};
  const skews: number[] = [];
  let isTruncated = false;
  const pipeline = startPipeline({
    ...(task.realm === null ? {} : { realm: task.realm }),
    applications: task.configuration.applications,
    verification: {},
    pseudonymise: task.pseudonymise,
    journal: {
      write(event) {
        countRemovals(event, removed);
        for (const sink of sinks) sink.write(event);
      },
    },
    detailLimit: 0,
    onChange: () => undefined,
  });
  for (const [index, file] of task.files.entries()) {
    const capture = await openCapture(file);
    for await (const event of capture.events) {
      if (event.kind === "transaction") {
        secrets.add(event.transaction);
        noteSkew(event.transaction, skews);
      }
      await pipeline.accept(task.files.length === 1 ? event : renumber(event, index + 1));
      for (const sink of sinks) await sink.drain();
    }
    const summary = capture.summary();
    isTruncated ||= summary.truncated;
    problems.push(...summary.problems.map((problem) => `${basename(file)}: ${problem}`));
  }
  const analysis = pipeline.snapshot();
  for (const sink of sinks) await sink.close(analysis);
  const [median = null] = skews.sort((one, other) => one - other).slice(Math.floor(skews.length / 2));
  return { analysis, problems, isTruncated, removed, clockSkewSeconds: median, secrets: secrets.list() };
}

const skewLimit = 10_000;

function noteSkew({ response, startedAt, durationMs }: HttpTransaction, skews: number[]): void {
  const date = response === null ? undefined : firstHeader(response.headers, "date");
  const at = date === undefined ? null : parseHttpDate(date);
  if (at !== null && skews.length < skewLimit) skews.push(Math.round((at - startedAt - (durationMs ?? 0)) / 1000));
}
