// Collections in the published formats 2.1 and 2.0 (schema.getpostman.com).
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { SourceSummary } from "../../../src/core/capture-event.ts";
import type { HttpTransaction } from "../../../src/core/http-transaction.ts";
import { openCapture } from "../../../src/sources/open-capture.ts";

async function read(content: string): Promise<{ transactions: HttpTransaction[]; summary: SourceSummary }> {
  const folder = mkdtempSync(join(tmpdir(), "realmscope-postman-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "collection");
  writeFileSync(path, content);
  const capture = await openCapture(path);
  const transactions: HttpTransaction[] = [];
  for await (const event of capture.events) if (event.kind === "transaction") transactions.push(event.transaction);
  return { transactions, summary: capture.summary() };
}

const schema = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json";
const collection = (item: readonly unknown[], more: object = {}): string =>
  JSON.stringify({ info: { _postman_id: "5d7e0c1a", name: "EWS", schema }, item, ...more }, null, "\t");

const url = {
  raw: "https://mail.contoso.example/EWS/Exchange.asmx?a=1",
  ...{ protocol: "https", host: ["mail", "contoso", "example"], path: ["EWS", "Exchange.asmx"] },
  query: [{ key: "a", value: "1" }],
};
const request = {
  method: "POST",
  header: [
    { key: "Authorization", value: "Bearer abc", type: "text" },
    { key: "X-Off", value: "1", disabled: true },
    { key: "Content-Type", value: "text/xml" },
  ],
  body: { mode: "raw", raw: "<a>ä</a>" },
  url,
};
const answer = {
  name: "refused",
  originalRequest: request,
  ...{ status: "Unauthorized", code: 401, _postman_previewlanguage: "xml", cookie: [], responseTime: 42 },
  header: [
    { key: "Date", value: "Thu, 15 Jan 2026 12:00:07 GMT" },
    { key: "WWW-Authenticate", value: "Negotiate" },
    { key: "WWW-Authenticate", value: 'Bearer client_id="00000002-0000-0ff1-ce00-000000000000"' },
  ],
  body: "no",
};
const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString("utf8");

test("a saved answer becomes a transaction with the request that is saved with it", async () => {
  const item = { name: "call", request: { ...request, method: "GET" }, response: [answer, { ...answer, code: 200 }] };
  const { transactions, summary } = await read(collection([{ name: "folder", item: [item] }]));
  expect(summary).toMatchObject({ format: "postman", transactions: 2, truncated: false, problems: [] });
  expect(transactions[0]).toMatchObject({
    ...{ id: "t1", scheme: "https", host: "mail.contoso.example", port: 443, durationMs: 42, failure: null },
    startedAt: Date.parse("2026-01-15T12:00:07Z"),
    request: {
      ...{ method: "POST", target: "/EWS/Exchange.asmx?a=1" },
      headers: [
        ["Authorization", "Bearer abc"],
        ["Content-Type", "text/xml"],
      ],
    },
    response: { status: 401, reason: "Unauthorized" },
  });
  expect(transactions[0]?.response?.headers).toHaveLength(3);
  expect([text(transactions[0]?.request.body.bytes), text(transactions[0]?.response?.body.bytes)]).toEqual([
    "<a>ä</a>",
    "no",
  ]);
  expect(transactions[1]?.response?.status).toBe(200);
});

test("a request without a saved answer, a URL in parts, format 2.0, and the answer of Postman's API", async () => {
  const { raw: _, ...parts } = url;
  const old = {
    method: "GET",
    header: "Authorization: Bearer abc\nAccept: */*",
    url: "http://mail.contoso.example:81/x",
  };
  const whole: unknown = JSON.parse(
    collection([{ request: { ...request, url: parts } }, { request: old }, { request: url.raw }]),
  );
  const { transactions } = await read(JSON.stringify({ collection: whole }));
  expect(transactions).toMatchObject([
    { host: "mail.contoso.example", request: { target: url.raw.slice(28) }, response: null },
    {
      scheme: "http",
      port: 81,
      request: {
        target: "/x",
        headers: [
          ["Authorization", "Bearer abc"],
          ["Accept", "*/*"],
        ],
      },
    },
    { scheme: "https", request: { method: "GET" }, failure: "no answer is saved with the request" },
  ]);
});

test("variables of the collection are replaced; a request that needs others is left out, and that is told", async () => {
  const send = (address: string, token: string): unknown => ({
    request: { method: "GET", url: address, header: [{ key: "Authorization", value: `Bearer ${token}` }] },
  });
  const { transactions, summary } = await read(
    collection([send("{{base}}/EWS/", "{{token}}"), send("{{other}}/EWS/", "x"), send("{{base}}/", "{{secret}}")], {
      variable: [
        { key: "base", value: "https://mail.contoso.example" },
        { key: "token", value: "abc" },
      ],
    }),
  );
  expect(transactions).toMatchObject([
    { id: "t1", host: "mail.contoso.example", request: { headers: [["Authorization", "Bearer abc"]] } },
  ]);
  expect(summary.problems).toEqual([
    "request 2 was skipped: its URL has variables whose values are not in the collection",
    "request 3 was skipped: its Authorization has variables whose values are not in the collection",
  ]);
});

test("the authorisation of a request, a folder and the collection", async () => {
  const bearer = (token: string): object => ({
    type: "bearer",
    bearer: [{ key: "token", value: token, type: "string" }],
  });
  const basic = {
    type: "basic",
    basic: [
      { key: "username", value: "me" },
      { key: "password", value: "x" },
    ],
  };
  const plain = { method: "GET", url: url.raw };
  const { transactions } = await read(
    collection(
      [
        { request: { ...plain, auth: basic } },
        { auth: bearer("folder"), item: [{ request: plain }, { request: { ...plain, auth: { type: "noauth" } } }] },
        { request: plain },
      ],
      { auth: bearer("all") },
    ),
  );
  expect(transactions.map((one) => one.request.headers)).toEqual([
    [["Authorization", `Basic ${btoa("me:x")}`]],
    [["Authorization", "Bearer folder"]],
    [],
    [["Authorization", "Bearer all"]],
  ]);
});

test("a form is sent as Postman sends it", async () => {
  const form = {
    mode: "urlencoded",
    urlencoded: [
      { key: "grant_type", value: "client_credentials" },
      { key: "a", value: "b c&" },
    ],
  };
  const { transactions } = await read(collection([{ request: { ...request, body: form } }]));
  expect(text(transactions[0]?.request.body.bytes)).toBe("grant_type=client_credentials&a=b+c%26");
});

test("folders beyond 64 levels are left out and told", async () => {
  let deep: object = { request: url.raw };
  for (let level = 0; level < 100; level++) deep = { item: [deep] };
  const { transactions, summary } = await read(collection([{ request: url.raw }, deep]));
  expect(transactions).toHaveLength(1);
  expect(summary.problems).toEqual(["a folder was skipped: it is nested deeper than 64 levels"]);
});

test("a cut collection is refused", async () => {
  await expect(read(collection([{ request }]).slice(0, -20))).rejects.toMatchObject({ code: "not-a-collection" });
});
