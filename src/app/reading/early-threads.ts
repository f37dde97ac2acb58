// The threads of a replay are started before its options are parsed: they start slower than everything else, and the replay
// waits for nothing but them.
import { compileLess, keepOldHeapSmall } from "../engine-flags.ts";
import type { ReaderThreads } from "./reader-threads.ts";

/** Options that change only the output. With any other one the files may be read in another way, or not at all. */
const outputOptions: ReadonlySet<string> = new Set(["--json", "--plain", "--quiet", "--no-color", "--allow-truncated"]);

let early: ReaderThreads | null = null;

/** Starts threads when the words after `replay` show that they will be used. */
export async function startThreadsEarly(words: readonly string[]): Promise<void> {
  const files = words.filter((word) => !outputOptions.has(word));
  // A dash alone is standard input.
  if (files.some((file) => file.startsWith("-"))) return;
  const { isWorthThreads, startReaderThreads } = await import("./reader-threads.ts");
  if (!isWorthThreads(files)) return;
  keepOldHeapSmall();
  compileLess();
  early = startReaderThreads(files);
}

/** Hands over the started threads; the caller stops them. */
export function takeEarlyThreads(): ReaderThreads | null {
  const taken = early;
  early = null;
  return taken;
}

/** Stops threads that were not handed over. */
export async function stopEarlyThreads(): Promise<void> {
  await takeEarlyThreads()?.stop();
}
