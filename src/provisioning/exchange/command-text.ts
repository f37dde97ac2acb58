// Writes a cmdlet call as PowerShell text, for plans, transcripts and scripts that a person runs. This program's own shell
// receives data, never such text: see wire-json.ts.
import { ToolError } from "../../core/tool-error.ts";
import type { ScriptItem, WireObject, WireValue } from "../model/exchange-shell.ts";

/** PowerShell accepts each of these five as a delimiter of single-quoted text, in any pairing; doubled, it stands for itself. */
const singleQuotes = /['\u2018\u2019\u201A\u201B]/g;

/** A PowerShell literal that is exactly `text`. Throws ToolError for NUL, line breaks and half of a surrogate pair. */
export function quotePowerShell(text: string): string {
  // Line breaks are legal, but no name, address or identifier has one; in a script they could only mislead its reader.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the expression finds them
  if (/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(text) || Buffer.from(text, "utf8").toString("utf8") !== text) {
    throw new ToolError("unprintable-value", `The value ${JSON.stringify(text)} cannot stand in a script.`, {
      hint: "Give a value without line breaks and control characters.",
    });
  }
  return `'${text.replace(singleQuotes, "$&$&")}'`;
}

/** The call as one line. A reference to another step's result is written `$facts['s2.account'].Guid`. */
export function commandText({ cmdlet, parameters }: Pick<ScriptItem, "cmdlet" | "parameters">): string {
  return [cmdlet, ...Object.entries(parameters).map(([name, value]) => parameterText(name, value))].join(" ");
}

/** A value as a PowerShell expression. */
export function valueText(value: WireValue): string {
  if (typeof value === "string") return quotePowerShell(value);
  if (typeof value === "boolean") return value ? "$true" : "$false";
  if (typeof value === "number") return `${value}`;
  if (value === null) return "$null";
  if (isList(value)) return `@(${value.map(valueText).join(", ")})`;
  const reference = readReference(value);
  if (reference !== undefined) return `$facts[${quotePowerShell(reference.stepId)}].${reference.property}`;
  return tableText(value);
}

/** Reads the step and the property that `{ ref: "s2.account.Guid" }` names; undefined for any other value. */
export function readReference(value: WireValue): { readonly stepId: string; readonly property: string } | undefined {
  if (typeof value !== "object" || value === null || isList(value)) return undefined;
  const parts = typeof value.ref === "string" ? /^([\w.-]+)\.(\w+)$/.exec(value.ref) : null;
  return parts === null ? undefined : { stepId: parts[1] ?? "", property: parts[2] ?? "" };
}

/** Booleans need a colon: a switch takes its value only that way. */
function parameterText(name: string, value: WireValue): string {
  if (!/^[A-Za-z]+$/.test(name)) throw new TypeError(`${JSON.stringify(name)} is not a parameter name`);
  return typeof value === "boolean" ? `-${name}:${valueText(value)}` : `-${name} ${valueText(value)}`;
}

function tableText(value: WireObject): string {
  const entries = Object.entries(value).map(([name, inner]) => `${quotePowerShell(name)} = ${valueText(inner)}`);
  return `@{ ${entries.join("; ")} }`;
}

function isList(value: WireValue): value is readonly WireValue[] {
  return Array.isArray(value);
}
