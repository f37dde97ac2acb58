// Requests and answers, from good to impossible.
import type { Random } from "./random.ts";

const methods = ["GET", "GET", "POST", "POST", "HEAD", "PUT", "OPTIONS", "DELETE", "PROPFIND", "TRACE", "PATCH"];
const versions = ["1.1", "1.1", "1.1", "1.1", "1.1", "1.0", "1.0", "0.9", "2.0", "3.7"];

const requestFields = [
  "Connection: close",
  "Connection: keep-alive",
  "Connection: Upgrade",
  "Connection: Upgrade, X-One, HTTP2-Settings",
  "Connection: Content-Length, Host, Transfer-Encoding",
  "Upgrade: h2c",
  "Upgrade: websocket",
  "Upgrade: WebSocket, x",
  "HTTP2-Settings: AAMAAABk",
  "Expect: 100-continue",
  "Expect: the-unexpected",
  "TE: trailers",
  "Trailer: X-Sum",
  "X-One: 1",
  "Authorization: Bearer eyJhbGciOiJub25lIn0.eyJpc3MiOiJ4In0.",
  "Authorization: NTLM TlRMTVNTUAABAAAA",
  "Proxy-Connection: keep-alive",
  "Cookie: a=b",
  "X-High: \xe9\xff",
  "X-Control: a\x01b",
  "X-Bare: a\rb",
  ": no name",
  "No colon",
  " folded",
];

const answerFields = [
  "Connection: close",
  "Connection: keep-alive",
  "Connection: Trailer, Content-Length",
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Upgrade: h2c",
  "Trailer: X-Sum",
  "trailer: X-Sum, X-Other",
  "Trailer:",
  'WWW-Authenticate: Bearer client_id="x"',
  "WWW-Authenticate: NTLM",
  "Content-Encoding: gzip",
  "Keep-Alive: timeout=1",
  "Date: never",
  "X-High: \xe9\xff",
  "X-Control: a\x01b",
  "X-Null: a\x00b",
  "X-Bare: a\rb",
  "Set-Cookie: a=b",
  ": no name",
  "No colon",
  " folded",
  "X y: 1",
];

const statuses = [
  "200",
  "200",
  "200",
  "204",
  "205",
  "206",
  "301",
  "304",
  "400",
  "401",
  "403",
  "404",
  "413",
  "500",
  "503",
];
const oddStatuses = ["101", "100", "102", "103", "199", "099", "000", "600", "999", "20", "2000", "abc", ""];
const phrases = ["OK", "", "Not You", "\xe9\xff", "a\x01b", "a\tb", "x".repeat(3000)];

/** A request to `target` as a proxy or a server gets it. */
export function randomRequest(random: Random, target: string): Buffer {
  const method = random.pick(methods);
  const start = `${method} ${random.chance(0.05) ? oddTarget(random, target) : target} HTTP/${random.pick(versions)}`;
  const host = random.chance(0.9) ? ["Host: w.fuzz.test"] : [];
  const { fields, body } = randomBody(random, method !== "GET" && method !== "HEAD");
  return message(random, [start, ...host, ...some(random, requestFields), ...fields], body);
}

function oddTarget(random: Random, target: string): string {
  return random.pick([
    "/",
    "*",
    `${target}\x7f`,
    `${target}\xe9`,
    "http://",
    "http://127.0.0.1:99999/",
    `${target}${"p".repeat(5000)}`,
    target.replace("http:", "https:"),
  ]);
}

