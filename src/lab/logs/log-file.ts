// The files of one log: rows go to the file of their hour or day, behind a header block; each batch is flushed.
import { appendFile, mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { ToolError } from "../../core/tool-error.ts";

export interface LogFiles {
  readonly folder: string;
  /** The file that a row of this time belongs to. */
  readonly nameAt: (at: number) => string;
  /** The block that a writer puts before its first row; `isNew` is false when another writer has used the file. */
  readonly header: (at: number, isNew: boolean) => string;
}

/** Writes one log. */
export interface LogWriter {
  /** `line` without its line break; `at` in epoch milliseconds. */
  append(line: string, at: number): void;
  /** Resolves when every row is in its file. Throws ToolError when one could not be written. */
  close(): Promise<void>;
}

interface Row {
  readonly name: string;
  readonly line: string;
  readonly at: number;
}

/** A writer; the folder is made with its first row. */
export function openLog(files: LogFiles): LogWriter {
  const begun = new Set<string>();
  let pending: Row[] = [];
  let writing: Promise<void> | null = null;
  let failure: ToolError | null = null;
  const writeRows = async (rows: readonly Row[]): Promise<void> => {
    const [first] = rows;
    if (first === undefined) return;
    const path = join(files.folder, first.name);
    await mkdir(files.folder, { recursive: true });
    const header = begun.has(first.name) ? "" : files.header(first.at, await isMissing(path));
    begun.add(first.name);
    await appendFile(path, `${header}${rows.map(({ line }) => `${line}\r\n`).join("")}`);
  };
  const writeBatches = async (): Promise<void> => {
    try {
      for (let batch = pending; batch.length > 0; batch = pending) {
        pending = [];
        for (const name of new Set(batch.map((row) => row.name)))
          await writeRows(batch.filter((row) => row.name === name));
      }
    } catch (error) {
      failure ??= new ToolError("cannot-write", `The logs in ${JSON.stringify(files.folder)} cannot be written.`, {
        hint: "Name a folder that can be written, on a disk with free space.",
        cause: error,
      });
    } finally {
      writing = null;
    }
  };
  return {
    append(line, at) {
      pending.push({ name: files.nameAt(at), line, at });
      writing ??= Promise.resolve().then(writeBatches);
    },
    async close() {
      while (writing !== null) await writing;
      if (failure !== null) throw failure;
    },
  };
}

/** True of an absent and of an empty file. */
async function isMissing(path: string): Promise<boolean> {
  try {
    return (await stat(path)).size === 0;
  } catch {
    return true;
  }
}
