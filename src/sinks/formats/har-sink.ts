import { closeSync, openSync, writeSync } from "node:fs";
import { safeJson } from "../../core/safe-json.ts";
import { countRemovals } from "../../sanitising/search/count-removals.ts";
import type { CaptureSink, SinkOptions } from "./capture-sink.ts";
import { type EntryGroup, EntryGroups, eventMembers } from "./entry-groups.ts";
import { harEntry } from "./write-har-entry.ts";

/** Writes HAR 1.2, an entry at a time, mode 0600. `log._sanitized` counts the removed values by rule. */
export function openHarSink(path: string, options: SinkOptions): CaptureSink {
  const descriptor = openSync(path, "wx", 0o600);
  const groups = new EntryGroups();
  const removed: Record<string, number> = {};
  let separator = "\n";
  const creator = { name: "realmscope", version: options.version };
  writeAll(
    descriptor,
    `{"log":{"version":"1.2","creator":${safeJson(creator)},"comment":${safeJson(options.note)},"entries":[`,
  );
  const put = (group: EntryGroup | null): void => {
    if (group === null) return;
    writeAll(descriptor, `${separator}${safeJson({ ...harEntry(group.transaction), ...eventMembers(group) })}`);
    separator = ",\n";
  };
  return {
    write(event) {
      if (options.isSanitised) countRemovals(event, removed);
      put(groups.push(event));
    },
    drain: () => Promise.resolve(),
    close() {
      put(groups.finish());
      const mark = options.isSanitised ? `"_sanitized":${safeJson(removed)}` : `"_unsanitised":true`;
      writeAll(descriptor, `\n],${mark}}}\n`);
      closeSync(descriptor);
      return Promise.resolve();
    },
  };
}

function writeAll(descriptor: number, text: string): void {
  const bytes = Buffer.from(text, "latin1");
  for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done);
}
