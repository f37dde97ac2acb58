import { closeSync, openSync, writeSync } from "node:fs";
import type { CaptureSink } from "./capture-sink.ts";
import { type EntryGroup, EntryGroups, eventMembers } from "./entry-groups.ts";
import { harEntry } from "./har-entry.ts";
import { safeJson } from "./safe-json.ts";

/** Writes HAR 1.2, an entry at a time, for its owner alone. */
export function openHarSink(path: string, options: { readonly version: string }): CaptureSink {
  const descriptor = openSync(path, "wx", 0o600);
  const groups = new EntryGroups();
  let separator = "\n";
  const creator = { name: "realmscope", version: options.version };
  const comment = "Made safe by realmscope: credentials and signatures are replaced, people have pseudonyms.";
  writeAll(
    descriptor,
    `{"log":{"version":"1.2","creator":${safeJson(creator)},"comment":${safeJson(comment)},"entries":[`,
  );
  const put = (group: EntryGroup | null): void => {
    if (group === null) return;
    writeAll(descriptor, `${separator}${safeJson({ ...harEntry(group.transaction), ...eventMembers(group) })}`);
    separator = ",\n";
  };
  return {
    write: (event) => put(groups.push(event)),
    drain: () => Promise.resolve(),
    close() {
      put(groups.end());
      writeAll(descriptor, "\n]}}\n");
      closeSync(descriptor);
      return Promise.resolve();
    },
  };
}

function writeAll(descriptor: number, text: string): void {
  const bytes = Buffer.from(text, "latin1");
  for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done);
}
