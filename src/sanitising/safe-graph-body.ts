// Bodies of Microsoft Graph: errors, errors for single mailboxes, batches. Codes, ids of requests and the listed words of messages
// stay; schedules, photos, MailTips, settings and everything else that is somebody's content goes.
import { isJsonObject, type JsonObject } from "../decoders/json-text.ts";
import { maxBatch } from "../decoders/messages/graph-answer.ts";
import { publicCodesIn } from "../decoders/messages/token-request.ts";
import { onlyPublicWords } from "./public-words.ts";
import { type Pseudonymise, redactedValue } from "./redaction.ts";
import { safeUrl } from "./safe-url.ts";
import { scrubName } from "./scrub-text.ts";

const maxItems = 1_000;
const maxInner = 4;
const maxMessage = 1_024;
const guid = /^[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$/;
const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z?$/;
const code = /^[A-Za-z0-9_.]{0,64}$/;

/** The safe members of a Graph body; null for a body that does not have the form of one. */
export function safeGraphMembers(body: JsonObject, pseudonymise: Pseudonymise): JsonObject | null {
  if (isErrorObject(body.error)) return { error: safeError(body.error, pseudonymise, 0) };
  if (Array.isArray(body.responses)) return { responses: safeList(body.responses, maxBatch, pseudonymise, safeAnswer) };
  if (Array.isArray(body.requests)) return { requests: safeList(body.requests, maxBatch, pseudonymise, safeRequest) };
  if (Array.isArray(body.value)) return { value: safeList(body.value, maxItems, pseudonymise, safeItem) };
  return null;
}

/** True for an error with code and text; the error of a token service has a public code in its text and is not one of Graph. */
function isErrorObject(error: unknown): error is JsonObject {
  if (!isJsonObject(error) || typeof error.code !== "string" || typeof error.message !== "string") return false;
  return publicCodesIn(error.message.slice(0, maxMessage)) === "";
}

type Safe = (item: JsonObject, pseudonymise: Pseudonymise) => JsonObject;

function safeList(list: readonly unknown[], limit: number, pseudonymise: Pseudonymise, safe: Safe): unknown[] {
  return list.slice(0, limit).map((item) => (isJsonObject(item) ? safe(item, pseudonymise) : {}));
}

function safeError(error: JsonObject, pseudonymise: Pseudonymise, depth: number): JsonObject {
  const kept: [string, unknown][] = [];
  for (const [name, value] of Object.entries(error).slice(0, 32)) {
    const safe = safeErrorMember(name, value, pseudonymise, depth);
    if (safe !== undefined) kept.push([name, safe]);
  }
  return Object.fromEntries(kept);
}

function safeErrorMember(name: string, value: unknown, pseudonymise: Pseudonymise, depth: number): unknown {
  switch (name) {
    case "code":
    case "responseCode":
      return safeCode(value, pseudonymise);
    case "message":
      return typeof value === "string" ? onlyPublicWords(value.slice(0, maxMessage)) : undefined;
    case "innerError":
    case "innererror":
      return isJsonObject(value) && depth < maxInner ? safeError(value, pseudonymise, depth + 1) : undefined;
    case "request-id":
    case "client-request-id":
      return typeof value === "string" ? (guid.test(value) ? value : redactedValue(value, pseudonymise)) : undefined;
    case "date":
      return typeof value === "string" && time.test(value) ? value : undefined;
    default:
      return undefined;
  }
}

function safeCode(value: unknown, pseudonymise: Pseudonymise): unknown {
  if (typeof value === "number") return value;
  if (typeof value !== "string") return undefined;
  if (!code.test(value)) return redactedValue(value, pseudonymise);
  // A replaced code keeps the form of a code, so that the answer stays one of Graph.
  return scrubName(value, pseudonymise).replace(/[^A-Za-z0-9_.]/g, "_");
}

/** The error of one mailbox; the rest of the item is content. */
function safeItem({ error }: JsonObject, pseudonymise: Pseudonymise): JsonObject {
  return isJsonObject(error) ? { error: safeError(error, pseudonymise, 0) } : {};
}

function safeAnswer({ id, status, body }: JsonObject, pseudonymise: Pseudonymise): JsonObject {
  const inside = isJsonObject(body) && isErrorObject(body.error) ? safeError(body.error, pseudonymise, 0) : null;
  return {
    ...safeId(id, pseudonymise),
    ...(typeof status === "number" ? { status } : {}),
    ...(inside === null ? {} : { body: { error: inside } }),
  };
}

function safeRequest({ id, method, url }: JsonObject, pseudonymise: Pseudonymise): JsonObject {
  return {
    ...safeId(id, pseudonymise),
    ...(typeof method === "string" && /^[A-Za-z]{1,16}$/.test(method) ? { method } : {}),
    ...(typeof url === "string" ? { url: safeUrl(url.slice(0, 2_048), pseudonymise) } : {}),
  };
}

/** The client chooses the id, and it is "not case-sensitive". */
function safeId(id: unknown, pseudonymise: Pseudonymise): JsonObject {
  if (typeof id !== "string") return {};
  return { id: /^\d{1,4}$/.test(id) ? id : redactedValue(id.toLowerCase(), pseudonymise) };
}
