import type { Headers } from "../../src/core/headers.ts";
import { type CapturedBody, emptyBody, type HttpTransaction } from "../../src/core/http-transaction.ts";

function body(text: string | Uint8Array): CapturedBody {
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  return { bytes, totalBytes: bytes.length, truncated: false, contentCoding: null };
}

export interface Parts {
  readonly target?: string;
  readonly host?: string;
  readonly headers?: Headers;
  readonly body?: string | Uint8Array;
  readonly status?: number;
  readonly answerHeaders?: Headers;
  readonly answer?: string | Uint8Array;
}

/** A transaction with these parts and plain values elsewhere. */
export function transaction(parts: Parts): HttpTransaction {
  const host = parts.host ?? "mail.contoso.example";
  return {
    id: "t1",
    connection: "c1",
    client: "192.0.2.7:50123",
    startedAt: Date.UTC(2026, 0, 15, 12),
    durationMs: 12.5,
    scheme: "https",
    host,
    port: 443,
    request: {
      method: "POST",
      target: parts.target ?? "/EWS/Exchange.asmx",
      version: "HTTP/1.1",
      headers: [["Host", host], ...(parts.headers ?? [])],
      trailers: [],
      body: parts.body === undefined ? emptyBody : body(parts.body),
    },
    response: {
      version: "HTTP/1.1",
      status: parts.status ?? 200,
      reason: "OK",
      headers: parts.answerHeaders ?? [],
      trailers: [],
      body: parts.answer === undefined ? emptyBody : body(parts.answer),
      interim: [],
    },
    failure: null,
  };
}
