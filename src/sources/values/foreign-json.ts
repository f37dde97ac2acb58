// Reads values from JSON that other programs wrote: a missing value, or one of another type, is unknown and never an
// error.

export type JsonObject = Readonly<Record<string, unknown>>;

export function objectOf(value: unknown): JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : nothing;
}

const nothing: JsonObject = Object.freeze({});

/** An own member of the object: hostile names like `constructor` are not looked up in prototypes. */
export function memberOf(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

export function textOf(object: JsonObject, name: string): string {
  const value = memberOf(object, name);
  return typeof value === "string" ? value : "";
}

/** Null unless a finite number of 0 or more; exporters write a negative one for "unknown". */
export function sizeOf(object: JsonObject, name: string): number | null {
  const value = memberOf(object, name);
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : null;
}

export function listOf(object: JsonObject, name: string): readonly unknown[] {
  const value = memberOf(object, name);
  return Array.isArray(value) ? value : [];
}
