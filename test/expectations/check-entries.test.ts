// Checks over real captures, judged by the real pipeline.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findSequences } from "../../src/expectations/check-entries.ts";
import type { LoggedEntry } from "../../src/expectations/entry-log.ts";
import { check, type LoadedTrace, loadTrace } from "../support/check-here.ts";
import { designExample } from "../support/design-example.ts";

let works: LoadedTrace;
let fallback: LoadedTrace;
let folder = "";
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "realmscope-checks-"));
  works = await loadTrace("captures/trust-works.ndjson");
  fallback = await loadTrace("captures/basic-fallback.ndjson");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const one = (body: string): string => `version: 1\nexpect:\n  - ${body}\n`;
const outcome = (text: string, trace: LoadedTrace): string => check(text, trace)[0]?.outcome ?? "none";
const message = (text: string, trace: LoadedTrace): string => check(text, trace)[0]?.message ?? "";

describe("the example of the design", () => {
  test("is met by a trace whose client keeps its request id through the handshake", async () => {
    const path = join(folder, "one-id.ndjson");
    const text = readFileSync("captures/trust-works.ndjson", "utf8");
    // The lab gives each request an id of its own; here one stands for the whole handshake.
    writeFileSync(
      path,
      text.replace(/("client-request-id","value":")[^"]+/g, "$1708aa956-2c67-436e-be27-3848dfacaadf"),
    );
    const results = check(designExample, await loadTrace(path));
    expect(results.map(({ name, outcome: found }) => `${found} ${name}`)).toEqual([
      "passed require entries >= 1",
      "passed require truncated false",
      "passed no Basic sign-in left",
      "passed S2S calls accepted",
      "passed challenge comes first",
      "passed forbid finding.alg-none-unsigned-outer-without-actor",
      "passed forbid leak.*",
    ]);
  });

  test("is not met by a fallback, and says by which entry and what was nearest", () => {
    const failed = check(designExample, fallback).filter((result) => result.outcome === "failed");
    expect(failed.map(({ name }) => name)).toEqual([
      "no Basic sign-in left",
      "S2S calls accepted",
      "challenge comes first",
    ]);
    expect(failed[0]).toMatchObject({ entries: ["t5"], line: 5, message: "matched 1 entry, expected 0: t5" });
    expect(failed[1]?.message).toBe("1 entry failed each: t3: response.status in [200, 201], but it is 401");
    expect(failed[2]?.message).toContain("found 0 times by client-request-id");
  });
});

