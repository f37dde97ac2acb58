import { readJsonObject } from "../../json-text.ts";

const shortest = 12;
const mostStrings = 200;
const mostLevels = 12;

/**
 * The strings of a document of JSON, or of lines that are such documents, one after the other: a log or a ticket that holds the
 * text as a member. Short ones are left out. Null for any other text.
 */
export function readJson(text: string): string | null {
  const whole = stringsOf(text);
  if (whole !== null) return whole;
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  if (lines.length > 2000 || !lines.every((line) => line.trimStart().startsWith("{"))) return null;
  const read = lines.map(stringsOf);
  return read.includes(null) ? null : read.join("\n");
}

function stringsOf(text: string): string | null {
  const trimmed = text.trim();
  if (!trimmed.startsWith("{") || !trimmed.endsWith("}")) return null;
  const json = readJsonObject(trimmed);
  if (!json.ok) return null;
  const found: string[] = [];
  collect(json.value.value, found, 0);
  return found.join("\n");
}

function collect(value: unknown, found: string[], level: number): void {
  if (found.length >= mostStrings || level > mostLevels) return;
  if (typeof value === "string") {
    if (value.length >= shortest) found.push(value.replace(/\r\n?/g, "\n"));
  } else if (typeof value === "object" && value !== null) {
    for (const member of Object.values(value)) collect(member, found, level + 1);
  }
}
