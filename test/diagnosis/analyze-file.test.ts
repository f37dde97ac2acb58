// A file that was exported from several captures is judged as these captures.
import { expect, test } from "vitest";
import { prefixIds } from "../../src/app/reading/capture-group.ts";
import type { CaptureEvent } from "../../src/core/capture-event.ts";
import { durationOrUnknown, isKnownTime, timeOrUnknown } from "../../src/core/capture-time.ts";
import { startAnalysis } from "../../src/diagnosis/analyze.ts";
import { startFileAnalysis } from "../../src/diagnosis/analyze-file.ts";
import { captureNames, captureOf, joinAnalyses, worstOf } from "../../src/diagnosis/join-analyses.ts";
import { openCapture } from "../../src/sources/open-capture.ts";
import { logFile, logRow } from "../sanitising/log-row-maker.ts";

async function eventsOf(name: string, number: number): Promise<readonly CaptureEvent[]> {
  const events: CaptureEvent[] = [];
  for await (const event of (await openCapture(`captures/${name}.ndjson`)).events)
    events.push(prefixIds(event, number));
  return events;
}

const distrust: CaptureEvent = {
  kind: "tls-rejected",
  ...{ at: 1_800_000_000_000, client: "10.0.0.1:1", host: "mail.contoso.example", side: "client", reason: "reset" },
};

test("a row about a request of another capture in the file is judged there, and its logs have no verdict of their own", async () => {
  const works = await eventsOf("trust-works", 1);
  const ids = works.flatMap((event) => {
    const headers = event.kind === "transaction" ? event.transaction.request.headers : [];
    return headers.filter(([name]) => name.toLowerCase() === "client-request-id").map(([, value]) => value);
  });
  const [clientRequestId] = ids;
  if (clientRequestId === undefined) throw new Error("the capture has no client-request-id");
  const row = (id: string, parts: Parameters<typeof logRow>[0]): CaptureEvent =>
    prefixIds({ kind: "log-row", row: logRow({ id, ...parts }) }, 2);
  const analyzer = startFileAnalysis({ name: "case.har" });
  for (const event of works) analyzer.accept(event);
  const probe = { caller: null, signIn: "bearer-unauthenticated", status: 401, isPerson: false } as const;
  analyzer.accept(row("l1", { ...probe, clientRequestId: null }));
  analyzer.accept(row("l2", { clientRequestId }));
  expect([clientRequestId, "not-a-request"].map((id) => analyzer.knowsRequest(id))).toEqual([true, false]);
  const { captures, verdict } = analyzer.snapshot();
  expect(captures?.map(({ path, counts }) => [path, counts.logRows])).toEqual([
    ["case.har f1", 1],
    ["case.har f2", 1],
  ]);
  expect(captures?.[1]).toMatchObject({ isBeside: true, verdict: "none" });
  expect(captures?.[1]?.findings.map(({ code }) => code)).not.toContain("LOG_NO_SIGN_IN");
  expect(verdict).toBe(captures?.[0]?.verdict);
});

test("rows of logs and the reports about their files are one of the captures in a file", async () => {
  const works = await eventsOf("trust-works", 2);
  const rows = ["l1", "l2"].map((id): CaptureEvent => prefixIds({ kind: "log-row", row: logRow({ id }) }, 1));
  const [row, other] = rows;
  const [first, ...rest] = works;
  if (row === undefined || other === undefined || first === undefined) throw new Error("no events");
  expect(rows.map((event) => event.kind === "log-row" && event.row.id)).toEqual(["f1.l1", "f1.l2"]);
  const analyzer = startFileAnalysis({ name: "case.har" });
  for (const event of [row, first, { kind: "log-file", report: logFile({ dropped: 12 }) } as const, ...rest, other])
    analyzer.accept(event);
  const { captures } = analyzer.snapshot();
  expect(captures?.map(({ path, counts }) => [path, counts.logRows, counts.logRowsDropped])).toEqual([
    ["case.har f1", 2, 12],
    ["case.har f2", 0, 0],
  ]);
});

