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

/**
 * Bytes of a body on the wire. `stated` is the size as the capture has it (null where it has none or a negative one), `length` that
 * of the body that it holds, `isBodiless` that such a message has no body. Null when the size is not known.
 */
export function bodySize(stated: number | null, length: number, isBodiless: boolean): number | null {
  // A sanitised body may be longer than it was on the wire; some exporters write 0 beside a text.
  if (length > 0) return stated || length;
  return stated ?? (isBodiless ? 0 : null);
}

/** Requests with these methods have no content (RFC 9110 §9.3.1, 9.3.2, 9.3.6, 9.3.7). */
export function isBodilessMethod(method: string): boolean {
  return /^(?:GET|HEAD|CONNECT|OPTIONS)$/i.test(method);
}

/** Answers with these statuses have no content (RFC 9110 §15.2, 15.3.5, 15.4.5). */
export function isBodilessStatus(status: number): boolean {
  return status < 200 || status === 204 || status === 304;
}
