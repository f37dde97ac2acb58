import type { Header } from "../../src/core/headers.ts";
import { emptyBody, type HttpTransaction } from "../../src/core/http-transaction.ts";

export interface Made {
  readonly method?: string;
  readonly target?: string;
  readonly host?: string;
  readonly request?: readonly Header[];
  readonly requestBody?: string;
  /** No answer at all when null. */
  readonly status?: number | null;
  readonly response?: readonly Header[];
  readonly responseBody?: string;
}

const body = (text = "") => {
  const bytes = new Uint8Array(Buffer.from(text, "utf8"));
  return text === "" ? emptyBody : { ...emptyBody, bytes, totalBytes: bytes.length };
};

/** One request to mail.contoso.com and its answer, for decoders. */
export function transaction(made: Made = {}): HttpTransaction {
  const status = made.status === undefined ? 200 : made.status;
  const answer = {
    version: "HTTP/1.1",
    reason: "",
    headers: made.response ?? [],
    trailers: [],
    body: body(made.responseBody),
    interim: [],
  };
  return {
    id: "t1",
    connection: "c1",
    client: "192.0.2.1:50000",
    startedAt: 1_700_000_000_000,
    durationMs: 12,
    scheme: "https",
    host: made.host ?? "mail.contoso.com",
    port: 443,
    request: {
      method: made.method ?? "GET",
      target: made.target ?? "/EWS/Exchange.asmx",
      version: "HTTP/1.1",
      headers: made.request ?? [],
      trailers: [],
      body: body(made.requestBody),
    },
    response: status === null ? null : { ...answer, status },
    failure: null,
  };
}
