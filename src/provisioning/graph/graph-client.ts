// One Graph request with the failure rules of the procedure: what is sent again, what stops the run, what may have had its effect.
import { type Reason, Stop } from "../reason.ts";
import { attemptLimit, backoffMs, longestWaitMs, retryAfterMs } from "./retry.ts";

export interface TokenSource {
  /** A token that is checked and fit. `refresh` asks for a new one after a 401. Throws Stop when there is none. */
  token(refresh: "refresh" | "any"): Promise<string>;
  /** Who the token acts as, for the transcript: a user name or an application id. */
  readonly actor: () => string;
}

export type GraphAnswer =
  | { readonly kind: "ok"; readonly status: number; readonly body: unknown }
  | { readonly kind: "not-found" }
  /** Another writer was faster; read again and compute again. */
  | { readonly kind: "concurrent" }
  /** The write may have had its effect; read before sending anything again. */
  | { readonly kind: "effect-unknown"; readonly message: string }
  | { readonly kind: "bad-request"; readonly code: string; readonly message: string };

export interface GraphRequest {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** Below the cloud's origin, with `/v1.0`. */
  readonly path: string;
  readonly body?: unknown;
}

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface GraphClientOptions {
  readonly origin: string;
  readonly tokens: TokenSource;
  readonly fetch: Fetch;
  readonly now: () => number;
  readonly wait: (ms: number) => Promise<void>;
  readonly random: () => number;
  readonly hide: (text: string) => string;
  /** Each request's own limit. */
  readonly limitMs?: number;
  /** Told once when Graph's clock is more than five minutes from ours. */
  readonly onClockSkew?: (skewMs: number) => void;
}

export type GraphClient = (request: GraphRequest) => Promise<GraphAnswer>;

/** Sends requests one by one. The returned function throws Stop when the run cannot go on. */
export function createGraphClient(options: GraphClientOptions): GraphClient {
  let toldSkew = false;
  const noteClock = (response: Response): void => {
    const at = Date.parse(response.headers.get("date") ?? "");
    const skew = at - options.now();
    if (toldSkew || Number.isNaN(skew) || Math.abs(skew) <= 300_000) return;
    toldSkew = true;
    options.onClockSkew?.(skew);
  };
  // Once Graph was not reached, each further request of the run gets one attempt: the person does not wait for every step.
  let limit = attemptLimit;
  return async (request) => {
    for (let attempt = 1; ; attempt += 1) {
      const response = await sendOnce(options, request);
      if (response !== null) noteClock(response);
      const isLast = attempt >= limit;
      limit = nextLimit(limit, response, isLast);
      const next = await judge(options, request, { response, attempt, isLast });
      if (next.kind !== "again") return next;
      await options.wait(next.waitMs);
    }
  };
}

function nextLimit(limit: number, response: Response | null, isLast: boolean): number {
  if (response !== null) return attemptLimit;
  return isLast ? 1 : limit;
}

/** One attempt; a 401 gets one fresh token. */
async function sendOnce(options: GraphClientOptions, request: GraphRequest): Promise<Response | null> {
  const response = await send(options, request, "any");
  if (response?.status !== 401) return response;
  await response.body?.cancel();
  return send(options, request, "refresh");
}

interface Attempt {
  /** Null when no answer came. */
  readonly response: Response | null;
  readonly attempt: number;
  readonly isLast: boolean;
}
type Judged = GraphAnswer | { readonly kind: "again"; readonly waitMs: number };

async function judge(options: GraphClientOptions, request: GraphRequest, tried: Attempt): Promise<Judged> {
  const { response } = tried;
  if (response === null) return lost(options, request, tried, "the connection ended without an answer");
  if (response.ok) return { kind: "ok", status: response.status, body: await readJson(response) };
  const error = errorOf(await readJson(response), response);
  switch (response.status) {
    case 401:
      throw new Stop(unauthorized(options.hide(error.message)));
    case 403:
      throw new Stop(forbidden(options.hide(error.message), error.requestId));
    case 404:
      return { kind: "not-found" };
    case 409:
    case 412:
      return { kind: "concurrent" };
    case 429:
    case 503:
      return throttled(options, response, tried);
    case 502:
    case 504:
      return lost(options, request, tried, `Graph answered ${response.status}`);
    default:
      if (/concurrency/i.test(error.code)) return { kind: "concurrent" };
      if (response.status === 400)
        return { kind: "bad-request", code: error.code, message: options.hide(error.message) };
      if (response.status >= 500) return lost(options, request, tried, `Graph answered ${response.status}`);
      throw new Stop(unexpected(response.status, options.hide(error.message), error.requestId));
  }
}

