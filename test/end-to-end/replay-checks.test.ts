// `replay` as a test in CI, through the built program: its own captures, its exit codes, its reports.
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { collect, lastJson, runCli, startCli } from "../support/run-cli.ts";
import { findSecret } from "../support/secret-search.ts";

const works = resolve("captures/trust-works.ndjson");
const fallback = resolve("captures/basic-fallback.ndjson");
let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "realmscope-ci-"));
  writeFileSync(join(folder, "wrong.yaml"), "version: 1\nexpect:\n  - match: { auth.scheem: basic }\n");
  writeFileSync(
    join(folder, "strict.yaml"),
    "version: 1\nexpect:\n  - { name: none, match: { kind: bearer }, count: 0 }\n",
  );
  writeFileSync(join(folder, "cut.ndjson"), readFileSync(works, "utf8").slice(0, -400));
  writeFileSync(join(folder, "empty.ndjson"), `${readFileSync(works, "utf8").split("\n", 1)[0]}\n`);
  writeFileSync(join(folder, "foreign.har"), "GIF89a");
  // Takes something away that the program counts on, as a bug would; the error repeats a secret, as an error may.
  writeFileSync(join(folder, "breakage.mjs"), "Math.imul = () => { throw new RangeError('Winter-in-Redmond-7!'); };");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the repository's own captures", () => {
  test("each have a file of expectations", () => {
    const names = readdirSync("captures").filter((name) => name.endsWith(".ndjson"));
    const files = readdirSync("captures");
    expect(names.length).toBeGreaterThan(10);
    for (const name of names) expect(files).toContain(name.replace(".ndjson", ".expect.yaml"));
  });

  test("meet them, each judged by itself", async () => {
    const names = readdirSync("captures").filter((name) => name.endsWith(".ndjson"));
    const paths = names.map((name) => `captures/${name}`);
    const result = await runCli(["replay", ...paths, "--expect", "{trace}.expect.yaml", "--json"]);
    expect(result.stderr).toBe("");
    const { traces } = lastJson(result.stdout) as { traces: { path: string; outcome: string }[] };
    expect(traces.map(({ path, outcome }) => `${outcome} ${path}`)).toEqual(paths.map((path) => `passed ${path}`));
    expect(result.code).toBe(0);
  });

  test.each(["basic-fallback", "token-expired", "ntlm-only"])(
    "%s does not meet those of a trust that works",
    async (name) => {
      const result = await runCli([
        "replay",
        `captures/${name}.ndjson`,
        "--expect",
        "captures/trust-works.expect.yaml",
      ]);
      expect(result.code).toBe(1);
      expect(result.stdout).toContain(`FAILED captures/${name}.ndjson`);
    },
  );
});

