import { createHash } from "node:crypto";
import type { WireValue } from "./exchange-shell.ts";

/** JSON with the keys of every object in order, so that equal values give equal text. */
export function canonicalJson(value: WireValue): string {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((each: WireValue) => canonicalJson(each)).join(",")}]`;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, each]) => `${JSON.stringify(key)}:${canonicalJson(each)}`).join(",")}}`;
}

/** SHA-256 of the canonical JSON, in hex. */
export function digestOf(value: WireValue): string {
  return createHash("sha256").update(canonicalJson(value)).digest("hex");
}

/** A JSON-like value as wire data; functions and undefined are dropped, as in JSON. */
export function asWire(value: unknown): WireValue {
  const copy: WireValue = JSON.parse(JSON.stringify(value ?? null));
  return copy;
}
