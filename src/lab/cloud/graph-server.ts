// Microsoft Graph's service principals over HTTP: permissions, the fields of an answer, and errors in Graph's format.
import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { readBody } from "../read-body.ts";
import type { FaultQueue } from "./graph-faults.ts";
import type { PrincipalStore, StoredApplication, StoredPrincipal, StoredRole, WriteAnswer } from "./principal-store.ts";

export interface GraphServerOptions {
  readonly store: PrincipalStore;
  readonly faults: FaultQueue;
  /** What a bearer token may do; "unknown" answers 401. */
  readonly rights: (token: string) => Promise<"write" | "read" | "unknown">;
  /** Called with every request before the answer: a test can let another administrator write in between. */
  readonly onRequest: (request: SeenRequest) => void;
  /** Added to the Date header, for tests of a wrong clock. */
  readonly clockSkewMs: () => number;
}

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

export function graphHandler(options: GraphServerOptions) {
  return (request: IncomingMessage, response: ServerResponse): Promise<void> =>
    answerRequest(options, request, response);
}

async function answerRequest(
  options: GraphServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method = "GET" } = request;
  const path = decodeURIComponent(request.url ?? "");
  const text = await readBody(request);
  const body: unknown = text === "" ? null : JSON.parse(text);
  options.onRequest({ method, path, body });
  response.setHeader("Date", new Date(Date.now() + options.clockSkewMs()).toUTCString());
  const fault = options.faults.take(method);
  if (fault === "dropped") return void request.socket.destroy();
  if (typeof fault === "object") return answerFault(response, fault);
  if (fault === "concurrency-violation") return answer(response, concurrencyViolation);
  const rights = await options.rights((request.headers.authorization ?? "").replace(/^Bearer /, ""));
  const refusal = refusalOf(method, rights);
  if (refusal !== null) return answer(response, refusal);
  const done = route(options.store, method, path, body);
  if (fault === "done-but-dropped") request.socket.destroy();
  else answer(response, fault === undefined ? done : gatewayTimeout);
}

const gatewayTimeout: Answer = { status: 504, code: "UnknownError", message: "" };

const concurrencyViolation: Answer = {
  status: 400,
  code: "Directory_ConcurrencyViolation",
  message: "The object was changed by another request.",
};

function refusalOf(method: string, rights: "write" | "read" | "unknown"): Answer | null {
  if (rights === "unknown")
    return { status: 401, code: "InvalidAuthenticationToken", message: "Access token is invalid." };
  if (rights === "write" || method === "GET") return null;
  return {
    status: 403,
    code: "Authorization_RequestDenied",
    message: "Insufficient privileges to complete the operation.",
  };
}

function answer(response: ServerResponse, { status, code, message, body }: Answer): void {
  if (status >= 400) answerError(response, status, code ?? "", message ?? "");
  else answerJson(response, status, body ?? null);
}

interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly code?: string;
  readonly message?: string;
}

const base = "/v1.0/servicePrincipals";

function route(store: PrincipalStore, method: string, path: string, body: unknown): Answer {
  const application = /^\/v1\.0\/applications\(appId='([^']*)'\)(\?.*)?$/.exec(path);
  if (application !== null && method === "GET")
    return readOne(store.application(application[1] ?? ""), application[2] ?? "");
  const consents = /^(\/v1\.0\/servicePrincipals\(appId='([^']*)'\)\/appRoleAssignments)(\?.*)?$/.exec(path);
  if (consents !== null && method === "GET")
    return readConsents(store.read({ appId: consents[2] ?? "" }), consents[1] ?? "", consents[3] ?? "");
  return routePrincipals(store, method, path, body);
}

