// Copies a text: by a clipboard program of this machine, through the terminal (OSC 52), or into a file.
import { mkdirSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, sep } from "node:path";
import type { CopyWay } from "../model/messages.ts";
import {
  clipboardPrograms,
  clipboardSequence,
  clipboardText,
  isLocalTerminal,
  runClipboardProgram,
} from "../terminal/system-clipboard.ts";
import type { Effect } from "../update/effects.ts";

type Copy = Extract<Effect, { type: "copy" }>;

export interface CopyPlace {
  readonly way: CopyWay;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Folder for texts that are too long for the terminal; null without one. */
  readonly folder: string | null;
  /** Writes to the terminal. */
  readonly write: (text: string) => void;
}

/** The longest text for a clipboard program, in bytes. */
const programLimit = 16 * 1024 * 1024;

/** Copies the text; resolves to a notice with its name, size and the way it was copied. Never rejects. */
export async function copyText(copy: Copy, place: CopyPlace): Promise<string> {
  const { way } = place;
  if (way === "off") return "copying is switched off (copy in realmscope.config.json)";
  const text = clipboardText(copy.copy.text);
  const what = `${copy.copy.name}, ${Buffer.byteLength(text)} bytes`;
  const native = mayBeNative(copy, place) ? await copyNatively(text, place) : { copiedBy: null, problem: "" };
  if (native.copiedBy !== null) return `copied: ${what} (${native.copiedBy})`;
  if (way === "native") return `not copied: ${native.problem === "" ? noProgram : native.problem}`;
  const sequence = clipboardSequence(text, place.environment);
  if (sequence === null) return intoFile(copy, text, place);
  place.write(sequence);
  return `sent to the terminal's clipboard: ${what} (OSC 52${native.problem === "" ? "" : `; ${native.problem}`})`;
}

const noProgram = "no clipboard program was found (pbcopy, wl-copy, xclip, clip.exe)";

/** Clipboard programs may keep a history: they get unmasked text only when `copy` is `native`. */
function mayBeNative({ isSecret }: Copy, { way, environment }: CopyPlace): boolean {
  return way === "native" || (way === "auto" && !isSecret && isLocalTerminal(environment));
}

async function copyNatively(
  text: string,
  { environment }: CopyPlace,
): Promise<{ readonly copiedBy: string | null; readonly problem: string }> {
  if (Buffer.byteLength(text) > programLimit) return { copiedBy: null, problem: "too large" };
  let problem = "";
  for (const program of clipboardPrograms(environment)) {
    const answer = await runClipboardProgram(program, text, { environment });
    if (answer === "copied") return { copiedBy: program.name, problem: "" };
    if (answer !== "missing") problem = answer.failed;
  }
  return { copiedBy: null, problem };
}

let count = 0;

/** Writes the text to a file, unless it is unmasked. The name of the file contains nothing from the traffic. */
function intoFile({ copy, isSecret }: Copy, text: string, { folder }: CopyPlace): string {
  const size = `${copy.name}, ${Buffer.byteLength(text)} bytes, too large for a terminal's clipboard`;
  if (isSecret) return `not copied: unmasked text is never written to a file: ${size}`;
  if (folder === null) return `not copied: ${size}; e exports it`;
  const stamp = new Date().toISOString().replace(/[-:]/g, "").slice(0, 15);
  count += 1;
  const path = join(folder, `copy-${stamp}-${process.pid}-${count}.txt`);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(path, text, { mode: 0o600, flag: "wx" });
  } catch (error) {
    const code: unknown = error instanceof Error && "code" in error ? error.code : undefined;
    return `not copied: no file can be written (${typeof code === "string" ? code : "error"}): ${size}`;
  }
  // The path first, because a narrow screen cuts the end.
  return `in ${shortPath(path)}: ${size}`;
}

function shortPath(path: string): string {
  const home = homedir() + sep;
  return path.startsWith(home) ? `~${sep}${path.slice(home.length)}` : path;
}
