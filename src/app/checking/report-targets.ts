import { ToolError } from "../../core/tool-error.ts";
import { suggest } from "../../expectations/suggest.ts";
import { isLogLines, type ReporterName, reporterNames } from "../../sinks/ci/reporter-names.ts";

/** A report and its file; null for standard output. */
export interface ReportTarget {
  readonly name: ReporterName;
  readonly file: string | null;
}

/**
 * Reads `--reporter NAME[=FILE]` and `--json`. Without a report for standard output, `pretty` is written there. Throws ToolError
 * `usage` for an unknown name, and when a document would share standard output.
 */
export function readTargets(named: readonly string[], isJson: boolean): readonly ReportTarget[] {
  const targets = [...named.map(readTarget), ...(isJson ? [{ name: "json", file: null } as const] : [])];
  const files = targets.flatMap(({ file }) => file ?? []);
  const twice = files.find((file, index) => files.indexOf(file) !== index);
  if (twice !== undefined) {
    throw new ToolError("usage", `Two reports are to be written to ${JSON.stringify(twice)}.`, {
      hint: "Give each report a file of its own.",
    });
  }
  const onOutput = targets.filter(({ file }) => file === null);
  if (onOutput.length === 0) return [...targets, { name: "pretty", file: null }];
  const document = onOutput.find(({ name }) => !isLogLines(name));
  if (document === undefined || onOutput.length === 1) return targets;
  throw new ToolError("usage", `The report ${document.name} cannot share standard output with another one.`, {
    hint: `Write it to a file: --reporter ${document.name}=FILE.`,
  });
}

function readTarget(text: string): ReportTarget {
  const equals = text.indexOf("=");
  const word = equals < 0 ? text : text.slice(0, equals);
  const file = equals < 0 ? null : text.slice(equals + 1);
  const name = reporterNames.find((known) => known === word);
  if (name === undefined) {
    const near = suggest(word, reporterNames);
    throw new ToolError("usage", `There is no report ${JSON.stringify(word.slice(0, 40))}.`, {
      hint:
        near === null
          ? `Reports: ${reporterNames.join(", ")}.`
          : `Did you mean ${near}? Reports: ${reporterNames.join(", ")}.`,
    });
  }
  if (file === "") {
    throw new ToolError("usage", `--reporter ${name}= names no file.`, { hint: `Write --reporter ${name}=FILE.` });
  }
  return { name, file };
}
