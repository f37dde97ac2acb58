// `readiness` as an administrator runs it: the built program over sanitised journals, HAR files and folders.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unzipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ReadinessAnswer } from "../../src/diagnosis/readiness/answer.ts";
import {
  dedicated,
  entraRequest,
  ewsCall,
  gateOff,
  graphCall,
  sharedCall,
  today,
} from "../diagnosis/readiness/cloud-story.ts";
import { actorToken, cloudAgent, type Exchanged, newStory, scheduler, voicemail } from "../diagnosis/story.ts";
import { authCertificate } from "../support/auth-certificate.ts";
import { type CliResult, lastJson, runCli } from "../support/run-cli.ts";
import { saveStory } from "../support/save-story.ts";

let folder = "";

const teams: Exchanged = { authorization: `Bearer ${actorToken({ caller: scheduler })}`, agent: cloudAgent };
const voice: Exchanged = { authorization: `Bearer ${actorToken({ caller: voicemail })}`, agent: cloudAgent };

async function save(name: string, story: readonly Exchanged[]): Promise<void> {
  const step = newStory();
  const events = story.map((one, index) => ({
    kind: "transaction" as const,
    transaction: step({ at: today + index * 1_000, ...one }),
  }));
  await saveStory(events, join(folder, name));
}

const run = (...words: readonly string[]): Promise<CliResult> => runCli(["readiness", ...words], { folder });

async function answersOf(...words: readonly string[]): Promise<Map<string, ReadinessAnswer>> {
  const { answers } = lastJson((await run(...words, "--json")).stdout) as { answers?: readonly ReadinessAnswer[] };
  return new Map((answers ?? []).map((answer) => [answer.id, answer]));
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "realmscope-readiness-"));
  await save("out.ndjson", [entraRequest(), ewsCall()]);
  await save("in.ndjson", [teams, voice]);
  await save("gate.ndjson", [ewsCall(gateOff)]);
  await save("shared.ndjson", [sharedCall()]);
  await save("page.ndjson", [{ host: "www.contoso.com", method: "GET", path: "/", agent: "curl/8" }]);
  await save("empty.ndjson", []);
  mkdirSync(join(folder, "both"));
  for (const name of ["in.ndjson", "out.ndjson"])
    writeFileSync(join(folder, "both", name), readFileSync(join(folder, name)));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the exit code", () => {
  test.each([
    [0, "nothing that was seen is broken", ["out.ndjson"]],
    [0, "both directions", ["out.ndjson", "in.ndjson"]],
    [1, "the gate refuses", ["gate.ndjson"]],
    [1, "the shared principal still calls", ["out.ndjson", "shared.ndjson"]],
    [1, "another application than yours", ["out.ndjson", "--hybrid-app", "11111111-2222-4333-8444-555555555555"]],
    [3, "no question is answered", ["page.ndjson"]],
    [2, "a capture without a request", ["empty.ndjson"]],
    [2, "one of several cannot be read", ["out.ndjson", "nowhere.har"]],
    [2, "a missing file", ["nowhere.har"]],
    [2, "an id that is not one", ["out.ndjson", "--hybrid-app", "mine"]],
    [2, "a certificate that cannot be read", ["out.ndjson", "--auth-cert", "in.ndjson"]],
  ] as const)("is %i: %s", async (code, _why, words) => {
    const result = await run(...words);
    expect([result.code, result.stderr]).toEqual([
      code,
      code === 2 ? expect.stringMatching(/^(?:realmscope: .+\n)+$/) : "",
    ]);
    expect(result.stdout === "").toBe(
      code === 2 && words.join(" ") !== "out.ndjson nowhere.har" && words[0] !== "empty.ndjson",
    );
  });
});

