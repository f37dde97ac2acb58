// The logs of the lab's servers: their form is that of logs of Exchange Server and IIS (public rows and Microsoft's pages on
// the formats), their content what the servers answered. Read here with a CSV splitter of the test's own.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ToolError } from "../../src/core/tool-error.ts";
import { type Answer, type Client, openClient } from "../../src/lab/https-client.ts";
import type { OAuthMembers } from "../../src/lab/logs/oauth-members.ts";
import { applications, exchangeName, serviceAccount, user } from "../../src/lab/names.ts";
import { authenticateMessage, negotiateMessage } from "../../src/lab/ntlm-messages.ts";
import { soap } from "../../src/lab/sfb-online.ts";
import { soapRequests } from "../../src/lab/soap.ts";
import { startLab } from "../../src/lab/start-lab.ts";
import { actAsUserToken } from "../../src/lab/tokens.ts";

const root = mkdtempSync(join(tmpdir(), "realmscope-lab-logs-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const ews = "/EWS/Exchange.asmx";
const now = Math.floor(Date.now() / 1000);
const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const forged = `${part({ alg: "RS256", typ: "JWT", x5t: "x" })}.${part({
  aud: "elsewhere",
  nameid: `${applications.skypeForBusiness}@realm`,
  nbf: now,
  exp: now + 60,
})}.AAAA`;
const acting = actAsUserToken(applications.skypeForBusiness, "x", forged, { notBefore: now, expires: now + 60 });

interface Run {
  readonly folder: string;
  readonly answers: readonly Answer[];
}

/** Calls the lab's Exchange Server directly, with every kind of sign-in. */
async function run(name: string, oauthMembers: OAuthMembers, scenario = "hybrid-app-graph"): Promise<Run> {
  const folder = join(root, name);
  const lab = await startLab({ scenario, logs: { folder, oauthMembers } });
  const open = (): Promise<Client> =>
    openClient({ name: exchangeName, connectTo: lab.exchange, isProxy: false, trust: lab.certificatePem });
  const [client, windows] = [await open(), await open()];
  const { domain, name: account, password } = serviceAccount;
  const basic = Buffer.from(`${domain}\\${account}:${password}`).toString("base64");
  const body = soapRequests.calendar;
  const lookup = `/autodiscover/autodiscover.json?Email=${user.address}&Protocol=EWS`;
  const answers = [
    await client.send(soap(ews, null, body)),
    await client.send(soap(ews, "Bearer", "")),
    await client.send(soap(ews, `Bearer ${acting}`, body)),
    await client.send(soap(ews, "Bearer not-a-token", body)),
    await client.send({
      ...soap(ews, `Basic ${basic}`, body),
      headers: { ...soap(ews, `Basic ${basic}`, body).headers, "User-Agent": 'a,"b"' },
    }),
    await client.send({ method: "GET", path: lookup, headers: { "User-Agent": "Teams" } }),
    await windows.send(soap(ews, `NTLM ${negotiateMessage()}`, body)),
    await windows.send(soap(ews, `NTLM ${authenticateMessage(serviceAccount)}`, body)),
  ];
  client.close();
  windows.close();
  await lab.stop();
  return { folder, answers };
}

let later: Run;
let bare: Run;
beforeAll(async () => {
  later = await run("later", "all");
  bare = await run("bare", "none", "trust-works");
});

/** The only file of a folder. */
function read(folder: string, ...way: string[]): string {
  const names = readdirSync(join(folder, ...way));
  expect(names).toHaveLength(1);
  return readFileSync(join(folder, ...way, names[0] ?? ""), "utf8");
}

function cells(line: string): string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? "",
  );
}

/** The rows below the last `#Fields` line, by column. */
function rows(text: string): Record<string, string>[] {
  const lines = text.slice(1).split("\r\n").slice(0, -1);
  const columns = lines.find((line) => line.startsWith("#Fields: "))?.slice(9) ?? "";
  return lines
    .filter((line) => !line.startsWith("#") && line !== columns)
    .map((line) => Object.fromEntries(columns.split(",").map((column, index) => [column, cells(line)[index] ?? ""])));
}

test("the front end writes each call but 401s without a user, other than Bearer", () => {
  const front = rows(read(later.folder, "Logging", "HttpProxy", "Ews"));
  expect(
    front.map((row) => [
      row.AuthenticationType,
      row.IsAuthenticated,
      row.AuthenticatedUser,
      row.HttpStatus,
      row.BackEndStatus,
    ]),
  ).toEqual([
    ["Bearer", "false", "", "401", ""],
    ["Bearer", "false", "", "401", ""],
    ["Bearer", "false", "", "401", ""],
    ["Basic", "true", "CONTOSO\\svc-sfb", "200", "200"],
    ["NTLM", "true", "CONTOSO\\svc-sfb", "200", "200"],
  ]);
  expect(front[3]?.UserAgent).toBe('a,"b"');
  expect(rows(read(later.folder, "Logging", "HttpProxy", "Autodiscover"))).toMatchObject([
    { AuthenticationType: "", IsAuthenticated: "false", HttpStatus: "200", UrlStem: "/autodiscover/autodiscover.json" },
  ]);
});

