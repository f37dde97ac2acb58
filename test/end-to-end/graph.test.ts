// Microsoft Graph as Exchange Server uses it since 2026: captured live in the default scope, and read from a HAR. Answers: the Microsoft
// Graph reference (calendar: getSchedule, error responses) and published texts (microsoft-graph-docs 10745, 11225, 16208).
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Analysis } from "../../src/diagnosis/analysis.ts";
import { startAnalysis } from "../../src/diagnosis/analyze.ts";
import { defaultScope } from "../../src/proxy/connections/scope.ts";
import { graphErrorBody, graphToken } from "../diagnosis/cases/graph-cases.ts";
import { otherTenant, startSeconds, tenant } from "../diagnosis/story.ts";
import { exportAll } from "../support/export-all.ts";
import { judgeFile } from "../support/judge-file.ts";
import { openThrough, readUntil } from "../support/proxy-client.ts";
import { startHttpsOrigin } from "../support/proxy-origin.ts";
import { startTestProxy } from "../support/proxy-start.ts";
import { runCli } from "../support/run-cli.ts";

const requestId = "49fef2a7-61c7-4529-9ee8-539a352c2f59";
const objectId = "87d349ed-44d7-43e1-9a83-5f2406dee5bd";
const person = `users/${objectId}`;
const schedules = JSON.stringify({
  "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#Collection(microsoft.graph.scheduleInformation)",
  value: [
    { scheduleId: "bert.meier@contoso.com", availabilityView: "0220", scheduleItems: [{ subject: "Secret merger" }] },
    {
      scheduleId: "anna.schmidt@contoso.com",
      error: { message: "Unable to resolve e-mail address anna.schmidt@contoso.com.", responseCode: "5009" },
    },
  ],
});

