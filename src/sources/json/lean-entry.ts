// Reads entries of HAR files and journals directly from their bytes: only the wanted fields, and bodies as spans. An
// entry that is unusual in any way is left to the careful reader (har-entry.ts), which produces the same transaction.
import { durationOrUnknown } from "../../core/capture-time.ts";
import type { HttpResponse, HttpTransaction } from "../../core/http-transaction.ts";
import { memoize } from "../../core/memoize.ts";
import type { EntryPlace } from "../input/capture.ts";
import { isBodilessMethod } from "../values/foreign-json.ts";
import { parseHttpUrl, parseKnownTime, portOf, type UrlParts } from "../values/url-parts.ts";
import type { WantedFields } from "./header-names.ts";
import { MemberNames } from "./interned-texts.ts";
import { isStop, stop } from "./json-cursor.ts";
import { bodyOf, MessageReader, type RequestParts } from "./lean-message.ts";
import { LeanValues } from "./lean-values.ts";

/** An entry that was read. Its bodies are spans of the bytes it was read from: read them before those change. */
export interface LeanEntry {
  readonly transaction: HttpTransaction;
  /** Index of the first byte after the entry and the blanks that follow. */
  readonly end: number;
  /** Kind and number of a journal record. */
  readonly kind: string;
  readonly number: number | null;
  /** The entry has an id. */
  readonly isNamed: boolean;
}

export interface LeanReader {
  /** The entry whose brace is at `at`; null when it is unusual, broken or not whole, for the careful reader. */
  read(bytes: Buffer, at: number, place: EntryPlace): LeanEntry | null;
}

/** Creates a reader that returns only these fields, and those with long values. */
export function createLeanReader(wanted: WantedFields): LeanReader {
  const reader = new EntryReader(wanted);
  return {
    read(bytes, at, place) {
      try {
        return reader.read(bytes, at, place);
      } catch (error) {
        if (isStop(error)) return null;
        throw error;
      }
    },
  };
}

const placeOf = memoize(256, parseHttpUrl);
const noHeaders: HttpResponse["trailers"] = [];

// The members that are read; those of the last line leave the entry to the careful reader.
const entryNames = new MemberNames([
  ...(["startedDateTime", "time", "request", "response", "k", "n", "connection"] as const),
  ...(["_id", "_connection", "_client", "_host", "_port", "_error", "_unfinished"] as const),
  ...(["_eventsOnly", "_ahead", "_after", "_s2s", "__proto__", "_webSocketMessages"] as const),
]);
class EntryReader {
  readonly #values = new LeanValues();
  readonly #cursor = this.#values.cursor;
  readonly #messages: MessageReader;

  constructor(wanted: WantedFields) {
    this.#messages = new MessageReader(this.#values, wanted);
  }

  read(bytes: Buffer, at: number, place: EntryPlace): LeanEntry {
    const cursor = this.#cursor;
    cursor.begin(bytes, at);
    const draft = newDraft();
    entryNames.begin();
    for (let more = cursor.enterObject(); more; more = cursor.nextMember()) this.#entryMember(draft);
    const { request, response } = draft;
    const startedAt = parseKnownTime(draft.started);
    // A CONNECT may be one that failed, which is not a transaction.
    if (request === null || startedAt === null || request.method === "CONNECT") return stop();
    const url = ownPlace(draft, request.url) ?? placeOf(request.url) ?? stop();
    const transaction: HttpTransaction = {
      id: draft.id || `t${place.number}`,
      connection: draft.ownConnection || draft.connection || `e${place.number}`,
      client: draft.client,
      startedAt,
      durationMs: draft.isUnfinished ? null : durationOrUnknown(draft.time),
      scheme: url.scheme,
      host: url.host,
      port: url.port,
      request: {
        method: request.method || "GET",
        target: request.target || url.target,
        version: request.version,
        headers: request.headers,
        trailers: noHeaders,
        body: bodyOf(request.data, { stated: request.size, isBodiless: isBodilessMethod(request.method || "GET") }),
      },
      response,
      failure: draft.error.slice(0, 200) || (response === null ? "no answer was recorded" : null),
    };
    return { transaction, end: cursor.at, kind: draft.kind, number: draft.number, isNamed: draft.id !== "" };
  }

  #entryMember(draft: Draft): void {
    const cursor = this.#cursor;
    switch (entryNames.read(cursor.bytes, cursor.start, cursor.end)) {
      case "startedDateTime":
        draft.started = this.#values.text();
        break;
      case "time":
        draft.time = this.#values.size();
        break;
      case "request":
        draft.request = this.#messages.request();
        break;
      case "response":
        draft.response = cursor.isObject() ? this.#messages.response() : this.#values.nothing();
        break;
      case "k":
        draft.kind = this.#values.text();
        break;
      case "n":
        draft.number = this.#values.size();
        break;
      case "connection":
        draft.connection = this.#values.text();
        break;
      case "_id":
        draft.id = this.#values.text();
        break;
      case "_connection":
        draft.ownConnection = this.#values.text();
        break;
      case "_client":
        draft.client = this.#values.text();
        break;
      case "_host":
        draft.host = this.#values.text();
        break;
      case "_port":
        draft.port = this.#values.size();
        break;
      case "_error":
        draft.error = this.#values.text();
        break;
      case "_unfinished":
        draft.isUnfinished = cursor.literal() === true;
        break;
      case "":
        cursor.skip();
        break;
      default:
        stop();
    }
  }
}

interface Draft {
  started: string;
  time: number | null;
  request: RequestParts | null;
  response: HttpResponse | null;
  kind: string;
  number: number | null;
  connection: string;
  id: string;
  ownConnection: string;
  client: string;
  host: string;
  port: number | null;
  error: string;
  isUnfinished: boolean;
}

function newDraft(): Draft {
  return {
    started: "",
    time: null,
    request: null,
    response: null,
    kind: "",
    number: null,
    connection: "",
    id: "",
    ownConnection: "",
    client: "",
    host: "",
    port: null,
    error: "",
    isUnfinished: false,
  };
}

/** The target recorded by this program's journal. */
function ownPlace({ host, port }: Draft, url: string): UrlParts | null {
  const own = portOf(port);
  if (host === "" || own === null) return null;
  return { scheme: url.startsWith("https:") ? "https" : "http", host, port: own, target: "/" };
}