// The table of exit codes of the command line.
test.each<[number, string, readonly string[]]>([
  [0, "checks that are met", ["replay", works, "--expect", "oauth-only"]],
  [0, "a trust that works", ["replay", works]],
  [0, "a trust that works, as a report", ["replay", works, "--reporter", "tap"]],
  [1, "a check that is not met", ["replay", works, "--expect", "strict.yaml"]],
  [1, "a fallback against a preset", ["replay", fallback, "--expect", "oauth-only"]],
  [1, "a fallback", ["replay", fallback, "--reporter", "github"]],
  [1, "a finding at the level of --fail-on", ["replay", works, "--expect", "oauth-only", "--fail-on", "info"]],
  [2, "a misspelt fact", ["replay", works, "--expect", "wrong.yaml"]],
  [2, "an expectation file that is not there", ["replay", works, "--expect", "nowhere.yaml"]],
  [2, "a preset that is none", ["replay", works, "--expect", "oauth-onyl"]],
  [2, "a trace that is not there", ["replay", "nowhere.har", "--expect", "oauth-only"]],
  [2, "a foreign file", ["replay", "foreign.har", "--expect", "oauth-only"]],
  [2, "a cut trace", ["replay", "cut.ndjson", "--expect", "oauth-only"]],
  [0, "a cut trace that is allowed", ["replay", "cut.ndjson", "--expect", "oauth-only", "--allow-truncated"]],
  [2, "a trace without a transaction", ["replay", "empty.ndjson", "--expect", "oauth-only", "--allow-truncated"]],
  [2, "one bad trace among failing ones", ["replay", fallback, "nowhere.har", "--expect", "oauth-only"]],
  [2, "an unknown report", ["replay", works, "--reporter", "junti"]],
  [2, "two documents on standard output", ["replay", works, "--reporter", "junit", "--reporter", "sarif"]],
  [2, "two reports in one file", ["replay", works, "--reporter", "junit=a", "--reporter", "sarif=a"]],
  [2, "a report without a file name", ["replay", works, "--reporter", "junit="]],
  [2, "a report in a folder that is not there", ["replay", works, "--reporter", "junit=no/such/folder/x.xml"]],
  [2, "a snapshot that is not there", ["replay", works, "--snapshot", "nowhere.json"]],
  [2, "--update-snapshot without a file", ["replay", works, "--update-snapshot"]],
  [2, "one snapshot for two traces", ["replay", works, fallback, "--snapshot", "x.json"]],
  [2, "a filter beside checks", ["replay", works, "--expect", "oauth-only", "--filter", "auth=basic"]],
  [3, "too little evidence", ["replay", resolve("captures/findings/BASIC_EXPECTED.ndjson")]],
  [
    3,
    "too little evidence, as a report",
    ["replay", resolve("captures/findings/BASIC_EXPECTED.ndjson"), "--reporter", "pretty"],
  ],
  [0, "a capture that is no worse", ["diff", fallback, works]],
  [1, "a capture that is worse", ["diff", works, fallback]],
  [2, "a capture that cannot be compared", ["diff", works, "foreign.har"]],
  [2, "a cut capture to compare", ["diff", works, "cut.ndjson"]],
])("exit code %i: %s", async (code, _name, args) => {
  const result = await runCli(args, { folder });
  expect(result.code, result.stdout + result.stderr).toBe(code);
  expect(result.stderr).not.toMatch(/\n\s+at /);
  if (code === 2) expect(result.stdout + result.stderr).toMatch(/\S/);
});

test("a mistake in the file is told with its place and the nearest word", async () => {
  const result = await runCli(["replay", works, "--expect", "wrong.yaml"], { folder });
  expect(result.stdout).toBe("");
  expect(result.stderr).toMatch(
    /^realmscope: wrong\.yaml:3:14: unknown fact "auth\.scheem"; did you mean "auth\.scheme"\? .*\n$/,
  );
});

test("exit code 70: a bug in the program, its places on standard error, no report left", async () => {
  const result = await runCli(["replay", works, "--expect", "oauth-only", "--reporter", "junit=bug.xml"], {
    folder,
    environment: { NODE_OPTIONS: `--import ${join(folder, "breakage.mjs")}` },
  });
  expect(result.code).toBe(70);
  expect(result.stderr).toContain("a bug in the program");
  expect(result.stderr).toMatch(/\n\s+at /);
  expect(result.stderr).not.toContain("Winter");
  expect(readdirSync(folder)).not.toContain("bug.xml");
});

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)("%s: exit code %i, and no file is cut", async (signal, code) => {
  const child = startCli(["replay", "-", "--expect", "oauth-only", "--reporter", "junit=ended.xml"], { folder });
  const ended = collect(child);
  const text = readFileSync(works, "utf8").split("\n");
  // More than a pipe holds: when it has gone, the program is reading.
  const entry = text[1] ?? "";
  const much = `${text[0]}\n${`${entry}\n`.repeat(200)}`;
  await new Promise<void>((resolved) => child.stdin.write(much, () => resolved()));
  child.kill(signal);
  expect(await ended).toMatchObject({ code, signal: null });
  expect(readdirSync(folder).filter((name) => name.startsWith("ended.xml"))).toEqual([]);
});

test("several reports at once, each where it was asked for", async () => {
  const files = ["junit=r.xml", "sarif=r.sarif", "gitlab=r.json", "tap=r.tap", "markdown=r.md", "azure=r.txt"];
  const args = files.flatMap((file) => ["--reporter", file]);
  const result = await runCli(["replay", fallback, "--expect", "oauth-only", ...args, "--reporter", "github"], {
    folder,
  });
  expect(result.code).toBe(1);
  expect(result.stdout).toContain("::error file=");
  for (const file of files)
    expect(readFileSync(join(folder, file.split("=")[1] ?? ""), "utf8").length).toBeGreaterThan(100);
});

