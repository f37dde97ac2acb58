// Logs on their way to other people: of what an attacker or a person can write into a row, nothing survives in an export or a ticket,
// and what a verdict rests on does. The search shares no code with the product, and must find every secret in the originals.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readConfiguration } from "../../src/app/configuration.ts";
import { exportCapture } from "../../src/app/hand-over/export-capture.ts";
import { type ExportFormat, exportFormats } from "../../src/app/hand-over/export-formats.ts";
import { writeTicket } from "../../src/app/hand-over/write-ticket.ts";
import { pseudonymsFromKey } from "../../src/app/pseudonyms.ts";
import { findAndReportTraces } from "../../src/app/reading/find-traces.ts";
import type { LogRow } from "../../src/core/log-row.ts";
import { keepSecrets } from "../../src/sanitising/sanitise.ts";
import { openJournal } from "../../src/sinks/journal/journal.ts";
import { openCapture } from "../../src/sources/open-capture.ts";
import { logFile, logRow } from "../sanitising/log-row-maker.ts";
import { exchangeLog } from "../support/log-lines.ts";
import { findSecrets } from "../support/secret-search.ts";

let folder = "";
let count = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "realmscope-safe-logs-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const segment = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const signature = "c2lnbmF0dXJlLXBsYW50ZWQtNDItc2lnbmF0dXJlLXBsYW50ZWQ";
const rawToken = `${segment({ alg: "RS256", typ: "JWT" })}.${segment({ aud: "a", iss: "00000004-0000-0ff1-ce00-000000000000@contoso.com", smtp: "tokenperson@contoso.com" })}.${signature}`;
const printedToken = `${JSON.stringify({ typ: "JWT", alg: "RS256" })}.${JSON.stringify({ aud: "b", upn: "printedperson@contoso.com", appid: "00000004-0000-0ff1-ce00-000000000000" })}`;

const secrets = {
  address: "198.51.100.77",
  forwarded: "203.0.113.9",
  serverAddress: "192.0.2.61",
  sid: "1085031214-1563985344",
  upn: "upnperson",
  smtp: "smtpperson",
  sip: "sipperson",
  dn: "Dnperson",
  account: "accountperson",
  cookie: "u56Lnp2ejJqByMnMz8mbzsnS0p6Hn5yT",
  signature,
  claim: "tokenperson",
  printed: "printedperson",
  password: "Zx9-planted-Secret_42q",
  mailbox: "7b2c1f7e-63a1-4d0e-9f43-0a6f1c2d3e4f",
  folder: "foldersecretperson",
  error: "errorperson",
} as const;

async function outputsOf(files: readonly string[]): Promise<ReadonlyMap<ExportFormat | "ticket", Buffer>> {
  const base = join(folder, `out${++count}`);
  const task = {
    files,
    realm: null,
    hidesDomains: false,
    configuration: await readConfiguration(undefined),
    pseudonymise: pseudonymsFromKey(new Uint8Array(32).fill(5)),
    title: "logs",
  };
  const outputs = exportFormats.map((format) => [format, `${base}.${format}`] as const);
  await exportCapture({ ...task, isSanitised: true, outputs });
  await writeTicket({ ...task, output: `${base}.zip`, keyFingerprint: null });
  return new Map<ExportFormat | "ticket", Buffer>([
    ...outputs.map(([format, path]) => [format, readFileSync(path)] as const),
    ["ticket", readFileSync(`${base}.zip`)],
  ]);
}

/** Rows as a journal with secrets, or a foreign one, may hold them. */
const hostileRows: readonly Partial<LogRow>[] = [
  { client: secrets.address, server: secrets.serverAddress },
  { userAgent: `CONTOSO\\${secrets.account} ${secrets.cookie}`, path: `/owa/${secrets.mailbox}@contoso.com/` },
  { path: `/EWS/Exchange.asmx?Email=${secrets.smtp}%40contoso.com&pw=${secrets.password}` },
  { failure: `CN=${secrets.dn},OU=Users,DC=contoso,DC=com`, printedToken: rawToken },
  { refusal: { code: 2000005, category: "InvalidUser", text: `(objectSid=S-1-5-21-${secrets.sid}-725345543-1107)` } },
  { file: `/srv/${secrets.folder}/HttpProxy/Ews/HttpProxy_2026113008-1.LOG`, realm: `${secrets.upn}@contoso.com` },
  { clientRequestId: `sip:${secrets.sip}@contoso.com`, requestId: secrets.password },
  { method: `sip:${secrets.sip}@contoso.com`, printedToken, operation: secrets.error },
  { actsAs: { keys: [secrets.upn], isVerified: null }, host: secrets.password },
  { userAgent: secrets.forwarded, id: secrets.password },
];

