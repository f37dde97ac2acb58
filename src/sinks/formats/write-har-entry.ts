// A transaction as a HAR 1.2 entry, also the form of a journal's line. Data that HAR has no member for is in members that
// begin with `_`, as HAR allows, so that the entry, read back, gives the same transaction.
import { firstHeader, type Headers } from "../../core/headers.ts";
import { type CapturedBody, type HttpResponse, type HttpTransaction, requestUrl } from "../../core/http-transaction.ts";

/** The entry of one transaction. A body that is not UTF-8 text is base64. */
export function harEntry(transaction: HttpTransaction): object {
  const { request, response, durationMs } = transaction;
  return {
    startedDateTime: new Date(transaction.startedAt).toISOString(),
    time: durationMs ?? 0,
    request: {
      method: request.method,
      url: requestUrl(transaction),
      httpVersion: request.version,
      cookies: [],
      headers: pairs(request.headers),
      queryString: [],
      headersSize: -1,
      bodySize: request.body.totalBytes ?? -1,
      ...requestBody(request.body, request.headers),
      ...(request.trailers.length === 0 ? {} : { _trailers: pairs(request.trailers) }),
      _target: request.target,
    },
    response: responseEntry(response),
    cache: {},
    timings: { send: 0, wait: durationMs ?? 0, receive: 0 },
    _id: transaction.id,
    _connection: transaction.connection,
    _client: transaction.client,
    _host: transaction.host,
    _port: transaction.port,
    ...(durationMs === null ? { _unfinished: true } : {}),
    ...(transaction.failure === null ? {} : { _error: transaction.failure }),
  };
}

function responseEntry(response: HttpResponse | null): object {
  if (response === null) {
    // HAR requires a response; exporters write status 0 when there is none.
    const nothing = { size: 0, mimeType: "" };
    return { status: 0, statusText: "", httpVersion: "", ...emptyLists, content: nothing, ...unknownSizes };
  }
  const { body, headers, trailers, interim } = response;
  return {
    status: response.status,
    statusText: response.reason,
    httpVersion: response.version,
    cookies: [],
    headers: pairs(headers),
    content: {
      size: body.totalBytes ?? -1,
      mimeType: firstHeader(headers, "content-type") ?? "",
      ...bodyMembers(body),
    },
    redirectURL: firstHeader(headers, "location") ?? "",
    headersSize: -1,
    bodySize: body.totalBytes ?? -1,
    ...(trailers.length === 0 ? {} : { _trailers: pairs(trailers) }),
    ...(interim.length === 0 ? {} : { _interim: interim }),
  };
}

const emptyLists = { cookies: [], headers: [], redirectURL: "" };
const unknownSizes = { headersSize: -1, bodySize: -1 };

function pairs(headers: Headers): readonly object[] {
  return headers.map(([name, value]) => ({ name, value }));
}

/** HAR's `postData` holds text only; bytes are in `_content`, as HTTP Toolkit writes them. */
function requestBody(body: CapturedBody, headers: Headers): object {
  if (body.totalBytes === 0 || (body.totalBytes === null && !body.truncated)) return {};
  const members = bodyMembers(body);
  if ("encoding" in members) return { _content: { size: body.totalBytes ?? -1, ...members } };
  const { text, ...marks } = members;
  return { postData: { mimeType: firstHeader(headers, "content-type") ?? "", text: text ?? "", ...marks } };
}

interface BodyMembers {
  readonly text?: string;
  readonly encoding?: "base64";
  readonly _truncated?: true;
  readonly _contentCoding?: string;
}

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function bodyMembers(body: CapturedBody): BodyMembers {
  const { bytes, truncated, contentCoding } = body;
  return {
    ...(bytes.length === 0 ? {} : textMembers(bytes)),
    ...(truncated ? { _truncated: true } : {}),
    ...(contentCoding === null ? {} : { _contentCoding: contentCoding }),
  };
}

function textMembers(bytes: Uint8Array): BodyMembers {
  try {
    return { text: strict.decode(bytes) };
  } catch {
    return { text: Buffer.from(bytes).toString("base64"), encoding: "base64" };
  }
}