test("a file that is written from a good trace passes on it, and is not replaced", async () => {
  const args = ["replay", works, "--write-expect", "written.yaml"];
  expect(await runCli(args, { folder })).toMatchObject({ code: 0, stderr: "realmscope: written.yaml was written.\n" });
  expect((await runCli(["replay", works, "--expect", "written.yaml"], { folder })).code).toBe(0);
  expect((await runCli(["replay", fallback, "--expect", "written.yaml"], { folder })).code).toBe(1);
  const again = await runCli(args, { folder });
  expect(again.code).toBe(2);
  expect(again.stdout).toContain("exists already");
});

test("a snapshot is written, met, and told line by line when it is not", async () => {
  expect((await runCli(["replay", works, "--snapshot", "s.json", "--update-snapshot"], { folder })).code).toBe(0);
  expect((await runCli(["replay", works, "--snapshot", "s.json"], { folder })).code).toBe(0);
  const other = await runCli(["replay", fallback, "--snapshot", "s.json"], { folder });
  expect(other.code).toBe(1);
  expect(other.stdout).toContain('-   "verdict": "oauth-confirmed",');
  expect(other.stdout).toContain('+   "verdict": "basic-fallback",');
  expect((await runCli(["replay", fallback, "--snapshot", "s.json", "--update-snapshot"], { folder })).code).toBe(0);
  expect((await runCli(["replay", fallback, "--snapshot", "s.json"], { folder })).code).toBe(0);
});

test("a snapshot that an expectation file names stands beside that file", async () => {
  mkdirSync(join(folder, "nested"), { recursive: true });
  writeFileSync(join(folder, "nested/e.yaml"), 'version: 1\nsnapshot: "summary.json"\n');
  const args = ["replay", works, "--expect", "nested/e.yaml"];
  expect((await runCli(args, { folder })).code).toBe(2);
  expect((await runCli([...args, "--update-snapshot"], { folder })).code).toBe(0);
  expect((await runCli(args, { folder })).code).toBe(0);
  expect(readdirSync(join(folder, "nested"))).toContain("summary.json");
});

test("a folder of many traces is shared over threads, and each is judged by itself", async () => {
  const many = join(folder, "many");
  mkdirSync(many);
  for (let copy = 0; copy < 30; copy++)
    copyFileSync(copy === 17 ? fallback : works, join(many, `${String(copy).padStart(2, "0")}.ndjson`));
  const result = await runCli(["replay", many, "--expect", "oauth-only", "--json"], { limitMs: 60_000 });
  expect(result.code).toBe(1);
  const { traces, counts } = lastJson(result.stdout) as {
    traces: { path: string; outcome: string }[];
    counts: { transactions: number };
  };
  expect(traces.filter(({ outcome }) => outcome === "failed").map(({ path }) => path)).toEqual([
    join(many, "17.ndjson"),
  ]);
  expect(traces.map(({ path }) => path)).toEqual(traces.map(({ path }) => path).sort());
  expect(counts.transactions).toBe(29 * 10 + 5);
});

test("a bug in a thread is a bug of the program", async () => {
  const many = join(folder, "many");
  const result = await runCli(["replay", many, "--expect", "oauth-only"], {
    limitMs: 60_000,
    environment: { NODE_OPTIONS: `--import ${join(folder, "breakage.mjs")}` },
  });
  expect(result.code).toBe(70);
  expect(result.stderr).not.toContain("Winter");
});

test("verdicts and checks do not depend on the day", async () => {
  // Ten years from now, as far as the program can tell.
  const later = "const now = Date.now; Date.now = () => now() + 315_360_000_000;";
  writeFileSync(
    join(folder, "later.mjs"),
    `${later}\nconst Real = Date; globalThis.Date = class extends Real {
    constructor(...given) { if (given.length === 0) super(Real.now()); else super(...given); }
  };`,
  );
  const args = ["replay", works, fallback, "--expect", "{trace}.expect.yaml", "--json"];
  const today = await runCli(args, { folder });
  const then = await runCli(args, { folder, environment: { NODE_OPTIONS: `--import ${join(folder, "later.mjs")}` } });
  expect(then.stdout).toBe(today.stdout);
  expect([today.code, then.code]).toEqual([0, 0]);
});

