// The last look takes a file back when it finds something. It must not find what is harmless: each text here is one that a
// capture may hold anywhere, and every format of it can be handed over.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unzipSync } from "fflate";
import { afterAll, beforeAll, expect, test } from "vitest";
import { exportAll } from "../support/export-all.ts";
import { runCli } from "../support/run-cli.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "realmscope-harmless-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Parts {
  readonly target?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly answer?: Readonly<Record<string, string>>;
  readonly body?: string;
}

function entry({ target = "/EWS/Exchange.asmx", headers = {}, answer = {}, body = "" }: Parts): object {
  const pairs = (of: Readonly<Record<string, string>>): object[] =>
    Object.entries(of).map(([name, value]) => ({ name, value }));
  return {
    startedDateTime: "2026-01-15T12:00:00.000Z",
    time: 5,
    request: {
      ...{ method: "GET", url: `https://mail.contoso.example${target}`, httpVersion: "HTTP/1.1" },
      headers: pairs(headers),
    },
    response: {
      ...{ status: 200, statusText: "OK", httpVersion: "HTTP/1.1", headers: pairs(answer) },
      content: { size: body.length, mimeType: "", text: body },
    },
  };
}

async function handOver(name: string, entries: readonly object[]): Promise<ReadonlyMap<string, Buffer>> {
  const path = join(folder, `${name}.har`);
  writeFileSync(path, JSON.stringify({ log: { version: "1.2", creator: { name: "x", version: "1" }, entries } }));
  const made = await exportAll(path, join(folder, `${name}-out`));
  const ticket = join(folder, `${name}.zip`);
  expect(await runCli(["ticket", path, "-o", ticket])).toMatchObject({ code: 0, stderr: "" });
  return new Map<string, Buffer>([...made, ["ticket", readFileSync(ticket)]]);
}

const run = "a1B2/c3D4/e5F6/g7H8/i9J0/k1L2/m3N4/o5P6/q7R8";
const base64 = (text: string): string => Buffer.from(text).toString("base64");

test.each<[string, Parts]>([
  ["parts of a path that look drawn together and are short alone", { target: `/api/${run}` }],
  [
    "text beyond ASCII in base64",
    { headers: { "User-Agent": `Client/1.0 (${base64("Büro für Überprüfungen, 東京")})` } },
  ],
  ["a certificate in a reason", { answer: { "x-ms-diagnostics": '2000001;reason="-----BEGIN CERTIFICATE-----MIIB"' } }],
  ["a cookie in a reason", { answer: { "x-ms-diagnostics": '2000001;reason="Set-Cookie: sid=abc"' } }],
  ["credentials in a reason", { answer: { "x-ms-diagnostics": `2000001;reason="Basic ${base64("anna:secret")}"` } }],
  [
    "names of load balancers' cookies",
    { headers: { Cookie: "BIGipServer~Common~pool_exchange_443=1; TS01a2b3c4d5e6f7a8b9c0d1e2f3a4b5c6d7=2" } },
  ],
  [
    "long names of elements",
    {
      body: "<a><GetUserConfigurationX509Certificate2016SubjectKeyIdentifier9/></a>",
      answer: { "content-type": "text/xml" },
    },
  ],
  [
    "a challenge with a nonce",
    { answer: { "WWW-Authenticate": 'Digest realm="a", nonce="kJ8sQ2vX0bLw7ZrT5nMy3PcHd9Gf1AeU6iOoSx4V"' } },
  ],
  [
    "a scope that nobody knows",
    {
      body: JSON.stringify({
        token_type: "Bearer",
        access_token: "x",
        scope: "api://kJ8sQ2vX0bLw7ZrT5nMy3PcHd9Gf1AeU6iOoSx4V/.default",
      }),
      answer: { "content-type": "application/json" },
    },
  ],
  ["a host that a machine named", { headers: { Host: "kj8sq2vx0blw7zrt5nmy3pchd9gf1aeu6iosx4v.cloud.example" } }],
])("%s", { timeout: 60_000 }, async (name, parts) => {
  await handOver(name.replace(/\W+/g, "-"), [entry(parts)]);
});

test("accounts and passwords that are words of the formats themselves", { timeout: 120_000 }, async () => {
  const plain = await handOver("plain", [
    entry({ headers: { Authorization: "Bearer" }, answer: { "WWW-Authenticate": "Bearer" } }),
  ]);
  const texts = [...plain.values()].flatMap((bytes) =>
    bytes.toString("latin1", 0, 2) === "PK"
      ? Object.entries(unzipSync(bytes)).flatMap(([name, member]) => [name, Buffer.from(member).toString("latin1")])
      : [bytes.toString("latin1")],
  );
  // The checksum of a line is not a word, and neither are its last digits.
  const whole = texts.join(" ").replaceAll(/"crc":"[0-9a-f]{8}"/g, "");
  const words = [...new Set(whole.match(/[A-Za-z][A-Za-z0-9]{2,24}/g))];
  // Other digests stand in several files.
  const sought = words.filter((word) => !/^[0-9a-f]{7,}$/i.test(word));
  expect(sought.length).toBeGreaterThan(100);
  const basic = (word: string, password: string): string => `Basic ${base64(`${word}:${password}`)}`;
  await handOver(
    "words",
    sought.map((word) => entry({ headers: { Authorization: basic(word, word) } })),
  );
});