function routePrincipals(store: PrincipalStore, method: string, path: string, body: unknown): Answer {
  const [place = "", query = ""] = path.split("?");
  const fields: Readonly<Record<string, unknown>> = typeof body === "object" && body !== null ? { ...body } : {};
  const byAppId = /^\(appId='([^']*)'\)$/.exec(place.slice(base.length))?.[1];
  const id = /^\/([\w-]+)$/.exec(place.slice(base.length))?.[1];
  if (!place.startsWith(base)) return { status: 404, code: "Request_ResourceNotFound", message: "Resource not found." };
  if (method === "GET" && place === base) return readList(store, query);
  if (method === "GET")
    return readOne(store.read(byAppId === undefined ? { id: id ?? "" } : { appId: byAppId }), query);
  if (method === "POST" && place === base) return created(store, String(fields.appId ?? ""));
  const target = byAppId === undefined ? id : store.now(byAppId)?.id;
  if (target === undefined) return { status: 404, code: "Request_ResourceNotFound", message: "Resource not found." };
  return method === "DELETE" ? store.remove(target) : store.patch(target, fields);
}

function created(store: PrincipalStore, appId: string): Answer {
  const answer: WriteAnswer = store.create(appId);
  return answer.status === 201 ? { status: 201, body: shown(store.now(appId), "without-keys") } : answer;
}

const missing: Answer = { status: 404, code: "Request_ResourceNotFound", message: "Resource does not exist." };

function readOne(found: StoredPrincipal | StoredApplication | undefined, query: string): Answer {
  if (found === undefined) return missing;
  // Graph returns `key` only when the collection is selected by name on a single object.
  const asksForKeys = /\$select=[^&]*keyCredentials/.test(query);
  return { status: 200, body: shown(found, asksForKeys ? "with-keys" : "without-keys") };
}

/** Consents on a page; Graph itself gives 100. */
const consentsOnPage = 3;

/** A page of the consents of a principal, with the link to the next one. */
function readConsents(found: StoredPrincipal | undefined, place: string, query: string): Answer {
  if (found === undefined) return missing;
  const begin = Number(/\$skiptoken=(\d+)/.exec(query)?.[1] ?? 0);
  const all = found.appRoleAssignments ?? [];
  const next = begin + consentsOnPage;
  const value = all
    .slice(begin, next)
    .map((one) => ({ ...one, principalId: found.id, principalType: "ServicePrincipal" }));
  // The real link names Graph's own host.
  const link = { "@odata.nextLink": `https://graph.microsoft.com${place}?$skiptoken=${next}` };
  return { status: 200, body: { value, ...(next < all.length ? link : {}) } };
}

function readList(store: PrincipalStore, query: string): Answer {
  const appId = /appId eq '([^']*)'/i.exec(query)?.[1] ?? "";
  const found = store.read({ appId });
  return { status: 200, body: { value: found === undefined ? [] : [shown(found, "without-keys")] } };
}

function shown(principal: StoredPrincipal | StoredApplication | undefined, how: "with-keys" | "without-keys"): unknown {
  if (principal === undefined) return null;
  const keyCredentials = principal.keyCredentials.map((key) => (how === "with-keys" ? key : { ...key, key: null }));
  const { appRoleAssignments: _relationship, ...own } = { appRoleAssignments: [], ...principal };
  const appRoles = "appRoles" in own ? (own.appRoles ?? []).map(shownRole) : [];
  return { ...own, keyCredentials, appRoles };
}

function shownRole(role: StoredRole): unknown {
  return {
    ...role,
    allowedMemberTypes: ["Application"],
    isEnabled: true,
    displayName: role.value,
    origin: "Application",
  };
}

function answerFault(
  response: ServerResponse,
  fault: { readonly status: number; readonly retryAfter?: string | null; readonly message?: string },
): void {
  if (typeof fault.retryAfter === "string") response.setHeader("Retry-After", fault.retryAfter);
  const code = fault.status === 403 ? "Authorization_RequestDenied" : `Fault${fault.status}`;
  answerError(response, fault.status, code, fault.message ?? "This request was chosen to fail.");
}

function answerError(response: ServerResponse, status: number, code: string, message: string): void {
  const requestId = randomUUID();
  response.setHeader("request-id", requestId);
  answerJson(response, status, { error: { code, message, innerError: { "request-id": requestId } } });
}

function answerJson(response: ServerResponse, status: number, body: unknown): void {
  if (body === null) {
    response.writeHead(status);
    response.end();
    return;
  }
  const text = JSON.stringify(body);
  response.writeHead(status, { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(text) });
  response.end(text);
}
