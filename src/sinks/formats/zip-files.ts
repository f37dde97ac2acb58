import { closeSync, openAsBlob, openSync, writeSync } from "node:fs";
import { BlobReader, configure, ZipWriter } from "@zip.js/zip.js";

// Without worker threads, whose scripts would have to be located and started.
configure({ useWebWorkers: false });

/** Puts files into a new archive, mode 0600. */
export async function zipFiles(path: string, files: readonly (readonly [name: string, file: string])[]): Promise<void> {
  const zip = new ZipWriter(fileStream(path), { keepOrder: true, extendedTimestamp: false });
  for (const [name, file] of files) await zip.add(name, new BlobReader(await openAsBlob(file)));
  await zip.close();
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