test("ids are those of request and answer, and the back end's row has them, too", () => {
  const front = rows(read(later.folder, "Logging", "HttpProxy", "Ews")).at(-1) ?? {};
  const [, back] = rows(read(later.folder, "Logging", "Ews"));
  const answer = later.answers.at(-1)?.headers ?? {};
  expect([front.RequestId, front.ClientRequestId]).toEqual([answer["request-id"], answer["client-request-id"]]);
  expect([back?.RequestId, back?.ClientRequestId]).toEqual([front.RequestId, front.ClientRequestId]);
  expect(back).toMatchObject({
    SoapAction: "GetFolder",
    ServerHostName: "EX02",
    FrontEndServer: "EX01.contoso.example",
  });
  const iis = read(later.folder, "inetpub", "logs", "LogFiles", "W3SVC1");
  expect(iis).toContain(`cafeReqId=${front.RequestId};`);
});

test("a refused token is told from a probe by its OAuth members, whose values have lost commas, = and ;", () => {
  const [probe, refused, unreadable] = rows(read(later.folder, "Logging", "HttpProxy", "Ews")).map(
    (row) => row.GenericInfo ?? "",
  );
  expect(probe).not.toContain("OAuth");
  const member = (info: string | undefined, name: string): string =>
    new RegExp(`${name}=([^;]*);`).exec(info ?? "")?.[1] ?? "";
  expect(refused).toContain(`AppId:S2S~${applications.skypeForBusiness}|netid:`);
  expect(member(refused, "OAuthErrorCategory")).toBe("InvalidResource");
  const printed = Buffer.from(member(refused, "OAuthToken").trim(), "base64").toString("utf8");
  expect(printed).toMatch(/^\{"typ":"JWT","alg":"none"\}\.\{.*\}; actor: \{"alg":"RS256".*\}\.\{.*\}$/);
  expect(printed).not.toContain("AAAA");
  expect(member(unreadable, "OAuthErrorCategory")).toBe("InvalidToken");
  expect(Buffer.from(member(unreadable, "OAuthToken"), "base64").toString("utf8")).toBe("not-a-token");
});

test("without the members, a refused act-as token leaves a row like the probe, and says that its user was not looked up", () => {
  const [probe, refused] = rows(read(bare.folder, "Logging", "HttpProxy", "Ews"));
  expect(refused?.GenericInfo?.replace(/BeginRequest=[^;]*/, "")).toBe(
    `${probe?.GenericInfo?.replace(/BeginRequest=[^;]*/, "")}ActAsUserVerified=False;`,
  );
});

test("Windows has an event for each refusal, with the raw token", () => {
  const events = readFileSync(join(later.folder, "Events", "Application.xml"), "utf8")
    .trimEnd()
    .split("\r\n");
  expect(events).toHaveLength(2);
  expect(events[0]).toContain(`<EventID Qualifiers='32772'>2006</EventID>`);
  expect(events[0]).toContain(
    `<Data>${acting}</Data><Data>${String(later.answers[2]?.headers["client-request-id"])}</Data>`,
  );
});

test("IIS writes every call, never its scheme, and the legs of a negotiation by their states", () => {
  const lines = read(later.folder, "inetpub", "logs", "LogFiles", "W3SVC1").split("\r\n").slice(4, -1);
  expect(lines.map((line) => line.split(" ").slice(-4, -1).join(" "))).toEqual([
    "401 2 5",
    "401 0 0",
    "401 0 0",
    "401 0 0",
    "200 0 0",
    "200 0 0",
    "401 1 2148074254",
    "200 0 0",
  ]);
  expect(lines.join("\n")).not.toMatch(/Bearer|NTLM|Basic/);
});

test("a later version has more columns, and its line of names behind the comments", () => {
  const [old, recent] = [bare, later].map(({ folder }) => read(folder, "Logging", "HttpProxy", "Ews").split("\r\n"));
  expect(old?.[0]).toMatch(/^\uFEFFDateTime,RequestId,.*,GenericErrors$/);
  expect(old?.[2]).toBe("#Version: 15.00.1497.048");
  expect(recent?.[0]).toBe("\uFEFF#Software: Microsoft Exchange Server");
  expect(recent?.[1]).toBe("#Version: 15.02.2562.041");
  expect(recent?.[5]).toMatch(/^DateTime,.*,GenericErrors,EdgeTraceId,.*,RoutingStatus$/);
});

test("a server that starts again in the same hour goes on in the same file, behind a second header", async () => {
  await run("twice", "no-token");
  await run("twice", "no-token");
  // Two files when the hour ended between the runs: the header of each is then the only one.
  const folder = join(root, "twice", "Logging", "HttpProxy", "Ews");
  const text = readdirSync(folder)
    .map((name) => readFileSync(join(folder, name), "utf8"))
    .join("");
  expect(text.match(/#Fields: /g)).toHaveLength(2);
  expect(text.match(/\uFEFF/g)).toHaveLength(readdirSync(folder).length);
  expect(text).not.toContain("OAuthToken=");
});

test("a folder that cannot be written is an error of the lab", async () => {
  const file = join(root, "file");
  writeFileSync(file, "");
  const lab = await startLab({ scenario: "trust-works", logs: { folder: file } });
  const client = await openClient({
    name: exchangeName,
    connectTo: lab.exchange,
    isProxy: false,
    trust: lab.certificatePem,
  });
  await client.send(soap(ews, "Bearer", ""));
  client.close();
  await expect(lab.stop()).rejects.toThrow(ToolError);
});
