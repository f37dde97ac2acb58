// Archives that are protected by a password, or packed in a rare way: zip.js knows AES, the old ZIP cipher and Deflate64. It keeps
// the whole directory in memory and takes long for each member, so the others are read without it.
import { openAsBlob } from "node:fs";
import { BlobReader, configure, type FileEntry, ZipReader } from "@zip.js/zip.js";
import { MemberTooLargeError, memberLimit } from "./zip-archive.ts";

configure({ useWebWorkers: false });

/** The members with their names, in the order of the directory. Throws when the archive is cut or damaged. */
export async function* readProtectedDirectory(
  from: string | readonly Buffer[],
): AsyncGenerator<readonly [string, FileEntry]> {
  const blob = typeof from === "string" ? await openAsBlob(from) : new Blob([...from]);
  for await (const entry of new ZipReader(new BlobReader(blob)).getEntriesGenerator()) {
    if (!entry.directory) yield [entry.filename, entry];
  }
}

/** The bytes of a member. Throws MemberTooLargeError, or another error for a wrong password or damage. */
export async function unpackProtected(entry: FileEntry, password: string | undefined): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  const sink = new WritableStream<Uint8Array>({
    write(piece) {
      size += piece.length;
      // The size that the archive states may be a lie: what comes out is counted.
      if (size > memberLimit) throw new MemberTooLargeError();
      pieces.push(piece);
    },
  });
  await entry.getData(sink, { checkSignature: true, ...(password === undefined ? {} : { password }) });
  return Buffer.concat(pieces);
}
