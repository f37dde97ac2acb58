// Whatever is given: exit 0 comes with a line that means something on standard output, and any other exit with one that says what to do.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { decodePaste } from "../../src/decoders/pasted/decode-paste.ts";
import { dresses } from "../decoders/pasted/dresses.ts";
import { truths } from "../decoders/pasted/truths.ts";
import { wrappings } from "../decoders/pasted/wrappings.ts";
import { actorToken } from "../decoders/token-maker.ts";
import { type CliResult, runCli } from "../support/run-cli.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "realmscope-silent-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const fieldsAlone = "Content-Type: text/xml\nContent-Length: 0\nServer: Microsoft-IIS/10.0";
const inputs: Readonly<Record<string, string>> = {
  nothing: "",
  blanks: " \n\t\n",
  "a word": "hello",
  prose: "Since Monday nothing works any more.\nPlease help.",
  "fields that say nothing about signing in": fieldsAlone,
  "a start line alone": "POST /EWS/Exchange.asmx HTTP/1.1",
  "an answer alone": "HTTP/1.1 200 OK\n\n<s:Envelope/>",
  "an answer without a body": "HTTP/1.1 503 Service Unavailable",
  "several answers": "HTTP/1.1 200 OK\n\nHTTP/1.1 200 OK\n\nHTTP/1.1 204 No Content\n",
  "a probe": "Authorization: Bearer",
  "a cut token": actorToken.slice(0, 200),
  "empty JSON": "{}",
  "other JSON": '{"hello":"world"}',
  "a list of JSON": "[1,2,3]",
  "JSON that ends too early": '{"a":',
  XML: "<a><b/></a>",
  HTML: "<html><body><p>Hello</p></body></html>",
  "a head of CSV without rows": "DateTime,RequestId,MajorVersion,MinorVersion",
  "a head of an IIS log without rows": "#Fields: date time cs-method cs-uri-stem sc-status",
  "a row without its head": "2025-11-30 11:00:01 192.0.2.1 POST /EWS/Exchange.asmx - 443 - 192.0.2.2 - - 401 0 0 10",
  "a test without a result": "Test-OAuthConnectivity -Service EWS",
  "a passed test": "Task        : Checking EWS API Call Under Oauth\nDetail      : ok\nResultType  : Success\n",
  "a hexadecimal dump": "00000000: 504f 5354 202f 4557 532f 4578 6368 616e  POST /EWS/Exchan",
  "a dump of a cookie": "Cookie: ClientId=7",
  "NUL characters": "\u0000\u0000\u0000\u0000",
  "control characters": "\u001b[2J\u001b]0;x\u0007",
  "one long line": "x".repeat(200_000),
  "one long line of a token": "ey".repeat(50_000),
};

/** A line that says something: not only its kind, not an empty frame. */
function expectMeaning({ code, stdout, stderr }: CliResult): void {
  const lines = stdout.split("\n").filter((line) => /[\p{L}\p{N}]{2}/u.test(line));
  if (code === 0)
    expect(
      lines.filter((line) => !/^kind: \S+$/.test(line)),
      stdout + stderr,
    ).not.toEqual([]);
  else {
    expect([1, 2, 3]).toContain(code);
    expect(`${stdout}${stderr}`.trim(), "what to do").toMatch(/[A-Za-z]{3}.*[.:]/s);
  }
}

describe.each(Object.entries(inputs))("%s", (name, text) => {
  test("decode", async () => {
    expectMeaning(await runCli(["decode"], { input: text }));
  });

  test("decode --quiet and --json", async () => {
    const quiet = await runCli(["decode", "--quiet"], { input: text });
    if (quiet.code === 0) expect(quiet.stdout).toMatch(/\w/);
    const json = await runCli(["decode", "--json"], { input: text });
    expect(json.code).toBe(quiet.code);
    if (json.code === 0) expect(JSON.parse(json.stdout)).toMatchObject({ kind: expect.stringMatching(/^(?!unknown)/) });
  });

  test("replay of a file of it", async () => {
    const path = join(folder, `${name.replace(/\W/g, "-")}.txt`);
    writeFileSync(path, text);
    expectMeaning(await runCli(["replay", path]));
  });
});

test("what is read of any text has a member with a value: every dress, every wrapping, any piece of either", async () => {
  const members = (value: unknown): number =>
    value === null || value === ""
      ? 0
      : typeof value === "object"
        ? Object.values(value).reduce((sum: number, one) => sum + members(one), 0)
        : 1;
  const exchange = Object.values(truths)[0];
  if (exchange === undefined) throw new Error("no truth");
  const texts = Object.values(dresses).map((dress) => dress(exchange));
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...texts),
      fc.constantFrom(...Object.values(wrappings)),
      fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })),
      async (text, wrap, [from, length]) => {
        const start = Math.floor(from * text.length);
        const piece = wrap(text.slice(start, start + Math.ceil(length * 1500)));
        const { kind, value } = await decodePaste(piece);
        expect(members(value), kind).toBeGreaterThan(0);
      },
    ),
    { numRuns: 300 },
  );
});
