import { readFileSync } from "node:fs";
import { readConfiguration } from "../../src/app/configuration.ts";
import { exportCapture } from "../../src/app/hand-over/export-capture.ts";
import { type ExportFormat, exportFormats } from "../../src/app/hand-over/export-formats.ts";
import { pseudonymsFromKey } from "../../src/app/pseudonyms.ts";

/** What `export` writes of a capture, in every format, from one pair of readings. A process for each format costs six times as much. */
export async function exportAll(path: string, output: string): Promise<ReadonlyMap<ExportFormat, Buffer>> {
  const outputs = exportFormats.map((format) => [format, `${output}.${format}`] as const);
  await exportCapture({
    files: [path],
    realm: null,
    hidesDomains: false,
    isSanitised: true,
    configuration: await readConfiguration(undefined),
    pseudonymise: pseudonymsFromKey(new Uint8Array(32).fill(5)),
    outputs,
    title: path,
  });
  return new Map(outputs.map(([format, file]) => [format, readFileSync(file)]));
}
