// Items as Burp Suite saves them ("Save items", with and without base64).
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, onTestFinished, test } from "vitest";
import type { SourceSummary } from "../../../src/core/capture-event.ts";
import type { HttpTransaction } from "../../../src/core/http-transaction.ts";
import { BurpItems } from "../../../src/sources/exports/burp-items.ts";
import { openCapture } from "../../../src/sources/open-capture.ts";

async function read(
  content: string | Uint8Array,
): Promise<{ transactions: HttpTransaction[]; summary: SourceSummary }> {
  const folder = mkdtempSync(join(tmpdir(), "realmscope-burp-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "items");
  writeFileSync(path, content);
  const capture = await openCapture(path);
  const transactions: HttpTransaction[] = [];
  for await (const event of capture.events) if (event.kind === "transaction") transactions.push(event.transaction);
  return { transactions, summary: capture.summary() };
}

const head = `<?xml version="1.0"?>
<!DOCTYPE items [
<!ELEMENT items (item*)>
<!ATTLIST items burpVersion CDATA "">
<!ELEMENT item (time, url, host, port, protocol, method, path, extension, request, status, responselength, mimetype, response, comment)>
<!ELEMENT request (#PCDATA)>
<!ATTLIST request base64 (true|false) "false">
]>
<items burpVersion="2025.1" exportTime="Thu Jan 15 13:05:00 CET 2026">
`;

interface Item {
  readonly time?: string;
  readonly request: string | Buffer;
  readonly response?: string | Buffer;
  readonly isBase64?: boolean;
}

function item({ time = "Thu Jan 15 13:00:00 CET 2026", request, response, isBase64 = true }: Item): string {
  const message = (text: string | Buffer): string =>
    isBase64 ? Buffer.from(text).toString("base64") : text.toString();
  return `  <item>
    <time>${time}</time>
    <url><![CDATA[https://mail.contoso.example/EWS/Exchange.asmx]]></url>
    <host ip="192.0.2.7">mail.contoso.example</host>
    <port>443</port>
    <protocol>https</protocol>
    <method><![CDATA[POST]]></method>
    <path><![CDATA[/EWS/Exchange.asmx]]></path>
    <extension>asmx</extension>
    <request base64="${isBase64}"><![CDATA[${message(request)}]]></request>
    <status>401</status>
    <responselength>10</responselength>
    <mimetype></mimetype>
${response === undefined ? "    <response/>" : `    <response base64="${isBase64}"><![CDATA[${message(response)}]]></response>`}
    <comment></comment>
  </item>
`;
}

const request =
  "POST /EWS/Exchange.asmx HTTP/1.1\r\nHost: mail.contoso.example\r\nAuthorization: Bearer abc\r\nContent-Length: 4\r\n\r\n<a/>";
const response =
  'HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Negotiate\r\nwww-authenticate: Bearer client_id="00000002-0000-0ff1-ce00-000000000000"\r\nDate: Thu, 15 Jan 2026 12:00:07 GMT\r\nContent-Length: 2\r\n\r\nno';
const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString("utf8");

test.each([true, false])("an item becomes a transaction, base64 %s", async (isBase64) => {
  const { transactions, summary } = await read(`${head}${item({ request, response, isBase64 })}</items>\n`);
  expect(summary).toMatchObject({ format: "burp", transactions: 1, truncated: false, problems: [] });
  const [one] = transactions;
  expect(one).toMatchObject({
    ...{ id: "t1", scheme: "https", host: "mail.contoso.example", port: 443, failure: null },
    startedAt: Date.parse("2026-01-15T12:00:00Z"),
    request: { method: "POST", target: "/EWS/Exchange.asmx", version: "HTTP/1.1" },
    response: { status: 401, reason: "Unauthorized", version: "HTTP/1.1" },
  });
  expect(one?.request.headers).toContainEqual(["Authorization", "Bearer abc"]);
  expect(one?.response?.headers.filter(([name]) => /^www-auth/i.test(name))).toHaveLength(2);
  expect([text(one?.request.body.bytes), text(one?.response?.body.bytes)]).toEqual(["<a/>", "no"]);
});

test("an item without an answer", async () => {
  const { transactions } = await read(`${head}${item({ request })}</items>`);
  expect(transactions).toMatchObject([{ response: null, failure: "no answer was recorded" }]);
});

test("HTTP/2, which Burp writes without framing", async () => {
  const { transactions } = await read(
    head +
      item({
        request: "POST /x HTTP/2\r\nHost: mail.contoso.example\r\n\r\n<b/>",
        response: "HTTP/2 200 OK\r\nContent-Type: text/xml\r\n\r\n<c/>",
      }),
  );
  expect(transactions).toMatchObject([
    { request: { version: "HTTP/2" }, response: { version: "HTTP/2", status: 200 } },
  ]);
  expect(text(transactions[0]?.request.body.bytes)).toBe("<b/>");
  expect(text(transactions[0]?.response?.body.bytes)).toBe("<c/>");
});

test("bodies that are chunked, packed, or still say so and are not", async () => {
  const packed = gzipSync("packed");
  const framed = Buffer.concat([
    Buffer.from(`HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${packed.length}\r\n\r\n`),
    packed,
  ]);
  const { transactions } = await read(
    [
      head,
      item({ request, response: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n" }),
      item({ request, response: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n<joined/>" }),
      item({ request, response: framed }),
    ].join(""),
  );
  expect(transactions.map((one) => text(one.response?.body.bytes))).toEqual(["abc", "<joined/>", "packed"]);
});

describe("times", () => {
  test.each([
    ["Thu Jan 15 13:00:00 CET 2026", "2026-01-15T12:00:00Z"],
    ["Wed Jul 01 08:00:00 EDT 2026", "2026-07-01T12:00:00Z"],
    ["Thu Jan 15 17:30:00 GMT+05:30 2026", "2026-01-15T12:00:00Z"],
    // CST is a zone of America and one of China: the Date field of the answer decides.
    ["Thu Jan 15 20:00:00 CST 2026", "2026-01-15T12:00:07Z"],
    ["", "2026-01-15T12:00:07Z"],
  ])("%s", async (time, expected) => {
    const { transactions } = await read(`${head}${item({ time, request, response })}</items>`);
    expect(transactions[0]?.startedAt).toBe(Date.parse(expected));
  });
});

test("what cannot be read is told, and the rest is read", async () => {
  const { transactions, summary } = await read(
    `${head}${item({ request: "\u0000\u0001" })}${item({ request, response })}<item><time>cut`,
  );
  expect(transactions).toMatchObject([{ id: "t2" }]);
  expect(summary).toMatchObject({
    truncated: true,
    problems: ["item 1 was skipped: its request cannot be read", "the file ends too early; 1 whole items were read"],
  });
});

const wanted = ["", "<a>x</a>", "<![CDATA[</item><item>]]>", "<![CDATA[<![CDATA[ ]>]]>y"];
const stream = Buffer.from(`junk<items>${wanted.map((content) => `<item>${content}</item>`).join("\n")}</items>`);

test.each([1, 2, 3, 7, 64, 1000])("items are the same in chunks of %i bytes", (length) => {
  const items = new BurpItems();
  const found: string[] = [];
  for (let at = 0; at < stream.length; at += length)
    for (const one of items.push(stream.subarray(at, at + length))) found.push(String(one));
  expect(found).toEqual(wanted);
  expect(items.isInside).toBe(false);
});

test("an item over the limit is not kept, and the next one is read", () => {
  const items = new BurpItems(100);
  const found: (string | null)[] = [];
  const long = `<item>${"x".repeat(500)}<![CDATA[</item>]]></item><item>y</item>`;
  for (const byte of Buffer.from(long))
    for (const one of items.push(Buffer.of(byte))) found.push(one?.toString() ?? null);
  expect(found).toEqual([null, "y"]);
});
