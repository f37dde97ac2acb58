// One Graph request with the failure rules of the procedure: what stops the run, and what may have had its effect. Reads are
// sent again here. A write never is: it replaces a list that was computed from a read, and the read is old after any wait.
import { type Reason, Stop } from "../model/stop.ts";
import { forbidden, newToken, unauthorized, unexpected, untrusted } from "./graph-reasons.ts";

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
  /**
   * A write that was not sent, or not taken: wait, read again, compute again, and then send the new one. `stop` is the reason
   * to give when that was tried often enough; `mayBeDone` is true when the answer does not rule out the effect.
   */
  | { readonly kind: "again"; readonly waitMs: number; readonly stop: Reason; readonly mayBeDone: boolean }
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
  const seen: Seen = { token: null, isPostponed: false, refusedWrites: 0, throttledWrites: 0 };
  // Once Graph was not reached, each further request of the run gets one attempt: the person does not wait for every step.
  let limit = attemptLimit;
  return async (request) => {
    if (request.method !== "GET") return write(options, request, seen, noteClock);
    for (let attempt = 1; ; attempt += 1) {
      const response = await readOnce(options, request, seen);
      if (response !== null) noteClock(response);
      const isLast = attempt >= limit;
      limit = nextLimit(limit, response, isLast);
      const next = await judge(options, request, { response, attempt, isLast });
      if (next.kind !== "again") return next;
      await options.wait(next.waitMs);
    }
  };
}

/** What the client remembers between requests. */
interface Seen {
  /** The token of the last request. */
  token: string | null;
  /** The last write was not sent, since its token was new. */
  isPostponed: boolean;
  /** Writes answered 401 since the last one that was answered otherwise. */
  refusedWrites: number;
  /** The same for 429 and 503. */
  throttledWrites: number;
}

function nextLimit(limit: number, response: Response | null, isLast: boolean): number {
  if (response !== null) return attemptLimit;
  return isLast ? 1 : limit;
}

/** One attempt of a read; a 401 gets one fresh token. */
async function readOnce(options: GraphClientOptions, request: GraphRequest, seen: Seen): Promise<Response | null> {
  seen.token = await options.tokens.token("any");
  const response = await send(options, request, seen.token);
  if (response?.status !== 401) return response;
  await response.body?.cancel();
  seen.token = await options.tokens.token("refresh");
  return send(options, request, seen.token);
}

/** Sends a write at most once. */
async function write(
  options: GraphClientOptions,
  request: GraphRequest,
  seen: Seen,
  noteClock: (response: Response) => void,
): Promise<GraphAnswer> {
  const token = await options.tokens.token("any");
  // A new token may have taken a person minutes to sign in for: what the write was computed from is as old.
  // Once: a source that gives another token each time does not ask a person each time.
  if (token !== seen.token && !seen.isPostponed) {
    seen.token = token;
    seen.isPostponed = true;
    return { kind: "again", waitMs: 0, stop: newToken(), mayBeDone: false };
  }
  seen.isPostponed = false;
  const response = await send(options, request, token);
  if (response !== null) noteClock(response);
  seen.refusedWrites = response?.status === 401 ? seen.refusedWrites + 1 : 0;
  seen.throttledWrites = response?.status === 429 || response?.status === 503 ? seen.throttledWrites + 1 : 0;
  if (response?.status === 401 && seen.refusedWrites === 1) {
    await response.body?.cancel();
    seen.token = await options.tokens.token("refresh");
    return { kind: "again", waitMs: 0, stop: unauthorized(""), mayBeDone: false };
  }
  return judge(options, request, {
    response,
    attempt: Math.max(1, seen.throttledWrites),
    isLast: seen.throttledWrites >= attemptLimit,
  });
}

interface Attempt {
  /** Null when no answer came. */
  readonly response: Response | null;
  readonly attempt: number;
  readonly isLast: boolean;
}

async function judge(options: GraphClientOptions, request: GraphRequest, tried: Attempt): Promise<GraphAnswer> {
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
      return throttled(options, request, response, tried);
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

async function send(options: GraphClientOptions, request: GraphRequest, token: string): Promise<Response | null> {
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

/** No answer, or one that says nothing about the effect: a read is sent again, the effect of a write is looked for. */
function lost(options: GraphClientOptions, request: GraphRequest, tried: Attempt, message: string): GraphAnswer {
  if (request.method !== "GET") return { kind: "effect-unknown", message };
  const stop: Reason = {
    code: "graph-unreachable",
    message: `Microsoft Graph at ${options.origin} did not answer: ${message}.`,
    hint: "Check the way out (HTTPS_PROXY, firewall) and run `realmscope provision resume`, or plan again.",
  };
  if (tried.isLast) throw new Stop(stop);
  return { kind: "again", waitMs: backoffMs(tried.attempt, options.random()), stop, mayBeDone: false };
}

function throttled(
  options: GraphClientOptions,
  request: GraphRequest,
  response: Response,
  tried: Attempt,
): GraphAnswer {
  const asked = retryAfterMs(response.headers.get("retry-after"), options.now());
  const waitMs = asked ?? backoffMs(tried.attempt, options.random());
  const resumeAt = options.now() + waitMs;
  // 429 is answered in place of the work; 503 may come from something in front of it.
  const mayBeDone = request.method !== "GET" && response.status === 503;
  const until = new Date(resumeAt).toISOString();
  const stop: Reason = mayBeDone
    ? {
        code: "effect-unknown",
        message: `Microsoft Graph answered 503 and asks to wait until ${until}; it is not known whether the change was made.`,
        hint: "Run `realmscope provision resume` after that time: it looks again before it changes anything.",
        resumeAt,
      }
    : {
        code: "graph-throttled",
        message: `Microsoft Graph asks to wait until ${until}.`,
        hint: "Nothing is lost: run `realmscope provision resume` after that time.",
        resumeAt,
      };
  if (waitMs > longestWaitMs || tried.isLast) throw new Stop(stop);
  return { kind: "again", waitMs, stop, mayBeDone };
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

// When a Graph request is sent again. The numbers are Graph's own advice: 1, 2, 4, 8, 16 seconds without a header.

/** Longer waits are not slept through: the run stops, can be resumed, and says when. */
const longestWaitMs = 60_000;
export const attemptLimit = 5;

/** How long to wait before attempt `attempt` + 1 (the first attempt is 1). `jitter` is between 0 and 1. */
function backoffMs(attempt: number, jitter: number): number {
  return Math.min(1000 * 2 ** (attempt - 1), 16_000) * (0.75 + jitter / 2);
}

/** `Retry-After` in milliseconds from now: seconds or an HTTP date (RFC 9110 §10.2.3); null when missing or unreadable. */
function retryAfterMs(header: string | null, now: number): number | null {
  if (header === null) return null;
  const text = header.trim();
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const at = /^[A-Z][a-z]{2},/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}