test("captures in one file are judged separately, however their entries are mixed", async () => {
  const [works, fallback] = [await eventsOf("trust-works", 1), await eventsOf("basic-fallback", 2)];
  const analyzer = startFileAnalysis({ name: "case.har" });
  analyzer.accept(distrust);
  for (let at = 0; at < Math.max(works.length, fallback.length); at++)
    for (const event of [works[at], fallback[at]]) if (event !== undefined) analyzer.accept(event);
  const analysis = analyzer.snapshot();
  expect(analysis.verdict).toBe("basic-fallback");
  expect(analysis.captures?.map(({ path, verdict }) => [path, verdict])).toEqual([
    ["case.har f1", "oauth-confirmed"],
    ["case.har f2", "basic-fallback"],
  ]);
  expect(analysis.captures?.[0]?.findings[0]?.code).toBe("CLIENT_TLS_FAILED");
  const alone = startAnalysis({ prefix: "f2." });
  for (const event of fallback) alone.accept(event);
  expect(analysis.captures?.[1]?.handshakes).toEqual(alone.snapshot().handshakes);
  const named = captureNames(analysis);
  expect(analysis.handshakes.map(named)).toEqual(["case.har f1", "case.har f1", "case.har f2"]);
});

test("captures that are judged together are one, and so is a file of one capture", async () => {
  const all = [...(await eventsOf("trust-works", 1)), ...(await eventsOf("basic-fallback", 2))];
  const together = startFileAnalysis({ isOne: true });
  const one = startFileAnalysis({});
  for (const event of all) together.accept(event);
  for (const event of await eventsOf("trust-works", 1)) one.accept(event);
  expect(together.snapshot().captures).toBeUndefined();
  expect(one.snapshot()).toMatchObject({ verdict: "oauth-confirmed", handshakes: [{ id: "f1.h1" }, { id: "f1.h2" }] });
  expect(startFileAnalysis({}).snapshot()).toMatchObject({ verdict: "none", counts: { transactions: 0 } });
});

test("captures beyond the bound of memory are judged together, and none is lost", async () => {
  const analyzer = startFileAnalysis({ name: "made-up.har" });
  const [filler] = await eventsOf("trust-works", 1);
  if (filler?.kind !== "transaction") throw new Error("the capture begins with a transaction");
  for (let number = 1; number <= 1_000; number++) {
    analyzer.accept({ ...filler, transaction: { ...filler.transaction, id: `f${number}.t1` } });
  }
  for (const event of await eventsOf("basic-fallback", 1_001)) analyzer.accept(event);
  for (const event of await eventsOf("trust-works", 1_002)) analyzer.accept(event);
  const analysis = analyzer.snapshot();
  expect(analysis.verdict).toBe("basic-fallback");
  expect(analysis.captures).toHaveLength(1_001);
  expect(analysis.captures?.at(-1)).toMatchObject({ path: "made-up.har rest", verdict: "basic-fallback" });
});

test("the worst capture decides the exit code", () => {
  const none = startAnalysis({}).snapshot();
  expect(worstOf([])).toBe("none");
  expect(worstOf([{ verdict: "oauth-confirmed" }, none])).toBe("none");
  expect(worstOf([{ verdict: "inconclusive" }, none, { verdict: "oauth-rejected" }])).toBe("oauth-rejected");
  const inside = joinAnalyses([
    { path: "a", analysis: none },
    { path: "b", analysis: none },
  ]);
  expect(joinAnalyses([{ path: "x", analysis: inside }], false).captures?.map(({ path }) => path)).toEqual(["a", "b"]);
  expect(joinAnalyses([{ path: "x", analysis: inside }])).toBe(inside);
});

test("ids lead to the names of captures", () => {
  expect(captureOf("f2.t7", ["a", "b"])).toBe("b");
  expect(captureOf("m2.t7", ["a", "b"])).toBe("b");
  expect(captureOf("f3.t7", ["a", "b"])).toBeNull();
  expect(captureOf("t7", ["a", "b"])).toBeNull();
  expect(captureOf("f1.t7", [])).toBeNull();
});

test("the placeholders that programs write for an unknown time are not a time", () => {
  expect([0, 5, -1, Number.NaN, 1e300].map(isKnownTime)).toEqual([false, false, false, false, false]);
  expect(isKnownTime(Date.parse("2026-03-01T08:00:00Z"))).toBe(true);
  expect([null, 20, 1e300].map(durationOrUnknown)).toEqual([null, 20, null]);
  expect([7, 1e300].map(timeOrUnknown)).toEqual([7, 0]);
});
