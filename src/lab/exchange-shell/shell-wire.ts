// The lab's side of the wire format, written from its description and not from this program's own code.
import { createHash } from "node:crypto";
import type { Properties, Value } from "./directory-state.ts";

export interface Request {
  readonly id: string;
  readonly nonce: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Parses a line; null unless it is a request. */
export function readRequest(line: string): Request | null {
  const parts = /^@>([0-9a-f]{32}):([0-9]{1,9}):([A-Za-z0-9+/=]*)$/.exec(line);
  if (parts === null) return null;
  const [, nonce = "", id = "", base64 = ""] = parts;
  return { id, nonce, body: JSON.parse(Buffer.from(base64, "base64").toString("utf8")) as Request["body"] };
}

/** A reply as a line with ASCII JSON, as the bootstrap writes it. */
export function replyLine(request: Request, reply: Readonly<Record<string, unknown>>): string {
  const ascii = JSON.stringify(reply).replace(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return `@@${request.nonce}:${request.id}:${Buffer.from(ascii, "latin1").toString("base64")}\r\n`;
}

/** Reads a string of the request: { s: base64 }. */
export function textOf(value: unknown): string {
  const wrapped = value as { readonly s?: unknown } | undefined;
  return typeof wrapped?.s === "string" ? Buffer.from(wrapped.s, "base64").toString("utf8") : "";
}

/** Reads the parameters of a call: { o: { Name: … } }. */
export function parametersOf(value: unknown): Properties {
  const table = (value as { readonly o?: Readonly<Record<string, unknown>> } | undefined)?.o ?? {};
  return Object.fromEntries(Object.entries(table).map(([name, inner]) => [name, readValue(inner)]));
}

function readValue(value: unknown): Value {
  if (Array.isArray(value)) return value.map(readValue);
  if (typeof value === "object" && value !== null) return textOf(value);
  return value as Value;
}

export interface Allowed {
  readonly parameters: readonly string[];
  readonly properties: readonly string[];
}

/** Reads the table of allowed calls from the bootstrap that was sent; calls outside of it are refused, as in the bootstrap. */
export function allowedIn(bootstrap: string): ReadonlyMap<string, Allowed> {
  const rows = bootstrap.matchAll(/^(?:.*\(')?([A-Z][a-z]+-[A-Za-z]+)\|([\w ]*)\|([\w ]*)/gm);
  const words = (text: string | undefined): readonly string[] => (text ?? "").split(" ").filter((word) => word !== "");
  return new Map([...rows].map((row) => [row[1] ?? "", { parameters: words(row[2]), properties: words(row[3]) }]));
}

/** True for the line with which the loader ends the bootstrap. */
export function isEndOfScript(loader: string, line: string): boolean {
  return line.startsWith("# ") && loader.includes(`-cne '${line}'`);
}

/** True when the loader on the command line holds the hash of this bootstrap. */
export function isAnnounced(loader: string, bootstrap: string): boolean {
  return loader.includes(createHash("sha256").update(bootstrap, "utf8").digest("hex").toUpperCase());
}