describe("the lines", () => {
  test("one for each question, in order, without colour in a pipe, the summary last", async () => {
    const { stdout } = await run("out.ndjson", "--hybrid-app", dedicated);
    const heads = stdout.split("\n").filter((line) => /^Q\d/.test(line));
    expect(heads.map((line) => line.split(" ")[0])).toEqual(Array.from({ length: 10 }, (_, index) => `Q${index + 1}`));
    expect(heads[0]).toBe(
      `Q1 [OK] ok: Does Exchange Server act as the dedicated hybrid application? Yes: it calls as your dedicated hybrid application ${dedicated}. (rows t2, t1)`,
    );
    expect(heads[7]).toMatch(/^Q8 \[\.\.\] not seen here: Do Teams and Cloud Voicemail still get in\? Not seen here/);
    expect(stdout).not.toContain("\u001b");
    expect(stdout.trimEnd().split("\n").at(-1)).toMatch(
      /^\[!!\] 8 of 10 questions answered; no problem seen; attention for Q10; not seen here: Q6 and Q8$/,
    );
  });

  test("each text about what is open is printed once", async () => {
    const lines = (await run("page.ndjson")).stdout
      .split("\n")
      .filter((line) => line.startsWith("   ") && !line.startsWith("   How to see it"));
    expect(new Set(lines).size).toBe(lines.length);
  });

  test("--quiet leaves the summary alone", async () => {
    expect((await run("gate.ndjson", "--quiet")).stdout).toMatch(
      /^\[XX\] \d+ of 10 questions answered; problem in Q2, Q4 and Q9; attention for Q10; not seen here: Q5, Q6 and Q8\n$/,
    );
  });

  test("colours on a terminal, none with NO_COLOR or --no-color", () => {
    const program = new URL("../../dist/cli/main.js", import.meta.url).pathname;
    const inTerminal = (words: string, environment: Readonly<Record<string, string>> = {}): string =>
      spawnSync("script", ["-qec", `${process.execPath} ${program} readiness out.ndjson ${words}`, "/dev/null"], {
        ...{ cwd: folder, encoding: "utf8", timeout: 25_000 },
        env: { PATH: process.env.PATH, HOME: process.env.HOME, TERM: "xterm", ...environment },
      }).stdout;
    expect(inTerminal("")).toContain("Q1 \u001b[1;36m[OK] ok\u001b[0m: Does");
    for (const plain of [
      inTerminal("--no-color"),
      inTerminal("", { NO_COLOR: "1" }),
      inTerminal("", { TERM: "dumb" }),
    ]) {
      expect(plain).toContain("Q1 [OK] ok: Does");
      expect(plain).not.toContain("\u001b[1;36m");
    }
  });
});

describe("several captures", () => {
  test("are answered together, folders too, and the rows name their capture", async () => {
    const { stdout, code } = await run("both");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Q4 \[OK\] ok: .*\(rows f2\.t2 of both\/out\.ndjson\)$/m);
    expect(stdout).toMatch(
      /^Q8 \[OK\] ok: .*Teams Scheduler gets in .* and Cloud Voicemail gets in .*of both\/in\.ndjson\)$/m,
    );
    const answers = await answersOf("both");
    expect(answers.get("Q8")).toMatchObject({
      state: "ok",
      captures: ["both/in.ndjson"],
      evidence: ["f1.t1", "f1.t2"],
    });
  });
});

test("--json is one object of schema realmscope.readiness/1", async () => {
  const parsed = lastJson((await run("out.ndjson", "--json")).stdout);
  expect(parsed).toMatchObject({
    schema: "realmscope.readiness/1",
    tool: { name: "realmscope" },
    sources: [{ path: "out.ndjson", transactions: 2, truncated: false }],
  });
  for (const answer of parsed.answers as readonly ReadinessAnswer[])
    expect(Object.keys(answer).sort()).toEqual([
      "answer",
      "captures",
      "details",
      "evidence",
      "id",
      "open",
      "question",
      "state",
    ]);
});

