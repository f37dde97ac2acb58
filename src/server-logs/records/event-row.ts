// Which events become rows: those of `MSExchange OAuth` about certificates, partners, metadata and refused tokens, and the failed
// requests of `MSExchange Availability`.
import type { LogRow } from "../../core/log-row.ts";
import { codeOfOAuthCategory } from "../../core/oauth-categories.ts";
import { wellKnownApplication } from "../../core/well-known-applications.ts";
import { protocolWords } from "../reason-words.ts";
import type { RowPlace, RowReading } from "../row-reader.ts";
import { silentRow } from "../silent-row.ts";
import { guidOf } from "./record-values.ts";
import type { WindowsEvent } from "./windows-event.ts";

const oauth = "msexchange oauth";
const availability = "msexchange availability";

/** Events of `MSExchange OAuth` about what Exchange sends: its signing certificate. The others are about tokens that come in. */
const outgoing: ReadonlySet<number> = new Set([2004, 2005]);
/** Only news: another certificate from the metadata. */
const isNews = 2008;
const refusedToken = 2006;
/** 2004 was seen in public, 4002 is documented; the others are known from one version of Exchange. */
const proven: ReadonlySet<number> = new Set([2004, 4002]);

const longestText = 16_384;
/** A signed or unsigned token: two parts or three of base64url, the first of which is a JSON object. */
const token = /\beyJ[A-Za-z0-9_-]{8,16384}\.[A-Za-z0-9_-]{8,65536}(?:\.[A-Za-z0-9_-]{0,4096})?/;

/** The row of an event; other events of these sources and other sources are dropped. */
export function eventRow(event: WindowsEvent, place: RowPlace): RowReading {
  const provider = event.provider.trim().toLowerCase();
  const isOauth = provider === oauth && event.number >= 2001 && event.number <= 2009;
  if (!isOauth && !(provider === availability && event.number === 4002)) return { kind: "dropped" };
  if (event.time === null) return { kind: "unreadable" };
  const row: LogRow = {
    ...bareRow(event, event.time.at, place),
    ...(isOauth ? oauthMembers(event) : availabilityMembers(event)),
  };
  return { kind: "row", row };
}

function bareRow({ number, computer }: WindowsEvent, at: number, place: RowPlace): LogRow {
  return {
    ...silentRow,
    ...place,
    log: "windows-event",
    side: "front-end",
    direction: "to-exchange",
    endedAt: at,
    server: computer.slice(0, 255),
    operation: String(number),
    isFormUnproven: !proven.has(number),
  };
}

function oauthMembers({ number, parameters }: WindowsEvent): Partial<LogRow> {
  const direction = outgoing.has(number) ? "to-cloud" : "to-exchange";
  if (number === isNews) return { direction };
  const rest = parameters.filter((value) => guidOf(value) === null).map((value) => value.replace(token, ""));
  const written = rest.join("\n").slice(0, longestText);
  const text = protocolWords(written);
  if (number !== refusedToken) {
    const thumbprint = /(?<![0-9a-f])[0-9a-f]{40}(?![0-9a-f])/i.exec(written)?.[0].toLowerCase();
    const refusal = { code: number, category: null, text };
    return { direction, refusal, ...(thumbprint === undefined ? {} : { certificate: thumbprint }) };
  }
  const category = causeIn(written);
  const found = parameters.map((value) => token.exec(value)?.[0]).find((value) => value !== undefined);
  return {
    direction,
    signIn: "bearer-unauthenticated",
    printedToken: found ?? null,
    clientRequestId: parameters.map(guidOf).find((id) => id !== null) ?? requestIdIn(written),
    refusal: { code: diagnosticsCode(written) ?? codeOfOAuthCategory(category ?? "") ?? number, category, text },
  };
}

/** Of a message without parameters: the id behind its name, else the only id in it that is not that of an application of Microsoft. */
function requestIdIn(text: string): string | null {
  const named = /\bclient[- ]?request[- ]?id\b[^0-9a-f\n]{1,16}([0-9a-f-]{36})\b/i.exec(text)?.[1] ?? "";
  const ids = [...text.matchAll(/(?<![0-9a-z-])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9a-z@/-])/gi)];
  const others = new Set(ids.map(([id]) => id.toLowerCase()).filter((id) => wellKnownApplication(id) === undefined));
  const [only = ""] = others.size === 1 ? others : [];
  return guidOf(named) ?? guidOf(only);
}

/** A number of the series of `x-ms-diagnostics`. */
function diagnosticsCode(text: string): number | null {
  const code = /(?<![\d.])(?:20000[0-2]\d|4000000)(?![\d.])/.exec(text)?.[0];
  return code === undefined ? null : Number(code);
}

/** The name of a cause in the exception: its category, its error code, else its class. Names are not translated. */
function causeIn(text: string): string | null {
  const found =
    /\b(?:invalid_(?:signature|token|resource|tenant|user|client|grant|certificate)|token_expired|internal_error|oauth_not_available)\b/.exec(
      text,
    ) ??
    /\b(?:ErrorCode|OAuthErrors)[ \t]?[:=.][ \t]?([A-Z][A-Za-z0-9]{2,60})\b/.exec(text) ??
    /\b([A-Z][A-Za-z0-9]{2,80}Exception)\b/.exec(text);
  return found === null ? null : (found[1] ?? found[0]);
}

/** The target and the status of a failed request to another organisation. */
function availabilityMembers({ parameters }: WindowsEvent): Partial<LogRow> {
  const text = parameters.join(" ").slice(0, longestText);
  const [, host = "", path = ""] =
    /\bhttps?:\/\/(?:[^\s/?#@"'<>]{0,256}@)?([A-Za-z0-9.-]{1,253})(?::\d{1,5})?(\/[^\s?#"'<>]{0,300})?/.exec(text) ??
    [];
  const status = statusIn(text);
  const error = /\b([A-Z][A-Za-z0-9]{2,80}Exception)\b/.exec(text)?.[1] ?? "the request failed";
  return {
    direction: "to-cloud",
    host: host.toLowerCase(),
    path,
    status,
    failure: status === null ? error : `${error}, HTTP ${status}`,
  };
}

/** `(401)` of a WebException and `HTTP status 401:` of a SOAP client, in any language. */
function statusIn(text: string): number | null {
  const status = /\(([45]\d\d)\)/.exec(text)?.[1] ?? /\bHTTP\b[^\d\n/]{0,24}\b([45]\d\d)(?!\d)/i.exec(text)?.[1];
  return status === undefined ? null : Number(status);
}
