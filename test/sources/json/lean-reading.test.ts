// Reading only what is wanted, out of the bytes, must come to the same as reading all of it through JSON.parse: over the
// captures of the project, entries of all kinds, and entries that were damaged.
import { readdirSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { wantedFields } from "../../../src/app/reading/judged-fields.ts";
import { startPacking } from "../../../src/app/reading/pack-events.ts";
import type { SourceSummary } from "../../../src/core/capture-event.ts";
import type { CapturedBody } from "../../../src/core/http-transaction.ts";
import { decodeTransaction } from "../../../src/decoders/messages/decode-transaction.ts";
import type { ByteInput } from "../../../src/sources/input/byte-input.ts";
import type { FileReading } from "../../../src/sources/input/capture.ts";
import { readHar } from "../../../src/sources/json/har-file.ts";
import { readJournal } from "../../../src/sources/json/journal-file.ts";
import { createLeanReader, type LeanReader } from "../../../src/sources/json/lean-entry.ts";
import { openCapture } from "../../../src/sources/open-capture.ts";

/** Everything that leaves the reading thread, and the bodies that stayed there. */
interface Read {
  readonly crossed: readonly unknown[];
  readonly bodies: readonly unknown[];
  readonly summary: SourceSummary;
}

async function readAll(reading: Pick<FileReading, "events" | "summary">): Promise<Read> {
  const packing = startPacking();
  const crossed: unknown[] = [];
  const bodies: unknown[] = [];
  for await (const event of reading.events) {
    const facts = event.kind === "transaction" ? decodeTransaction(event.transaction) : null;
    packing.add({ event, facts });
    crossed.push(packing.take());
    if (event.kind !== "transaction") continue;
    const { request, response } = event.transaction;
    for (const body of [request.body, response?.body]) if (body !== undefined) bodies.push(seen(body));
  }
  return { crossed, bodies, summary: reading.summary() };
}

function seen({ bytes, totalBytes, truncated, contentCoding }: CapturedBody): unknown {
  return { bytes: Buffer.from(bytes).toString("hex"), totalBytes, truncated, contentCoding };
}

/** The bytes in pieces of this size; none of them is there any more when the next is asked for. */
function inputOf(bytes: Buffer, size: number): ByteInput {
  async function* pieces(): AsyncGenerator<Buffer> {
    for (let at = 0; at < bytes.length; at += size) {
      const piece = Buffer.from(bytes.subarray(at, at + size));
      yield piece;
      piece.fill("x");
    }
  }
  const progress = () => ({ done: 0, total: null });
  return {
    start: bytes,
    chunks: pieces(),
    isPlainFile: false,
    isDamaged: () => false,
    progress,
    reuseChunks: () => undefined,
  };
}

type Reader = (path: string, input: ByteInput, lean: LeanReader | null) => FileReading;

async function expectAlike(reader: Reader, bytes: Buffer, size: number): Promise<void> {
  const whole = await readAll(reader("x", inputOf(bytes, bytes.length), null));
  const lean = await readAll(reader("x", inputOf(bytes, size), createLeanReader(wantedFields)));
  expect(lean).toEqual(whole);
}

const captures = readdirSync("captures", { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ndjson"))
  .map((name) => `captures/${name}`);

test.each(captures)("%s says the same when only what is wanted is read", async (path) => {
  const whole = await readAll(await openCapture(path));
  expect(whole.crossed.length).toBeGreaterThan(0);
  expect(await readAll(await openCapture(path, null, wantedFields))).toEqual(whole);
});

const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.string({ maxLength: 60 }),
  fc.constantFrom("", "Bearer", "Bearer eyJhbGciOiJub25lIn0.e30.", "<s:Fault >", 'a"b\\c/d\r\n', "x".repeat(200)),
);
const odd = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.double(),
  fc.integer(),
  text,
  fc.constant([]),
  fc.constant({}),
);
/** Nearly always a value of its kind. */
const mostly = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 150, arbitrary: value }, { weight: 1, arbitrary: odd });
/** The first one, and sometimes another. */
const seldom = <Value>(usual: Value, ...others: readonly Value[]): fc.Arbitrary<Value> =>
  fc.oneof({ weight: 30, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...others) });
const some = { requiredKeys: [] };
const size = mostly(fc.oneof(fc.integer({ min: -1, max: 4000 }), fc.constantFrom(1.5, 1e21, -0, 2 ** 64)));

