import type { Headers } from "./headers.ts";
import { firstHeader } from "./headers.ts";
import { withoutAuthorityUser } from "./user-info.ts";

/**
 * A message body after transfer coding (chunks joined) and, where `contentCoding` is null, after content coding too.
 * `totalBytes` counts the bytes on the wire; `bytes` holds at most the cap of the capture.
 */
export interface CapturedBody {
  readonly bytes: Uint8Array;
  /** The same content as ASCII text, where the source holds text and encoding it into `bytes` would cost. */
  readonly text?: string | undefined;
  /** Null where the capture does not tell the size and holds none of the bytes. */
  readonly totalBytes: number | null;
  /** True when `bytes` is not the whole body: over the cap, or the message was truncated. */
  readonly truncated: boolean;
  /** The content coding of `bytes` that could not be decoded (`gzip`, `zstd`…), else null. */
  readonly contentCoding: string | null;
}

/** Begins the `failure` of a transaction that was answered, where the source has the status and no more of the answer. */
export const onlyStatusRecorded = "only the status of the answer was recorded";

export const emptyBody: CapturedBody = {
  bytes: new Uint8Array(0),
  totalBytes: 0,
  truncated: false,
  contentCoding: null,
};

export interface HttpRequest {
  readonly method: string;
  /** The request-target exactly as sent (RFC 9112 §3.2): origin form, absolute form, … */
  readonly target: string;
  /** As sent, for example `HTTP/1.1`. */
  readonly version: string;
  readonly headers: Headers;
  readonly trailers: Headers;
  readonly body: CapturedBody;
}

export interface HttpResponse {
  readonly version: string;
  readonly status: number;
  readonly reason: string;
  readonly headers: Headers;
  readonly trailers: Headers;
  readonly body: CapturedBody;
  /** Interim answers (1xx) that came before this one: their status codes, in order. */
  readonly interim: readonly number[];
}

/** One request and its answer, immutable. `response` is null when none came; `failure` then says why. */
export interface HttpTransaction {
  /** `t1`, `t2`… unique within one capture, in the order the requests began. */
  readonly id: string;
  /** The client's connection, `c1`, `c2`…: NTLM and Negotiate authenticate it, not the request. */
  readonly connection: string;
  /** Address of the client, `ip:port`; empty when the source does not have it (HAR). */
  readonly client: string;
  /** Epoch milliseconds of the request's first byte. */
  readonly startedAt: number;
  /** Milliseconds from the request's first byte to the answer's last; null when unknown or unfinished. */
  readonly durationMs: number | null;
  readonly scheme: "http" | "https";
  /** The host the request was sent to (CONNECT target, reverse target): lower-case name or address, without brackets. */
  readonly host: string;
  readonly port: number;
  readonly request: HttpRequest;
  readonly response: HttpResponse | null;
  /** Why the transaction is incomplete, in words of this program, else null. */
  readonly failure: string | null;
}

/** The authority that the client named: of an absolute target, else the Host field, else the host the request was sent to. */
export function requestAuthority(transaction: HttpTransaction): string {
  const { target } = transaction.request;
  const absolute = target.startsWith("/") ? undefined : /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(target)?.[1];
  if (absolute !== undefined) return absolute.slice(absolute.lastIndexOf("@") + 1);
  const named = firstHeader(transaction.request.headers, "host");
  if (named !== undefined && named !== "") return withoutAuthorityUser(named);
  const host = transaction.host.includes(":") ? `[${transaction.host}]` : transaction.host;
  const isDefault = transaction.port === (transaction.scheme === "https" ? 443 : 80);
  return isDefault ? host : `${host}:${transaction.port}`;
}

/** Path and query of the target; begins with `/`, or is `*`. */
export function requestPath(transaction: { readonly request: Pick<HttpRequest, "target"> }): string {
  const path = transaction.request.target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, "");
  return path.startsWith("/") || path === "*" ? path : `/${path}`;
}

/** The whole URL. Hostile text: escape before showing, redact before keeping. */
export function requestUrl(transaction: HttpTransaction): string {
  return `${transaction.scheme}://${requestAuthority(transaction)}${requestPath(transaction)}`;
}

/** Bytes of both bodies on the wire; null where one of them is not known. */
export function bodyBytes({ request, response }: HttpTransaction): number | null {
  const received = response === null ? 0 : response.body.totalBytes;
  return request.body.totalBytes === null || received === null ? null : request.body.totalBytes + received;
}
