import { readFileSync, statSync } from "node:fs";
import { ToolError } from "../../core/tool-error.ts";
import type { Expectations } from "../../expectations/expectations.ts";
import { isPresetName, presetNames, presetText } from "../../expectations/presets.ts";
import { readExpectations } from "../../expectations/read-expectations.ts";

const longestFile = 1024 * 1024;

/** Reads a preset or a file. Throws ToolError `bad-expectations` with file, line and column. */
export function loadExpectations(name: string): Expectations {
  const text = isPresetName(name) ? presetText(name) : readText(name);
  const read = readExpectations(text, name);
  if (read.ok) return read.value;
  const { line, column, message } = read.problem;
  throw new ToolError("bad-expectations", `${name}:${line}:${column}: ${message}${message.endsWith("?") ? "" : "."}`, {
    hint: "Nothing was checked. docs/expectations.md has every name and operator.",
  });
}

function readText(path: string): string {
  try {
    if (statSync(path).size > longestFile) {
      throw new ToolError("bad-expectations", `${JSON.stringify(path)} is longer than 1 MiB.`, {
        hint: "An expectation file is short; name that file with --expect.",
      });
    }
    return new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(path));
  } catch (cause) {
    if (cause instanceof ToolError) throw cause;
    const why = cause instanceof TypeError ? "is not UTF-8 text" : "cannot be read";
    throw new ToolError("bad-expectations", `The expectation file ${JSON.stringify(path)} ${why}.`, {
      hint: `Name a file with --expect, or one of the presets ${presetNames.join(", ")}.`,
      cause,
    });
  }
}
