// Sends one Graph request and decides what its answer means: go on, stop the run, or an unknown effect. Reads are retried
// here. A write never is: it replaces a list that was computed from a read, and that read is outdated after any wait.
import { type Reason, Stop } from "../model/stop.ts";
import {
  forbiddenReason,
  newTokenReason,
  unauthorizedReason,
  unexpectedReason,
  untrustedReason,
} from "./graph-reasons.ts";
import { isPolicyRefusal } from "./refusals.ts";
import { backoffMs, retryAfterMs } from "./retry-times.ts";

export interface TokenSource {
  /** Gives a token that passed its checks. `refresh` fetches a new one after a 401. Throws Stop when there is none. */
  token(refresh: "refresh" | "any"): Promise<string>;
  /** Who the token acts as, for the transcript: a user name or an application id. */
  readonly actor: () => string;
}

export type GraphAnswer =
  | { readonly kind: "ok"; readonly status: number; readonly body: unknown }
  | { readonly kind: "not-found" }
  /** Another writer was faster: read and compute again. */
  | { readonly kind: "concurrent" }
  /**
   * The write was not sent, or not accepted: wait, read and compute again, then send the new one. `stop` is the reason to give
   * when there are no attempts left; `mayBeDone` is true when the answer does not rule out the effect.
   */
  | { readonly kind: "again"; readonly waitMs: number; readonly stop: Reason; readonly mayBeDone: boolean }
  /** The write may have taken effect: read before sending anything again. */
  | { readonly kind: "effect-unknown"; readonly message: string }
  | { readonly kind: "bad-request"; readonly code: string; readonly message: string };

export interface GraphRequest {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** Path below the cloud's origin, with `/v1.0`. */
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
  /** Time limit of each request. */
  readonly limitMs?: number;
  /** Called once when Graph's clock differs from ours by more than five minutes. */
  readonly onClockSkew?: (skewMs: number) => void;
}

export interface GraphClient {
  (request: GraphRequest): Promise<GraphAnswer>;
  /** How far Graph's clock is ahead of ours, milliseconds, by its last answer; null before the first one. */
  readonly clockSkewMs: () => number | null;
}

/** A longer wait stops the run, which can be resumed and reports when. */
const longestWaitMs = 60_000;
/** Attempts of one request, after Graph's own advice: with pauses of 1, 2, 4, 8 and 16 seconds when it names no time. */
export const attemptLimit = 5;

/** Creates a client that sends requests one by one. The client throws Stop when the run cannot continue. */
export function createGraphClient(options: GraphClientOptions): GraphClient {
  let isSkewReported = false;
  let lastSkew: number | null = null;
  const noteClock = (response: Response): void => {
    const at = Date.parse(response.headers.get("date") ?? "");
    const skew = at - options.now();
    if (!Number.isNaN(skew)) lastSkew = skew;
    if (isSkewReported || Number.isNaN(skew) || Math.abs(skew) <= 300_000) return;
    isSkewReported = true;
    options.onClockSkew?.(skew);
  };
  const state: ClientState = { token: null, isPostponed: false, refusedWrites: 0, throttledWrites: 0 };
  // Once Graph was unreachable, each further read gets one attempt: the person does not wait through every step.
  let limit = attemptLimit;
  const client = async (request: GraphRequest): Promise<GraphAnswer> => {
    if (request.method !== "GET") return write(options, request, state, noteClock);
    for (let attempt = 1; ; attempt += 1) {
      const response = await readOnce(options, request, state);
      if (response !== null) noteClock(response);
      const isLast = attempt >= limit;
      limit = nextLimit(limit, response, isLast);
      const next = await judge(options, request, { response, attempt, isLast });
      if (next.kind !== "again") return next;
      await options.wait(next.waitMs);
    }
  };
  return Object.assign(client, { clockSkewMs: () => lastSkew });
}

/** What the client remembers between requests. */
interface ClientState {
  /** The token of the last request. */
  token: string | null;
  /** True when the last write was held back because its token was new. */
  isPostponed: boolean;
  /** Number of 401 answers to writes in a row. */
  refusedWrites: number;
  /** Number of 429 and 503 answers to writes in a row. */
  throttledWrites: number;
}

function nextLimit(limit: number, response: Response | null, isLast: boolean): number {
  if (response !== null) return attemptLimit;
  return isLast ? 1 : limit;
}