describe("a live capture in the default scope", () => {
  function answer(request: IncomingMessage, response: ServerResponse): void {
    const isPhoto = request.url?.includes("/photo/") === true;
    response.writeHead(isPhoto ? 404 : 200, { "Content-Type": "application/json", "request-id": requestId });
    response.end(isPhoto ? graphErrorBody("ImageNotFound", "Exception was thrown.") : schedules);
    request.resume();
  }

  test.each(["graph.microsoft.com", "graph.microsoft.us", "microsoftgraph.chinacloudapi.cn", "graph.svc.sovcloud.de"])(
    "%s is read and judged",
    async (host) => {
      const origin = await startHttpsOrigin([host], answer);
      const resolve = new Map([[`${host}:443`, origin]]);
      const proxy = await startTestProxy({ scope: defaultScope, upstreamCa: [origin.rootPem], resolve });
      const client = await openThrough(proxy.forward, `${host}:443`, {
        ca: proxy.authority.certificatePem,
        servername: host,
      });
      const body = JSON.stringify({ schedules: ["bert.meier@contoso.com"] });
      client.write(
        `POST /v1.0/${person}/calendar/getSchedule HTTP/1.1\r\nHost: ${host}\r\nAuthorization: ${graphToken()}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      );
      await readUntil(client, "5009");
      client.write(
        `GET /v1.0/${person}/photo/$value HTTP/1.1\r\nHost: ${host}\r\nAuthorization: ${graphToken()}\r\n\r\n`,
      );
      await readUntil(client, "ImageNotFound");
      const analyzer = startAnalysis({});
      for (const transaction of await proxy.transactions(2)) analyzer.accept({ kind: "transaction", transaction });
      const { verdict, directions, findings } = analyzer.snapshot();
      expect(verdict).toBe("oauth-confirmed");
      expect(directions.outbound).toMatchObject({
        verdict,
        routes: ["graph"],
        tokenServices: ["entra-v2"],
        hosts: [host],
      });
      expect(findings.map(({ code }) => code)).toContain("GRAPH_ITEM_FAILED");
    },
  );
});

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly path?: string;
  readonly authorization?: string;
}

/** Tokens of the platform's v2 endpoint: "Microsoft identity platform and the OAuth 2.0 client credentials flow". */
function harOf(answers: readonly Answer[], token: string): string {
  const segment = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const endpoint = `https://login.microsoftonline.com/${tenant}/oauth2/v2.0/token`;
  const claims = { aud: endpoint, iss: otherTenant, sub: otherTenant, nbf: startSeconds, exp: startSeconds + 600 };
  const assertion = `${segment({ alg: "RS256", typ: "JWT", "x5t#S256": "u8SwSPgxCXb2lbFUk6p-CJVx2Q3DTQZ1" })}.${segment({ ...claims, jti: "1" })}.c2ln`;
  const form = new URLSearchParams({
    grant_type: "client_credentials",
    client_id: otherTenant,
    scope: "https://graph.microsoft.com/.default",
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    client_assertion: assertion,
  });
  const issued = JSON.stringify({ token_type: "Bearer", expires_in: 3599, access_token: token.replace("Bearer ", "") });
  const [formType, json] = [
    ["Content-Type", "application/x-www-form-urlencoded"],
    ["Content-Type", "application/json"],
  ] as const;
  const entries = [
    entryOf({ second: 0, url: endpoint, headers: [formType], sent: form.toString(), status: 200, body: issued }),
    ...answers.map(({ status, body, path, authorization }, index) =>
      entryOf({
        ...{ second: index + 1, status, body },
        url: `https://graph.microsoft.com${path ?? `/v1.0/${person}/calendar/getSchedule`}`,
        headers: [["Authorization", authorization ?? token], json],
        sent: JSON.stringify({ schedules: ["anna.schmidt@contoso.com"] }),
      }),
    ),
  ];
  return JSON.stringify({ log: { version: "1.2", creator: { name: "test", version: "1" }, entries } });
}

interface Exchanged {
  readonly second: number;
  readonly url: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly sent: string;
  readonly status: number;
  readonly body: string;
}

function entryOf({ second, url, headers, sent, status, body }: Exchanged): object {
  const named = (fields: readonly (readonly [string, string])[]) => fields.map(([name, value]) => ({ name, value }));
  const answer = [["Content-Type", "application/json"] as const, ["request-id", requestId] as const];
  return {
    startedDateTime: new Date((startSeconds + second) * 1000).toISOString(),
    time: 20,
    request: {
      ...{ method: "POST", url, httpVersion: "HTTP/1.1", cookies: [], queryString: [], headersSize: -1, bodySize: -1 },
      headers: named([["Host", new URL(url).host], ...headers]),
      postData: { mimeType: headers.find(([name]) => name === "Content-Type")?.[1] ?? "", text: sent },
    },
    response: {
      ...{
        status,
        statusText: "",
        httpVersion: "HTTP/1.1",
        cookies: [],
        redirectURL: "",
        headersSize: -1,
        bodySize: -1,
      },
      headers: named(answer),
      content: { size: body.length, mimeType: "application/json", text: body },
    },
    cache: {},
    timings: { send: 0, wait: 20, receive: 0 },
  };
}

function saved(answers: readonly Answer[], token = graphToken()): { readonly path: string; readonly folder: string } {
  const folder = mkdtempSync(join(tmpdir(), "realmscope-graph-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "graph.har");
  writeFileSync(path, harOf(answers, token));
  return { path, folder };
}

const outline = ({ verdict, directions, handshakes, findings }: Analysis): object => ({
  ...{ verdict, directions, findings: findings.map(({ code, severity, message }) => `${severity} ${code} ${message}`) },
  handshakes: handshakes.map(({ verdict: ended, route, stage, steps }) => ({ ended, route, stage, steps })),
});

describe("a HAR with the token request and the call", () => {
  const denied = graphErrorBody("ErrorAccessDenied", "Access is denied. Check credentials and try again.");
  const onPremises = graphErrorBody(
    "MailboxNotEnabledForRESTAPI",
    "The mailbox is either inactive, soft-deleted, or is hosted on-premise.",
  );
  interface Case {
    readonly answer: Answer;
    readonly verdict: string;
    readonly exit: number;
    readonly code: string;
    readonly remedy: RegExp;
  }
  const invalid = graphErrorBody("InvalidAuthenticationToken", "Access token validation failure. Invalid audience.");
  const confirmed = { verdict: "oauth-confirmed", exit: 0 };
  const rejected = { verdict: "oauth-rejected", exit: 1 };
  const undecided = { verdict: "inconclusive", exit: 3, code: "GRAPH_CALL_FAILED" };
  test.each<[string, Case]>([
    [
      "200",
      { ...confirmed, answer: { status: 200, body: schedules }, code: "GRAPH_ITEM_FAILED", remedy: /Get-EXORecipient/ },
    ],
    [
      "401",
      { ...rejected, answer: { status: 401, body: invalid }, code: "GRAPH_TOKEN_REFUSED", remedy: /GraphBaseUrl/ },
    ],
    [
      "403",
      {
        ...rejected,
        answer: { status: 403, body: denied, authorization: graphToken(["MailboxSettings.Read"]) },
        code: "GRAPH_PERMISSION_REFUSED",
        remedy: /application permission Calendars\.Read on Microsoft Graph/,
      },
    ],
    [
      "404",
      { ...confirmed, answer: { status: 404, body: onPremises }, code: "GRAPH_MAILBOX_NOT_ONLINE", remedy: /MailUser/ },
    ],
    ["404 of a device", { ...undecided, answer: { status: 404, body: "<html>" }, remedy: /Try again/ }],
    ["503", { ...undecided, answer: { status: 503, body: "" }, remedy: /service health/ }],
  ])(
    "%s: verdict, finding and remedy, and the same of its safe copy",
    async (_name, { answer, verdict, exit, code, remedy }) => {
      const { path, folder } = saved([answer], answer.authorization);
      const { code: ended, stdout } = await runCli(["replay", path, "--json"]);
      expect(ended).toBe(exit);
      expect(stdout).toContain(`"${verdict}"`);
      const { analysis } = await judgeFile(path);
      expect(analysis.verdict).toBe(verdict);
      expect(analysis.handshakes).toHaveLength(1);
      expect(analysis.directions).toMatchObject({
        inbound: null,
        outbound: { verdict, routes: ["graph"], tokenServices: ["entra-v2"], hosts: ["graph.microsoft.com"] },
      });
      const finding = analysis.findings.find((one) => one.code === code);
      expect(finding?.remedy).toMatch(remedy);
      expect(finding?.remedy).not.toMatch(/EwsAllowedAppIDs|pre-authentication|device/i);

      // The export searches what it wrote for every secret and person of the original, and fails when one is left.
      const copies = await exportAll(path, join(folder, "safe"));
      for (const format of ["har", "ndjson", "saz", "pcapng"] as const) {
        const copy = join(folder, `copy.${format}`);
        writeFileSync(copy, copies.get(format) ?? "");
        expect(outline((await judgeFile(copy)).analysis), format).toEqual(outline(analysis));
      }
      const har = readFileSync(join(folder, "copy.har"), "utf8");
      expect(har).not.toMatch(/anna|schmidt|bert|Secret merger|87d349ed|0220/i);
      expect(har).toContain(requestId);
    },
  );

  test("no photo and no schedule of one person after a success leave the verdict alone", async () => {
    const photo = { status: 404, body: graphErrorBody("ImageNotFound", "x"), path: `/v1.0/${person}/photo/$value` };
    const { path } = saved([{ status: 200, body: schedules }, photo]);
    const { analysis } = await judgeFile(path);
    expect(analysis.verdict).toBe("oauth-confirmed");
    expect(analysis.handshakes[0]?.steps.at(-1)).toMatchObject({ state: "ok", note: "404 ImageNotFound" });
  });

  test("expectations name the family and the error", async () => {
    const { path, folder } = saved([{ status: 200, body: schedules }]);
    const file = join(folder, "graph.yaml");
    const check = 'match: { graph.family: free-busy }, each: { endpoint: graph, graph.error: "5009" }';
    writeFileSync(file, `version: 1\nexpect:\n  - { name: free/busy, ${check} }\n`);
    const { code, stdout } = await runCli(["replay", path, "--expect", file]);
    expect(code, stdout).toBe(0);
    writeFileSync(file, `version: 1\nexpect:\n  - { name: free/busy, ${check.replace("5009", "ErrorX")} }\n`);
    expect((await runCli(["replay", path, "--expect", file])).code).toBe(1);
  });
});
