import { withoutMarkers } from "./runner-commands.ts";

/**
 * JSON that no terminal can be moved by and no CI runner obeys: everything outside printable ASCII is written as an escape, and
 * so is what would begin a command, so hostile names stay data even where a person looks at machine output. The value reads
 * back the same.
 */
export function safeJson(value: unknown): string {
  return withoutMarkers(JSON.stringify(value).replace(/[^\x20-\x7e]/g, escaped), escaped);
}

function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