/** Sends a read once; after a 401, once more with a new token. */
async function readOnce(
  options: GraphClientOptions,
  request: GraphRequest,
  state: ClientState,
): Promise<Response | null> {
  state.token = await options.tokens.token("any");
  const response = await send(options, request, state.token);
  if (response?.status !== 401) return response;
  await response.body?.cancel();
  state.token = await options.tokens.token("refresh");
  return send(options, request, state.token);
}

/** Sends a write at most once. */
async function write(
  options: GraphClientOptions,
  request: GraphRequest,
  state: ClientState,
  noteClock: (response: Response) => void,
): Promise<GraphAnswer> {
  const token = await options.tokens.token("any");
  // A sign-in for the new token may have taken a person minutes, so the read behind this write may be outdated. Held back
  // only once: a source that gives a different token each time involves no person.
  if (token !== state.token && !state.isPostponed) {
    state.token = token;
    state.isPostponed = true;
    return { kind: "again", waitMs: 0, stop: newTokenReason(), mayBeDone: false };
  }
  state.isPostponed = false;
  const response = await send(options, request, token);
  if (response !== null) noteClock(response);
  state.refusedWrites = response?.status === 401 ? state.refusedWrites + 1 : 0;
  state.throttledWrites = response?.status === 429 || response?.status === 503 ? state.throttledWrites + 1 : 0;
  if (response?.status === 401 && state.refusedWrites === 1) {
    await response.body?.cancel();
    state.token = await options.tokens.token("refresh");
    return { kind: "again", waitMs: 0, stop: unauthorizedReason(""), mayBeDone: false };
  }
  return judge(options, request, {
    response,
    attempt: Math.max(1, state.throttledWrites),
    isLast: state.throttledWrites >= attemptLimit,
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
      throw new Stop(unauthorizedReason(options.hide(error.message)));
    case 403:
      if (isPolicyRefusal(error))
        return { kind: "bad-request", code: error.code, message: options.hide(error.message) };
      throw new Stop(forbiddenReason(options.hide(error.message), error.requestId));
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
      throw new Stop(unexpectedReason(response.status, options.hide(error.message), error.requestId));
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
    if (certificate !== null) throw new Stop(untrustedReason(options.origin, certificate));
    // fetch throws TypeError for a lost or refused connection and TimeoutError for the limit; the messages differ by version.
    if (error instanceof TypeError || (error instanceof DOMException && error.name === "TimeoutError")) return null;
    throw error;
  }
}

/** OpenSSL's error code when the server's certificate is not trusted; a retry would not help. */
function certificateProblem(error: unknown): string | null {
  const code = error instanceof Error ? readProperty(error.cause, "code") : undefined;
  return typeof code === "string" && /CERT|SIGNATURE|ISSUER|ALTNAME/.test(code) ? code : null;
}

/** No answer, or one that leaves the effect open: a read is retried, the effect of a write is unknown. */
function lost(options: GraphClientOptions, request: GraphRequest, tried: Attempt, message: string): GraphAnswer {
  if (request.method !== "GET") return { kind: "effect-unknown", message };
  const stop: Reason = {
    code: "graph-unreachable",
    message: `Microsoft Graph at ${options.origin} did not answer: ${message}.`,
    hint: "Check the connection (HTTPS_PROXY, firewall) and run `realmscope provision resume`, or make a new plan.",
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
  // 429 means that the work was not done; 503 may come from a server in front of the one that did it.
  const mayBeDone = request.method !== "GET" && response.status === 503;
  const until = new Date(resumeAt).toISOString();
  const stop: Reason = mayBeDone
    ? {
        code: "effect-unknown",
        message: `Microsoft Graph answered 503 and asks to wait until ${until}; it is unknown whether the change was made.`,
        hint: "Run `realmscope provision resume` after that time: it reads the current state before it changes anything.",
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
  try {
    const parsed: unknown = JSON.parse(await response.text());
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
  const error = readProperty(body, "error");
  const text = (value: unknown): string => (typeof value === "string" ? value : "");
  return {
    code: text(readProperty(error, "code")),
    message: text(readProperty(error, "message")).slice(0, 500),
    requestId:
      response.headers.get("request-id") ?? text(readProperty(readProperty(error, "innerError"), "request-id")),
  };
}

/** Reads a property of a value of any type; undefined when the value is not an object or lacks it. */
export function readProperty(value: unknown, name: string): unknown {
  const isThere = typeof value === "object" && value !== null && Object.hasOwn(value, name);
  return isThere ? Reflect.get(value, name) : undefined;
}
