// Messages as header lines and bytes, for the formats that store them raw (SAZ, packets), and the members these lines lack.
import type { Header, Headers } from "../../core/headers.ts";
import type { CapturedBody, HttpTransaction } from "../../core/http-transaction.ts";

const framing: ReadonlySet<string> = new Set(["content-length", "transfer-encoding", "content-encoding"]);

/**
 * One raw message. Its framing fields described the body on the wire, not the one that is kept: they are renamed, and a correct
 * Content-Length is appended, so that every reader finds the end of the message.
 */
export function rawMessage(startLine: string, headers: Headers, body: CapturedBody): Uint8Array {
  const renamed = headers.map(
    ([name, value]): Header => [framing.has(name.toLowerCase()) ? `X-Realmscope-${name}` : name, value],
  );
  const lines = [...renamed, ["Content-Length", String(body.bytes.length)]].map(([name, value]) => `${name}: ${value}`);
  const head = [startLine, ...lines].map((line) => `${line?.replace(/[\r\n]+/g, " ") ?? ""}\r\n`).join("");
  // A captured field holds bytes as ISO 8859-1; a field from a HAR file may hold any character.
  const coding = /[^\p{ASCII}\u0080-\u00ff]/u.test(head) ? "utf8" : "latin1";
  return Buffer.concat([Buffer.from(`${head}\r\n`, coding), body.bytes]);
}

/** Data of a transaction that raw messages lack, in the members that our HAR entries use. */
export function transactionMembers(transaction: HttpTransaction): object {
  const { request, response } = transaction;
  const size = ({ totalBytes, truncated, contentCoding }: CapturedBody): object => ({
    totalBytes,
    ...(truncated ? { truncated } : {}),
    ...(contentCoding === null ? {} : { contentCoding }),
  });
  return {
    id: transaction.id,
    connection: transaction.connection,
    client: transaction.client,
    startedAt: transaction.startedAt,
    durationMs: transaction.durationMs,
    scheme: transaction.scheme,
    host: transaction.host,
    port: transaction.port,
    target: request.target,
    failure: transaction.failure,
    requestBody: size(request.body),
    ...(request.trailers.length === 0 ? {} : { requestTrailers: request.trailers }),
    ...(response === null ? {} : { responseBody: size(response.body), interim: response.interim }),
    ...(response === null || response.trailers.length === 0 ? {} : { responseTrailers: response.trailers }),
  };
}
