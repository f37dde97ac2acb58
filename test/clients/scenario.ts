// One `watch` with a journal before the origins, and what it has said when it has ended.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { lastJson } from "../support/run-cli.ts";
import type { Answer, Failed } from "./answers.ts";
import type { Client } from "./client.ts";
import { type Origins, plan } from "./origins.ts";
import {
  removeTrust,
  startWatched,
  type TrustFiles,
  type Watched,
  type WatchedOptions,
  writeTrust,
} from "./watched.ts";

export type JournalRecord = Readonly<Record<string, unknown>> & { readonly k: string };

export interface Finding {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
  readonly count: number;
}

export interface Scenario extends Watched {
  readonly files: TrustFiles;
  /** Stops it and gives what is in the journal, by kind, and the findings of the analysis. */
  readonly journal: string;
  end(): Promise<{
    records(kind: string): readonly JournalRecord[];
    readonly findings: readonly Finding[];
    readonly ms: number;
  }>;
}

/** Ends with the test. */
export async function startScenario(origins: Origins, options: WatchedOptions): Promise<Scenario> {
  const folder = mkdtempSync(join(tmpdir(), "realmscope-scenario-"));
  const files = writeTrust(origins);
  const journal = join(folder, "journal.ndjson");
  const watched = await startWatched(origins, files, {
    ...options,
    args: ["--save", journal, ...(options.args ?? [])],
  });
  let hasEnded = false;
  onTestFinished(async () => {
    if (!hasEnded) await watched.watch.stop();
    removeTrust(files);
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    ...watched,
    files,
    journal,
    async end() {
      const begun = performance.now();
      hasEnded = true;
      await watched.watch.stop();
      const ms = performance.now() - begun;
      const lines = readFileSync(journal, "utf8").trimEnd().split("\n");
      const records = lines.map((line): JournalRecord => JSON.parse(line));
      const analysis = watched.watch.events().at(-1) ?? {};
      return {
        records: (kind) => records.filter(({ k }) => k === kind),
        findings: lastJson(JSON.stringify(analysis)).findings as readonly Finding[],
        ms,
      };
    },
  };
}

/** One call of a client, `GET /text`, as status or as "fails". */
async function callOnce(client: Client, way: Parameters<Client["run"]>[0]): Promise<number | "fails"> {
  const { answers } = await client.run(way, plan.slice(0, 1));
  return shortAnswer(answers[0]);
}

export function shortAnswer(answer: Answer | Failed | undefined): number | "fails" {
  return answer === undefined || "error" in answer ? "fails" : answer.status;
}

/** A number of calls one after the other, each in a process of its own. */
export async function callTimes(
  times: number,
  client: Client,
  way: Parameters<Client["run"]>[0],
): Promise<readonly (number | "fails")[]> {
  const results: (number | "fails")[] = [];
  for (let time = 0; time < times; time += 1) results.push(await callOnce(client, way));
  return results;
}

/** The first calls fail, and all others are served: three, and one more where the machine is so busy that a leave is read late. */
export function expectServed(results: readonly (number | "fails")[]): void {
  const failures = results.filter((result) => result === "fails").length;
  expect(failures).toBeLessThanOrEqual(4);
  expect(results).toEqual(results.map((_, at) => (at < failures ? "fails" : 200)));
  expect(results.at(-1)).toBe(200);
}
