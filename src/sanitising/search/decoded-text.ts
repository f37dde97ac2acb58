import type { HttpTransaction } from "../../core/http-transaction.ts";
import { readBase64Url } from "../../decoders/base64.ts";

const segment = /e[yw][A-Za-z0-9_-]{8,}/g;
const maxDepth = 6;

/** All texts of a transaction joined, with token segments decoded: for counts and searches, not for display. */
export function textWithDecodedTokens({ request, response }: HttpTransaction): string {
  const fields = [...request.headers, ...request.trailers, ...(response?.headers ?? []), ...(response?.trailers ?? [])];
  const decoder = new TextDecoder();
  const bodies = response === null ? [request.body] : [request.body, response.body];
  const texts = [
    request.target,
    response?.reason ?? "",
    ...fields.map(([, value]) => value),
    ...bodies.map(({ bytes }) => decoder.decode(bytes)),
  ];
  return withDecodedSegments(texts.join("\n"));
}

/** The text with every segment of a token decoded. */
export function withDecodedSegments(text: string, depth = 0): string {
  if (depth > maxDepth) return text;
  return text.replace(segment, (found) => {
    const read = readBase64Url(found);
    return typeof read === "number" ? found : withDecodedSegments(new TextDecoder().decode(read.bytes), depth + 1);
  });
}