async function send(
  options: GraphClientOptions,
  request: GraphRequest,
  refresh: "refresh" | "any",
): Promise<Response | null> {
  const token = await options.tokens.token(refresh);
  try {
    return await options.fetch(`${options.origin}${request.path}`, {
      method: request.method,
      headers: {
        Authorization: `Bearer ${token}`,
        Accept: "application/json",
        ...(request.body === undefined ? {} : { "Content-Type": "application/json" }),
      },
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
      redirect: "error",
      signal: AbortSignal.timeout(options.limitMs ?? 60_000),
    });
  } catch (error) {
    const certificate = certificateProblem(error);
    if (certificate !== null) throw new Stop(untrusted(options.origin, certificate));
    // fetch says TypeError for a lost or refused connection and TimeoutError for the limit; the texts differ by version.
    if (error instanceof TypeError || (error instanceof DOMException && error.name === "TimeoutError")) return null;
    throw error;
  }
}

/** OpenSSL's word when the server's certificate is not believed; sending again would not help. */
function certificateProblem(error: unknown): string | null {
  const code = error instanceof Error ? property(error.cause, "code") : undefined;
  return typeof code === "string" && /CERT|SIGNATURE|ISSUER|ALTNAME/.test(code) ? code : null;
}

function untrusted(origin: string, problem: string): Reason {
  return {
    code: "graph-unreachable",
    message: `The certificate of ${origin} is not trusted here (${problem}).`,
    hint: "Where a proxy opens TLS, give its root with NODE_EXTRA_CA_CERTS=FILE; nothing was sent.",
  };
}

/** No answer, or one that says nothing about the effect: reads are sent again, writes are not. */
function lost(options: GraphClientOptions, request: GraphRequest, tried: Attempt, message: string): Judged {
  if (request.method !== "GET") return { kind: "effect-unknown", message };
  if (!tried.isLast) return { kind: "again", waitMs: backoffMs(tried.attempt, options.random()) };
  throw new Stop({
    code: "graph-unreachable",
    message: `Microsoft Graph at ${options.origin} did not answer: ${message}.`,
    hint: "Check the way out (HTTPS_PROXY, firewall) and run `realmscope provision resume`, or plan again.",
  });
}

function throttled(options: GraphClientOptions, response: Response, tried: Attempt): Judged {
  const asked = retryAfterMs(response.headers.get("retry-after"), options.now());
  const waitMs = asked ?? backoffMs(tried.attempt, options.random());
  if (waitMs <= longestWaitMs && !tried.isLast) return { kind: "again", waitMs };
  const resumeAt = options.now() + waitMs;
  throw new Stop({
    code: "graph-throttled",
    message: `Microsoft Graph asks to wait until ${new Date(resumeAt).toISOString()}.`,
    hint: "Nothing is lost: run `realmscope provision resume` after that time.",
    resumeAt,
  });
}

async function readJson(response: Response): Promise<unknown> {
  const text = await response.text().catch(() => "");
  if (text === "") return null;
  try {
    const parsed: unknown = JSON.parse(text);
    return parsed;
  } catch {
    return null;
  }
}

interface GraphError {
  readonly code: string;
  readonly message: string;
  readonly requestId: string;
}

function errorOf(body: unknown, response: Response): GraphError {
  const error = property(body, "error");
  const text = (value: unknown): string => (typeof value === "string" ? value : "");
  return {
    code: text(property(error, "code")),
    message: text(property(error, "message")).slice(0, 500),
    requestId: response.headers.get("request-id") ?? text(property(property(error, "innerError"), "request-id")),
  };
}

/** A property of something that may be no object. */
export function property(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  return Object.entries(value).find(([key]) => key === name)?.[1];
}

function unauthorized(message: string): Reason {
  return {
    code: "graph-unauthorized",
    message: `Microsoft Graph refused the token twice (401)${message === "" ? "" : `: ${message}`}.`,
    hint: "Sign in again (see --sign-in), then run `realmscope provision resume`.",
  };
}

function forbidden(message: string, requestId: string): Reason {
  return {
    code: "graph-forbidden",
    message: `Microsoft Graph forbids this (403)${message === "" ? "" : `: ${message}`}${requestId === "" ? "" : ` [request-id ${requestId}]`}.`,
    hint: "Two suspects: the signed-in account lacks a role that may change applications (Application.ReadWrite.All with an administrator role), or the tenant guards this first-party service principal. Not sent again; the bundle and `realmscope provision script` let someone else do this half.",
  };
}

function unexpected(status: number, message: string, requestId: string): Reason {
  return {
    code: "graph-error",
    message: `Microsoft Graph answered ${status}${message === "" ? "" : `: ${message}`}${requestId === "" ? "" : ` [request-id ${requestId}]`}.`,
    hint: "Look the code up, then run `realmscope provision resume`, or plan again.",
  };
}
