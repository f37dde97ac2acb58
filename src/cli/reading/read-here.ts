import { type Capture, openCapture } from "../../sources/open-capture.ts";
import type { Reading } from "./read-ahead.ts";

/** Reads here, one file after the other; the events are not decoded yet. */
export function startReadHere(files: readonly string[]): Reading {
  let capture: Capture | null = null;
  return {
    async read(file, accept) {
      capture = await openCapture(files[file] ?? "");
      for await (const event of capture.events) await accept({ event, facts: null });
      return capture.summary();
    },
    progress: () => capture?.progress() ?? { done: 0, total: null },
    stop: () => Promise.resolve(),
  };
}
