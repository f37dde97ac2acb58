// Reads the values of --save and of the options that depend on it.
import type { Saving } from "../../app/live/run-live.ts";
import { readDuration, readSize } from "../../core/quantities.ts";
import { ToolError } from "../../core/tool-error.ts";
import type { Rotation } from "../../sinks/journal/journal-file.ts";
import { defaultKeep, defaultPartSize, type SaveOptions } from "./common-options.ts";

/** How the capture is saved. Throws ToolError `usage` for options that contradict each other, or are not a size or a duration. */
export function readSave(options: SaveOptions): Saving {
  const notices = secretNotices(options);
  const rotation = readRotation(options);
  return { path: options.save ?? null, keepsSecrets: options.keepSecrets === true, rotation, notices };
}

/** The bounds of the journal's parts. */
function readRotation(options: SaveOptions): Rotation {
  const keepBytes = sizeOf("--keep", options.keep ?? defaultKeep);
  return {
    maxBytes: Math.max(1, sizeOf("--rotate-size", options.rotateSize ?? defaultPartSize)),
    maxAgeMs: options.rotateAge === undefined ? null : ageOf(options.rotateAge),
    keepBytes: keepBytes === 0 ? null : keepBytes,
  };
}

/** Warnings to print before a capture that keeps its secrets begins. */
function secretNotices({ save, keepSecrets }: SaveOptions): readonly string[] {
  if (keepSecrets === undefined) return [];
  if (save === undefined) {
    throw new ToolError("usage", "--keep-secrets needs a journal, and --save is missing.", {
      hint: "Add --save FILE, or leave --keep-secrets out.",
    });
  }
  return [
    `WARNING: ${JSON.stringify(save)} will hold passwords, tokens and cookies as they were sent. Whoever reads it can use them. Delete it when you no longer need it.`,
  ];
}

function sizeOf(option: string, text: string): number {
  const bytes = readSize(text, 1024);
  if (bytes !== null && Number.isSafeInteger(Math.round(bytes))) return Math.round(bytes);
  throw new ToolError("usage", `${option} ${JSON.stringify(text.slice(0, 20))} is not a size.`, {
    hint: `For example ${option} 64M or ${option} 2G.`,
  });
}

function ageOf(text: string): number {
  const ms = readDuration(text);
  if (ms !== null && ms >= 1000) return ms;
  const what = ms === null ? "is not a duration" : "is shorter than one second";
  throw new ToolError("usage", `--rotate-age ${JSON.stringify(text.slice(0, 20))} ${what}.`, {
    hint: "For example --rotate-age 30m, 12h or 7d.",
  });
}
