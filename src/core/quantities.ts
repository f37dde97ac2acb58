// Durations and sizes as a person writes them: 500ms, 1.5h, 7d; 800, 64K, 2GB, 16MiB. Units have any letter case.

const durations: ReadonlyMap<string, number> = new Map([
  ["ms", 1],
  ["s", 1000],
  ["m", 60_000],
  ["min", 60_000],
  ["h", 3_600_000],
  ["d", 86_400_000],
]);

/** Milliseconds. Null when the text is not a number with a unit of time. */
export function readDuration(text: string): number | null {
  const [, digits, unit = ""] = /^(\d{1,15}(?:\.\d{1,6})?)\s?([a-z]{1,3})$/i.exec(text) ?? [];
  const factor = durations.get(unit.toLowerCase());
  return digits === undefined || factor === undefined ? null : Number(digits) * factor;
}

/** Bytes. `thousand` is the factor of K; KiB is always 1024. Null when the text is not a size. */
export function readSize(text: string, thousand: 1000 | 1024): number | null {
  const [, digits, prefix = "", binary] = /^(\d{1,15}(?:\.\d{1,6})?)(?:([kmgt])(i)?)?b?$/i.exec(text) ?? [];
  if (digits === undefined) return null;
  const power = " kmgt".indexOf(prefix.toLowerCase() || " ");
  return Number(digits) * (binary === undefined ? thousand : 1024) ** power;
}