const headerName = fc.oneof(
  {
    weight: 60,
    arbitrary: fc.constantFrom(
      ...[
        "Host",
        "authorization",
        "Content-Type",
        "WWW-Authenticate",
        "Date",
        "x-ms-diagnostics",
        "X-FEServer",
        ":path",
      ],
      ...["", "Cookie", "client-request-id", "X-Other", "User-Agent"],
    ),
  },
  { weight: 1, arbitrary: fc.constant("ünï") },
);
const headerValue = fc.oneof(
  text,
  fc.constantFrom(
    ...["text/xml; charset=utf-8", "application/x-www-form-urlencoded", "Thu, 15 Jan 2026 08:00:00 GMT", "NTLM"],
    ...['Bearer client_id="x", trusted_issuers="y@*"', '2000003;reason="no";error_category="invalid_token"'],
    ...["Basic Y29udG9zb1xzdmM6UA==", "SkypeSpaces/1.0a$*+", "eyJhbGciOiJub25lIn0.eyJpc3MiOiJhQGIiLCJhdWQiOiJjIn0."],
  ),
);
const headerMembers = { name: mostly(headerName), value: mostly(headerValue) };
const header = mostly(
  fc.oneof(
    { weight: 40, arbitrary: fc.record(headerMembers) },
    { weight: 1, arbitrary: fc.record({ ...headerMembers, comment: text }, some) },
  ),
);
const headers = mostly(fc.array(header, { maxLength: 6 }));
const soap = fc.constantFrom(
  '<?xml version="1.0"?>\r\n<s:Envelope><s:Body><m:GetFolder><t:DistinguishedFolderId Id="inbox"/></m:GetFolder></s:Body></s:Envelope>',
  '<s:Envelope><s:Body><m:R ResponseClass="Error"><m:ResponseCode>ErrorAccessDenied</m:ResponseCode></m:R></s:Body></s:Envelope>',
  '<s:Envelope><s:Body><m:R ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode></m:R></s:Body></s:Envelope>',
  "grant_type=client_credentials&resource=a@b&realm=c",
  '{"access_token":"x","token_type":"Bearer"}',
);
const body = fc.record(
  {
    size,
    mimeType: mostly(fc.constantFrom("", "text/xml", "application/json")),
    text: mostly(fc.oneof(soap, text)),
    encoding: seldom<string | null>("", null, "base64", "Base64"),
    params: seldom<unknown>([], [{ name: "grant_type", value: "password" }]),
    _contentCoding: mostly(fc.constantFrom("", "gzip")),
    _truncated: mostly(fc.boolean()),
    other: fc.constantFrom({ a: [1, { b: null }] }, [], "\u2028"),
  },
  some,
);
const request = fc.record(
  {
    method: mostly(fc.constantFrom("GET", "POST", "")),
    url: mostly(seldom("https://mail.example/EWS/Exchange.asmx", "http://h:81?a#b", "x", "https://[::1]/é")),
    httpVersion: mostly(fc.constantFrom("HTTP/1.1", "h3", "")),
    cookies: fc.constantFrom([], {}),
    headers,
    postData: mostly(body),
    bodySize: size,
    _target: mostly(fc.constantFrom("", "/a?access_token=eyJhbGciOiJub25lIn0.e30.")),
  },
  { requiredKeys: ["url"] },
);
const response = fc.record(
  {
    status: mostly(fc.constantFrom(200, 401, 403, 0, 99, 1000, 200.7)),
    statusText: mostly(text),
    headers,
    content: mostly(body),
    bodySize: size,
    _trailers: seldom<unknown>([], [{ name: "a", value: "b" }]),
    _interim: seldom<unknown>([], [100]),
  },
  some,
);
const entry = fc
  .record(
    {
      startedDateTime: mostly(seldom("2026-01-15T08:00:00.138Z", "2026-01-15T08:00:00.1234567+01:00", "no")),
      time: size,
      request: mostly(request),
      response: mostly(response),
      cache: fc.constant({}),
      timings: fc.constant({ send: 0, wait: -1, receive: 1.25e-7 }),
      _id: mostly(fc.constantFrom("t7", "")),
      _connection: mostly(fc.constantFrom("c1", "é")),
      _client: mostly(fc.constant("10.0.0.1:5000")),
      _host: mostly(fc.constantFrom("mail.example", "")),
      _port: mostly(fc.constantFrom(443, 0, 1.5)),
      _error: mostly(fc.constantFrom("", "the client went away", null)),
      _unfinished: mostly(fc.boolean()),
      connection: mostly(fc.constantFrom("81", "")),
      _eventsOnly: fc.boolean(),
      _ahead: fc.constant([{ k: "refused", at: 1, client: "c", reason: "r" }]),
      deep: fc.constantFrom(nested(20), nested(40)),
    },
    { requiredKeys: ["startedDateTime", "request", "response"] },
  )
  .chain((members) => fc.shuffledSubarray(Object.entries(members), { minLength: Object.keys(members).length }))
  .map((members) => members.filter(([name]) => !rare.has(name) || members.length % 7 === 0));
// Members that send an entry the careful way: not in each, as then nothing would be compared.
const rare: ReadonlySet<string> = new Set(["_eventsOnly", "_ahead", "deep"]);

function nested(levels: number): unknown {
  return levels === 0 ? 1 : [nested(levels - 1)];
}

