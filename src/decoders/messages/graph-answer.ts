// Answers of Microsoft Graph: errors, errors for single mailboxes inside a success, and the answers of a batch. Only their codes
// become facts; texts name people and mailboxes.
import type { BatchedAnswer, GraphCause, GraphError, GraphFacts, GraphFamily } from "../graph-facts.ts";
import { isJsonObject, type JsonObject } from "../json-text.ts";
import { batchedFamilyOf } from "./graph-call.ts";
import { publicCodesIn } from "./token-request.ts";

/** "JSON batch requests are limited to 20 individual requests." */
export const maxBatch = 20;
const maxItems = 1_000;
const maxItemCodes = 8;
const maxInnerCodes = 4;
const maxMessage = 1_024;

const noCodes: readonly string[] = [];
const codeText = /^[A-Za-z0-9][A-Za-z0-9_.]{0,63}$/;

// Sources: "Microsoft Graph error responses", "Resolve Microsoft Graph authorization errors", "Use REST APIs to access mailboxes in
// hybrid deployments", and published answers. Codes are compared without letter case: services behind Graph spell them differently.
const causes: readonly (readonly [GraphCause, string])[] = [
  ["token", "InvalidAuthenticationToken ExpiredAuthenticationToken AuthenticationError Unauthenticated Unauthorized"],
  ["application-unknown", "Authorization_IdentityNotFound"],
  ["permission", "ErrorAccessDenied AccessDenied Authorization_RequestDenied Forbidden"],
  ["permission", "ErrorInsufficientPermissionsInAccessToken NoPermissionsInAccessToken"],
  ["mailbox-not-online", "MailboxNotEnabledForRESTAPI MailboxNotSupportedForRESTAPI ErrorNonExistentMailbox"],
  ["user-unknown", "ErrorInvalidUser Request_ResourceNotFound ErrorMailRecipientNotFound 5009"],
  ["throttled", "TooManyRequests ApplicationThrottled ActivityLimitReached ThrottledRequest MailboxConcurrency"],
  ["throttled", "ErrorServerBusy ErrorTooManyObjectsOpened"],
  ["unknown", "ErrorItemNotFound ItemNotFound ImageNotFound ErrorEntityNotFound ResourceNotFound UnknownError"],
  ["unknown", "ServiceUnavailable ServiceNotAvailable GeneralException InternalServerError ExtensionError"],
  ["unknown", "ErrorInternalServerError ErrorInternalServerTransientError ErrorMailboxStoreUnavailable"],
  ["unknown", "BadRequest Request_BadRequest InvalidRequest ErrorInvalidRequest NotSupported NotAllowed"],
];
const known: ReadonlyMap<string, readonly [code: string, cause: GraphCause]> = new Map(
  causes.flatMap(([cause, codes]) => codes.split(" ").map((code) => [code.toLowerCase(), [code, cause]] as const)),
);

/** The usual spelling of a code that is published; empty for any other text, which a server may have filled with anything. */
export function knownGraphCode(code: string): string {
  return known.get(code.toLowerCase())?.[0] ?? "";
}

// Published texts of a refused token; none is translated.
const tokenTexts: readonly (readonly [GraphCause, RegExp])[] = [
  ["token-missing", /\btoken is (?:empty|missing)\b/i],
  ["token-revoked", /\bcontinuous access evaluation\b|\brevocation\b/i],
  ["token-expired", /\bexpired\b|\bnot yet valid\b/i],
  ["token-audience", /\binvalid audience\b/i],
  ["token-signature", /\bsignature\b|\bsigning key\b/i],
  ["token-malformed", /\bparsing failed\b|\bnot well[ -]formed\b/i],
];
// "Access to OData is disabled." (Limiting application permissions to specific Exchange Online mailboxes).
const policyText = /\bOData is disabled\b/i;

/**
 * The error of an answer; null when it does not have the form of Graph. An answer of a token service nests its error in the same way:
 * its public code (AADSTS…) tells it apart.
 */
export function graphErrorOf({ error }: JsonObject): GraphError | null {
  if (!isJsonObject(error)) return null;
  const { code, message } = error;
  if (typeof code !== "string" || typeof message !== "string") return null;
  const inner = innerOf(error);
  // Services behind Graph leave the code empty (published for Planner) or fill it with a sentence; then only the id of the request
  // tells Graph from another JSON.
  const isCode = codeText.test(code) && /^[A-Za-z]/.test(code);
  if (!isCode && inner?.["request-id"] === undefined) return null;
  const text = message.slice(0, maxMessage);
  if (publicCodesIn(text) !== "") return null;
  const innerCodes = inner === null ? noCodes : codesOf(inner);
  const named = isCode ? code : "";
  return { code: named, innerCodes, cause: causeOf([...innerCodes.toReversed(), named], text) };
}

/** The `request-id` of an error, else its `client-request-id`; empty when it has none. */
export function requestIdOf({ error }: JsonObject): string {
  const inner = isJsonObject(error) ? innerOf(error) : null;
  const id = inner?.["request-id"] ?? inner?.["client-request-id"];
  return typeof id === "string" && /^[0-9A-Fa-f-]{1,64}$/.test(id) ? id : "";
}

