import { withoutMarkers } from "./runner-commands.ts";

/**
 * JSON that is safe on a terminal and in the log of a CI runner: everything outside printable ASCII and every beginning of a
 * runner command is escaped. Parsing it gives the same value.
 */
export function safeJson(value: unknown): string {
  return withoutMarkers(JSON.stringify(value).replace(/[^\x20-\x7e]/g, escaped), escaped);
}

function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
