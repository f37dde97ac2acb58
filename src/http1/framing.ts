import { type Headers, headerValues } from "../core/headers.ts";
import type { RequestHead, ResponseHead } from "./head.ts";

/** Where a message's body ends (RFC 9112 6.3). */
export type Framing =
  | { readonly kind: "length"; readonly length: number }
  | { readonly kind: "chunked" }
  | { readonly kind: "until-close" }
  | { readonly kind: "interim" }
  | { readonly kind: "upgraded" }
  | { readonly kind: "unclear"; readonly reason: string };

const noBody: Framing = { kind: "length", length: 0 };

export function requestFraming(head: RequestHead): Framing {
  const coding = transferCoding(head.headers);
  if (coding === "chunked") return { kind: "chunked" };
  // RFC 9112 6.3: the end of a request whose last transfer coding is not chunked cannot be known.
  if (coding === "other") return { kind: "unclear", reason: "the request has a transfer coding that is not chunked" };
  return lengthFraming(head.headers) ?? noBody;
}

/** `method` is that of the answered request: HEAD and CONNECT change what follows the head. */
export function responseFraming(head: ResponseHead, method: string): Framing {
  if (head.status === 101) return { kind: "upgraded" };
  if (head.status >= 100 && head.status < 200) return { kind: "interim" };
  if (method === "CONNECT" && head.status >= 200 && head.status < 300) return { kind: "upgraded" };
  if (method === "HEAD" || head.status === 204 || head.status === 304) return noBody;
  const coding = transferCoding(head.headers);
  if (coding === "chunked") return { kind: "chunked" };
  if (coding === "other") return { kind: "until-close" };
  return lengthFraming(head.headers) ?? { kind: "until-close" };
}

function transferCoding(headers: Headers): "none" | "chunked" | "other" {
  const codings = headerValues(headers, "transfer-encoding")
    .flatMap((value) => value.split(","))
    .map((value) => value.trim().toLowerCase())
    .filter((value) => value !== "" && value !== "identity");
  if (codings.length === 0) return "none";
  return codings.at(-1) === "chunked" ? "chunked" : "other";
}

function lengthFraming(headers: Headers): Framing | null {
  const values = headerValues(headers, "content-length").flatMap((value) => value.split(","));
  const [first, ...others] = values.map((value) => value.trim());
  if (first === undefined) return null;
  if (others.some((other) => other !== first))
    return { kind: "unclear", reason: "two different Content-Length fields" };
  if (!/^\d{1,15}$/.test(first)) return { kind: "unclear", reason: "a Content-Length that is not a number" };
  return { kind: "length", length: Number(first) };
}