// Body of one check, the outcome over trust-works and over basic-fallback.
test.each<[string, string, string]>([
  ["match: { auth.scheme: Basic }", "failed", "passed"],
  ["{ match: { auth.scheme: basic }, count: 0 }", "passed", "failed"],
  ["match: { kind: bearer, response.status: 401 }", "failed", "passed"],
  ['match: { response.status: ">= 400" }', "passed", "passed"],
  ['{ match: { response.status: ">= 500" }, count: 0 }', "passed", "passed"],
  ["match: { diagnostics.code: 2000006 }", "failed", "passed"],
  ["match: { diagnostics.cause: invalid_client }", "failed", "passed"],
  ['match: { token.iss: "00000001-*" }', "passed", "passed"],
  ["match: { token.kind: app-acts-as-user, token.user: puid }", "passed", "failed"],
  ['match: { token.aud: { regex: "^00000002-.*/mail[.]contoso[.]example@" } }', "passed", "passed"],
  ["match: { host: MAIL.CONTOSO.EXAMPLE }", "passed", "passed"],
  ["match: { host: { in: [a.example, mail.contoso.example] } }", "passed", "passed"],
  ["match: { host: { not: mail.contoso.example } }", "passed", "passed"],
  ["match: { token.iss: { exists: false }, auth.scheme: bearer }", "passed", "passed"],
  ["match: { handshake.verdict: basic-fallback }", "failed", "passed"],
  ["match: { handshake.principal: 00000004-0000-0ff1-ce00-000000000000 }", "passed", "passed"],
  ["match: { finding.code: BASIC_FALLBACK }", "failed", "passed"],
  ["match: { finding.basic-fallback: true }", "failed", "passed"],
  ['match: { finding.severity: ">= error" }', "failed", "passed"],
  ["{ match: { leak.kind: { exists: true } }, count: 0 }", "passed", "passed"],
  ["match: { token.verified: verified, kind: bearer }", "passed", "passed"],
  ["match: { token-request.grant: { glob: '*jwt*bearer' } }", "passed", "passed"],
  ["match: { token-answer.issued: true }", "passed", "passed"],
  ["match: { challenge.scheme: NTLM }", "passed", "passed"],
  ["match: { challenge.trusted-issuer: '00000001-*' }", "passed", "passed"],
  ['match: { token.expires: ">= 2026-11-24", token.lifetime: { ">": 3600, "<": 100000 } }', "passed", "passed"],
  ["match: { at: { '<': 2020-01-01 } }", "failed", "failed"],
  ["match: { at: { '<=': 2036-01-01 }, response.ms: { '>=': 0 }, response.bytes: '< 100000' }", "passed", "passed"],
  ["match: { response.front-end: 'EX0?', client: '*', connection: '*', id: t1, scheme: https }", "passed", "passed"],
  [
    "match: { handshake.stage: trusted, handshake.realm: '7f3c*', handshake.server: mail.contoso.example }",
    "passed",
    "failed",
  ],
  ["match: { handshake.signature: verified, handshake.principal.name: Skype* }", "passed", "passed"],
  ["match: { user-agent: 'SkypeSpaces*', request-id: { exists: true }, request.bytes: '> 0' }", "passed", "passed"],
  ["match: { token-request.resource: '00000002-*', token-request.realm: '7f3c*' }", "passed", "passed"],
  ["match: { challenge.client-id: '00000002-*', challenge.error: { exists: false } }", "passed", "passed"],
  ["match: { auth.name: basic, auth.domain: contoso }", "failed", "passed"],
  [
    "match: { token.caller: '00000004-*', token.aud.realm: '7f3c*', token.iss.name: '*', token.alg: RS256 }",
    "passed",
    "passed",
  ],
  ["match: { operation: GetFolder, folder: conversationhistory }", "passed", "passed"],
  ["match: { method: POST, path: /EWS/Exchange.asmx, endpoint: ews, port: { '>': 0 } }", "passed", "passed"],
  ["match: { assertion.kind: self-issued, issued.kind: actor }", "passed", "passed"],
  ["{ match: { kind: bearer }, each: { token.expired: false, token.premature: false } }", "passed", "passed"],
  ["{ match: { kind: bearer }, each: { response.status: 200 } }", "passed", "failed"],
  ["{ match: { kind: bearer }, by: host, count: '>= 1' }", "passed", "passed"],
  ["{ match: { kind: bearer }, by: host, count: 1 }", "failed", "passed"],
  ["{ match: { kind: bearer }, within: 1h }", "passed", "passed"],
  ["{ match: { host: '*' }, within: 0ms }", "failed", "failed"],
  ["sequence: [{ kind: challenge }, { kind: token-issued }, { kind: bearer }]", "passed", "passed"],
  ["sequence: [{ kind: bearer }, { kind: basic }]", "failed", "passed"],
  ["sequence: [{ kind: basic }, { kind: probe }]", "failed", "failed"],
  ["{ sequence: [{ kind: bearer }, { kind: basic }], count: 0 }", "passed", "failed"],
  ["{ sequence: [{ kind: challenge }, { kind: bearer }], by: handshake.id, within: 10s }", "passed", "passed"],
  ["{ sequence: [{ kind: challenge }, { kind: bearer }], within: 0ms }", "failed", "failed"],
  ["{ match: { host: webdir.online.lync.com }, sequence: [{ kind: probe }, { kind: bearer }] }", "passed", "failed"],
])("%s: %s over a trust that works, %s over a fallback", (body, onWorks, onFallback) => {
  expect(outcome(one(body), works)).toBe(onWorks);
  expect(outcome(one(body), fallback)).toBe(onFallback);
});

test("a check that matched nothing fails, and names the nearest entry", () => {
  const text = one("match: { host: mail.contoso.example, auth.scheme: bearer, response.status: 403 }");
  expect(outcome(text, works)).toBe("failed");
  expect(message(text, works)).toMatch(
    /^matched 0 entries, expected >= 1; nearest is t\d+: response.status 403, but it is \d+$/,
  );
});

test("forbidden names find findings and leaks", () => {
  const text = "version: 1\nforbid: ['finding.basic-fall*', { auth.scheme: basic }, leak.*]\n";
  expect(check(text, fallback).map((result) => result.outcome)).toEqual(["failed", "failed", "passed"]);
  expect(check(text, fallback)[0]?.message).toContain("BASIC_FALLBACK: A service signed in");
  expect(check(text, works).map((result) => result.outcome)).toEqual(["passed", "passed", "passed"]);
});

test("leaks of an unsafe trace are named by their kind and never shown", async () => {
  const har = {
    log: {
      version: "1.2",
      creator: { name: "test", version: "1" },
      entries: [
        entry({ Authorization: `Basic ${Buffer.from("svc:Winter-in-Redmond-7!").toString("base64")}` }, {}),
        entry({ Cookie: "session=0123456789abcdef0123" }, {}),
        entry(
          { "Content-Type": "application/x-www-form-urlencoded" },
          { text: "grant_type=x&client_secret=s3cr3t-s3cr3t-s3cr3t" },
        ),
        entry({ Authorization: `Bearer ${token()}` }, {}),
      ],
    },
  };
  const path = join(folder, "leaks.har");
  writeFileSync(path, JSON.stringify(har));
  const trace = await loadTrace(path);
  expect(trace.entries.map(({ facts }) => facts.get("leak.kind"))).toEqual([
    ["password"],
    ["cookie"],
    ["secret"],
    ["token-signature"],
  ]);
  const [result] = check("version: 1\nforbid: [leak.*]\n", trace);
  expect(result?.outcome).toBe("failed");
  expect(JSON.stringify(result)).not.toMatch(/Winter|0123456789abcdef|s3cr3t/);
  expect(check("version: 1\nforbid: [leak.cookie]\n", trace)[0]?.entries).toEqual(["t2"]);
});

