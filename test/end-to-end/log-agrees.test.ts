// For every story of the lab, traffic and logs of the same run: the logs agree with the traffic or say less, never more. Traffic
// is judged by the real proxy; the logs are what the lab's servers wrote beside it.
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Analysis, DirectionReport } from "../../src/diagnosis/analysis.ts";
import { scenarios } from "../../src/lab/scenarios.ts";
import { judgeFile, judgeTogether } from "../support/judge-file.ts";
import { lastJson, runCli } from "../support/run-cli.ts";
import { excessOf } from "../support/says-no-more.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "realmscope-log-agrees-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Which of the logs are given, by their paths. */
const selections: Readonly<Record<string, RegExp>> = {
  "all logs": /./,
  "the front end alone": /HttpProxy/,
  "the back end alone": /Logging.(?:Ews|Autodiscover)/,
  "both ends": /HttpProxy|Logging.(?:Ews|Autodiscover)/,
  "the front end and IIS": /HttpProxy|inetpub/,
  "IIS alone": /inetpub/,
  "Exchange's own tokens alone": /OAuthOutbound/,
  "the events alone": /Events/,
  "the sign-ins alone": /Entra/,
};

/** Members that a later version of Exchange perhaps does not write. */
const omissions: Readonly<Record<string, RegExp>> = {
  "without the printed token": /S:ServiceCommonMetadata\.OAuthToken=[^;]*;/g,
  "without members about OAuth": /S:ServiceCommonMetadata\.\w+=[^;]*;/g,
  "without any word about the user": /(?:S:ServiceCommonMetadata\.\w+|ActAsUserVerified)=[^;]*;/g,
};

function logsOf(root: string, selection = /./): string[] {
  return readdirSync(root, { recursive: true, encoding: "utf8" })
    .map((path) => join(root, path))
    .filter((path) => statSync(path).isFile() && selection.test(path));
}

async function judgeLogs(files: readonly string[]): Promise<Analysis> {
  const { analysis, summaries } = await judgeTogether(files);
  expect(summaries.flatMap(({ problems }) => problems)).toEqual([]);
  return analysis;
}

function verdictOf(report: DirectionReport | null): object | null {
  return report === null ? null : { verdict: report.verdict };
}

describe.each(scenarios)("$name", ({ name, expected }) => {
  let logs = "";
  let traffic: Analysis;
  beforeAll(async () => {
    logs = join(folder, name);
    const journal = join(folder, `${name}.ndjson`);
    const { code } = await runCli(["demo", "--scenario", name, "--quiet", "--save", journal, "--save-logs", logs]);
    expect(code).toBe(expected.exitCode);
    ({ analysis: traffic } = await judgeFile(journal));
  });

  test("all logs give the verdict of the traffic for calls to Exchange, and none for calls of Exchange", async () => {
    const { directions } = await judgeLogs(logsOf(logs));
    expect(directions.inbound?.verdict).toBe(traffic.directions.inbound?.verdict);
    expect(directions.outbound?.verdict ?? "inconclusive").toBe("inconclusive");
  });

  test("logs beside the capture of the same run change no verdict, contradict nothing and count no call twice", async () => {
    const { code, stdout } = await runCli(["replay", join(folder, `${name}.ndjson`), logs, "--json"]);
    const joined = lastJson(stdout) as unknown as Analysis;
    expect(code).toBe(expected.exitCode);
    expect(joined.directions).toMatchObject({
      inbound: verdictOf(traffic.directions.inbound),
      outbound: verdictOf(traffic.directions.outbound),
    });
    expect(joined.handshakes.map(({ basis, loggedCalls }) => [basis, loggedCalls])).toEqual(
      traffic.handshakes.map(() => ["both", undefined]),
    );
    const codes = joined.findings.map((finding) => finding.code);
    for (const never of ["LOG_CONTRADICTS_TRAFFIC", "LOG_NO_SIGN_IN"]) expect(codes).not.toContain(never);
  });

  test.each(Object.entries(selections))("%s say no more than the traffic", async (_, selection) => {
    const files = logsOf(logs, selection);
    if (files.length > 0) expect(excessOf(await judgeLogs(files), traffic)).toEqual([]);
  });

  test.each(Object.entries(omissions))("logs %s say no more than the traffic", async (label, members) => {
    const copy = join(folder, `${name} ${label}`);
    cpSync(logs, copy, { recursive: true });
    for (const path of logsOf(copy, /Logging/)) writeFileSync(path, readFileSync(path, "utf8").replace(members, ""));
    for (const selection of [/HttpProxy/, /HttpProxy|Events/, /Logging/, /Logging|inetpub|Entra/]) {
      const files = logsOf(copy, selection);
      if (files.length > 0) expect(excessOf(await judgeLogs(files), traffic)).toEqual([]);
    }
  });
});
