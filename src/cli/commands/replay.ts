import type { CaptureEvent } from "../../core/capture-event.ts";
import type { Applications } from "../../core/principals.ts";
import { ToolError } from "../../core/tool-error.ts";
import type { TransactionFacts } from "../../decoders/facts.ts";
import type { AnalysisSource } from "../../sinks/analysis-json.ts";
import { randomPseudonyms } from "../../sinks/pseudonyms.ts";
import { safe } from "../../tui/safe-text.ts";
import { readConfiguration } from "../configuration.ts";
import { exitCode, exitCodeOf } from "../exit-codes.ts";
import type { DecodedEvent } from "../reading/lean-events.ts";
import { type Reading, startReadAhead } from "../reading/read-ahead.ts";
import { type ReaderThreads, wantsWhole } from "../reading/reader-threads.ts";
import { renumber } from "../renumber.ts";
import { startRowFilter } from "../row-filter.ts";
import { startPipeline } from "../run-pipeline.ts";
import { readVerificationOptions } from "../verification-options.ts";
import { chooseLineView } from "../views/choose-view.ts";
import { startProgress } from "../views/progress.ts";
import type { ReplayOptions } from "./choose-replay.ts";

/** Reads captures as one, by `threads` where there are some, and judges them. Gives the exit code; a file that cannot be read makes it 2 but stops no other. */
export async function runReplay(
  files: readonly string[],
  options: ReplayOptions,
  threads: ReaderThreads | null,
): Promise<number> {
  const configuration = await readConfiguration(options.config);
  const filter = startRowFilter(options);
  const view = filter.over(chooseLineView(options, { isLive: false, extra: filter.json }));
  const realm = options.realm ?? configuration.realm;
  const pipeline = startPipeline({
    ...(realm === null ? {} : { realm }),
    applications: configuration.applications,
    verification: readVerificationOptions(options),
    pseudonymise: randomPseudonyms(),
    journal: null,
    onChange: (event, change) => view.change(event, change),
  });
  const { sources, failures } = await readAll(files, options, {
    reading: await startReading(files, configuration.applications, threads),
    accept: (event, facts) => pipeline.accept(event, facts),
  });
  const analysis = pipeline.snapshot();
  const cut = sources.filter((source) => source.truncated);
  const hasAnything = options.json === true || analysis.counts.transactions > 0 || cut.length === 0;
  if (failures < files.length && hasAnything) await view.end(analysis, sources, "finished");
  if (cut.length > 0 && options.allowTruncated === undefined) {
    const names = cut.map((source) => source.path).join(", ");
    process.stderr.write(
      `${safe(`realmscope: ${names} is cut short; what is whole was judged. Use --allow-truncated to accept that.`)}\n`,
    );
    return exitCode.cannotJudge;
  }
  if (failures > 0) return exitCode.cannotJudge;
  if (analysis.counts.transactions === 0) {
    process.stderr.write(
      "realmscope: There is no HTTP transaction in the capture. Capture again while the handshake happens.\n",
    );
  }
  return exitCodeOf(analysis, options.failOn ?? configuration.failOn ?? "error");
}

async function startReading(
  files: readonly string[],
  applications: Applications,
  threads: ReaderThreads | null,
): Promise<Reading> {
  if (threads !== null) return startReadAhead({ files, applications }, threads);
  const { startReadHere } = await import("../reading/read-here.ts");
  return startReadHere(files);
}

interface Accepting {
  readonly reading: Reading;
  readonly accept: (event: CaptureEvent, facts: TransactionFacts | undefined) => Promise<void>;
}

/** Reads the files in their order, and says of each that cannot be read why. */
async function readAll(
  files: readonly string[],
  options: ReplayOptions,
  { reading, accept }: Accepting,
): Promise<{ readonly sources: readonly AnalysisSource[]; readonly failures: number }> {
  // Rows go by on the same terminal: a line that is drawn over and over would stand between them.
  const progress = startProgress(options.quiet !== true && !wantsWhole(options));
  const sources: AnalysisSource[] = [];
  let failures = 0;
  for (const [index, file] of files.entries()) {
    progress.follow(file, () => reading.progress());
    const read = await readOne(reading, index, ({ event, facts }) =>
      accept(files.length === 1 ? event : renumber(event, index + 1), facts ?? undefined),
    );
    if (read instanceof ToolError) {
      failures += 1;
      process.stderr.write(`realmscope: ${safe(read.message)} ${safe(read.hint)}\n`);
      sources.push({ path: file, format: "unknown", transactions: 0, truncated: false, problems: [read.message] });
    } else sources.push(read);
  }
  await reading.stop();
  progress.end();
  return { sources, failures };
}

async function readOne(
  reading: Reading,
  index: number,
  accept: (decoded: DecodedEvent) => Promise<void>,
): Promise<AnalysisSource | ToolError> {
  try {
    return await reading.read(index, accept);
  } catch (error) {
    if (error instanceof ToolError) return error;
    throw error;
  }
}
