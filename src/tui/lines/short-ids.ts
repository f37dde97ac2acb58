import { widthOf } from "./cell-text.ts";

const id = /([0-9a-f]{8})(-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-)[0-9a-f]{12}/gi;

/** The text with ids shortened where it would not fit otherwise: the last group first, then all but the first group. */
export function shortIds(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  const shorter = text.replace(id, "$1$2…");
  return widthOf(shorter) <= columns ? shorter : text.replace(id, "$1-…");
}
