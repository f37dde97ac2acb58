// The text for `decode`: an argument, a file that the argument names, standard input or the clipboard.
import { closeSync, openSync, readSync, statSync } from "node:fs";
import { ToolError } from "../core/tool-error.ts";
import { bodyText } from "../decoders/body-text.ts";

/** Bytes of a text that is read. */
const maxInput = 1024 * 1024;

export interface PastedSource {
  readonly value: string | undefined;
  readonly isClipboard: boolean;
}

/** Reads the text. Rejects with ToolError for a text that is too long, a file that is not text, and an unreadable clipboard. */
export async function readPasted({ value, isClipboard }: PastedSource): Promise<string> {
  if (isClipboard) {
    if (value !== undefined)
      throw new ToolError("usage", "--clipboard and a value exclude each other.", { hint: "Give one of them." });
    return (await import("./read-clipboard.ts")).readClipboard(maxInput);
  }
  if (value === undefined || value === "-") return readStandardInput();
  return isFile(value) ? readFile(value) : value;
}

/** A short single line that names something that exists; a token or a header is neither. */
function isFile(value: string): boolean {
  if (value.length > 4096 || /[\r\n\0]/.test(value)) return false;
  try {
    const found = statSync(value, { throwIfNoEntry: false });
    if (found?.isDirectory() === true) {
      throw new ToolError("is-a-folder", `${JSON.stringify(value)} is a folder.`, {
        hint: "Name a file with the text in it; realmscope replay reads the captures of a folder.",
      });
    }
    return found !== undefined;
  } catch (error) {
    if (error instanceof ToolError) throw error;
    return false; // ENAMETOOLONG and the like: text, not a name
  }
}

async function readFile(path: string): Promise<string> {
  const bytes = Buffer.alloc(maxInput + 1);
  let length = 0;
  try {
    const descriptor = openSync(path, "r");
    try {
      for (let read = -1; read !== 0 && length < bytes.length; length += read)
        read = readSync(descriptor, bytes, length, bytes.length - length, null);
    } finally {
      closeSync(descriptor);
    }
  } catch (cause) {
    throw new ToolError("unreadable", `${JSON.stringify(path)} cannot be read.`, {
      hint: "Check the file and its permissions.",
      cause,
    });
  }
  const found = bytes.subarray(0, length);
  await refuseCapture(path, found);
  if (length > maxInput) throw tooLong(JSON.stringify(path));
  return textOf(found);
}

/** Captures are for `replay`, and bytes are not text. */
async function refuseCapture(path: string, bytes: Buffer): Promise<void> {
  const { describeFile } = await import("../sources/input/foreign-file.ts");
  const { captureKind, isLogFormat } = await import("../sources/input/capture-kind.ts");
  const kind = captureKind(bytes);
  // Rows of a log are a text that people paste.
  if (isLogFormat(kind)) return;
  const isCapture =
    kind === "har" ? /^\s*\{\s*"log"\s*:/.test(bytes.toString("latin1", 0, 512)) : kind !== null && kind !== "empty";
  if (isCapture) {
    throw new ToolError("is-a-capture", `${JSON.stringify(path)} is a capture, not a pasted text.`, {
      hint: `Captures are judged by realmscope replay ${path}.`,
    });
  }
  const foreign = describeFile(bytes, path);
  if (foreign !== null && !foreign.isText)
    throw new ToolError("not-text", `${JSON.stringify(path)} ${foreign.what}.`, { hint: foreign.hint });
}

async function readStandardInput(): Promise<string> {
  if (process.stdin.isTTY) {
    process.stderr.write(
      `Paste a token, header lines, a request with its answer, a log or the output of a test, then press ${process.platform === "win32" ? "Ctrl+Z and Enter" : "Ctrl+D"} on a line of its own. (Or: realmscope decode FILE, realmscope decode --clipboard.)\n`,
    );
  }
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxInput) throw tooLong("Standard input");
    chunks.push(chunk);
  }
  return textOf(Buffer.concat(chunks));
}

function tooLong(what: string): ToolError {
  return new ToolError("too-long", `${what} is longer than 1 MiB.`, {
    hint: "Give one value, or the part of the text around the call; realmscope replay reads captures.",
  });
}

/** Windows PowerShell writes UTF-16 by default. */
function textOf(bytes: Buffer): string {
  return bodyText({ bytes, totalBytes: bytes.length, truncated: false, contentCoding: null }, maxInput);
}
