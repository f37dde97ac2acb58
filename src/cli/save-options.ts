// How a capture is kept while it runs: what --save and its companions say.
import type { Command } from "@commander-js/extra-typings";
import { ToolError } from "../core/tool-error.ts";
import type { Rotation } from "../sinks/journal-file.ts";
import type { CommonOptions } from "./common-options.ts";
import type { Saving } from "./live-run.ts";

export type SaveOptions = {
  save?: string | undefined;
  keepSecrets?: true | undefined;
  rotateSize?: string | undefined;
  rotateAge?: string | undefined;
  keep?: string | undefined;
};

const defaultSize = "256M";
const defaultKeep = "4G";

/** Adds --save and what belongs to it. */
export function addSaveOptions(command: Command<[], CommonOptions>): Command<[], CommonOptions & SaveOptions> {
  return command
    .option("--save <file>", "write the capture to this journal")
    .option(
      "--keep-secrets",
      "keep passwords, tokens and cookies in the journal as they are; whoever has it can use them",
    )
    .option("--rotate-size <size>", `begin a new part of the journal beyond this size (default: ${defaultSize})`)
    .option("--rotate-age <duration>", "begin a new part of the journal after this long, for example 12h")
    .option("--keep <size>", `delete the oldest parts beyond this size in all; 0 keeps all (default: ${defaultKeep})`);
}

/** How the capture is kept. Throws ToolError for options that contradict each other, or are not a size or a duration. */
export function readSave(options: SaveOptions): Saving {
  const notices = secretNotices(options);
  const rotation = readRotation(options);
  return { path: options.save ?? null, keepsSecrets: options.keepSecrets === true, rotation, notices };
}

/** The bounds of the journal's parts. */
function readRotation(options: SaveOptions): Rotation {
  const keepBytes = readSize("--keep", options.keep ?? defaultKeep);
  return {
    maxBytes: Math.max(1, readSize("--rotate-size", options.rotateSize ?? defaultSize)),
    maxAgeMs: options.rotateAge === undefined ? null : readDuration(options.rotateAge),
    keepBytes: keepBytes === 0 ? null : keepBytes,
  };
}

/** What must be said before a capture that keeps its secrets begins. */
function secretNotices({ save, keepSecrets }: SaveOptions): readonly string[] {
  if (keepSecrets === undefined) return [];
  if (save === undefined) {
    throw new ToolError("usage", "--keep-secrets says how a journal is kept, and there is none.", {
      hint: "Add --save FILE, or leave --keep-secrets out.",
    });
  }
  return [
    `WARNING: ${JSON.stringify(save)} will hold passwords, tokens and cookies as they were sent. Whoever reads it can use them. Delete it when it has served.`,
  ];
}

const units: Readonly<Record<string, number>> = { "": 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3, T: 1024 ** 4 };

function readSize(option: string, text: string): number {
  const [, digits = "", unit = ""] = /^(\d{1,15})([KMGT]?)i?B?$/i.exec(text) ?? [];
  const bytes = Number(digits) * (units[unit.toUpperCase()] ?? 1);
  if (digits !== "" && Number.isSafeInteger(bytes)) return bytes;
  throw new ToolError("usage", `${option} ${JSON.stringify(text.slice(0, 20))} is no size.`, {
    hint: `For example ${option} 64M or ${option} 2G.`,
  });
}

const durations: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function readDuration(text: string): number {
  const [, digits = "", unit = ""] = /^(\d{1,9})([smhd])$/i.exec(text) ?? [];
  const ms = Number(digits) * (durations[unit.toLowerCase()] ?? 0);
  if (ms > 0) return ms;
  throw new ToolError("usage", `--rotate-age ${JSON.stringify(text.slice(0, 20))} is no duration.`, {
    hint: "For example --rotate-age 30m, 12h or 7d.",
  });
}
