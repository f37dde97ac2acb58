import { closeSync, openAsBlob, openSync, readFileSync, statSync, writeSync } from "node:fs";
import { BlobReader, configure, Uint8ArrayReader, Uint8ArrayWriter, ZipReader, ZipWriter } from "@zip.js/zip.js";

// One thread: worker scripts would have to be found and started.
configure({ useWebWorkers: false });

/** Puts files into a new archive, for its owner alone. */
export async function zipFiles(path: string, files: readonly (readonly [name: string, file: string])[]): Promise<void> {
  const zip = new ZipWriter(fileStream(path), { keepOrder: true, extendedTimestamp: false });
  for (const [name, file] of files) await zip.add(name, new BlobReader(await openAsBlob(file)));
  await zip.close();
}

const memoryLimit = 128 * 1024 * 1024;

/** The unpacked contents of an archive that this program has written, one after the other. */
export async function* unzipped(path: string): AsyncGenerator<Uint8Array> {
  // From memory many small files are read several times faster than from the disk.
  const isSmall = statSync(path).size < memoryLimit;
  const reader = isSmall ? new Uint8ArrayReader(readFileSync(path)) : new BlobReader(await openAsBlob(path));
  for await (const entry of new ZipReader<unknown>(reader).getEntriesGenerator()) {
    if (!entry.directory) yield await entry.getData(new Uint8ArrayWriter());
  }
}

/** A new file as a stream, mode 0600. */
export function fileStream(path: string): WritableStream<Uint8Array> {
  const descriptor = openSync(path, "wx", 0o600);
  return new WritableStream({
    write(bytes) {
      for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done);
    },
    close: () => closeSync(descriptor),
    abort: () => closeSync(descriptor),
  });
}