test("--auth-cert names the current certificate and the next one", async () => {
  const [now, next] = [authCertificate(), authCertificate()];
  writeFileSync(join(folder, "now.cer"), now);
  writeFileSync(join(folder, "next.cer"), next);
  // RFC 7515 4.1.7: x5t is the SHA-1 of the DER form, base64url.
  const x5tOf = (certificate: Buffer): string => createHash("sha1").update(certificate).digest("base64url");
  await save("signed.ndjson", [entraRequest({ x5t: x5tOf(now) })]);
  await save("rolled.ndjson", [entraRequest({ x5t: x5tOf(next), error: "AADSTS700027" })]);
  const given = ["--auth-cert", "now.cer", "--auth-cert", "next.cer"];
  expect((await answersOf("signed.ndjson", ...given)).get("Q5")).toMatchObject({
    state: "partly",
    answer: expect.stringMatching(
      /^Seen: the current certificate \(now\.cer\), thumbprint .*, taken by the token service/,
    ),
  });
  expect((await answersOf("rolled.ndjson", ...given)).get("Q5")).toMatchObject({
    state: "problem",
    answer: expect.stringMatching(
      /the next certificate \(next\.cer\), .*refused by the token service \(AADSTS700027\)/,
    ),
  });
});

test("ticket and export hand the answers over in their reports and findings, without a secret", async () => {
  const made = await runCli(["ticket", "both", "-o", "case.zip", "--hybrid-app", dedicated], { folder });
  expect([made.code, made.stderr]).toEqual([0, ""]);
  const parts = unzipSync(readFileSync(join(folder, "case.zip")));
  const textOf = (name: string): string => Buffer.from(parts[name] ?? []).toString("utf8");
  const { readiness } = JSON.parse(textOf("findings.json")) as { readiness: readonly ReadinessAnswer[] };
  expect(readiness.map(({ id, state }) => [id, state])).toEqual(
    [...(await answersOf("both", "--hybrid-app", dedicated)).values()].map(({ id, state }) => [id, state]),
  );
  expect(textOf("report.html")).toContain("Teams Scheduler gets in");
  expect(textOf("report.md")).toContain(`it calls as your dedicated hybrid application ${dedicated}`);
  const exported = await runCli(["export", "in.ndjson", "--to", "markdown", "-o", "in.md"], { folder });
  expect(exported.code).toBe(0);
  expect(readFileSync(join(folder, "in.md"), "utf8")).toContain("**Q8 ok**");
  // A journal that export wrote is answered like its original.
  await runCli(["export", "both", "--to", "ndjson", "-o", "copy.ndjson"], { folder });
  const statesOf = (answers: Map<string, ReadinessAnswer>): readonly string[] =>
    [...answers.values()].map(({ state }) => state);
  expect(statesOf(await answersOf("copy.ndjson"))).toEqual(statesOf(await answersOf("both")));
});

test("a capture that threads read is answered as the same one from standard input", async () => {
  const clients = (index: number): string => `192.0.2.${20 + (index % 5)}:50000`;
  const mixed = [
    teams,
    voice,
    ewsCall(),
    graphCall({ roles: ["Calendars.Read"], status: 403 }),
    entraRequest({ x5tS256: "c2hhMjU2LXRodW1icHJpbnQtb2YtdGhlLWNlcnRpZmljYXRl" }),
    sharedCall({ answer: [["X-OWA-Version", "15.2.2562.41"]] }),
    {
      ...teams,
      answer: [
        ["X-OWA-Version", "15.2.1544.11"],
        ["X-FEServer", "EX01"],
      ],
    } satisfies Exchanged,
    ewsCall(gateOff),
  ];
  await save(
    "large.ndjson",
    Array.from({ length: 5_600 }, (_, index) => ({ ...mixed[index % mixed.length], client: clients(index) })),
  );
  const file = readFileSync(join(folder, "large.ndjson"));
  // Above this size the files of a replay are read by threads (src/app/reading/reader-threads.ts).
  expect(file.length).toBeGreaterThan(8 * 1024 * 1024);
  const read = async (name: string, input = ""): Promise<unknown> =>
    lastJson((await runCli(["readiness", name, "--json"], { folder, input, limitMs: 60_000 })).stdout).answers;
  const answers = await read("large.ndjson");
  expect(answers).toHaveLength(10);
  expect(await read("-", file.toString("utf8"))).toEqual(answers);
}, 120_000);
