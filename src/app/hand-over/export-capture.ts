// Export and ticket: a safe copy of the captures is written by sinks; then the written files are searched for the secrets of
// the captures, independently of how they were made, and removed when one is found.
import { basename } from "node:path";
import type { CaptureSink, SinkOptions } from "../../sinks/formats/capture-sink.ts";
import { openHarSink } from "../../sinks/formats/har-sink.ts";
import { openPcapngSink } from "../../sinks/formats/pcapng-sink.ts";
import { openSazSink } from "../../sinks/formats/saz-sink.ts";
import { openJournalSink } from "../../sinks/journal/journal-sink.ts";
import { htmlReport } from "../../sinks/report/html-report.ts";
import { markdownReport } from "../../sinks/report/markdown-report.ts";
import { openReportSink } from "../../sinks/report/report-sink.ts";
import { readinessOptions } from "../hybrid-app.ts";
import {
  isSystemError,
  placeNewFile,
  refuseExisting,
  refuseUnreplaceable,
  refuseUnwritable,
  removeLeftover,
  replaceFile,
  unwritable,
} from "../place-file.ts";
import { removeOnSignals } from "../process-end.ts";
import { toolVersion } from "../version.ts";
import type { ExportFormat } from "./export-formats.ts";
import { makeSafeCopy, type ReadTask, type SafeCopy } from "./make-safe-copy.ts";
import { searchWrittenFile } from "./search-written-file.ts";

export interface ExportTask extends ReadTask {
  /** Format and path of each file to write; the paths must not exist unless `replaces` is set. */
  readonly outputs: readonly (readonly [format: ExportFormat, path: string])[];
  readonly title: string;
  /** Ordinary files of these names are replaced when the new ones are whole. */
  readonly replaces?: boolean;
  /** Called when all files are written and searched, before they get their names; when it throws, they are removed. */
  readonly beforeNaming?: () => void;
}

/** Writes the outputs beside their paths, searches them, and gives them their names. Throws ToolError and leaves no file then. */
export async function exportCapture(task: ExportTask): Promise<SafeCopy> {
  for (const [, path] of task.outputs) {
    if (task.replaces === true) refuseUnreplaceable(path, task.files);
    else refuseExisting(path);
  }
  const partial = task.outputs.map(([format, path]) => ({ format, path, temporary: `${path}.partial` }));
  const signals = removeOnSignals(partial.map(({ temporary }) => temporary));
  try {
    for (const { temporary, path } of partial) {
      removeLeftover(temporary);
      refuseUnwritable(path, temporary);
    }
    const copy = await makeSafeCopy(task, (known) => {
      // A file name may contain the name of a person.
      const title = known.replaceIn(task.title);
      return partial.map((output) => openSink(output, { ...task, title }));
    });
    if (task.isSanitised) await searchAll(partial, copy, task);
    task.beforeNaming?.();
    const place = task.replaces === true ? replaceFile : placeNewFile;
    for (const { temporary, path } of partial) place(temporary, path);
    return copy;
  } finally {
    signals.release();
    for (const { temporary } of partial) removeLeftover(temporary);
  }
}

interface Output {
  readonly format: ExportFormat;
  readonly path: string;
  /** Where it is written until it is searched. */
  readonly temporary: string;
}

async function searchAll(written: readonly Output[], copy: SafeCopy, { onFile }: ExportTask): Promise<void> {
  for (const kind of ["capture", "report"] as const) {
    const alike = written.filter(({ format }) => kindOf(format) === kind);
    if (alike.length === 0) continue;
    for (const rules of copy.rules(kind)) {
      for (const { temporary, format } of alike) {
        await searchWrittenFile(temporary, format === "saz" ? "zip" : "plain", rules, onFile);
      }
    }
  }
}

function kindOf(format: ExportFormat): "capture" | "report" {
  return format === "html" || format === "markdown" ? "report" : "capture";
}

/** The title of a report: the names of the first three captures. */
export function titleOf(files: readonly string[]): string {
  const names = files.slice(0, 3).map((file) => (file === "-" ? "standard input" : basename(file)));
  return files.length > 3 ? `${names.join(", ")} and ${files.length - 3} more` : names.join(", ");
}

const notes = {
  safe: "Made safe by realmscope: credentials and signatures are replaced, people have pseudonyms.",
  unsafe: "NOT SANITISED: this file holds passwords, tokens and cookies as they were captured. Do not hand it over.",
} as const;

/** Opens the sink of one output. Errors of the file system name the path that the user gave, not the temporary one. */
function openSink(output: Output, task: ExportTask): CaptureSink {
  const withPath = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      throw isSystemError(error) ? unwritable(output.path, error) : error;
    }
  };
  let sink: CaptureSink;
  try {
    sink = makeSink(output, task);
  } catch (error) {
    throw isSystemError(error) ? unwritable(output.path, error) : error;
  }
  return {
    write(event) {
      try {
        sink.write(event);
      } catch (error) {
        throw isSystemError(error) ? unwritable(output.path, error) : error;
      }
    },
    drain: () => withPath(() => sink.drain()),
    close: (analysis, sources) => withPath(() => sink.close(analysis, sources)),
  };
}

function makeSink({ format, temporary }: Output, { isSanitised, title, configuration }: ExportTask): CaptureSink {
  const version = toolVersion();
  const options: SinkOptions = { version, isSanitised, note: isSanitised ? notes.safe : notes.unsafe };
  const report = { title, version, madeAt: Date.now(), known: readinessOptions(configuration) };
  switch (format) {
    case "har":
      return openHarSink(temporary, options);
    case "saz":
      return openSazSink(temporary, options);
    case "ndjson":
      return openJournalSink(temporary, options);
    case "pcapng":
      return openPcapngSink(temporary, options);
    case "html":
      return openReportSink(temporary, htmlReport, report);
    case "markdown":
      return openReportSink(temporary, markdownReport, report);
  }
}
