// The journal of a run: one JSON object a line, on disk before each change (intent) and after it (receipt); each line holds
// the hash of the line before. After a crash the last line may be torn; all lines before it are whole.
import { createHash } from "node:crypto";
import { closeSync, fsyncSync, readFileSync } from "node:fs";
import { ToolError } from "../../core/tool-error.ts";
import type { Call, Facts, KeyToAdd } from "../model/change.ts";
import { hideIn } from "../model/hide-secrets.ts";
import type { PlanItem, Receipt } from "../model/step.ts";
import { type Reason, type ReasonCode, Stop } from "../model/stop.ts";
import { codeOf, cutTo, moveTorn, openForAppending, writeWhole } from "./journal-file.ts";
import type { Plan } from "./plan.ts";

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
  /** All entries so far, those of earlier processes included. */
  readonly entries: () => readonly StampedEntry[];
  /** Writes an entry; it is on disk as a whole when this returns. Throws Stop `journal-unwritable`, and from then on for every entry. */
  write(entry: RunEntry): void;
  close(): void;
}

export interface JournalOptions {
  readonly now: () => number;
  /** Hides secrets in every string before it is written. */
  readonly hide: (text: string) => string;
}

/**
 * Opens the journal of a new run or of one to continue. Moves a torn last line, as a crash or a full disk leaves it, to a file
 * beside the journal whose name ends in `.torn`. Throws ToolError when it was tampered with or cannot be opened.
 */
export function openRunJournal(path: string, { now, hide }: JournalOptions): RunJournal {
  const { file, bytes } = openForAppending(path);
  const { entries, hash, wholeBytes } = readLines(bytes, path);
  if (wholeBytes < bytes.length) moveTorn(path, bytes.subarray(wholeBytes), wholeBytes);
  const written = [...entries];
  let previous = hash;
  let size = wholeBytes;
  let failure: Reason | null = null;
  return {
    path,
    entries: () => written,
    write(entry) {
      // A change may have been made whose entry is missing: nothing may be changed or written after that.
      if (failure !== null) throw new Stop(failure);
      const stamped = { seq: written.length + 1, at: new Date(now()).toISOString(), ...entry };
      const body = JSON.stringify(hideIn(stamped, hide));
      const line = `${body.slice(0, -1)},"previous":"${previous}"}`;
      const lineBytes = Buffer.from(`${line}\n`);
      try {
        writeWhole(file, lineBytes);
        fsyncSync(file);
      } catch (cause) {
        failure = unwritable(path, cause);
        cutTo(path, size);
        throw new Stop(failure);
      }
      size += lineBytes.length;
      previous = hashOf(line);
      const kept: StampedEntry = JSON.parse(body);
      written.push(kept);
    },
    close: () => closeSync(file),
  };
}

function unwritable(path: string, cause: unknown): Reason {
  return {
    code: "journal-unwritable",
    message: `The run's journal ${JSON.stringify(path)} cannot be written (${codeOf(cause)}), so the run stops.`,
    hint: "Free disk space, then run `realmscope provision resume`: it reads the current state before it changes anything.",
  };
}

/** Writes how a run ended. Returns that, or why the journal could not be written. */
export function writeEnd(
  journal: RunJournal,
  how: "finished" | "stopped" | "interrupted",
  reason: Reason | null,
): { readonly how: typeof how; readonly reason: Reason | null } {
  const failure = writeOrReason(journal, { kind: "end", how, reason });
  return failure === null ? { how, reason } : { how: "stopped", reason: failure };
}

/** Writes why an item failed. Returns that reason, or why the journal could not be written. */
export function writeFailed(journal: RunJournal, itemId: string, reason: Reason): Reason {
  return writeOrReason(journal, { kind: "failed", itemId, reason }) ?? reason;
}

function writeOrReason(journal: RunJournal, entry: RunEntry): Reason | null {
  try {
    journal.write(entry);
    return null;
  } catch (error) {
    if (error instanceof Stop && error.reason.code === "journal-unwritable") return error.reason;
    throw error;
  }
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
  return { entries, hash, wholeBytes };
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
      hint: "Its receipts cannot be trusted: make a new plan, and undo by hand what it shows.",
    },
  );
}

/** The plan that a run began with. Throws ToolError for a journal without a `begin` entry. */
export function planOfRun(entries: readonly StampedEntry[], path: string): Plan {
  const begin = entries.find((entry) => entry.kind === "begin");
  if (begin?.kind === "begin") return begin.plan;
  throw new ToolError("no-run", `The journal ${JSON.stringify(path)} has no beginning.`, {
    hint: "It holds nothing to continue: make a new plan.",
  });
}

/** The receipts of a run in the order they were written. */
export function receiptsOf(entries: readonly StampedEntry[]): readonly Receipt[] {
  return entries.filter((entry) => entry.kind === "receipt");
}

/** Throws Stop for a run that was taken back, in part or as a whole: it cannot be resumed. */
export function refuseTakenBack(entries: readonly StampedEntry[]): void {
  if (!entries.some(({ kind }) => kind === "undo-intent" || kind === "undo-receipt")) return;
  throw new Stop({
    code: "taken-back",
    message: "This run was taken back, or its undo has begun: it cannot be resumed.",
    hint: "Run `realmscope provision undo` to take back what is left of it, or `realmscope provision apply` for a new run.",
  });
}

/** Failures that prove that nothing was changed. Every other one leaves the intent open for `resume` to settle. */
const withoutEffect: readonly ReasonCode[] = [
  "rbac-denied",
  "cmdlet-missing",
  "parameter-missing",
  "already-exists",
  "graph-forbidden",
  "graph-unauthorized",
  "graph-throttled",
  "graph-existing-key-changed",
  "state-moved",
  "conflict",
  "needs-earlier-step",
];

function isWithoutEffect({ code, isRefusal }: Reason): boolean {
  return isRefusal === true || withoutEffect.includes(code);
}

/** Intents without a later entry that closes them: the change may or may not have been made. */
export function openIntents(entries: readonly StampedEntry[]): readonly Extract<StampedEntry, { kind: "intent" }>[] {
  const open = new Map<PlanItem["id"], Extract<StampedEntry, { kind: "intent" }>>();
  for (const entry of entries) {
    if (entry.kind === "intent") open.set(entry.itemId, entry);
    if (entry.kind === "receipt" || entry.kind === "already") open.delete(entry.itemId);
    if (entry.kind === "failed" && isWithoutEffect(entry.reason)) open.delete(entry.itemId);
  }
  return [...open.values()];
}

/** A lost key as the journal keeps it; `restorable` is null when Graph had not given its bytes. */
export interface LostKey {
  readonly keyId: string;
  readonly restorable: KeyToAdd | null;
}
