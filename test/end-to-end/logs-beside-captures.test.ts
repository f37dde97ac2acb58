// Logs beside captures in one run: a row about a captured request is judged with that capture and counts there alone.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { actorToken, type Exchanged, newStory, start } from "../diagnosis/story.ts";
import { exchangeLog, httpProxyRow, type LogCells, proxyShapes } from "../support/log-lines.ts";
import { lastJson, runCli } from "../support/run-cli.ts";
import { saveStory } from "../support/save-story.ts";

const seen = "7a1b2c3d-0000-4000-8000-00000000c001";
const other = "7a1b2c3d-0000-4000-8000-00000000c002";
let folder = "";
const paths = { works: "", fails: "", agreeing: "", more: "", contradicting: "" };

async function capture(name: string, requestId: string, changes: Partial<Exchanged> = {}): Promise<string> {
  const path = join(folder, name);
  const made = newStory()({ authorization: `Bearer ${actorToken()}`, requestId, ...changes });
  await saveStory([{ kind: "transaction", transaction: made }], path);
  return path;
}

function log(name: string, ...rows: readonly LogCells[]): string {
  const path = join(folder, name);
  const at = (index: number): string => new Date(start + 1000 * index).toISOString();
  const cells = rows.map((row, index) =>
    httpProxyRow({ RequestId: `0f7d1c3e-9a4b-4c5d-8e6f-10203040506${index}`, DateTime: at(index), ...row }),
  );
  writeFileSync(path, exchangeLog("http-proxy", cells));
  return path;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "realmscope-beside-"));
  paths.works = await capture("works.ndjson", seen);
  paths.fails = await capture("fails.ndjson", other, { status: 401 });
  paths.agreeing = log("HttpProxy_1.LOG", { ClientRequestId: seen });
  paths.more = log(
    "HttpProxy_2.LOG",
    { ClientRequestId: seen },
    { ClientRequestId: "7a1b2c3d-0000-4000-8000-00000000c009" },
  );
  paths.contradicting = log("HttpProxy_3.LOG", { ClientRequestId: seen, ...proxyShapes.refused });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Outcome {
  readonly verdict: string;
  readonly counts: { readonly logRows: number; readonly transactions: number };
  readonly findings: readonly { readonly code: string }[];
  readonly handshakes: readonly { readonly basis: string; readonly loggedCalls?: { readonly all: number } }[];
}

async function judge(
  ...files: readonly string[]
): Promise<Outcome & { readonly code: number | null; readonly captures: readonly Outcome[] }> {
  const { code, stdout } = await runCli(["replay", ...files, "--json"]);
  return { ...(lastJson(stdout) as unknown as Outcome & { captures: readonly Outcome[] }), code };
}

test("a row that agrees with a captured request makes its evidence both, and no second call", async () => {
  const { code, verdict, counts, captures, findings } = await judge(paths.works, paths.agreeing);
  expect({ code, verdict }).toEqual({ code: 0, verdict: "oauth-confirmed" });
  expect(counts).toMatchObject({ transactions: 1, logRows: 1 });
  expect(
    captures.map(({ handshakes }) => handshakes.map(({ basis, loggedCalls }) => ({ basis, loggedCalls }))),
  ).toEqual([[{ basis: "both", loggedCalls: undefined }], []]);
  expect(findings.map(({ code: found }) => found)).not.toContain("LOG_EVIDENCE_ONLY");
  const { stdout } = await runCli(["replay", paths.works, paths.agreeing]);
  expect(stdout).toContain("its rows are those of captured requests and were judged with them");
});

test("each capture gets its own rows, and the rest is judged as logs", async () => {
  const { code, captures } = await judge(paths.fails, paths.works, paths.more);
  expect(code).toBe(1);
  expect(captures.map(({ verdict }) => verdict)).toEqual(["oauth-rejected", "oauth-confirmed", "oauth-confirmed"]);
  expect(captures.map(({ counts }) => counts.logRows)).toEqual([0, 1, 1]);
  expect(captures.map(({ handshakes: [first] }) => first?.basis)).toEqual(["traffic", "both", "log"]);
});

test("a row that contradicts the request is told, and the traffic decides", async () => {
  const { captures } = await judge(paths.works, paths.contradicting);
  expect(captures[0]?.verdict).toBe("oauth-confirmed");
  expect(captures[0]?.findings.map(({ code }) => code)).toContain("LOG_CONTRADICTS_TRAFFIC");
});
