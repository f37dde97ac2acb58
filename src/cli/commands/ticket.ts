import { createHash } from "node:crypto";
import { createReadStream, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { pipeline as streamPipeline } from "node:stream/promises";
import { ToolError } from "../../core/tool-error.ts";
import { analysisJson } from "../../sinks/analysis-json.ts";
import { randomPseudonyms } from "../../sinks/pseudonyms.ts";
import { safeJson } from "../../sinks/safe-json.ts";
import { zipFiles } from "../../sinks/zip-files.ts";
import { safe } from "../../tui/safe-text.ts";
import { checkWritten } from "../check-written.ts";
import { readConfiguration } from "../configuration.ts";
import { exitCode } from "../exit-codes.ts";
import { type Exported, exportCapture, refuseExisting } from "../export-capture.ts";
import type { CommonOptions } from "../program.ts";
import { toolVersion } from "../version.ts";

export interface TicketOptions extends CommonOptions {
  readonly output: string;
  readonly realm?: string | undefined;
}

const contents = [
  ["har", "capture.har"],
  ["saz", "capture.saz"],
  ["html", "report.html"],
  ["markdown", "report.md"],
] as const;

/** Bundles captures for a support ticket. Gives the exit code; throws ToolError and leaves nothing half done. */
export async function runTicket(files: readonly string[], options: TicketOptions): Promise<number> {
  refuseExisting(options.output);
  const configuration = readConfiguration(options.config);
  const folder = mkdtempSync(join(tmpdir(), "realmscope-ticket-"));
  const partial = `${options.output}.partial`;
  try {
    const exported = await exportCapture({
      files,
      realm: options.realm ?? configuration.realm,
      configuration,
      pseudonymise: randomPseudonyms(),
      outputs: contents.map(([format, name]) => [format, join(folder, name)]),
      title: files.map((file) => basename(file)).join(", "),
    });
    writeFileSync(join(folder, "findings.json"), `${safeJson(analysisJson(exported.analysis, toolVersion(), []))}\n`);
    const names = [...contents.map(([, name]) => name), "findings.json"];
    const manifest = await manifestOf(exported, folder, names);
    writeFileSync(join(folder, "MANIFEST.json"), `${JSON.stringify(manifest, null, 2)}\n`);
    await bundle(
      partial,
      ["MANIFEST.json", ...names].map((name) => [name, join(folder, name)]),
    );
    await checkWritten(partial, "zip", exported.secrets);
    renameSync(partial, options.output);
    tell(exported, options);
    return exported.isTruncated ? exitCode.cannotJudge : exitCode.trustShown;
  } finally {
    rmSync(partial, { force: true });
    rmSync(folder, { recursive: true, force: true });
  }
}

async function bundle(path: string, files: readonly (readonly [string, string])[]): Promise<void> {
  try {
    await zipFiles(path, files);
  } catch (cause) {
    throw new ToolError("unwritable", `${JSON.stringify(path)} cannot be written.`, {
      hint: "Name a file in a folder that exists and that you may write to.",
      cause,
    });
  }
}

async function manifestOf(exported: Exported, folder: string, names: readonly string[]): Promise<object> {
  const sha256 = Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await sha256Of(join(folder, name))] as const)),
  );
  return {
    schema: "realmscope.ticket/1",
    tool: { name: "realmscope", version: toolVersion() },
    madeAt: new Date().toISOString(),
    utcOffsetMinutes: -new Date().getTimezoneOffset(),
    serverClockSkewSeconds: exported.clockSkewSeconds,
    verdict: exported.analysis.verdict,
    transactions: exported.analysis.counts.transactions,
    truncated: exported.isTruncated,
    problems: exported.problems,
    removed: exported.removed,
    sha256,
  };
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  await streamPipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

function tell(exported: Exported, options: TicketOptions): void {
  for (const problem of exported.problems) process.stderr.write(`${safe(`realmscope: ${problem}`)}\n`);
  if (options.quiet === true) return;
  const removed = Object.entries(exported.removed).map(([rule, count]) => `${count} ${rule}`);
  const { verdict, counts } = exported.analysis;
  process.stdout.write(`${safe(`${options.output}: ${counts.transactions} requests, verdict ${verdict}`)}\n`);
  process.stdout.write(
    `removed: ${removed.length === 0 ? "nothing that had not been removed before" : removed.join(", ")}\n`,
  );
}
