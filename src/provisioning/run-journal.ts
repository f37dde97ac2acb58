// What a run did, as it did it: one JSON object a line, on disk before the change (intent) and after it (receipt), each
// line with the hash of the one before. After a crash the last line may be torn; everything before it is whole.
import { createHash } from "node:crypto";
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, truncateSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { ToolError } from "../core/tool-error.ts";
import { hideIn } from "./hide-secrets.ts";
import type { Plan } from "./plan.ts";
import { type Reason, type ReasonCode, Stop } from "./reason.ts";
import type { LostKey } from "./restore-keys.ts";
import type { Call, Facts, PlanItem, Receipt } from "./step.ts";

export const runSchema = "realmscope.run/1";

export type RunEntry =
  | {
      readonly kind: "begin";
      readonly schema: typeof runSchema;
      readonly tool: string;
      /** Who acts on Exchange and in the tenant. */
      readonly actors: { readonly exchange: string; readonly cloud: string };
      readonly plan: Plan;
    }
  | {
      readonly kind: "intent";
      readonly itemId: string;
      readonly stepId: string;
      readonly call: Call;
      readonly before: Facts | null;
    }
  | ({ readonly kind: "receipt" } & Receipt)
  | { readonly kind: "failed"; readonly itemId: string; readonly reason: Reason }
  | { readonly kind: "already"; readonly itemId: string }
  | { readonly kind: "lost-keys"; readonly appId: string; readonly keys: readonly LostKey[] }
  | { readonly kind: "restored-keys"; readonly appId: string; readonly keyIds: readonly string[] }
  | { readonly kind: "resumed"; readonly domainController: string }
  | { readonly kind: "undo-intent"; readonly itemId: string; readonly undoId: string; readonly call: Call }
  | {
      readonly kind: "undo-receipt";
      readonly itemId: string;
      readonly undoId: string;
      readonly outcome: "undone" | "gone";
    }
  | { readonly kind: "undo-skipped"; readonly itemId: string; readonly undoId: string; readonly why: string }
  /** Lines that the shell printed beside its answers. */
  | { readonly kind: "note"; readonly text: string }
  | { readonly kind: "verdict"; readonly verdict: string; readonly failed: readonly string[] }
  | { readonly kind: "end"; readonly how: "finished" | "stopped" | "interrupted"; readonly reason: Reason | null };

export type StampedEntry = RunEntry & { readonly seq: number; readonly at: string };

export interface RunJournal {
  readonly path: string;
  /** Everything written so far, this time and before. */
  readonly entries: () => readonly StampedEntry[];
  /** On disk when it returns. */
  write(entry: RunEntry): void;
  close(): void;
}

export interface JournalOptions {
  readonly now: () => number;
  /** Every text passes it before it is written. */
  readonly hide: (text: string) => string;
}

/** Opens a run's journal, new or to be gone on with; a torn last line is cut off. Throws ToolError when it was tampered with. */
export function openRunJournal(path: string, { now, hide }: JournalOptions): RunJournal {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const file = openSync(path, "a+", 0o600);
  const { entries, hash, wholeBytes, totalBytes } = readLines(readFileSync(path), path);
  if (wholeBytes < totalBytes) truncateSync(path, wholeBytes);
  syncFolder(dirname(path));
  const written = [...entries];
  let previous = hash;
  return {
    path,
    entries: () => written,
    write(entry) {
      const stamped = { seq: written.length + 1, at: new Date(now()).toISOString(), ...entry };
      const body = JSON.stringify(hideIn(stamped, hide));
      const line = `${body.slice(0, -1)},"previous":"${previous}"}`;
      writeSync(file, `${line}\n`);
      fsyncSync(file);
      previous = hashOf(line);
      const kept: StampedEntry = JSON.parse(body);
      written.push(kept);
    },
    close: () => closeSync(file),
  };
}

