// The entries of a saved capture as a HAR has them, so that a test can put them into any order and any number of files.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keepSecrets } from "../../src/sanitising/sanitise.ts";
import { openHarSink } from "../../src/sinks/formats/har-sink.ts";
import { openCapture } from "../../src/sources/open-capture.ts";

export type Entry = Readonly<Record<string, unknown>>;

/** Entries of a capture, with everything that our own writer keeps beside HAR's members. */
export async function entriesOf(capture: string): Promise<readonly Entry[]> {
  const folder = mkdtempSync(join(tmpdir(), "realmscope-entries-"));
  try {
    const path = join(folder, "x.har");
    const sink = openHarSink(path, { version: "0", isSanitised: false, note: "" });
    for await (const event of (await openCapture(capture)).events) {
      sink.write(keepSecrets(event));
      await sink.drain();
    }
    const nothing = { verdict: "none", counts: {}, handshakes: [], findings: [], checklist: [] };
    await sink.close(nothing as unknown as Parameters<typeof sink.close>[0], []);
    const har: { log: { entries: Entry[] } } = JSON.parse(readFileSync(path, "utf8"));
    return har.log.entries;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** As other programs write it: nothing but HAR's own members. */
export function foreign(entry: Entry): Entry {
  return Object.fromEntries(Object.entries(entry).filter(([name]) => !name.startsWith("_")));
}

export function writeHar(path: string, entries: readonly Entry[]): void {
  writeFileSync(path, JSON.stringify({ log: { version: "1.2", creator: { name: "test", version: "1" }, entries } }));
}
