// Reads one request of a Postman collection, with a saved answer, as a transaction.
import { durationOrUnknown } from "../../core/capture-time.ts";
import { firstHeader, type Header, type Headers } from "../../core/headers.ts";
import { type CapturedBody, emptyBody, type HttpResponse, type HttpTransaction } from "../../core/http-transaction.ts";
import type { EntryPlace, Provenance } from "../input/capture.ts";
import { type JsonObject, memberOf, objectOf, sizeOf, textOf } from "../values/foreign-json.ts";
import { parseHttpUrl, parseKnownTime } from "../values/url-parts.ts";

export interface Exchange {
  /** The request of the item, an object or the text of its URL. */
  readonly request: unknown;
  /** The request to which the answer came: a copy that is saved with the answer, else the item's. */
  readonly used: unknown;
  readonly answer: JsonObject | null;
  /** The authorisation of the folder. */
  readonly auth: unknown;
}

export interface PostmanPlace extends EntryPlace {
  /** The variables of the collection; those of environments are not in the file. */
  readonly variables: ReadonlyMap<string, string>;
}

export interface ReadExchange {
  readonly transaction: HttpTransaction;
  readonly said: Provenance;
}

const bodyLimit = 2 * 1024 * 1024;

/** The transaction, or the problem with it as text. Never throws. */
export function readPostmanExchange(exchange: Exchange, place: PostmanPlace): ReadExchange | string {
  const fill = (text: string): string => withVariables(text, place.variables);
  const used = requestOf(exchange.used);
  const address = fill(urlText(memberOf(used, "url")));
  const url = parseHttpUrl(/^[a-z]{2,5}:\/\//i.test(address) ? address : `http://${address}`);
  if (address.includes("{{")) return "its URL has variables whose values are not in the collection";
  if (url === null) return "its URL cannot be read";
  const headers = sentHeaders(used, exchange, fill);
  // A placeholder is not the token that was sent, and leaving it out would show a request without one.
  if (firstHeader(headers, "authorization")?.includes("{{") === true)
    return "its Authorization has variables whose values are not in the collection";
  const response = exchange.answer === null ? null : readAnswer(exchange.answer);
  const at = response === null ? null : parseKnownTime(firstHeader(response.headers, "date") ?? "");
  const transaction: HttpTransaction = {
    id: `t${place.number}`,
    connection: `e${place.number}`,
    client: "",
    startedAt: at ?? place.before,
    durationMs: exchange.answer === null ? null : durationOrUnknown(sizeOf(exchange.answer, "responseTime")),
    scheme: url.scheme,
    host: url.host,
    port: url.port,
    request: {
      method: textOf(used, "method") || "GET",
      target: url.target,
      version: "HTTP/1.1",
      headers,
      trailers: [],
      body: requestBody(objectOf(memberOf(used, "body")), fill),
    },
    response,
    failure: response === null ? "no answer is saved with the request" : null,
  };
  return { transaction, said: { isNamed: false, isTimed: at !== null, isServersTime: true } };
}

/** The fields in the request, and the one that Postman makes of the authorisation. */
function sentHeaders(used: JsonObject, { request, auth }: Exchange, fill: (text: string) => string): Headers {
  const headers = headersOf(memberOf(used, "header"), fill);
  if (firstHeader(headers, "authorization") !== undefined) return headers;
  const chosen = memberOf(used, "auth") ?? memberOf(requestOf(request), "auth") ?? auth;
  const made = authorization(objectOf(chosen), fill);
  return made === null ? headers : [...headers, ["Authorization", made]];
}

/** A request is an object, or its URL alone. */
function requestOf(request: unknown): JsonObject {
  return typeof request === "string" ? { url: request } : objectOf(request);
}

/** Replaces `{{name}}`; values are not searched again, so that variables cannot grow without bound. */
function withVariables(text: string, variables: ReadonlyMap<string, string>): string {
  if (!text.includes("{{")) return text;
  return text.replace(/\{\{([^{}]{1,200})\}\}/g, (whole, name: string) => variables.get(name.trim()) || whole);
}

function urlText(url: unknown): string {
  if (typeof url === "string") return url;
  const parts = objectOf(url);
  const raw = textOf(parts, "raw");
  if (raw !== "") return raw;
  const [host, path] = [joined(memberOf(parts, "host"), "."), joined(memberOf(parts, "path"), "/")];
  const [protocol, port] = [textOf(parts, "protocol"), textOf(parts, "port")];
  const query = pairsOf(memberOf(parts, "query")).map(([name, value]) => `${name}=${value}`);
  const authority = `${protocol === "" ? "" : `${protocol}://`}${host}${port === "" ? "" : `:${port}`}`;
  return `${authority}/${path.replace(/^\//, "")}${query.length === 0 ? "" : `?${query.join("&")}`}`;
}

function joined(value: unknown, by: string): string {
  if (typeof value === "string") return value;
  return Array.isArray(value) ? value.filter((part) => typeof part === "string").join(by) : "";
}

/** Lists of objects with key and value; those that are switched off were not sent. */
function pairsOf(list: unknown): readonly Header[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((item: unknown): Header[] => {
    const pair = objectOf(item);
    const name = textOf(pair, "key");
    return name === "" || memberOf(pair, "disabled") === true ? [] : [[name, textOf(pair, "value")]];
  });
}

/** A list, or the fields as text (format 2.0). */
function headersOf(fields: unknown, fill: (text: string) => string): Headers {
  if (typeof fields !== "string")
    return pairsOf(fields).map(([name, value]): Header => [fill(name), oneLine(fill(value))]);
  return fields.split("\n").flatMap((line): Header[] => {
    const colon = line.indexOf(":");
    return colon <= 0 ? [] : [[line.slice(0, colon).trim(), fill(line.slice(colon + 1).trim())]];
  });
}

function oneLine(value: string): string {
  return value.replace(/[\r\n]+/g, " ").trim();
}

/** What Postman sends for the authorisation of a request; null for kinds that are not a plain header. */
function authorization(auth: JsonObject, fill: (text: string) => string): string | null {
  const type = textOf(auth, "type");
  const members = memberOf(auth, type);
  const value = (name: string): string => {
    const found = Array.isArray(members) ? pairsOf(members).find(([key]) => key === name)?.[1] : undefined;
    return fill(found ?? textOf(objectOf(members), name));
  };
  if (type === "bearer") return value("token") === "" ? null : `Bearer ${oneLine(value("token"))}`;
  if (type !== "basic" || value("username") === "") return null;
  if (`${value("username")}${value("password")}`.includes("{{")) return "Basic {{password}}";
  return `Basic ${Buffer.from(`${value("username")}:${value("password")}`, "utf8").toString("base64")}`;
}

function requestBody(body: JsonObject, fill: (text: string) => string): CapturedBody {
  const mode = textOf(body, "mode");
  if (mode === "raw") return bodyOf(fill(textOf(body, "raw")));
  if (mode !== "urlencoded") return emptyBody;
  const form = new URLSearchParams(
    pairsOf(memberOf(body, mode)).map(([name, value]): [string, string] => [fill(name), fill(value)]),
  );
  return bodyOf(form.toString());
}

function readAnswer(answer: JsonObject): HttpResponse | null {
  const status = sizeOf(answer, "code");
  if (status === null || status < 100 || status > 999) return null;
  return {
    version: "HTTP/1.1",
    status: Math.trunc(status),
    reason: textOf(answer, "status"),
    headers: headersOf(memberOf(answer, "header"), (text) => text),
    trailers: [],
    body: bodyOf(textOf(answer, "body")),
    interim: [],
  };
}

function bodyOf(text: string): CapturedBody {
  if (text === "") return emptyBody;
  const bytes = Buffer.from(text, "utf8");
  return {
    bytes: bytes.subarray(0, bodyLimit),
    totalBytes: bytes.length,
    truncated: bytes.length > bodyLimit,
    contentCoding: null,
  };
}
