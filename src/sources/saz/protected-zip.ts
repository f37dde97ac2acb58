// Reads archives that are encrypted, or compressed in a rare way, with zip.js: it supports AES, the old ZIP cipher and
// Deflate64. It keeps the whole directory in memory and is slow for each member, so other archives are read without it.
import { openAsBlob } from "node:fs";
import { BlobReader, configure, type FileEntry, ZipReader } from "@zip.js/zip.js";
import { MemberTooLargeError, memberLimit } from "./zip-archive.ts";

configure({ useWebWorkers: false });

/** The members with their names, in the order of the directory. Throws for a cut or damaged archive. */
export async function* readProtectedDirectory(
  from: string | readonly Buffer[],
): AsyncGenerator<readonly [string, FileEntry]> {
  const blob = typeof from === "string" ? await openAsBlob(from) : new Blob([...from]);
  for await (const entry of new ZipReader(new BlobReader(blob)).getEntriesGenerator()) {
    if (!entry.directory) yield [entry.filename, entry];
  }
}

/** The bytes of a member. Rejects with MemberTooLargeError, or with another error for a wrong password or damage. */
export async function unpackProtected(entry: FileEntry, password: string | undefined): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  const sink = new WritableStream<Uint8Array>({
    write(piece) {
      size += piece.length;
      // The stated size may be wrong on purpose: the output is counted.
      if (size > memberLimit) throw new MemberTooLargeError();
      pieces.push(piece);
    },
  });
  await entry.getData(sink, { checkSignature: true, ...(password === undefined ? {} : { password }) });
  return Buffer.concat(pieces);
}
