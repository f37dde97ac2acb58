// The threads of a replay, started before its options are read: they take longer to come up than everything that reads a
// command line, and nothing waits for anything but them.
import { compileLess, keepOldHeapSmall } from "../engine-flags.ts";
import type { ReaderThreads } from "./reader-threads.ts";

/** Options that only say how to print. After any other one the files may be read in another way, or not at all. */
const printing: ReadonlySet<string> = new Set(["--json", "--plain", "--quiet", "--no-color", "--allow-truncated"]);

let early: ReaderThreads | null = null;

/** Starts threads where what stands behind `replay` says for sure that they will be wanted. */
export async function startThreadsEarly(words: readonly string[]): Promise<void> {
  const files = words.filter((word) => !printing.has(word));
  // A dash alone is standard input.
  if (files.some((file) => file.startsWith("-"))) return;
  const { isWorthThreads, startReaderThreads } = await import("./reader-threads.ts");
  if (!isWorthThreads(files)) return;
  keepOldHeapSmall();
  compileLess();
  early = startReaderThreads(files);
}

/** The threads that were started, for who stops them from then on. */
export function takeEarlyThreads(): ReaderThreads | null {
  const taken = early;
  early = null;
  return taken;
}

/** Stops what nobody has taken. */
export async function stopEarlyThreads(): Promise<void> {
  await takeEarlyThreads()?.stop();
}
