import { createHash } from "node:crypto";
import { createReadStream, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline as streamPipeline } from "node:stream/promises";
import { ToolError } from "../../core/tool-error.ts";
import { analysisJson } from "../../sinks/analysis-json.ts";
import { safeJson } from "../../sinks/safe-json.ts";
import { zipFiles } from "../../sinks/zip-files.ts";
import { checkWritten } from "../check-written.ts";
import { findTraces } from "../checking/find-traces.ts";
import { readConfiguration } from "../configuration.ts";
import { exitCode } from "../exit-codes.ts";
import { exportCapture, refuseExisting, removeLeft, titleOf } from "../export-capture.ts";
import { openHandOverKey } from "../hand-over-key.ts";
import type { CommonOptions } from "../program.ts";
import type { HandedOver } from "../read-twice.ts";
import { removeOnSignals } from "../remove-on-signals.ts";
import { tellHandedOver, toldBy } from "../tell-handed-over.ts";
import { toolVersion } from "../version.ts";
import { startProgress } from "../views/progress.ts";

export interface TicketOptions extends CommonOptions {
  readonly output: string;
  readonly realm?: string | undefined;
  readonly key?: string | undefined;
  readonly hideDomains?: true | undefined;
}

const sha256Text = /^[0-9a-f]{64}$/;
const contents = [
  ["har", "capture.har"],
  ["saz", "capture.saz"],
  ["html", "report.html"],
  ["markdown", "report.md"],
] as const;

/** Bundles captures for a support ticket. Gives the exit code; throws ToolError and leaves nothing half done. */
export async function runTicket(named: readonly string[], options: TicketOptions): Promise<number> {
  const files = findTraces(named);
  refuseExisting(options.output);
  const configuration = await readConfiguration(options.config);
  const key = openHandOverKey({ file: options.key, originals: files, output: options.output });
  const folder = mkdtempSync(join(tmpdir(), "realmscope-ticket-"));
  const partial = `${options.output}.partial`;
  const signals = removeOnSignals([folder, partial]);
  const progress = startProgress(options.quiet !== true);
  try {
    const handed = await exportCapture({
      files,
      realm: options.realm ?? configuration.realm,
      configuration,
      pseudonymise: key.pseudonymise,
      hidesDomains: options.hideDomains === true,
      isSanitised: true,
      onFile: progress.follow,
      outputs: contents.map(([format, name]) => [format, join(folder, name)]),
      title: titleOf(files),
    });
    const findings = join(folder, "findings.json");
    writeFileSync(findings, `${safeJson(analysisJson(handed.analysis, toolVersion(), handed.sources))}\n`);
    const names = [...contents.map(([, name]) => name), "findings.json"];
    const manifest = join(folder, "MANIFEST.json");
    const described = manifestOf(handed, await describeFiles(folder, names), key.fingerprint);
    writeFileSync(manifest, `${JSON.stringify(described, null, 2)}\n`);
    await checkWritten(findings, "plain", handed.reportRules);
    // The hashes of the files look drawn by chance, and are.
    const isPublic = (text: string): boolean => sha256Text.test(text) || handed.reportRules.isPublic(text);
    await checkWritten(manifest, "plain", { ...handed.reportRules, isPublic });
    await bundle(
      partial,
      ["MANIFEST.json", ...names].map((name) => [name, join(folder, name)]),
    );
    const keyPath = key.keep();
    renameSync(partial, options.output);
    progress.end();
    tellHandedOver(handed, { ...toldBy(options), isSanitised: true, keyPath });
    return handed.isTruncated ? exitCode.cannotJudge : exitCode.trustShown;
  } finally {
    progress.end();
    signals.release();
    removeLeft(partial);
    rmSync(folder, { recursive: true, force: true });
  }
}

async function bundle(path: string, files: readonly (readonly [string, string])[]): Promise<void> {
  try {
    await zipFiles(path, files);
  } catch (cause) {
    throw new ToolError("unwritable", `${JSON.stringify(path.replace(/\.partial$/, ""))} cannot be written.`, {
      hint: "Name a file in a folder that exists and that you may write to.",
      cause,
    });
  }
}

type FileFacts = Readonly<Record<string, { readonly bytes: number; readonly sha256: string }>>;

async function describeFiles(folder: string, names: readonly string[]): Promise<FileFacts> {
  const facts = names.map(async (name) => {
    const path = join(folder, name);
    return [name, { bytes: statSync(path).size, sha256: await sha256Of(path) }] as const;
  });
  return Object.fromEntries(await Promise.all(facts));
}

/** Schema `realmscope.ticket/1`: what is in the bundle, what is no longer in it, and by whose clock. */
function manifestOf(handed: HandedOver, files: FileFacts, keyFingerprint: string): object {
  return {
    schema: "realmscope.ticket/1",
    tool: { name: "realmscope", version: toolVersion() },
    clock: {
      madeAt: new Date().toISOString(),
      utcOffsetMinutes: -new Date().getTimezoneOffset(),
      // Median of the answers' Date fields minus the time of capture: the capturing machine is behind when it is positive.
      serversAheadSeconds: handed.clockSkewSeconds,
    },
    verdict: handed.analysis.verdict,
    transactions: handed.analysis.counts.transactions,
    isJudgedLikeOriginal: handed.isJudgedAlike,
    sources: handed.sources,
    truncated: handed.isTruncated,
    removed: handed.removed,
    // Secrets and names that were looked for in every text of the bundle; and more than can be, replaced where they stood only.
    searchedFor: handed.search.values,
    notSearchedFor: handed.search.beyond,
    pseudonyms: { algorithm: "HMAC-SHA-256, first 10 base32 characters", keyFingerprint },
    files,
  };
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  await streamPipeline(createReadStream(path), hash);
  return hash.digest("hex");
}
