// Reads requests and answers of HAR entries and journals from their bytes: the wanted header fields, and bodies as
// spans.
import type { Header, Headers } from "../../core/headers.ts";
import type { CapturedBody, HttpResponse } from "../../core/http-transaction.ts";
import { isBodilessStatus } from "../values/foreign-json.ts";
import { HeaderNames, type WantedFields } from "./header-names.ts";
import { MemberNames } from "./interned-texts.ts";
import { type JsonCursor, stop } from "./json-cursor.ts";
import type { LeanValues } from "./lean-values.ts";
import { SpanBody, type StatedSize, type TextSpan } from "./span-body.ts";

const noHeaders: Headers = [];
const noNumbers: readonly number[] = [];

// The members that are read; all others are skipped.
const requestNames = new MemberNames([
  ...(["method", "url", "httpVersion", "headers", "postData", "bodySize", "_target"] as const),
  ...(["_content", "_trailers", "_requestBodyStatus"] as const),
]);
const responseNames = new MemberNames([
  ...(["status", "statusText", "httpVersion", "headers", "content", "bodySize"] as const),
  ...(["_trailers", "_interim", "_error"] as const),
]);
const bodyNames = new MemberNames([
  "size",
  "mimeType",
  "text",
  "encoding",
  "params",
  "_contentCoding",
  "_truncated",
  "comment",
]);
const headerMembers = new MemberNames(["name", "value"]);

/** The values of a request; its target is completed from the rest of the entry. */
export interface RequestParts {
  method: string;
  url: string;
  version: string;
  target: string;
  headers: Headers;
  size: number | null;
  data: BodyParts | null;
}

function newRequest(): RequestParts {
  return { method: "", url: "", version: "", target: "", headers: noHeaders, size: null, data: null };
}

interface ResponseParts {
  version: string;
  status: number | null;
  reason: string;
  headers: Headers;
  size: number | null;
  content: BodyParts | null;
}

function newResponse(): ResponseParts {
  return { version: "", status: null, reason: "", headers: noHeaders, size: null, content: null };
}

export class MessageReader {
  readonly #values: LeanValues;
  readonly #cursor: JsonCursor;
  readonly #names: HeaderNames;

  constructor(values: LeanValues, wanted: WantedFields) {
    this.#values = values;
    this.#cursor = values.cursor;
    this.#names = new HeaderNames(wanted);
  }

  request(): RequestParts {
    const cursor = this.#cursor;
    const request = newRequest();
    requestNames.begin();
    this.#names.begin("request");
    for (let more = cursor.enterObject(); more; more = cursor.nextMember()) this.#requestMember(request);
    const type = request.data?.type ?? "";
    // A form with fields but without text is for the careful reader.
    if (request.data?.hasParams === true && request.data.span === null) stop();
    if (type !== "" && !this.#names.hasType) request.headers = [...request.headers, ["Content-Type", type]];
    return request;
  }

  #requestMember(request: RequestParts): void {
    const cursor = this.#cursor;
    switch (requestNames.read(cursor.bytes, cursor.start, cursor.end)) {
      case "method":
        request.method = this.#values.text();
        break;
      case "url":
        request.url = this.#values.text();
        break;
      case "httpVersion":
        request.version = this.#values.text();
        break;
      case "headers":
        request.headers = this.#headers();
        break;
      case "postData":
        request.data = cursor.isObject() ? this.#body() : this.#values.nothing();
        break;
      case "bodySize":
        request.size = this.#values.size();
        break;
      case "_target":
        request.target = this.#values.text();
        break;
      case "_trailers":
        if (cursor.enterList()) stop();
        break;
      case "":
        cursor.skip();
        break;
      default:
        stop();
    }
  }

  response(): HttpResponse | null {
    const cursor = this.#cursor;
    const parts = newResponse();
    responseNames.begin();
    this.#names.begin("answer");
    for (let more = cursor.enterObject(); more; more = cursor.nextMember()) this.#responseMember(parts);
    const { version, status, reason, headers, content } = parts;
    if (status === null || status < 100 || status > 999) return null;
    const body = bodyOf(content, { stated: content?.size ?? parts.size, isBodiless: isBodilessStatus(status) });
    return { version, status: Math.trunc(status), reason, headers, trailers: noHeaders, body, interim: noNumbers };
  }

