// Messages as text lines and bytes, for the formats that hold them so (SAZ, packets), and what those lines do not say.
import type { Header, Headers } from "../../core/headers.ts";
import type { CapturedBody, HttpTransaction } from "../../core/http-transaction.ts";

const framing: ReadonlySet<string> = new Set(["content-length", "transfer-encoding", "content-encoding"]);

/**
 * What was said about the body on the wire is not true of the body that is kept: those fields get another name, and one
 * that is true stands last, so that every reader finds the message's end.
 */
export function rawMessage(startLine: string, headers: Headers, body: CapturedBody): Uint8Array {
  const renamed = headers.map(
    ([name, value]): Header => [framing.has(name.toLowerCase()) ? `X-Realmscope-${name}` : name, value],
  );
  const lines = [...renamed, ["Content-Length", String(body.bytes.length)]].map(([name, value]) => `${name}: ${value}`);
  const head = [startLine, ...lines].map((line) => `${line?.replace(/[\r\n]+/g, " ") ?? ""}\r\n`).join("");
  // A captured field is bytes read as ISO 8859-1; one of a HAR file may hold any character.
  const coding = /[^\p{ASCII}\u0080-\u00ff]/u.test(head) ? "utf8" : "latin1";
  return Buffer.concat([Buffer.from(`${head}\r\n`, coding), body.bytes]);
}

/** What the raw messages do not say, in the members that our HAR entries use. */
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
