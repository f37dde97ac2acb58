// The bundle for a support ticket: the captures in the usual formats, reports, findings, and a manifest.
import { createHash } from "node:crypto";
import { createReadStream, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline as streamPipeline } from "node:stream/promises";
import { safeJson } from "../../core/safe-json.ts";
import { ToolError } from "../../core/tool-error.ts";
import type { CaptureOutcome } from "../../diagnosis/analysis.ts";
import { answerReadiness } from "../../diagnosis/readiness/answer-all.ts";
import { analysisJson } from "../../sinks/analysis-json.ts";
import { zipFiles } from "../../sinks/formats/zip-files.ts";
import { readinessOptions } from "../hybrid-app.ts";
import {
  isSystemError,
  placeNewFile,
  refuseExisting,
  refuseUnwritable,
  removeLeftover,
  unwritable,
} from "../place-file.ts";
import { removeOnSignals } from "../process-end.ts";
import { toolVersion } from "../version.ts";
import { type ExportTask, exportCapture } from "./export-capture.ts";
import type { SafeCopy } from "./make-safe-copy.ts";
import { searchWrittenFile } from "./search-written-file.ts";

export interface TicketTask extends Omit<ExportTask, "outputs" | "isSanitised"> {
  /** The ZIP to write; it must not exist. */
  readonly output: string;
  /** Fingerprint of the pseudonym key; null where no key is kept. */
  readonly keyFingerprint: string | null;
}

const sha256Text = /^[0-9a-f]{64}$/;
const contents = [
  ["har", "capture.har"],
  ["saz", "capture.saz"],
  ["html", "report.html"],
  ["markdown", "report.md"],
] as const;

/** Writes and searches the bundle. Throws ToolError and leaves no file then. */
export async function writeTicket({ output, keyFingerprint, beforeNaming, ...task }: TicketTask): Promise<SafeCopy> {
  refuseExisting(output);
  const partial = `${output}.partial`;
  removeLeftover(partial);
  refuseUnwritable(output, partial);
  const folder = temporaryFolder();
  const signals = removeOnSignals([folder, partial]);
  try {
    const outputs = contents.map(([format, name]) => [format, join(folder, name)] as const);
    const copy = await exportCapture({ ...task, isSanitised: true, outputs });
    const findings = join(folder, "findings.json");
    const readiness = answerReadiness(copy.analysis, readinessOptions(task.configuration));
    const judged = analysisJson(copy.analysis, toolVersion(), copy.sources);
    write(findings, `${safeJson({ ...judged, readiness })}\n`);
    const names = [...contents.map(([, name]) => name), "findings.json"];
    const manifest = join(folder, "MANIFEST.json");
    const described = manifestOf(copy, await describeFiles(folder, names), keyFingerprint);
    write(manifest, `${JSON.stringify(described, null, 2)}\n`);
    for (const rules of copy.rules("report")) {
      await searchWrittenFile(findings, "plain", rules);
      // File hashes look like random secrets.
      const isPublic = (text: string): boolean => sha256Text.test(text) || rules.isPublic(text);
      await searchWrittenFile(manifest, "plain", { ...rules, isPublic });
    }
    await bundle(
      output,
      ["MANIFEST.json", ...names].map((name) => [name, join(folder, name)]),
    );
    beforeNaming?.();
    placeNewFile(partial, output);
    return copy;
  } finally {
    signals.release();
    removeLeftover(partial);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The folder for the parts of the bundle. Throws ToolError `no-temporary`. */
function temporaryFolder(): string {
  const folder = tmpdir();
  try {
    return mkdtempSync(join(folder, "realmscope-ticket-"));
  } catch (cause) {
    throw new ToolError(
      "no-temporary",
      `No folder can be made in ${JSON.stringify(folder)} for the parts of the ticket.`,
      {
        hint: "Name a folder that exists and that you may write to in TMPDIR (on Windows TEMP).",
        cause,
      },
    );
  }
}

function write(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (cause) {
    throw unwritable(path, cause);
  }
}

async function bundle(output: string, files: readonly (readonly [string, string])[]): Promise<void> {
  try {
    await zipFiles(`${output}.partial`, files);
  } catch (error) {
    throw isSystemError(error) ? unwritable(output, error) : error;
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

/** Schema `realmscope.ticket/1`: what is in the bundle, what was removed, and by whose clock. */
function manifestOf(copy: SafeCopy, files: FileFacts, keyFingerprint: string | null): object {
  return {
    schema: "realmscope.ticket/1",
    tool: { name: "realmscope", version: toolVersion() },
    clock: {
      madeAt: new Date().toISOString(),
      utcOffsetMinutes: -new Date().getTimezoneOffset(),
      // Median of the answers' Date fields minus the time of capture: positive when the capturing machine is behind.
      serversAheadSeconds: copy.clockSkewSeconds,
    },
    // Of several captures, the worst.
    verdict: copy.analysis.verdict,
    directions: copy.analysis.directions,
    ...(copy.analysis.captures === undefined ? {} : { captures: copy.analysis.captures.map(captureFacts) }),
    transactions: copy.analysis.counts.transactions,
    logRows: copy.analysis.counts.logRows,
    isJudgedLikeOriginal: copy.isJudgedAlike,
    sources: copy.sources,
    truncated: copy.isTruncated,
    removed: copy.removed,
    // Secrets and names that the bundle was searched for; those beyond the bounds were replaced only where they were found.
    searchedFor: copy.search.values,
    notSearchedFor: copy.search.beyond,
    pseudonyms: { algorithm: "HMAC-SHA-256, first 10 base32 characters", keyFingerprint },
    files,
  };
}

function captureFacts({ path, verdict, directions, counts }: CaptureOutcome): object {
  return { path, verdict, directions, transactions: counts.transactions };
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  await streamPipeline(createReadStream(path), hash);
  return hash.digest("hex");
}
