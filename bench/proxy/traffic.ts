// The work of every subject in the proxy benchmark, and the messages between its processes.

export const baseName = "origin.bench.test";
const newHostCount = 120;
/** Host names that no subject has seen before. */
export const newHosts: readonly string[] = Array.from({ length: newHostCount }, (_, index) => `h${index}.bench.test`);
export const smallAnswerBytes = 2048;
export const bigAnswerBytes = 256 * 1024;
export const hugeAnswerBytes = 100 * 1024 * 1024;

/** The target of the load: the origin directly, or through a forward proxy by CONNECT. */
export interface Route {
  readonly origin: number;
  readonly proxy: number | null;
  /** PEM of the roots that the load generator trusts. */
  readonly trust: string;
}

export type Job =
  | { readonly kind: "small" | "lean" | "big"; readonly requests: number; readonly tunnels: number }
  /** A fixed rate for a fixed time, whatever the answers; latencies count from the time at which a request was due. */
  | { readonly kind: "paced"; readonly perSecond: number; readonly seconds: number; readonly tunnels: number }
  | { readonly kind: "new-hosts"; readonly hosts: readonly string[] }
  | { readonly kind: "huge" }
  | { readonly kind: "ntlm"; readonly clients: number };

export interface JobResult {
  readonly seconds: number;
  /** Milliseconds of each request, in no order. */
  readonly latencies: readonly number[];
  /** For `ntlm`: log-ons that stayed whole, and clients that got another's identity or one without logging on. */
  readonly whole?: number;
  readonly leaked?: number;
}

/** A POST of 1.5 KB with a bearer value of 1.2 KB, as a small EWS call is. */
export function smallRequest(host: string, index: number): Buffer {
  const body = `<soap:Envelope>${"x".repeat(1470)}</soap:Envelope>`;
  return Buffer.from(
    [
      "POST /EWS/Exchange.asmx HTTP/1.1",
      `Host: ${host}`,
      `Authorization: Bearer ${bearer}`,
      "Content-Type: text/xml; charset=utf-8",
      "User-Agent: bench",
      `client-request-id: 00000000-0000-0000-0000-${String(index).padStart(12, "0")}`,
      `Content-Length: ${body.length}`,
      "",
      body,
    ].join("\r\n"),
    "latin1",
  );
}

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
// The shape and length of a real token; its signature is not valid.
const bearer = [
  encoded({ typ: "JWT", alg: "RS256", x5t: "a".repeat(27) }),
  encoded({
    aud: `00000002-0000-0ff1-ce00-000000000000/${baseName}@contoso.example`,
    iss: "00000001-0000-0000-c000-000000000000@0f0f0f0f-0000-4000-8000-000000000000",
    nbf: 1_700_000_000,
    exp: 1_900_000_000,
    nameid: "00000004-0000-0ff1-ce00-000000000000@0f0f0f0f-0000-4000-8000-000000000000",
    identityprovider: "00000001-0000-0000-c000-000000000000@0f0f0f0f-0000-4000-8000-000000000000",
    padding: "p".repeat(120),
  }),
  "s".repeat(342),
].join(".");