test("a clock in the file judges every token at its time", async () => {
  writeFileSync(
    join(folder, "clock.yaml"),
    "version: 1\nclock: 2036-01-01T00:00:00Z\nexpect: [{ match: { kind: bearer }, each: { token.expired: true } }]\nforbid: [finding.token-not-yet-valid]\n",
  );
  const result = await runCli(["replay", works, "--expect", "clock.yaml", "--json"], { folder });
  expect(result.code).toBe(0);
  const { findings } = lastJson(result.stdout) as { findings: { code: string }[] };
  expect(findings.map(({ code }) => code)).toContain("TOKEN_EXPIRED");
});

test("no report of an unsafe trace holds a secret", async () => {
  const password = "Winter-in-Redmond-7!";
  const cookie = "c00kie-0123456789abcdef";
  const signature = Buffer.alloc(48, 9).toString("base64url");
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = { iss: "00000001-0000-0000-c000-000000000000@contoso.com", aud: "x", nbf: 1, exp: 2 };
  const token = `${part({ alg: "RS256", typ: "JWT" })}.${part(claims)}.${signature}`;
  const unsafe = [
    [`Basic ${Buffer.from(`CONTOSO\\svc:${password}`).toString("base64")}`, "/EWS/Exchange.asmx"],
    [`Bearer ${token}`, `/EWS/Exchange.asmx?access_token=${token}&code=${cookie}`],
    [`Turbo ${cookie}`, `/x/${token}`],
    [token, "/EWS/Exchange.asmx"],
  ].map(([authorization, path]) => ({
    startedDateTime: "2026-11-24T05:00:00.000Z",
    time: 1,
    request: {
      method: "POST",
      url: `https://mail.contoso.example${path}`,
      httpVersion: "HTTP/1.1",
      headers: [
        { name: "Authorization", value: authorization },
        { name: "Cookie", value: `s=${cookie}` },
        { name: "User-Agent", value: `agent ${token}` },
      ],
    },
    response: { status: 200, statusText: "OK", httpVersion: "HTTP/1.1", headers: [], content: { size: 0 } },
  }));
  writeFileSync(
    join(folder, "unsafe.har"),
    JSON.stringify({ log: { version: "1.2", creator: { name: "t", version: "1" }, entries: unsafe } }),
  );
  writeFileSync(
    join(folder, "curious.yaml"),
    "version: 1\nexpect: [{ match: { host: '*' }, each: { user-agent: x, auth.name: x, path: x, token.iss: x } }]\nforbid: [leak.*, { auth.name: '*' }]\n",
  );
  for (const name of ["pretty", "json", "junit", "sarif", "github", "gitlab", "azure", "tap", "markdown"]) {
    const result = await runCli(["replay", "unsafe.har", "--expect", "curious.yaml", "--reporter", name], { folder });
    expect(result.code, result.stderr).toBe(1);
    for (const secret of [password, cookie, signature])
      expect(findSecret(Buffer.from(result.stdout + result.stderr), secret), `${name}: ${secret}`).toBeNull();
  }
});

test("diff tells both as lines and as JSON", async () => {
  const lines = await runCli(["diff", works, fallback]);
  expect(lines.stdout).toContain("~ handshake changed: Skype for Business Online");
  expect(lines.stdout.trimEnd().split("\n").at(-1)).toBe(
    "WORSE: the verdict was oauth-confirmed and is basic-fallback",
  );
  const json = lastJson((await runCli(["diff", works, fallback, "--json"])).stdout);
  expect(json).toMatchObject({ schema: "realmscope.difference/1", isWorse: true, before: works, after: fallback });
  expect((await runCli(["diff", works, works, "--quiet"])).stdout).toBe(
    "the same handshakes and findings: the verdict is still oauth-confirmed\n",
  );
});