async function hostileJournal(): Promise<string> {
  const path = join(folder, `hostile${++count}.ndjson`);
  const journal = openJournal(path, { tool: "1", isSanitised: false });
  for (const [index, parts] of hostileRows.entries())
    journal.write(keepSecrets({ kind: "log-row", row: logRow({ id: `l${index + 1}`, ...parts }) }));
  journal.write(keepSecrets({ kind: "log-file", report: logFile({ file: `/srv/${secrets.folder}/x.LOG` }) }));
  await journal.close();
  return path;
}

test("nothing planted in a row of a journal survives in any format, nor in a ticket", {
  timeout: 120_000,
}, async () => {
  const path = await hostileJournal();
  expect([...findSecrets(readFileSync(path), Object.values(secrets)).keys()].sort()).toEqual(
    Object.values(secrets).sort(),
  );
  for (const [format, bytes] of await outputsOf([path]))
    expect([...findSecrets(bytes, Object.values(secrets))], format).toEqual([]);
});

const cells = {
  DateTime: "2026-11-30T08:15:02.250Z",
  RequestId: "5f1ee0f5-62c2-4f33-8f3c-3a3ab5e8a111",
  Protocol: "Ews",
  UrlHost: "mail.contoso.com",
  UrlStem: "/EWS/Exchange.asmx",
  AuthenticationType: "Bearer",
  IsAuthenticated: "true",
  AuthenticatedUser: "S2S~00000004-0000-0ff1-ce00-000000000000",
  UserAgent: "SkypeForBusiness/1.0",
  ClientIpAddress: secrets.address,
  ServerHostName: "EX01",
  HttpStatus: "200",
  BackEndStatus: "200",
  Method: "POST",
};

test("nothing planted in log files survives in any format, nor in a ticket", { timeout: 120_000 }, async () => {
  const logs = join(folder, secrets.folder, "Logging", "HttpProxy", "Ews");
  mkdirSync(logs, { recursive: true });
  const path = join(logs, "HttpProxy_2026113008-1.LOG");
  const text = exchangeLog("http-proxy", [
    {
      ...cells,
      AnchorMailbox: `Smtp~${secrets.smtp}@contoso.com`,
      Organization: `${secrets.upn}.contoso.com`,
      RoutingHint: `MailboxGuid~${secrets.mailbox}`,
      BackEndCookie: secrets.cookie,
      UrlQuery: `?Email=${secrets.smtp}@contoso.com&MailboxId=${secrets.mailbox}@contoso.com&x=${secrets.password}`,
    },
    {
      ...cells,
      ClientIpAddress: `${secrets.forwarded}, ${secrets.address}`,
      AuthenticatedUser: `<unverified>actas1(smtp:${secrets.smtp}@contoso.com|sip:${secrets.sip}@contoso.com|upn:${secrets.upn}@contoso.com)`,
      GenericInfo: `ActAsUserVerified=True;S:ServiceCommonMetadata.OAuthToken=${Buffer.from(printedToken).toString("base64").replaceAll("=", " ")};S:ServiceCommonMetadata.OAuthExtraInfo=Category:S2SAppActAs|AppId:S2S~00000004-0000-0ff1-ce00-000000000000|smtp:${secrets.smtp}@contoso.com`,
    },
    {
      ...cells,
      ...{ IsAuthenticated: "false", HttpStatus: "401", AuthenticatedUser: "", BackEndStatus: "" },
      GenericInfo: `S:ServiceCommonMetadata.OAuthError=The user ${secrets.error} was not found (CN=${secrets.dn} OU=Users) S-1-5-21-${secrets.sid}-725345543-1107;S:ServiceCommonMetadata.OAuthErrorCategory=InvalidUser;S:ServiceCommonMetadata.OAuthToken=${rawToken}`,
    },
    {
      ...cells,
      ...{
        AuthenticationType: "Basic",
        AuthenticatedUser: `CONTOSO\\${secrets.account}`,
        UserAgent: "SkypeSpaces/1.0a$*+",
      },
      UrlStem: `/EWS/${secrets.password}/Exchange.asmx`,
    },
  ]);
  writeFileSync(path, text);
  const files = await findAndReportTraces([join(folder, secrets.folder)], null);
  expect(files).toEqual([path]);
  const { folder: _folder, serverAddress: _none, ...inText } = secrets;
  expect([...findSecrets(Buffer.from(text), Object.values(inText)).keys()].sort()).toEqual(
    Object.values(inText).sort(),
  );
  for (const [format, bytes] of await outputsOf(files)) {
    expect([...findSecrets(bytes, Object.values(secrets))], format).toEqual([]);
    if (format !== "har" && format !== "ndjson") continue;
    const kept = bytes.toString("latin1").toLowerCase();
    // What the verdict of another reader rests on
    for (const part of [
      "http-proxy",
      "HttpProxy/Ews/HttpProxy_2026113008-1.LOG",
      "00000004-0000-0ff1-ce00-000000000000",
      "InvalidUser",
      "EX01",
    ])
      expect(kept, format).toContain(part.toLowerCase());
  }
});

