// The lines around a row, read again from a real file. What a column may hold: the published lists of columns.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { pseudonymsFromKey } from "../../../src/app/pseudonyms.ts";
import { readLogLines } from "../../../src/app/reading/log-lines.ts";
import { exchangeLog, httpProxyRow } from "../../support/log-lines.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "realmscope-lines-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const pseudonymise = pseudonymsFromKey(new Uint8Array(32).fill(3));
const read = (file: string, line: number): ReturnType<typeof readLogLines> =>
  readLogLines({ file, line }, pseudonymise);

const secretCells = {
  AuthenticatedUser: "CONTOSO\\anna",
  AnchorMailbox: "Smtp~anna@contoso.com",
  Organization: "annas.example",
  BackEndCookie: "u56Lnp2ejJqByMnMz8mbzsnS0p6Hn5yT",
  RoutingHint: "MailboxGuid~7b2c1f7e-63a1-4d0e-9f43-0a6f1c2d3e4f",
  UrlQuery: "?Email=anna@contoso.com&pw=Secret-of-anna1",
  UrlStem: "/owa/anna@contoso.com/x",
  UserAgent: "CONTOSO\\anna Anna",
  GenericInfo: "OAuthError=Anna was not found;OAuthErrorCategory=InvalidUser",
};

test("a row and two lines on each side are shown cell by cell, and nothing of people", async () => {
  const file = join(folder, "HttpProxy_2026113008-1.LOG");
  const rows = [httpProxyRow(), httpProxyRow(secretCells), httpProxyRow({ HttpStatus: "500" }), httpProxyRow()];
  writeFileSync(file, exchangeLog("http-proxy", rows));
  // Six lines of header: rows begin at line 7.
  const lines = (await read(file, 8)) ?? [];
  expect(lines.map(({ number, isHeader }) => [number, isHeader])).toEqual([
    [6, true],
    [7, false],
    [8, false],
    [9, false],
    [10, false],
  ]);
  const cells = Object.fromEntries(lines[1]?.cells ?? []);
  expect(cells).toMatchObject({
    datetime: "2026-11-30T08:00:01.250Z",
    urlhost: "mail.contoso.com",
    urlstem: "/EWS/Exchange.asmx",
    authenticationtype: "Bearer",
    isauthenticated: "true",
    authenticateduser: "S2S~00000004-0000-0ff1-ce00-000000000000",
    httpstatus: "200",
    serverhostname: "EX01",
  });
  expect(Object.fromEntries(lines[2]?.cells ?? [])).toMatchObject({ authenticateduser: "***" });
  expect(JSON.stringify(lines)).toContain("InvalidUser");
  expect(JSON.stringify(lines)).not.toMatch(/anna|7b2c1f7e|u56Lnp2|Secret/i);
});

test("cells of IIS are told apart by blanks", async () => {
  const file = join(folder, "u_ex261130.log");
  const fields = "date time cs-method cs-uri-stem cs-uri-query cs-username c-ip cs(User-Agent) sc-status";
  const row =
    "2026-11-30 08:00:01 POST /EWS/Exchange.asmx Email=anna@contoso.com anna 192.0.2.7 MicrosoftNinja/1.0+Teams/1.0 401";
  writeFileSync(file, `#Software: Microsoft Internet Information Services 10.0\r\n#Fields: ${fields}\r\n${row}\r\n`);
  const cells = Object.fromEntries((await read(file, 3))?.at(-1)?.cells ?? []);
  expect(cells).toMatchObject({ "cs-uri-stem": "/EWS/Exchange.asmx", "sc-status": "401", "c-ip": "192.0.2.7" });
  expect(cells["cs(user-agent)"]).toBe("MicrosoftNinja/1.0 Teams/1.0");
  expect(JSON.stringify(cells)).not.toContain("anna");
});

test("a file that is gone, is not a log of lines, or has no such line gives no lines", async () => {
  const other = join(folder, "events.xml");
  writeFileSync(other, "<Events>\n<Event/>\n</Events>\n");
  expect(await read(join(folder, "gone.LOG"), 7)).toBeNull();
  expect(await read(folder, 7)).toBeNull();
  expect(await read(other, 2)).toBeNull();
  expect(await read(join(folder, "u_ex261130.log"), 99)).toBeNull();
});
