// One writer for one journal: a second one would cut a line that the first is writing, and use the same record numbers.
import { hostname } from "node:os";
import { ToolError } from "../../core/tool-error.ts";
import { type LockOwner, staleLockHint, takeLock } from "../../locks/process-lock.ts";
import { codeOf } from "../system-error.ts";

export interface JournalLock {
  /** Why no lock could be made, as the system names it; null when there is one. */
  readonly missing: string | null;
  /** Deletes the lock file; also done when the process ends by itself. */
  release(): void;
}

/**
 * Takes the lock of a journal, a file beside it. Throws ToolError `journal-busy` when another process holds it. When no file can
 * be created (a read-only folder, a name that is too long), `missing` says why and the caller must report it.
 */
export function lockJournal(journal: string): JournalLock {
  const path = `${journal}.lock`;
  const lock = takeLock(path);
  switch (lock.kind) {
    case "taken":
      return { missing: null, release: lock.release };
    case "busy":
      throw busyError(journal, path, lock.owner);
    case "unusable":
      throw unusableError(journal, path, lock.why);
    case "impossible":
      return { missing: codeOf(lock.cause), release: () => undefined };
  }
}

function unusableError(journal: string, path: string, why: string): ToolError {
  return new ToolError("journal-busy", `The lock ${JSON.stringify(path)} ${why}.`, {
    hint: `Name another file for --save; or delete the lock, when no other capture writes ${JSON.stringify(journal)}.`,
  });
}

function busyError(journal: string, path: string, owner: LockOwner): ToolError {
  const where = owner.host === hostname() ? "" : ` on ${JSON.stringify(owner.host.slice(0, 100))}`;
  return new ToolError(
    "journal-busy",
    `The journal ${JSON.stringify(journal)} is being written by another capture (process ${owner.pid}${where}).`,
    { hint: `Name another file for --save, or end that capture first.${staleLockHint(owner, path)}` },
  );
}