function innerOf(error: JsonObject): JsonObject | null {
  const inner = error.innerError ?? error.innererror;
  return isJsonObject(inner) ? inner : null;
}

function codesOf(inner: JsonObject): readonly string[] {
  const codes: string[] = [];
  for (let next: JsonObject | null = inner; next !== null && codes.length < maxInnerCodes; next = innerOf(next))
    if (typeof next.code === "string" && codeText.test(next.code)) codes.push(next.code);
  return codes.length === 0 ? noCodes : codes;
}

/** By the most specific known code; "apps should use the most detailed one that they understand" (Graph error responses). */
function causeOf(codes: readonly string[], text: string): GraphCause {
  if (policyText.test(text)) return "policy";
  const found = codes
    .map((code) => known.get(code.toLowerCase())?.[1] ?? "unknown")
    .find((cause) => cause !== "unknown");
  if (found !== "token") return found ?? "unknown";
  return tokenTexts.find(([, pattern]) => pattern.test(text))?.[0] ?? "token";
}

/**
 * The distinct codes of errors for single mailboxes in a list: `error.responseCode` of a schedule (getSchedule), `error.code` of
 * MailTips (getMailTips).
 */
export function itemErrorsOf({ value }: JsonObject): readonly string[] {
  if (!Array.isArray(value)) return noCodes;
  const codes = new Set<string>();
  for (const item of value.slice(0, maxItems)) {
    const code = isJsonObject(item) ? itemCode(item.error) : "";
    if (code !== "" && codes.size < maxItemCodes) codes.add(code);
  }
  return codes.size === 0 ? noCodes : [...codes];
}

function itemCode(error: unknown): string {
  if (!isJsonObject(error)) return "";
  const code = error.responseCode ?? error.code;
  if (typeof code === "number") return Number.isSafeInteger(code) ? String(code) : "unknown";
  return typeof code === "string" && codeText.test(code) ? code : "unknown";
}

/** The answers of a batch, each with the family of the request of the same id; `request` is null when it cannot be read. */
export function batchedAnswersOf(answer: JsonObject, request: JsonObject | null): readonly BatchedAnswer[] {
  const { responses } = answer;
  if (!Array.isArray(responses)) return [];
  const families = familiesById(request);
  return responses.slice(0, maxBatch).flatMap((one: unknown): readonly BatchedAnswer[] => {
    if (!isJsonObject(one) || typeof one.status !== "number" || !isStatus(one.status)) return [];
    const error = isJsonObject(one.body) ? graphErrorOf(one.body) : null;
    return [{ family: families.get(idOf(one)) ?? "unknown", status: one.status, error }];
  });
}

function familiesById(request: JsonObject | null): ReadonlyMap<string, GraphFamily> {
  const families = new Map<string, GraphFamily>();
  const requests: readonly unknown[] = Array.isArray(request?.requests) ? request.requests.slice(0, maxBatch) : [];
  for (const one of requests)
    if (isJsonObject(one) && typeof one.url === "string") families.set(idOf(one), batchedFamilyOf(one.url));
  return families;
}

/** "Not case-sensitive." */
function idOf({ id }: JsonObject): string {
  return typeof id === "string" ? id.slice(0, 128).toLowerCase() : "";
}

function isStatus(status: number): boolean {
  return Number.isInteger(status) && status >= 100 && status <= 599;
}

/**
 * The body of an answer without its request; null for JSON that does not show that it is one of Graph: a published code, an error with
 * a `request-id`, a batch, or schedules and MailTips with an error in them.
 */
export function pastedGraphAnswer(answer: JsonObject): GraphFacts | null {
  const error = graphErrorOf(answer);
  const isOfGraph = error !== null && (knownGraphCode(error.code) !== "" || requestIdOf(answer) !== "");
  const batch = batchedAnswersOf(answer, null);
  const context = typeof answer["@odata.context"] === "string" ? answer["@odata.context"] : "";
  const family = contexts.find(([, pattern]) => pattern.test(context))?.[0] ?? "unknown";
  const itemErrors = family === "unknown" ? noCodes : itemErrorsOf(answer);
  if (!isOfGraph && batch.length === 0 && family === "unknown") return null;
  return { family: batch.length > 0 ? "batch" : family, error: isOfGraph ? error : null, itemErrors, batch };
}

const contexts: readonly (readonly [GraphFamily, RegExp])[] = [
  ["free-busy", /microsoft\.graph\.scheduleInformation\)?$/i],
  ["mail-tips", /microsoft\.graph\.mailTips\)?$/i],
];

/** The family of a call, and those of the calls in a batch. */
export function graphFamilies({ family, batch }: GraphFacts): readonly GraphFamily[] {
  return [...new Set([family, ...batch.map((one) => one.family)])];
}

/** Every code in an answer, also inside a success, each once. Captured text. */
export function graphErrorCodes({ error, itemErrors, batch }: GraphFacts): readonly string[] {
  const errors = [error, ...batch.map((one) => one.error)];
  const codes = errors.flatMap((one) => (one === null ? [] : [one.code, ...one.innerCodes]));
  return [...new Set([...codes, ...itemErrors])].filter((code) => code !== "");
}