  #responseMember(parts: ResponseParts): void {
    const cursor = this.#cursor;
    switch (responseNames.read(cursor.bytes, cursor.start, cursor.end)) {
      case "status":
        parts.status = this.#values.size();
        break;
      case "statusText":
        parts.reason = this.#values.text();
        break;
      case "httpVersion":
        parts.version = this.#values.text();
        break;
      case "headers":
        parts.headers = this.#headers();
        break;
      case "content":
        parts.content = cursor.isObject() ? this.#body() : this.#values.nothing();
        break;
      case "bodySize":
        parts.size = this.#values.size();
        break;
      case "_trailers":
      case "_interim":
        if (cursor.enterList()) stop();
        break;
      case "_error":
        if (this.#values.text() !== "") stop();
        break;
      case "":
        cursor.skip();
        break;
      default:
        stop();
    }
  }

  #headers(): Headers {
    const cursor = this.#cursor;
    const headers: Header[] = [];
    for (let more = cursor.enterList(); more; more = cursor.nextItem()) {
      const header = this.#header();
      if (header !== null) headers.push(header);
    }
    return headers;
  }

  #header(): Header | null {
    const cursor = this.#cursor;
    const names = this.#names;
    let hasName = false;
    let hasValue = false;
    headerMembers.begin();
    names.reset();
    for (let more = cursor.enterObject(); more; more = cursor.nextMember()) {
      const member = headerMembers.read(cursor.bytes, cursor.start, cursor.end);
      if (member === "") cursor.skip();
      else {
        cursor.string();
        if (member === "name") {
          names.name(cursor);
          hasName = true;
        } else if (member === "value") {
          names.value(cursor);
          hasValue = true;
        } else stop();
      }
    }
    if (!hasName || !hasValue) stop();
    return names.header();
  }

  #body(): BodyParts {
    const cursor = this.#cursor;
    const body = newBody();
    bodyNames.begin();
    for (let more = cursor.enterObject(); more; more = cursor.nextMember()) {
      switch (bodyNames.read(cursor.bytes, cursor.start, cursor.end)) {
        case "size":
          body.size = this.#values.size();
          break;
        case "mimeType":
          body.type = this.#values.text();
          break;
        case "text":
          cursor.string();
          body.span = spanOf(cursor);
          break;
        case "encoding":
          if (this.#values.text() !== "") stop();
          break;
        case "params":
          body.hasParams = true;
          cursor.skip();
          break;
        case "_contentCoding":
          body.contentCoding = this.#values.text().slice(0, 32) || null;
          break;
        case "comment":
          // HTTP Toolkit's words for a body that it left out.
          if (this.#values.text().startsWith("Body discarded")) stop();
          break;
        case "_truncated":
          body.truncated = cursor.literal() === true;
          break;
        case "":
          cursor.skip();
          break;
        default:
          stop();
      }
    }
    return body;
  }
}

interface BodyParts {
  size: number | null;
  type: string;
  span: TextSpan | null;
  hasParams: boolean;
  contentCoding: string | null;
  truncated: boolean;
}

function newBody(): BodyParts {
  return { size: null, type: "", span: null, hasParams: false, contentCoding: null, truncated: false };
}

const emptyBody: CapturedBody = new SpanBody(
  null,
  { stated: 0, isBodiless: true },
  { truncated: false, contentCoding: null },
);

/** The body of a message. */
export function bodyOf(parts: BodyParts | null, size: StatedSize): CapturedBody {
  if (parts !== null) return new SpanBody(parts.span, size, parts);
  const isEmpty = (size.stated ?? (size.isBodiless ? 0 : null)) === 0;
  return isEmpty ? emptyBody : new SpanBody(null, size, { truncated: false, contentCoding: null });
}

function spanOf({ bytes, start, end, hasEscapes, isAscii }: JsonCursor): TextSpan | null {
  return start === end ? null : { bytes, start, end, hasEscapes, isAscii };
}
