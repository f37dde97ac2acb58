// JSON that PowerShell cannot misread. ConvertFrom-Json turns strings that look like a date into dates (which ones
// depends on its version), so each string is sent as { s: base64 of its UTF-8 } and each object as { o: { … } }.
import type { ShellAnswer, WireError, WireObject, WireValue } from "../model/exchange-shell.ts";

function encodeWireValue(value: WireValue): unknown {
  if (typeof value === "string") return { s: Buffer.from(value, "utf8").toString("base64") };
  if (typeof value !== "object" || value === null) return value;
  if (isList(value)) return value.map(encodeWireValue);
  return { o: encodeWireObject(value) };
}

export function encodeWireObject(value: WireObject): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, encodeWireValue(inner)]));
}

/** Reads the bootstrap's reply; a reply of another shape is an error of the shell, not of the cmdlet. */
export function decodeReply(text: string): ShellAnswer {
  const reply = parseObject(text);
  if (reply?.ok === true && Array.isArray(reply.objects)) {
    const objects = reply.objects.filter(isObject).map(withoutTokens) as WireObject[];
    const warnings = Array.isArray(reply.warnings) ? reply.warnings.filter((one) => typeof one === "string") : [];
    return { ok: true, objects, warnings: warnings.map(hideTokens) };
  }
  if (reply?.ok === false && isObject(reply.error)) {
    const error = readError(reply.error);
    return { ok: false, error, effectUnknown: error.type === "PSRemotingTransportException" };
  }
  const error = { type: "ShellReplyUnreadable", id: "", category: "", message: "The shell's reply cannot be read." };
  return { ok: false, error, effectUnknown: true };
}

/** Parses JSON text; undefined unless it is an object. */
export function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Replaces tokens in a text: Test-OAuthConnectivity prints those that it used. */
export function hideTokens(text: string): string {
  return text.replace(/\beyJ[\w-]{5,}(?:\.[\w-]*){1,2}/g, "[token]");
}

/**
 * A remote server's error arrives as RemoteException, but keeps its own name in CategoryInfo.Reason and, since Exchange
 * 2013, as `[FailureCategory=Cmdlet-<type>]` in the id.
 */
function readError(error: Readonly<Record<string, unknown>>): WireError {
  const text = (name: string): string => (typeof error[name] === "string" ? error[name] : "");
  const fullId = text("id");
  const failure = /\[FailureCategory=\w+-(\w+)\]/.exec(fullId)?.[1];
  return {
    type: failure ?? (text("reason") || text("type")),
    id: fullId.replace(/^(?:\[[^\]]*\]\s*)+/, ""),
    category: text("category"),
    message: hideTokens(text("message")),
  };
}

function withoutTokens(value: unknown): unknown {
  if (typeof value === "string") return hideTokens(value);
  if (Array.isArray(value)) return value.map(withoutTokens);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withoutTokens(inner)]));
}

function isList(value: WireValue): value is readonly WireValue[] {
  return Array.isArray(value);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