type Members = readonly (readonly [string, unknown])[];
interface Writing {
  readonly indent: number;
  /** All characters of names and texts by number, or only what is not ASCII. */
  readonly escapes: "none" | "all" | "wide";
}
const writing: fc.Arbitrary<Writing> = fc.record({
  indent: fc.constantFrom(0, 0, 2),
  escapes: fc.constantFrom("none", "none", "none", "wide", "all"),
});

function written(members: Members, { indent, escapes }: Writing): string {
  const json = JSON.stringify(Object.fromEntries(members), null, indent);
  if (escapes === "none") return json;
  const chosen = escapes === "all" ? /[a-f\u0080-\uffff](?=[^"]*")/g : /[\u0080-\uffff]/g;
  return json.replace(chosen, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function har(entries: readonly string[]): string {
  return `\ufeff{"log":{"version":"1.2","creator":{"name":"a","version":"b"},"entries":[${entries.join(",")}]}}`;
}

const fragments = [
  ...['"request":{},', '"request":null,', '"__proto__":{"url":"https://x/"},', '"url":"https://y/",', '"name":"Host",'],
  ...[
    '"text":"again",',
    '"status":500,',
    "\\u0022",
    '"',
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\\",
    "\u0000",
    "0",
    "-",
    "e1",
    " ",
  ],
  ...['"\\u0075rl":"https://z/",', "\n", "tru", "null", "1.", "\u00e9", '"_s2s":[],', '"a":[[[[[[[[]]]]]]]],', "01,"],
];

interface Damage {
  readonly at: number;
  readonly cut: number;
  readonly put: string;
  readonly isAfterBrace: boolean;
}

/** Cuts out, puts in and doubles pieces of the text. */
const damage = fc.array(
  fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    cut: fc.constantFrom(0, 0, 0, 1, 3),
    put: fc.constantFrom("", ...fragments),
    isAfterBrace: fc.boolean(),
  }),
  { maxLength: 3 },
);

function damaged(json: string, damages: readonly Damage[]): string {
  let result = json;
  for (const { at, cut, put, isAfterBrace } of damages) {
    const place = Math.floor(at * result.length);
    const brace = isAfterBrace ? result.indexOf("{", place) + 1 : place;
    result = result.slice(0, brace) + put + result.slice(brace + cut);
  }
  return result;
}

const pieces = fc.constantFrom(1, 7, 64, 333, 4096, 1_000_000);

test("entries of a HAR, whole and damaged", async () => {
  await fc.assert(
    fc.asyncProperty(
      ...([fc.array(fc.tuple(entry, writing), { minLength: 1, maxLength: 5 }), damage, pieces] as const),
      async (entries, damages, piece) => {
        const json = har(entries.map(([members, how]) => written(members, how)));
        const start = json.indexOf("[") + 1;
        const whole = json.slice(0, start) + damaged(json.slice(start), damages);
        await expectAlike(readHar, Buffer.from(whole), piece);
      },
    ),
    { numRuns: 1500 },
  );
});

test("records of a journal, whole and damaged", async () => {
  await fc.assert(
    fc.asyncProperty(
      ...([fc.array(entry, { minLength: 1, maxLength: 5 }), damage, pieces] as const),
      async (entries, damages, piece) => {
        const head = { k: "head", schema: "realmscope.journal/1", startedAt: "x" };
        const records = entries.map((members, index) => ({ k: "entry", n: index + 1, ...Object.fromEntries(members) }));
        const [first = "", ...lines] = [head, ...records].map((record) => JSON.stringify(record));
        const journal = `${first}\n${damaged(`${lines.join("\n")}\n`, damages)}`;
        await expectAlike(readJournal, Buffer.from(journal), piece);
      },
    ),
    { numRuns: 1000 },
  );
});

test("bytes that are no UTF-8 come to the same", async () => {
  await fc.assert(
    fc.asyncProperty(
      ...([entry, fc.uint8Array({ minLength: 1, maxLength: 4 }), fc.double({ min: 0, max: 1, noNaN: true })] as const),
      async (members, bytes, at) => {
        const json = Buffer.from(har([written(members, { indent: 0, escapes: "none" })]));
        const start = json.indexOf("[") + 1;
        const place = start + Math.floor(at * (json.length - start));
        const mixed = Buffer.concat([json.subarray(0, place), bytes, json.subarray(place)]);
        await expectAlike(readHar, mixed, 1_000_000);
      },
    ),
    { numRuns: 800 },
  );
});

test("most entries do not need the careful reader", () => {
  const lean = createLeanReader(wantedFields);
  const entries = fc
    .sample(entry, { numRuns: 300, seed: 1 })
    .map((members) => Buffer.from(JSON.stringify(Object.fromEntries(members))));
  const taken = entries.filter((bytes) => lean.read(bytes, 0, { number: 1, before: 0 }) !== null);
  expect(taken.length).toBeGreaterThan(60);
});
