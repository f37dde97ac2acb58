// Finds each transaction of saved captures again, so that a screen can show any of a million without holding them: journals are
// read at a byte position; transactions of other formats are kept, sanitised, in a temporary file of this run.
import { closeSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { deserialize, serialize } from "node:v8";
import type { HttpTransaction } from "../../core/http-transaction.ts";
import type { LogRow } from "../../core/log-row.ts";
import { safeId } from "../../sanitising/safe-identity.ts";
import { type Pseudonymise, type Redacted, sanitiseEvent, sanitiseTransaction } from "../../sanitising/sanitise.ts";
import type { FilePlace } from "../../sources/input/capture.ts";
import { readTransactionAt } from "../../sources/json/journal-file.ts";
import type { LogDetail } from "../../tui/model/messages.ts";
import { ensureDataFolder } from "../data-folder.ts";
import { readLogLines } from "./log-lines.ts";

export interface CaptureIndex {
  /** Keeps the place of a transaction, or without a place the transaction itself. */
  add(transaction: HttpTransaction, where: { readonly path: string; readonly place: FilePlace | null }): void;
  /** Keeps a row of a log. */
  addRow(row: LogRow): void;
  /** One row of a log with the lines of its file; null when the id is unknown. */
  readRow(id: string): Promise<LogDetail | null>;
  /** One sanitised transaction; null when the id is unknown or its file has changed. */
  read(id: string): Promise<Redacted<HttpTransaction> | null>;
  /** Closes the files and removes the temporary one. */
  close(): Promise<void>;
}

interface Entry extends FilePlace {
  /** Number of the capture file; -1 for the temporary file. */
  readonly file: number;
}

export function startCaptureIndex(pseudonymise: Pseudonymise): CaptureIndex {
  const entries = new Map<string, Entry>();
  const rows = new Map<string, FilePlace>();
  const paths: string[] = [];
  const opened = new Map<number, Promise<FileHandle>>();
  const temporary = openTemporaryFile();
  const fileNumber = (path: string): number => {
    const known = paths.lastIndexOf(path);
    return known === -1 ? paths.push(path) - 1 : known;
  };
  const handle = (file: number): Promise<FileHandle> => {
    const known = opened.get(file) ?? open(paths[file] ?? "", "r");
    opened.set(file, known);
    return known;
  };
  return {
    add(transaction, { path, place }) {
      entries.set(
        safeId(transaction.id, pseudonymise),
        place === null
          ? { file: -1, ...temporary.write(sanitiseTransaction(transaction, pseudonymise)) }
          : { file: fileNumber(path), from: place.from, length: place.length },
      );
    },
    addRow(row) {
      const event = sanitiseEvent({ kind: "log-row", row }, pseudonymise);
      if (event.kind === "log-row") rows.set(event.row.id, temporary.write({ row: event.row, file: row.file }));
    },
    async readRow(id) {
      const place = rows.get(id);
      const kept = place === undefined ? null : temporary.read(place);
      if (kept === null || !("row" in kept)) return null;
      const { row, file } = kept;
      return { row, file, lines: await readLogLines({ file, line: row.line }, pseudonymise) };
    },
    async read(id) {
      const entry = entries.get(id);
      if (entry === undefined) return null;
      try {
        const kept = entry.file === -1 ? temporary.read(entry) : null;
        const read =
          entry.file === -1
            ? kept !== null && "request" in kept
              ? kept
              : null
            : await readTransactionAt(await handle(entry.file), entry);
        return read === null ? null : sanitiseTransaction({ ...read, id }, pseudonymise);
      } catch {
        // The file was removed or replaced; the screen reports that nothing can be shown.
        return null;
      }
    },
    async close() {
      temporary.close();
      for (const file of opened.values()) await (await file).close();
    },
  };
}

/** A sanitised row, and its file as it was given. */
interface KeptRow {
  readonly row: LogRow;
  readonly file: string;
}

interface TemporaryFile {
  write(value: Redacted<HttpTransaction> | KeptRow): FilePlace;
  read(place: FilePlace): HttpTransaction | KeptRow | null;
  close(): void;
}

/** In the data folder, mode 0600, created at the first write. */
function openTemporaryFile(): TemporaryFile {
  let descriptor: number | null = null;
  let path = "";
  let size = 0;
  const opened = (): number => {
    if (descriptor !== null) return descriptor;
    path = join(ensureDataFolder("run"), `replay-${process.pid}.bin`);
    rmSync(path, { force: true });
    descriptor = openSync(path, "wx+", 0o600);
    return descriptor;
  };
  return {
    write(value) {
      const bytes = serialize(value);
      const place = { from: size, length: bytes.length };
      const file = opened();
      for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done, bytes.length - done, size + done);
      size += bytes.length;
      return place;
    },
    read({ from, length }) {
      if (descriptor === null) return null;
      const bytes = Buffer.alloc(length);
      return readSync(descriptor, bytes, 0, length, from) === length ? deserialize(bytes) : null;
    },
    close() {
      if (descriptor === null) return;
      closeSync(descriptor);
      rmSync(path, { force: true });
      descriptor = null;
    },
  };
}
