// Finds each transaction of saved captures again, so that a screen can show any of a million without holding them: journals are
// read at a byte position; transactions of other formats are kept, sanitised, in a temporary file of this run.
import { closeSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { deserialize, serialize } from "node:v8";
import type { HttpTransaction } from "../../core/http-transaction.ts";
import { safeId } from "../../sanitising/safe-identity.ts";
import { type Pseudonymise, type Redacted, sanitiseTransaction } from "../../sanitising/sanitise.ts";
import type { FilePlace } from "../../sources/input/capture.ts";
import { readTransactionAt } from "../../sources/json/journal-file.ts";
import { ensureDataFolder } from "../data-folder.ts";

export interface CaptureIndex {
  /** Keeps the place of a transaction, or without a place the transaction itself. */
  add(transaction: HttpTransaction, where: { readonly path: string; readonly place: FilePlace | null }): void;
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
    async read(id) {
      const entry = entries.get(id);
      if (entry === undefined) return null;
      try {
        const read =
          entry.file === -1 ? temporary.read(entry) : await readTransactionAt(await handle(entry.file), entry);
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

interface TemporaryFile {
  write(transaction: Redacted<HttpTransaction>): FilePlace;
  read(place: FilePlace): HttpTransaction | null;
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
    write(transaction) {
      const bytes = serialize(transaction);
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
