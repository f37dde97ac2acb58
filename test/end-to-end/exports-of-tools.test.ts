// A capture of this program in the formats of other tools gives the same verdict.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Headers } from "../../src/core/headers.ts";
import type { HttpTransaction } from "../../src/core/http-transaction.ts";
import { openCapture } from "../../src/sources/open-capture.ts";
import { runCli } from "../support/run-cli.ts";

async function transactionsOf(path: string): Promise<readonly HttpTransaction[]> {
  const found: HttpTransaction[] = [];
  for await (const event of (await openCapture(path)).events)
    if (event.kind === "transaction") found.push(event.transaction);
  return found;
}

function message(first: string, headers: Headers, body: Uint8Array): Buffer {
  const fields = headers
    .filter(([name]) => !/^(?:content-length|transfer-encoding|content-encoding)$/i.test(name))
    .map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([
    Buffer.from(`${first}\r\n${fields.join("")}Content-Length: ${body.length}\r\n\r\n`, "latin1"),
    body,
  ]);
}

function burp(transactions: readonly HttpTransaction[]): string {
  const items = transactions.map(({ startedAt, scheme, host, port, request, response }) => {
    const [, week, day, month, year, time] =
      /^(\w+), (\d+) (\w+) (\d+) (\S+)/.exec(new Date(startedAt).toUTCString()) ?? [];
    const sent = message(`${request.method} ${request.target} HTTP/1.1`, request.headers, request.body.bytes);
    const received =
      response === null
        ? ""
        : message(`HTTP/1.1 ${response.status} ${response.reason}`, response.headers, response.body.bytes).toString(
            "base64",
          );
    return `<item><time>${week} ${month} ${day} ${time} UTC ${year}</time><url><![CDATA[${scheme}://${host}/]]></url><host ip="">${host}</host><port>${port}</port><protocol>${scheme}</protocol><request base64="true"><![CDATA[${sent.toString("base64")}]]></request><response base64="true"><![CDATA[${received}]]></response></item>`;
  });
  return `<?xml version="1.0"?>\n<items burpVersion="2025.1" exportTime="x">${items.join("\n")}</items>`;
}

const fields = (headers: Headers): object => headers.map(([key, value]) => ({ key, value }));
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("utf8");

function postman(transactions: readonly HttpTransaction[]): string {
  const item = transactions.map(({ startedAt, scheme, host, port, request, response }) => {
    const sent = {
      ...{
        method: request.method,
        header: fields(request.headers),
        url: `${scheme}://${host}:${port}${request.target}`,
      },
      body: { mode: "raw", raw: text(request.body.bytes) },
    };
    const headers: Headers = [["Date", new Date(startedAt).toUTCString()], ...(response?.headers ?? [])];
    const saved =
      response === null
        ? []
        : [
            {
              originalRequest: sent,
              code: response.status,
              status: response.reason,
              header: fields(headers),
              body: text(response.body.bytes),
            },
          ];
    return { name: request.target, request: sent, response: saved };
  });
  const schema = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json";
  return JSON.stringify({ info: { _postman_id: "1", name: "calls", schema }, item });
}

test.each(["basic-fallback", "one-way"].flatMap((name) => [[name, "burp"] as const, [name, "postman"] as const]))(
  "%s as %s",
  async (name, format) => {
    const folder = mkdtempSync(join(tmpdir(), "realmscope-exports-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const original = `captures/${name}.ndjson`;
    const transactions = await transactionsOf(original);
    const path = join(folder, "export");
    writeFileSync(path, format === "burp" ? burp(transactions) : postman(transactions));
    const [judged, exported] = (
      await Promise.all([original, path].map((file) => runCli(["replay", "--json", file])))
    ).map(({ code, stdout }) => ({ code, analysis: lastLine(stdout) }));
    expect(exported?.analysis.sources).toMatchObject([{ format, transactions: transactions.length, problems: [] }]);
    expect(exported?.analysis.verdict).toBe(judged?.analysis.verdict);
    expect(exported?.code).toBe(judged?.code);
  },
);

function lastLine(stdout: string): { readonly verdict: string; readonly sources: unknown } {
  const analysis: { verdict: string; sources: unknown } = JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
  return analysis;
}
