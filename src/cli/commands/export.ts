import { basename } from "node:path";
import { randomPseudonyms } from "../../sinks/pseudonyms.ts";
import { safe } from "../../tui/safe-text.ts";
import { readConfiguration } from "../configuration.ts";
import { exitCode } from "../exit-codes.ts";
import { exportCapture } from "../export-capture.ts";
import type { ExportFormat } from "../export-formats.ts";
import type { CommonOptions } from "../program.ts";

export interface ExportOptions extends CommonOptions {
  readonly to: ExportFormat;
  readonly output: string;
  readonly realm?: string | undefined;
}

/** Writes captures in another format, made safe. Gives the exit code; throws ToolError. */
export async function runExport(files: readonly string[], options: ExportOptions): Promise<number> {
  const configuration = readConfiguration(options.config);
  const { analysis, problems, isTruncated } = await exportCapture({
    files,
    realm: options.realm ?? configuration.realm,
    configuration,
    pseudonymise: randomPseudonyms(),
    outputs: [[options.to, options.output]],
    title: files.map((file) => basename(file)).join(", "),
  });
  for (const problem of problems) process.stderr.write(`${safe(`realmscope: ${problem}`)}\n`);
  if (options.quiet !== true) {
    const count = analysis.counts.transactions;
    process.stdout.write(`${safe(`${options.output}: ${count} requests, made safe; verdict ${analysis.verdict}`)}\n`);
  }
  return isTruncated ? exitCode.cannotJudge : exitCode.trustShown;
}
