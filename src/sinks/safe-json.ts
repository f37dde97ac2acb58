/**
 * JSON that no terminal can be moved by: everything outside printable ASCII is written as an escape, so hostile names
 * stay data even where a person looks at machine output. The value reads back the same.
 */
export function safeJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
