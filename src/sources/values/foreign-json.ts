// Reading values of files that other programs wrote: what is missing or of another kind is unknown, never an error.

export type JsonObject = Readonly<Record<string, unknown>>;

export function objectOf(value: unknown): JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : nothing;
}

const nothing: JsonObject = Object.freeze({});

/** A member that the object itself has: names like `constructor` are hostile, not found in prototypes. */
export function memberOf(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

export function textOf(object: JsonObject, name: string): string {
  const value = memberOf(object, name);
  return typeof value === "string" ? value : "";
}

/** Null when it is no finite number, or a negative one, which exporters write for "unknown". */
export function sizeOf(object: JsonObject, name: string): number | null {
  const value = memberOf(object, name);
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : null;
}

export function listOf(object: JsonObject, name: string): readonly unknown[] {
  const value = memberOf(object, name);
  return Array.isArray(value) ? value : [];
}
