// The final proof of a setup: a capture in which a call of the cloud is accepted with a token of the tenant. The capture may still
// be running; its journal is read again, with its older parts, whenever it grows.
import { type FSWatcher, readdirSync, statSync, watch } from "node:fs";
import { basename, dirname } from "node:path";
import { segmentNumber } from "../../core/journal-name.ts";
import { isGuid } from "../../core/principals.ts";
import { ToolError } from "../../core/tool-error.ts";
import type { HandshakeReport } from "../../diagnosis/analysis.ts";
import { profileOf } from "../../provisioning/model/profiles.ts";
import type { Settings } from "../../provisioning/model/settings.ts";
import { randomPseudonyms } from "../pseudonyms.ts";
import { judgingOptions, readInto, singleFile } from "../reading/capture-group.ts";
import { type Pipeline, startPipeline } from "../run-pipeline.ts";

export interface WitnessedCallers {
  /** Callers of the profile whose calls were accepted, by application id. */
  readonly confirmed: readonly { readonly appId: string; readonly server: string; readonly issuer: string }[];
  /** Application ids of callers of the profile that were not seen or not confirmed. */
  readonly unseen: readonly string[];
}

/** Reads the capture until a caller of the profile is confirmed or the time is over. Throws ToolError when the file is not a capture. */
export async function awaitHandshake(path: string, settings: Settings, waitMs: number): Promise<WitnessedCallers> {
  const end = Date.now() + waitMs;
  for (;;) {
    const grown = growth(path, Math.max(0, end - Date.now()));
    const witnessed = hasBegun(path) ? await readIfThere(path, settings) : null;
    if (witnessed !== null && witnessed.confirmed.length > 0) {
      grown.stop();
      return witnessed;
    }
    if (Date.now() >= end) {
      grown.stop();
      return witnessed ?? { confirmed: [], unseen: callersOf(settings) };
    }
    await grown.happened;
  }
}

/** True when there is something to read: the journal, or its older parts while it is rotated. */
function hasBegun(path: string): boolean {
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0) return true;
  const folder = dirname(path);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return false;
  return readdirSync(folder).some((name) => segmentNumber(basename(path), name) !== null);
}

/** Null when a part was renamed or deleted during the reading: the folder has changed, so it is read again. */
async function readIfThere(path: string, settings: Settings): Promise<WitnessedCallers | null> {
  try {
    return await readWitness(path, settings);
  } catch (error) {
    if (error instanceof ToolError && isMissing(error.cause)) return null;
    throw error;
  }
}

function isMissing(cause: unknown): boolean {
  return cause instanceof Error && "code" in cause && cause.code === "ENOENT";
}

function callersOf(settings: Settings): readonly string[] {
  return profileOf(settings).partners.map((partner) => partner.appId);
}

async function readWitness(path: string, settings: Settings): Promise<WitnessedCallers> {
  const group = singleFile(path);
  const start = (): Pipeline =>
    startPipeline({
      ...(settings.tenant === "" ? {} : { realm: settings.tenant }),
      applications: new Map(),
      verification: {},
      ...judgingOptions(group),
      pseudonymise: randomPseudonyms(),
      journal: null,
      onChange: () => undefined,
    });
  let pipeline = start();
  await readInto(group, () => {
    pipeline = start();
    return ({ event }) => pipeline.accept(event);
  });
  const callers = callersOf(settings);
  const confirmed = pipeline
    .snapshot()
    .handshakes.filter((handshake) => isWitness(handshake, callers, settings.tenant))
    .map(({ principal, server, issuerAsSeen }) => ({ appId: principal?.id ?? "", server, issuer: issuerAsSeen }));
  const seen = new Set(confirmed.map(({ appId }) => appId));
  return { confirmed, unseen: callers.filter((appId) => !seen.has(appId)) };
}

/** True for a confirmed handshake of a caller of the profile that is not for another tenant. */
function isWitness(
  { verdict, principal, realm }: HandshakeReport,
  callers: readonly string[],
  tenant: string,
): boolean {
  if (verdict !== "oauth-confirmed" || principal === null || !callers.includes(principal.id)) return false;
  return tenant === "" || !isGuid(realm) || realm.toLowerCase() === tenant;
}

/** `happened` resolves when the file or one of its parts changes, or after the time. */
function growth(path: string, limitMs: number): { readonly happened: Promise<void>; stop(): void } {
  let stop = (): void => undefined;
  const happened = new Promise<void>((resolve, reject) => {
    let watcher: FSWatcher;
    try {
      watcher = watch(dirname(path));
    } catch (cause) {
      reject(
        new ToolError("unreadable-file", `The folder of ${JSON.stringify(path)} cannot be watched.`, {
          hint: "Name the file that `watch --save` writes.",
          cause,
        }),
      );
      return;
    }
    const timer = setTimeout(() => stop(), limitMs);
    stop = () => {
      clearTimeout(timer);
      watcher.close();
      resolve();
    };
    watcher.on("change", (_kind, name) => {
      if (name === null || String(name).startsWith(basename(path))) stop();
    });
  });
  return { happened, stop: () => stop() };
}