/** Reads a journal without opening it for writing. Throws ToolError. */
export function readRunJournal(path: string): readonly StampedEntry[] {
  try {
    return readLines(readFileSync(path), path).entries;
  } catch (cause) {
    if (cause instanceof ToolError) throw cause;
    throw new ToolError("no-run", `The run ${JSON.stringify(path)} cannot be read.`, {
      hint: "`realmscope provision status` lists the runs.",
      cause,
    });
  }
}

const noHash = "0".repeat(64);

function readLines(bytes: Buffer, path: string) {
  const entries: StampedEntry[] = [];
  let hash = noHash;
  let wholeBytes = 0;
  for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, wholeBytes)) {
    const line = bytes.subarray(wholeBytes, end).toString("utf8");
    const { previous, ...entry } = parseLine(line, path);
    if (previous !== hash) throw tampered(path, entries.length + 1);
    entries.push(entry);
    hash = hashOf(line);
    wholeBytes = end + 1;
  }
  return { entries, hash, wholeBytes, totalBytes: bytes.length };
}

function parseLine(line: string, path: string): StampedEntry & { readonly previous: string } {
  try {
    return JSON.parse(line);
  } catch {
    throw tampered(path, 0);
  }
}

function hashOf(line: string): string {
  return createHash("sha256").update(line).digest("hex");
}

function tampered(path: string, line: number): ToolError {
  return new ToolError(
    "bad-run-journal",
    `The journal ${JSON.stringify(path)} was changed${line > 0 ? ` before line ${line}` : ""}.`,
    {
      hint: "Its receipts cannot be trusted: make a new plan, and take back by hand what it shows.",
    },
  );
}

/** The name of the file must survive as well; Windows cannot sync a folder and needs not. */
function syncFolder(folder: string): void {
  if (process.platform === "win32") return;
  const handle = openSync(join(folder, "."), "r");
  fsyncSync(handle);
  closeSync(handle);
}

/** The plan that a run began with. Throws ToolError for a journal without a beginning. */
export function planOfRun(entries: readonly StampedEntry[], path: string): Plan {
  const begin = entries.find((entry) => entry.kind === "begin");
  if (begin?.kind === "begin") return begin.plan;
  throw new ToolError("no-run", `The journal ${JSON.stringify(path)} has no beginning.`, {
    hint: "It holds nothing that could be gone on with: make a new plan.",
  });
}

/** Receipts of a run in the order they were written. */
export function receiptsOf(entries: readonly StampedEntry[]): readonly Receipt[] {
  return entries.filter((entry) => entry.kind === "receipt");
}

/** A run that was taken back is over: what it did and undid is no ground to go on from. Throws Stop. */
export function refuseTakenBack(entries: readonly StampedEntry[]): void {
  if (!entries.some(({ kind }) => kind === "undo-intent" || kind === "undo-receipt")) return;
  throw new Stop({
    code: "taken-back",
    message: "This run was taken back, or its undo has begun: it cannot be gone on with.",
    hint: "Run `realmscope provision undo` to take back what is left of it, or `realmscope provision apply` for a new run.",
  });
}

/** Failures that prove that nothing was changed. Every other one leaves the intent open: `resume` looks. */
const withoutEffect: readonly ReasonCode[] = [
  "rbac-denied",
  "cmdlet-missing",
  "already-exists",
  "graph-forbidden",
  "graph-unauthorized",
  "graph-throttled",
  "graph-existing-key-changed",
  "state-moved",
  "conflict",
  "needs-earlier-step",
];

/** Intents that nothing was written about afterwards: the change may or may not have been made. */
export function openIntents(entries: readonly StampedEntry[]): readonly Extract<StampedEntry, { kind: "intent" }>[] {
  const open = new Map<PlanItem["id"], Extract<StampedEntry, { kind: "intent" }>>();
  for (const entry of entries) {
    if (entry.kind === "intent") open.set(entry.itemId, entry);
    if (entry.kind === "receipt" || entry.kind === "already") open.delete(entry.itemId);
    if (entry.kind === "failed" && withoutEffect.includes(entry.reason.code)) open.delete(entry.itemId);
  }
  return [...open.values()];
}
