import { TextReader, Uint8ArrayReader, ZipWriter } from "@zip.js/zip.js";
import type { CaptureSink, SinkOptions } from "./capture-sink.ts";
import { type EntryGroup, EntryGroups } from "./entry-groups.ts";
import { sazSession } from "./write-saz-session.ts";
import { fileStream } from "./zip-files.ts";

const contentTypes =
  '<?xml version="1.0" encoding="utf-8" ?>\r\n<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">' +
  '<Default Extension="htm" ContentType="text/html" /><Default Extension="xml" ContentType="application/xml" />' +
  '<Default Extension="txt" ContentType="text/plain" /></Types>';

/** Writes a Fiddler archive (SAZ), mode 0600. */
export function openSazSink(path: string, options: SinkOptions): CaptureSink {
  const zip = new ZipWriter(fileStream(path), { keepOrder: true, extendedTimestamp: false });
  const groups = new EntryGroups();
  let number = 0;
  let written: Promise<void> = Promise.resolve();
  const queue = (work: () => Promise<void>): void => {
    written = written.then(work);
    // `drain` and `close` await `written` and throw its error. A run that is aborted calls neither, and its error must not
    // end the process as an unhandled rejection.
    written.catch(() => undefined);
  };
  queue(async () => {
    await zip.add("[Content_Types].xml", new TextReader(contentTypes), { lastModDate: archiveTime(0) });
  });
  const put = (group: EntryGroup | null): void => {
    if (group === null) return;
    number += 1;
    const name = `raw/${String(number).padStart(4, "0")}`;
    const session = sazSession(group, number);
    const stamp = { lastModDate: archiveTime(group.transaction.startedAt) };
    queue(async () => {
      await zip.add(`${name}_c.txt`, new Uint8ArrayReader(session.request), stamp);
      await zip.add(`${name}_m.xml`, new TextReader(session.metadata), stamp);
      await zip.add(`${name}_s.txt`, new Uint8ArrayReader(session.answer), stamp);
    });
  };
  return {
    write: (event) => put(groups.push(event)),
    drain: () => written,
    async close() {
      put(groups.finish());
      await written;
      await zip.close(new TextEncoder().encode(`realmscope ${options.version}. ${options.note}`));
    },
  };
}

/** A ZIP time is local and without a zone; the digits written are those of UTC, whatever the zone of this machine. */
function archiveTime(at: number): Date {
  const time = new Date(Math.max(at, Date.UTC(1980, 0, 1)));
  return new Date(
    time.getUTCFullYear(),
    time.getUTCMonth(),
    time.getUTCDate(),
    time.getUTCHours(),
    time.getUTCMinutes(),
    time.getUTCSeconds(),
  );
}
