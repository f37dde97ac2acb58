// Writes the files of the reading benchmark: the same traffic in each format, with its true counts in a file beside it.
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { Zip, ZipDeflate } from "fflate";
import { type MadeEntry, startTraffic, type Truth } from "./read-traffic.ts";

export type Format = "har" | "journal" | "saz" | "flow";

export interface MadeFile {
  readonly path: string;
  readonly truth: Truth;
}

/** To be increased when the written content changes, so that older files are made again. */
const versions: Readonly<Record<Format, number>> = { har: 1, journal: 2, saz: 1, flow: 1 };

/** The file of this format and about this size; it is made if it does not exist. */
export function madeFile(folder: string, format: Format, megabytes: number, seed = 1): MadeFile {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `v${versions[format]}-${seed}-${megabytes}mb.${format}`);
  const truthPath = `${path}.truth.json`;
  if (existsSync(truthPath)) return { path, truth: JSON.parse(readFileSync(truthPath, "utf8")) };
  const traffic = startTraffic(seed);
  const output = new Output(`${path}.partial`);
  writers[format](output, megabytes * 1e6, () => traffic.next());
  output.close();
  renameSync(`${path}.partial`, path);
  writeFileSync(truthPath, `${JSON.stringify(traffic.truth)}\n`);
  return { path, truth: traffic.truth };
}

class Output {
  readonly #descriptor: number;
  #pieces: Uint8Array[] = [];
  #waiting = 0;
  size = 0;

  constructor(path: string) {
    this.#descriptor = openSync(path, "w");
  }

  add(piece: string | Uint8Array): void {
    const bytes = typeof piece === "string" ? Buffer.from(piece) : piece;
    this.size += bytes.length;
    this.#waiting += bytes.length;
    this.#pieces.push(bytes);
    if (this.#waiting > 4e6) this.#flush();
  }

  close(): void {
    this.#flush();
    closeSync(this.#descriptor);
  }

  #flush(): void {
    const bytes = Buffer.concat(this.#pieces);
    for (let done = 0; done < bytes.length; ) done += writeSync(this.#descriptor, bytes, done);
    this.#pieces = [];
    this.#waiting = 0;
  }
}

type Writer = (output: Output, target: number, next: () => MadeEntry) => void;

const writers: Readonly<Record<Format, Writer>> = {
  har(output, target, next) {
    output.add('{"log":{"version":"1.2","creator":{"name":"bench","version":"1"},"pages":[],"entries":[');
    for (let count = 0; output.size < target; count++)
      output.add(`${count === 0 ? "" : ","}${JSON.stringify(harEntry(next()))}`);
    output.add("]}}");
  },
  journal(output, target, next) {
    const add = (record: object): void => {
      const open = JSON.stringify(record).slice(0, -1);
      output.add(`${open},"crc":"${crc32(open).toString(16).padStart(8, "0")}"}\n`);
    };
    const tool = { name: "bench", version: "1" };
    add({ k: "head", schema: "realmscope.journal/1", tool, checksum: "crc32" });
    let number = 0;
    while (output.size < target) add({ k: "entry", n: ++number, ...harEntry(next()) });
    add({ k: "end", n: number + 1 });
  },
  saz(output, target, next) {
    const zip = new Zip((error, bytes) => {
      if (error !== null) throw error;
      output.add(bytes);
    });
    const member = (name: string, text: string): void => {
      const file = new ZipDeflate(name, { level: 6 });
      zip.add(file);
      file.push(Buffer.from(text), true);
    };
    for (let number = 1, unpacked = 0; unpacked < target; number++) {
      const [request, answer] = rawMessages(next());
      member(`raw/${number}_c.txt`, request);
      member(`raw/${number}_s.txt`, answer);
      unpacked += request.length + answer.length;
    }
    zip.end();
  },
  flow(output, target, next) {
    while (output.size < target) output.add(flowOf(next()));
  },
};

const pairs = (headers: MadeEntry["headers"]): object[] => headers.map(([name, value]) => ({ name, value }));

function harEntry(entry: MadeEntry): object {
  const isXml = entry.body.startsWith("<");
  return {
    startedDateTime: new Date(entry.startedAt).toISOString(),
    time: 12,
    request: {
      ...{ method: entry.method, url: entry.url, httpVersion: "HTTP/1.1", cookies: [], headers: pairs(entry.headers) },
      ...{ queryString: [], headersSize: -1, bodySize: entry.body.length },
      ...(entry.body === ""
        ? {}
        : { postData: { mimeType: isXml ? "text/xml" : "application/x-www-form-urlencoded", text: entry.body } }),
    },
    response: {
      ...{
        status: entry.status,
        statusText: "",
        httpVersion: "HTTP/1.1",
        cookies: [],
        headers: pairs(entry.answerHeaders),
      },
      ...{ redirectURL: "", headersSize: -1, bodySize: entry.answer.length },
      content: { size: entry.answer.length, mimeType: "text/xml", text: entry.answer },
    },
    ...{ cache: {}, timings: { send: 0, wait: 12, receive: 0 } },
  };
}

function rawMessages(entry: MadeEntry): readonly [string, string] {
  const lines = (headers: MadeEntry["headers"]): string =>
    headers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const length = (text: string): string => `Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
  return [
    `${entry.method} ${entry.url} HTTP/1.1\r\n${lines(entry.headers)}${length(entry.body)}`,
    `HTTP/1.1 ${entry.status} X\r\n${lines(entry.answerHeaders)}${length(entry.answer)}`,
  ];
}

/** One flow as mitmproxy 8 writes it: a dictionary in typed netstrings. */
function flowOf(entry: MadeEntry): string {
  const url = new URL(entry.url);
  const at = entry.startedAt / 1000;
  const message = (headers: MadeEntry["headers"], content: string) => ({
    http_version: "HTTP/1.1",
    headers,
    content,
    trailers: null,
    timestamp_start: at,
    timestamp_end: at + 0.01,
  });
  return tnetstring({
    version: 15,
    type: "http",
    id: `${entry.startedAt}`,
    error: null,
    request: {
      ...message(entry.headers, entry.body),
      ...{
        method: entry.method,
        scheme: url.protocol.slice(0, -1),
        host: url.hostname,
        port: 443,
        path: url.pathname,
        authority: "",
      },
    },
    response: { ...message(entry.answerHeaders, entry.answer), status_code: entry.status, reason: "X" },
  });
}

function tnetstring(value: unknown): string {
  const [text, type] = typed(value);
  return `${Buffer.byteLength(text)}:${text}${type}`;
}

function typed(value: unknown): readonly [string, string] {
  if (value === null) return ["", "~"];
  if (typeof value === "string") return [value, ","];
  if (typeof value === "number") return [String(value), Number.isInteger(value) ? "#" : "^"];
  if (Array.isArray(value)) return [value.map(tnetstring).join(""), "]"];
  const members = Object.entries(value as object).map(
    ([name, member]) => tnetstring(name).replace(/,$/, ";") + tnetstring(member),
  );
  return [members.join(""), "}"];
}