/** Interim answers, an answer, and perhaps another that nobody asked for. */
export function randomAnswer(random: Random): Buffer {
  const parts: Buffer[] = [];
  for (let count = random.chance(0.2) ? random.below(4) : 0; count > 0; count -= 1)
    parts.push(Buffer.from(`HTTP/1.1 ${random.pick(["100", "102", "103", "199"])} Wait\r\nX-One: 1\r\n\r\n`));
  const status = random.chance(0.1) ? random.pick(oddStatuses) : random.pick(statuses);
  const version = random.chance(0.92) ? "1.1" : random.pick(["1.0", "0.9", "2.0"]);
  const phrase = random.chance(0.85) ? "OK" : random.pick(phrases);
  const { fields, body } = randomBody(random, status !== "204" && status !== "304");
  parts.push(message(random, [`HTTP/${version} ${status} ${phrase}`, ...some(random, answerFields), ...fields], body));
  if (random.chance(0.05)) parts.push(random.bytes(random.below(60)));
  return Buffer.concat(parts);
}

/** An answer to a WebSocket's request, 101 or anything but. */
export function randomUpgradeAnswer(random: Random): Buffer {
  if (random.chance(0.5)) return randomAnswer(random);
  const accepted = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
  return Buffer.concat([Buffer.from(accepted), random.bytes(random.below(300))]);
}

function some(random: Random, fields: readonly string[]): string[] {
  return Array.from({ length: random.below(4) }, () => random.pick(fields));
}

interface Body {
  readonly fields: readonly string[];
  readonly body: Buffer;
}

function randomBody(random: Random, isLikely: boolean): Body {
  if (!isLikely && random.chance(0.9)) return { fields: [], body: Buffer.alloc(0) };
  const size = random.chance(0.03) ? 200_000 : random.below(1500);
  const bytes = Buffer.alloc(size, "b");
  const sum = random.chance(0.3) ? "X-Sum: 7\r\n" : "";
  const chunks = chunked(random, bytes, sum);
  return random.pick<Body>([
    { fields: [`Content-Length: ${size}`], body: bytes },
    { fields: [`Content-Length: ${size}`], body: bytes },
    { fields: ["Transfer-Encoding: chunked"], body: chunks },
    { fields: ["Transfer-Encoding: chunked", "Trailer: X-Sum"], body: chunks },
    { fields: [], body: bytes },
    // Cut, too long, twice, and contradictory.
    { fields: [`Content-Length: ${size + 100}`], body: bytes },
    { fields: [`Content-Length: ${Math.max(0, size - 100)}`], body: bytes },
    { fields: [`Content-Length: ${size}`, "Content-Length: 3"], body: bytes },
    { fields: [`Content-Length: ${size}`, "Transfer-Encoding: chunked"], body: chunks },
    { fields: ["Transfer-Encoding: gzip"], body: bytes },
    { fields: ["Transfer-Encoding: gzip, chunked"], body: chunks },
    { fields: ["Transfer-Encoding: chunked"], body: bytes },
    { fields: ["Transfer-Encoding: chunked"], body: chunks.subarray(0, random.below(chunks.length + 1)) },
    { fields: ["Content-Length: -1"], body: bytes },
  ]);
}

function chunked(random: Random, bytes: Buffer, trailers: string): Buffer {
  const parts: Buffer[] = [];
  for (let from = 0; from < bytes.length; ) {
    const size = 1 + random.below(Math.min(bytes.length - from, 20_000));
    const extension = random.chance(0.1) ? ";a=b" : "";
    parts.push(
      Buffer.from(`${size.toString(16)}${extension}\r\n`),
      bytes.subarray(from, from + size),
      Buffer.from("\r\n"),
    );
    from += size;
  }
  return Buffer.concat([...parts, Buffer.from(`0\r\n${trailers}\r\n`)]);
}

function message(random: Random, lines: readonly string[], body: Buffer): Buffer {
  const lineEnd = random.chance(0.03) ? "\n" : "\r\n";
  const bytes = Buffer.concat([Buffer.from(`${lines.join(lineEnd)}${lineEnd}${lineEnd}`, "latin1"), body]);
  if (!random.chance(0.04)) return bytes;
  const copy = Buffer.from(bytes);
  copy[random.below(copy.length)] = random.below(256);
  return copy;
}
