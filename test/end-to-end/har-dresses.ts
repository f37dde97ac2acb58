// One HAR as other exporters write the same traffic, and packed or coded as it reaches a ticket. `bytes` gives the file.
import { gzipSync } from "node:zlib";
import { zipSync } from "fflate";

interface Field {
  readonly name: string;
  readonly value: string;
}
interface Entry {
  readonly startedDateTime: string;
  readonly request: { readonly method: string; readonly url: string; readonly headers: readonly Field[] };
  readonly response: { readonly headers: readonly Field[]; readonly status: number; readonly statusText: string };
}
export interface Har {
  readonly log: { readonly entries: readonly Entry[] };
}
export type HarDress = (har: Har) => Uint8Array | null;

const text = (value: unknown, indent?: number): Buffer => Buffer.from(JSON.stringify(value, null, indent));
const utf16 = (value: string): Buffer => Buffer.from(`\ufeff${value}`, "utf16le");
const mapEntries = (har: Har, creator: object, change: (entry: Entry) => object): Buffer =>
  text({ log: { ...har.log, creator, entries: har.log.entries.map(change) } });

/** HTTP Toolkit's `asHarHeaders` (httptoolkit-ui, src/model/http/har.ts): names in lower case, repeated fields joined with a comma. */
function joined(fields: readonly Field[]): readonly Field[] {
  const values = new Map<string, string[]>();
  for (const { name, value } of fields) {
    const key = name.toLowerCase();
    values.set(key, [...(values.get(key) ?? []), value]);
  }
  return [...values].map(([name, all]) => ({ name, value: all.join(",") }));
}

/** A session of Fiddler: raw messages. Not for a CONNECT, which is no exchange there. */
function saz(har: Har): Uint8Array | null {
  if (har.log.entries.some(({ request }) => request.method === "CONNECT")) return null;
  const lines = (fields: readonly Field[]) =>
    fields
      .filter(({ name }) => !name.startsWith(":") && name.toLowerCase() !== "content-length")
      .map(({ name, value }) => `${name}: ${value}\r\n`)
      .join("");
  const members = har.log.entries.flatMap(({ request, response, startedDateTime }, at) => {
    const body = (response as { content?: { text?: string } }).content?.text ?? "";
    const timers = `<Session><SessionTimers ClientBeginRequest="${startedDateTime}" /></Session>`;
    return [
      [`raw/${at + 1}_c.txt`, `${request.method} ${request.url} HTTP/1.1\r\n${lines(request.headers)}\r\n`],
      [
        `raw/${at + 1}_s.txt`,
        `HTTP/1.1 ${response.status} ${response.statusText}\r\n${lines(response.headers)}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      ],
      [`raw/${at + 1}_m.xml`, timers],
    ] as const;
  });
  return zipSync(Object.fromEntries(members.map(([name, content]) => [name, Buffer.from(content)])));
}

export const harDresses: Readonly<Record<string, HarDress>> = {
  "on one line": (har) => text(har),
  indented: (har) => text(har, 2),
  "UTF-16": (har) => utf16(JSON.stringify(har, null, 1)),
  "packed with gzip": (har) => gzipSync(text(har)),
  "newest first": (har) => text({ log: { ...har.log, entries: har.log.entries.toReversed() } }),
  // Its manual: "Export Session… > HTTP Archive"
  Charles: (har) =>
    mapEntries(har, { name: "Charles Proxy", version: "4.6.2" }, (entry) => ({
      ...entry,
      _charlesStatus: "COMPLETE",
      serverIPAddress: "192.0.2.10",
    })),
  "HTTP Toolkit": (har) =>
    mapEntries(har, { name: "HTTP Toolkit", version: "1.12.6" }, (entry) => ({
      ...{ ...entry, pageref: "Chrome" },
      request: { ...entry.request, headers: joined(entry.request.headers) },
      response: { ...entry.response, headers: joined(entry.response.headers) },
    })),
  // No public sample of its dialect was found: HAR 1.2 as its manual promises, with the program as creator.
  Proxyman: (har) => mapEntries(har, { name: "Proxyman", version: "5.14.0" }, (entry) => entry),
  // Sizes that are not known, times in another zone
  "Firefox 111": (har) =>
    mapEntries(har, { name: "Firefox", version: "111.0" }, (entry) => ({
      ...{ ...entry, time: null, timings: {}, _securityState: "secure" },
      request: { ...entry.request, headersSize: null, bodySize: null },
      response: { ...entry.response, bodySize: null },
    })),
  "Fiddler's SAZ": saz,
};
