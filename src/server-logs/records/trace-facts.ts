// What a trace of one failed request of IIS (`fr000001.xml`) says: the attributes of `<failedRequest>` and its events.
import { readRecordTime } from "./record-time.ts";
import { childOf, readXmlElement, type XmlElement } from "./xml-element.ts";

/** What the events of a trace say, gathered while they are read. */
export interface TraceFacts {
  /** Heads as text; null where the trace has none. */
  requestHead: string | null;
  responseHead: string | null;
  requestBody: string | null;
  responseBody: string | null;
  connection: string;
  /** Address and port of the client, as written. */
  address: string;
  port: string;
  server: string;
  /** Epoch milliseconds of the first event with a time. */
  startedAt: number | null;
}

export function startTraceFacts(): TraceFacts {
  return {
    requestHead: null,
    responseHead: null,
    requestBody: null,
    responseBody: null,
    connection: "",
    address: "",
    port: "",
    server: "",
    startedAt: null,
  };
}

/** Longest body that is kept, in characters. */
export const longestTraceBody = 2 * 1024 * 1024;

/** Adds an `<Event>` of the trace; false for one that cannot be read. */
export function addTraceEvent(facts: TraceFacts, text: string): boolean {
  const event = readXmlElement(text, { elements: 2000, depth: 16 });
  if (typeof event === "string") return false;
  const system = childOf(event, "System");
  facts.startedAt ??= readRecordTime(childOf(system, "TimeCreated")?.attributes.get("SystemTime") ?? "")?.at ?? null;
  if (facts.server === "") facts.server = (childOf(system, "Computer")?.text ?? "").trim().slice(0, 255);
  const data = dataOf(childOf(event, "EventData"));
  const value = (name: string): string => data.get(name) ?? "";
  switch (operationOf(event, data)) {
    case "GENERAL_REQUEST_START":
      facts.connection ||= value("ConnId")
        .replace(/[^0-9A-Za-z-]/g, "")
        .slice(0, 40);
      break;
    case "GENERAL_ENDPOINT_INFORMATION":
      if (facts.address === "") [facts.address, facts.port] = [value("RemoteAddress"), value("RemotePort")];
      break;
    case "GENERAL_REQUEST_HEADERS":
      facts.requestHead ??= value("Headers");
      break;
    case "GENERAL_RESPONSE_HEADERS":
      // A module may send its head again; the last one was sent.
      facts.responseHead = value("Headers");
      break;
    case "GENERAL_REQUEST_ENTITY":
      facts.requestBody = joined(facts.requestBody, value("Buffer"));
      break;
    case "GENERAL_RESPONSE_ENTITY_BUFFER":
      facts.responseBody = joined(facts.responseBody, value("Buffer"));
      break;
    default:
  }
  return true;
}

/** The names of operations are those of the provider's manifest, in every language of the server; a trace may be saved without them. */
function operationOf(event: XmlElement, data: ReadonlyMap<string, string>): string {
  const named = (childOf(childOf(event, "RenderingInfo"), "Opcode")?.text ?? "").trim();
  const head = data.get("Headers");
  if (named !== "" || head === undefined) return named;
  return /^Host:/im.test(head) ? "GENERAL_REQUEST_HEADERS" : "GENERAL_RESPONSE_HEADERS";
}

function joined(before: string | null, more: string): string {
  const text = before ?? "";
  return text.length > longestTraceBody ? text : text + more;
}

function dataOf(element: XmlElement | undefined): ReadonlyMap<string, string> {
  return new Map((element?.children ?? []).map((child) => [child.attributes.get("Name") ?? "", child.text]));
}

const longestStart = 131_072;

/** The attributes of `<failedRequest …>` in the first characters of a trace; null without it, and behind a document type, which no trace has. */
export function readTraceRoot(start: string): XmlElement["attributes"] | null {
  const tag = /<failedRequest\s[^<>]{0,131072}>/.exec(start.slice(0, 2 * longestStart));
  if (tag === null || /<!DOCTYPE/i.test(start.slice(0, tag.index))) return null;
  const element = readXmlElement(`${tag[0].replace(/\/?>$/, "")}/>`);
  return typeof element === "string" ? null : element.attributes;
}

/** Number of the status, without its sub-status; 0 without one. */
export function traceStatus(root: XmlElement["attributes"]): number {
  return Number(/^\s*([1-9]\d\d)(?:\.\d{1,4})?\s*$/.exec(root.get("statusCode") ?? "")?.[1] ?? 0);
}
