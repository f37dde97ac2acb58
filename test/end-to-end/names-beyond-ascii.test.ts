// Names in the letters of the world: a capture that has them can be handed over, and they are gone from it.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unzipSync } from "fflate";
import { afterAll, beforeAll, expect, test } from "vitest";
import { exportAll } from "../support/export-all.ts";
import { runCli } from "../support/run-cli.ts";

const accounts = [
  ["BÜRO", "svc-teams"],
  ["CONTOSO", "jürgen.größe"],
  ["CONTOSO", "ÄNNE.Öztürk"],
  ["CONTOSO", "jose\u0301.pen\u0303a"],
  ["МОСКВА", "анна.иванова"],
  ["ΑΘΗΝΑ", "νίκος.ανδρέου"],
  ["東京", "田中花子"],
  ["서울", "김민수"],
  ["CONTOSO", "אבי.כהן"],
  ["CONTOSO", "İbrahim.ışık"],
] as const;
const mailDomains = ["contoso.example", "büro.example", "xn--bro-hoa.example", "пример.example"] as const;

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "realmscope-names-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const segment = (part: object): string => Buffer.from(JSON.stringify(part)).toString("base64url");
/** The bytes of UTF-8, a character each: so a proxy reads a header field. */
const misread = (text: string): string => Buffer.from(text).toString("latin1");

function entriesOf([domain, user]: readonly [string, string], mailDomain: string): readonly object[] {
  const basic = (account: string, coding: "utf8" | "latin1"): string =>
    `Basic ${Buffer.from(`${account}:pw-of-${account.length}-Xk29`, coding).toString("base64")}`;
  const account = `${domain}\\${user}`;
  const address = `${user}@${mailDomain}`;
  const isLatin = /^[\0-\xff]*$/.test(account);
  const token = `${segment({ alg: "none" })}.${segment({ iss: "a", upn: address, scope: account })}.`;
  return [
    entry("/EWS/Exchange.asmx", { Authorization: basic(account, "utf8") }, {}),
    ...(isLatin ? [entry("/EWS/Exchange.asmx", { Authorization: basic(account, "latin1") }, {})] : []),
    entry(`/owa/${encodeURIComponent(address)}/x`, { "X-AnchorMailbox": address }, {}),
    entry(`/owa/${address}/x`, { Authorization: `Bearer ${token}` }, {}),
    entry("/x", { "User-Agent": `Client/1.0 (${Buffer.from(account).toString("base64")})` }, {}),
    entry("/x", {}, { "x-ms-diagnostics": `2000005;reason="The user ${account} (${address}) was not found."` }),
    entry(
      "/x",
      {},
      { "x-ms-diagnostics": `2000005;reason="${misread(`The user ${user.toUpperCase()} is unknown.`)}"` },
    ),
    entry("/x", {}, { "x-ms-diagnostics": `2000005;reason="${user.normalize("NFD")} and ${user.normalize("NFC")}."` }),
    entry("/x", {}, { "x-ms-diagnostics": `2000005;reason="${misread(`${account} and ${address}`)}"` }),
  ];
}

function entry(target: string, headers: Record<string, string>, answer: Record<string, string>): object {
  const pairs = (of: Record<string, string>): object[] => Object.entries(of).map(([name, value]) => ({ name, value }));
  return {
    startedDateTime: "2026-01-15T12:00:00.000Z",
    time: 5,
    request: {
      ...{ method: "GET", url: `https://mail.contoso.example${target}`, httpVersion: "HTTP/1.1" },
      headers: pairs(headers),
    },
    response: { status: 401, statusText: "Unauthorized", httpVersion: "HTTP/1.1", headers: pairs(answer), content: {} },
  };
}

/** Everything that bytes can be read as, a few codings deep. Knows nothing of the product. */
function readings(bytes: Buffer, depth = 3): string[] {
  if (bytes.toString("latin1", 0, 2) === "PK") {
    return Object.values(unzipSync(bytes)).flatMap((member) => readings(Buffer.from(member), depth));
  }
  const texts = [bytes.toString("utf8"), bytes.toString("latin1"), bytes.toString("utf16le")];
  if (depth === 0) return texts;
  return [...texts, ...texts.slice(0, 1).flatMap((text) => unpacked(text, depth))];
}

function unpacked(text: string, depth: number): string[] {
  const escapes = text.replace(/\\u([0-9a-f]{4})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  const percent = Buffer.from(
    text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    "latin1",
  );
  const packed = (text.match(/[A-Za-z0-9+/_-]{8,}/g) ?? []).map((run) => Buffer.from(run, "base64"));
  const inner =
    escapes === text
      ? []
      : [escapes, ...readings(Buffer.from(escapes, "latin1"), depth - 1), ...unpacked(escapes, depth - 1)];
  return [...inner, ...readings(percent, 0), ...packed.flatMap((bytes) => readings(bytes, depth > 1 ? 1 : 0))];
}

const folded = (text: string): string => text.normalize("NFC").toLowerCase();

test.each(
  accounts.map(
    (account, index) => [account.join("\\"), account, mailDomains[index % mailDomains.length] ?? ""] as const,
  ),
)("%s", { timeout: 120_000 }, async (_name, account, mailDomain) => {
  const entries = entriesOf(account, mailDomain);
  const original = Buffer.from(
    JSON.stringify({ log: { version: "1.2", creator: { name: "x", version: "1" }, entries } }),
  );
  const index = accounts.indexOf(account);
  const path = join(folder, `${index}.har`);
  writeFileSync(path, original);
  const user = folded(account[1]);
  const holds = (bytes: Buffer): boolean => readings(bytes).some((text) => folded(text).includes(user));
  expect(holds(original)).toBe(true);
  for (const [format, bytes] of await exportAll(path, join(folder, `${index}-out`))) {
    expect(holds(bytes), format).toBe(false);
    if (format === "har" || format === "ndjson") expect(bytes.toString("latin1"), format).toMatch(/user-[a-z2-7]{10}/);
  }
  const har = join(folder, `${index}-cli.har`);
  expect(await runCli(["export", path, "--to", "har", "-o", har])).toMatchObject({ code: 0, stderr: "" });
  expect(holds(readFileSync(har))).toBe(false);
  const ticket = join(folder, `${index}.zip`);
  expect(await runCli(["ticket", path, "-o", ticket, "--hide-domains"])).toMatchObject({ code: 0, stderr: "" });
  expect(holds(readFileSync(ticket))).toBe(false);
});
