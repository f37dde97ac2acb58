// All data on its way to a file or to the screen passes through here, and the type `Redacted` proves it.
import type { CaptureEvent } from "../core/capture-event.ts";
import type { Headers } from "../core/headers.ts";
import { firstHeader } from "../core/headers.ts";
import type { HttpRequest, HttpResponse, HttpTransaction } from "../core/http-transaction.ts";
import { onlyPublicWords } from "./public-words.ts";
import type { Pseudonymise } from "./redaction.ts";
import { safeBody } from "./safe-body.ts";
import { safeOtherEvent } from "./safe-event.ts";
import { safeHeaders } from "./safe-headers.ts";
import { safeAddressOf, safeId, safeMethod } from "./safe-identity.ts";
import { safeAuthority, safeUrl } from "./safe-url.ts";

export type { Pseudonymise } from "./redaction.ts";

declare const redacted: unique symbol;

/** A value without secrets and with pseudonyms for people. Sinks and screen accept nothing else; only this file creates it. */
export type Redacted<T> = T & { readonly [redacted]: true };

/** A safe copy that still shows the handshake. By allowlist: unknown content is removed. Idempotent. */
export function sanitiseTransaction(
  transaction: HttpTransaction,
  pseudonymise: Pseudonymise,
): Redacted<HttpTransaction> {
  const { request, response } = transaction;
  return mark({
    ...transaction,
    id: safeId(transaction.id, pseudonymise),
    client: safeAddressOf(transaction.client),
    connection: safeId(transaction.connection, pseudonymise),
    host: safeAuthority(transaction.host, pseudonymise),
    failure: transaction.failure === null ? null : onlyPublicWords(transaction.failure),
    request: safeRequest(request, pseudonymise),
    response: response === null ? null : safeResponse(response, pseudonymise),
  });
}

/** A safe copy of an event. Idempotent. */
export function sanitiseEvent(event: CaptureEvent, pseudonymise: Pseudonymise): Redacted<CaptureEvent> {
  if (event.kind !== "transaction") return mark(safeOtherEvent(event, pseudonymise));
  return mark({ kind: "transaction", transaction: sanitiseTransaction(event.transaction, pseudonymise) });
}

/** The event unchanged, with every secret: only for a person who requested it explicitly. */
export function keepSecrets(event: CaptureEvent): Redacted<CaptureEvent> {
  return mark(event);
}

function mark<T>(value: T): Redacted<T> {
  return value as Redacted<T>;
}

function safeRequest(request: HttpRequest, pseudonymise: Pseudonymise): HttpRequest {
  return {
    method: safeMethod(request.method, pseudonymise),
    target: safeUrl(request.target, pseudonymise),
    version: safeVersion(request.version),
    ...safeFields(request, pseudonymise),
  };
}

function safeResponse(response: HttpResponse, pseudonymise: Pseudonymise): HttpResponse {
  return {
    version: safeVersion(response.version),
    status: response.status,
    reason: onlyPublicWords(response.reason.slice(0, 128)),
    interim: response.interim,
    ...safeFields(response, pseudonymise),
  };
}

function safeFields(
  message: HttpRequest | HttpResponse,
  pseudonymise: Pseudonymise,
): Pick<HttpRequest, "headers" | "trailers" | "body"> {
  const { headers, trailers, body } = message;
  return {
    headers: safeHeaders(headers, pseudonymise),
    trailers: safeHeaders(trailers, pseudonymise),
    body: safeBody(body, contentType(headers), pseudonymise),
  };
}

function contentType(headers: Headers): string {
  return firstHeader(headers, "content-type") ?? "";
}

function safeVersion(version: string): string {
  return /^HTTP\/\d(?:\.\d)?$/.test(version) ? version : "HTTP/?";
}