function entry(headers: Record<string, string>, postData: object): object {
  return {
    startedDateTime: "2026-11-24T05:00:00.000Z",
    time: 1,
    request: {
      method: "POST",
      url: "https://mail.contoso.example/EWS/Exchange.asmx",
      httpVersion: "HTTP/1.1",
      headers: Object.entries(headers).map(([name, value]) => ({ name, value })),
      postData: { mimeType: headers["Content-Type"] ?? "", ...postData },
    },
    response: { status: 200, statusText: "OK", httpVersion: "HTTP/1.1", headers: [], content: { size: 0 } },
  };
}

function token(): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = { iss: "00000001-0000-0000-c000-000000000000@contoso.com", aud: "x", nbf: 1, exp: 2 };
  return `${part({ alg: "RS256", typ: "JWT" })}.${part(claims)}.${Buffer.alloc(32, 7).toString("base64url")}`;
}

test("events that are no transactions can be expected and forbidden", async () => {
  const findings = readdirSync("captures/findings");
  expect(findings).toContain("CLIENT_DISTRUSTS_CA.ndjson");
  const trace = await loadTrace("captures/findings/CLIENT_DISTRUSTS_CA.ndjson");
  expect(outcome(one("match: { kind: { in: [tls-rejected, tunnel] }, failure: { exists: true } }"), trace)).toBe(
    "passed",
  );
  const gap = await loadTrace("captures/findings/CAPTURE_GAP.ndjson");
  expect(outcome("version: 1\nforbid: [{ kind: gap }]\n", gap)).toBe("failed");
});

test("a finding is about each of its entries, also beyond those that it lists", async () => {
  const text = readFileSync("captures/basic-fallback.ndjson", "utf8").trim().split("\n");
  const fallbackLine = text[9] ?? "";
  expect(fallbackLine).toContain("Authorization");
  const entries = text.slice(0, 10);
  for (let copy = 0; copy < 40; copy++) {
    const number = 10 + copy;
    entries.push(fallbackLine.replace('"n":9', `"n":${number}`).replace('"_id":"t5"', `"_id":"x${copy}"`));
  }
  const path = join(folder, "many.ndjson");
  writeFileSync(path, `${entries.join("\n")}\n`);
  const trace = await loadTrace(path);
  const [listed] = trace.analysis.findings.filter(({ code }) => code === "BASIC_FALLBACK");
  expect(listed?.count).toBe(41);
  expect(listed?.evidence.length).toBeLessThan(41);
  expect(outcome(one("{ match: { finding.basic-fallback: true }, count: 41 }"), trace)).toBe("passed");
});

const entriesOf = (text: string): LoggedEntry[] =>
  [...text].map((letter, at) => ({ id: letter, ordinal: at, at: at * 10, line: letter, facts: new Map() }));
const steps = (text: string) => [...text].map((letter) => (entry: LoggedEntry) => entry.id === letter);
const found = (text: string, wanted: string, withinMs: number | null = null) =>
  findSequences(entriesOf(text), steps(wanted), withinMs);

describe("sequences", () => {
  test.each([
    ["abc", "abc", 1, 3],
    ["axbxc", "abc", 1, 3],
    ["abcabc", "abc", 2, 3],
    ["aabbcc", "abc", 1, 3],
    ["cba", "abc", 0, 1],
    ["ab", "abc", 0, 2],
    ["", "ab", 0, 0],
    ["aaaa", "aa", 2, 2],
  ])("in %s for %s: %i runs, %i steps at most", (text, wanted, runs, reached) => {
    expect(found(text, wanted).complete).toHaveLength(runs);
    expect(found(text, wanted).reached).toBe(reached);
  });

  test("within a time the latest start counts", () => {
    expect(found("axxxxab", "ab", 10).complete).toHaveLength(1);
    expect(found("axxxxb", "ab", 40).complete).toHaveLength(0);
    expect(found("axxxxb", "ab", 50).complete).toHaveLength(1);
  });

  test("entries count in the order of their time, not of the file", () => {
    const [a, b] = entriesOf("ab");
    expect(
      findSequences(
        [b, a].flatMap((entry) => entry ?? []),
        steps("ab"),
        null,
      ).complete,
    ).toHaveLength(1);
  });
});
