import { createReadStream } from "node:fs";
import { ToolError } from "../core/tool-error.ts";
import { leakIn } from "../sanitising/leak-check.ts";
import { unzipped } from "../sinks/zip-files.ts";

const chunkSize = 8 * 1024 * 1024;
/** Nothing that is searched for is longer. */
const overlap = 128 * 1024;

/** Reads a written file again and throws ToolError when anything like a secret is left in it. Archives are looked into. */
export async function checkWritten(path: string, kind: "plain" | "zip", secrets: readonly string[]): Promise<void> {
  const pieces = kind === "zip" ? unzipped(path) : overlapping(path);
  for await (const piece of pieces) {
    const leak = leakIn(piece, secrets);
    if (leak === null) continue;
    throw new ToolError("leak", `The written file held ${leak}, so it was removed.`, {
      hint: "Please report this with the kind of capture, not with the capture itself.",
    });
  }
}

async function* overlapping(path: string): AsyncGenerator<Uint8Array> {
  let before: Uint8Array = new Uint8Array(0);
  for await (const chunk of createReadStream(path, { highWaterMark: chunkSize }) as AsyncIterable<Buffer>) {
    const piece = Buffer.concat([before, chunk]);
    yield piece;
    before = piece.subarray(-overlap);
  }
}