async function eventsOf(path: string): Promise<readonly unknown[]> {
  const events: unknown[] = [];
  for await (const event of (await openCapture(path)).events) events.push(event);
  return events;
}

async function copyOf(
  files: readonly string[],
  format: "har" | "saz" | "ndjson",
  key: number,
): Promise<readonly [path: string, verdict: string]> {
  const path = join(folder, `copy${++count}.${format}`);
  const copy = await exportCapture({
    files,
    ...{ realm: null, hidesDomains: false, isSanitised: true, title: "x" },
    configuration: await readConfiguration(undefined),
    pseudonymise: pseudonymsFromKey(new Uint8Array(32).fill(key)),
    outputs: [[format, path]],
  });
  // The hostile journal has ids and hosts that no program writes.
  expect(copy.isJudgedAlike || files[0]?.includes("hostile"), files.join(" ")).toBe(true);
  return [path, copy.analysis.verdict];
}

test("a copy of a copy with rows is the same file, byte for byte, in every format", { timeout: 120_000 }, async () => {
  const stories = readdirSync("captures/logs", { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const logsOf = (name: string): Promise<readonly string[]> => findAndReportTraces([join("captures/logs", name)], null);
  const originals = [
    Promise.resolve([await hostileJournal()]),
    ...stories.map(({ name }) => logsOf(name)),
    logsOf("application-accepted").then((files) => [...files, "captures/trust-works.ndjson"]),
  ];
  for (const files of await Promise.all(originals))
    for (const format of ["har", "saz", "ndjson"] as const) {
      const [first, verdict] = await copyOf(files, format, 1);
      const [second, again] = await copyOf([first], format, 2);
      expect(again, `${files.join(" ")} as ${format}`).toBe(verdict);
      expect(readFileSync(second).equals(readFileSync(first)), `${files.join(" ")} as ${format}`).toBe(true);
    }
});

test("thousands of rows without a request are in a HAR and a SAZ, in their order", { timeout: 120_000 }, async () => {
  const path = join(folder, "many.ndjson");
  const journal = openJournal(path, { tool: "1" });
  for (let number = 1; number <= 12_001; number++)
    journal.write(
      keepSecrets({
        kind: "log-row",
        row: logRow({ id: `l${number}`, line: number, endedAt: 1_796_000_000_000 + number }),
      }),
    );
  await journal.close();
  const [rows, har, saz] = await Promise.all(
    [path, (await copyOf([path], "har", 1))[0], (await copyOf([path], "saz", 1))[0]].map(eventsOf),
  );
  const places = (events: readonly unknown[] | undefined): readonly unknown[] =>
    (events ?? []).map((event) => (event as { row: LogRow }).row.line);
  expect(places(rows)).toHaveLength(12_001);
  expect(places(har)).toEqual(places(rows));
  expect(places(saz)).toEqual(places(rows));
});
