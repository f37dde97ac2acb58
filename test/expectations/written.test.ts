// Written files, snapshots and differences, over every capture of the repository.
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type ComparedCapture, compareCaptures } from "../../src/expectations/compare-analyses.ts";
import { handshakeDetailFacts, handshakeDetails } from "../../src/expectations/handshake-details.ts";
import { diffSnapshots, renderSnapshot } from "../../src/expectations/snapshot.ts";
import { factsToWrite, writeExpectations } from "../../src/expectations/write-expectations.ts";
import { check, expectations, loadTrace } from "../support/check-here.ts";

const captures = [
  ...readdirSync("captures").filter((name) => name.endsWith(".ndjson")),
  ...readdirSync("captures/findings").map((name) => `findings/${name}`),
];

test.each(captures)("what is written from %s passes on it, and says nothing of times and ids", async (name) => {
  const trace = await loadTrace(`captures/${name}`, factsToWrite);
  // Some findings are shown by a capture without any transaction: the program refuses to judge those at all.
  if (trace.analysis.counts.transactions === 0) {
    expect(trace.entries.length).toBeGreaterThan(0);
    return;
  }
  const text = writeExpectations(trace.analysis, trace.entries, name);
  // Everything that its checks ask for is among the facts that were kept.
  const whole = await loadTrace(`captures/${name}`);
  expect(check(text, whole).filter(({ outcome }) => outcome === "failed")).toEqual([]);
  expect(expectations(text).checks.length).toBeGreaterThan(2);
  expect(text).not.toMatch(/\d\d:\d\d:\d\d|client-request-id|<sig/);
});

test("a written file fails when the traffic falls back", async () => {
  const works = await loadTrace("captures/trust-works.ndjson");
  const text = writeExpectations(works.analysis, works.entries, "x");
  const failed = check(text, await loadTrace("captures/basic-fallback.ndjson")).filter(
    ({ outcome }) => outcome === "failed",
  );
  expect(failed.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["require verdict oauth-confirmed", "no basic sign-in", "forbid finding.basic-fallback"]),
  );
});

describe("snapshots", () => {
  test.each(captures)("of %s hold no time, id or token", async (name) => {
    const { analysis } = await loadTrace(`captures/${name}`, new Set());
    const text = renderSnapshot(analysis);
    expect(text).not.toMatch(/\d{4}-\d\d-\d\dT|"t\d+"|"h\d+"|eyJ/);
    expect(text).toMatch(/^[\x20-\x7e\n]+$/);
    expect(diffSnapshots(text, text)).toEqual([]);
    expect(diffSnapshots(text.replaceAll("\n", "\r\n"), text)).toEqual([]);
  });

  test("keep hostile names as printable text, join equal handshakes, and know no port of a lab", async () => {
    const { analysis } = await loadTrace("captures/one-way.ndjson", new Set());
    const [one] = analysis.handshakes;
    if (one === undefined) throw new Error("no handshake");
    const hostile = { ...one, realm: "m\u00fcnchen\u202e.example", server: "127.0.0.1:40123" };
    const text = renderSnapshot({
      ...analysis,
      handshakes: [hostile, { ...hostile, id: "h9", server: "127.0.0.1:50999" }],
    });
    expect(text).toMatch(/^[\x20-\x7e\n]+$/);
    expect(JSON.parse(text)).toMatchObject({
      handshakes: [{ realm: "m\u00fcnchen\u202e.example", server: "127.0.0.1", times: 2 }],
    });
  });

  test("of a second capture of the same story are the same", async () => {
    const text = readFileSync("captures/trust-works.ndjson", "utf8");
    const first = renderSnapshot((await loadTrace("captures/trust-works.ndjson", new Set())).analysis);
    expect(text).toContain("client-request-id");
    const other = renderSnapshot((await loadTrace("captures/legacy-and-new-principals.ndjson", new Set())).analysis);
    const changes = diffSnapshots(first, other);
    expect(changes.some(({ kind, text: line }) => kind === "added" && line.includes("7557eb47"))).toBe(true);
    expect(changes.length).toBeLessThan(first.split("\n").length + other.split("\n").length);
  });
});

async function compared(name: string): Promise<ComparedCapture> {
  const trace = await loadTrace(`captures/${name}.ndjson`, handshakeDetailFacts);
  return { analysis: trace.analysis, details: handshakeDetails(trace.entries) };
}

describe("differences", () => {
  test.each([
    ["trust-works", "trust-works", false],
    ["trust-works", "basic-fallback", true],
    ["trust-works", "token-expired", true],
    ["trust-works", "user-unknown", true],
    ["trust-works", "ntlm-only", true],
    ["basic-fallback", "issuer-unknown", false],
    ["basic-fallback", "trust-works", false],
    ["issuer-unknown", "trust-works", false],
    ["issuer-unknown", "basic-fallback", true],
    ["one-way", "trust-works", false],
    ["trust-works", "one-way", false],
  ])("from %s to %s: worse is %s", async (before, after, isWorse) => {
    const difference = compareCaptures(await compared(before), await compared(after));
    expect(difference.isWorse).toBe(isWorse);
    expect(difference.isEqual).toBe(before === after);
  });

  test("name what was lost, gained and changed", async () => {
    const difference = compareCaptures(await compared("trust-works"), await compared("basic-fallback"));
    expect(difference.lost).toMatchObject([{ server: "webdir.online.lync.com", verdict: "oauth-confirmed" }]);
    expect(difference.gained).toEqual([]);
    const [change] = difference.changed;
    expect(change?.changed).toEqual(
      expect.arrayContaining([
        { what: "verdict", before: "oauth-confirmed", after: "basic-fallback" },
        { what: "scheme", before: "bearer, none", after: "basic, bearer, none" },
        { what: "diagnostics", before: "", after: "2000006" },
      ]),
    );
    expect(difference.findings[0]).toMatchObject({ code: "BASIC_FALLBACK", change: "gained", severity: "alarm" });
    expect(difference.counts).toContainEqual({ what: "basicCredentials", before: 0, after: 1 });
  });

  test("tell a realm and an audience that became others as a change", async () => {
    const before = await compared("trust-works");
    const realm = "11111111-2222-3333-4444-555555555555";
    const [handshake] = before.analysis.handshakes;
    if (handshake === undefined) throw new Error("no handshake");
    const after: ComparedCapture = {
      analysis: {
        ...before.analysis,
        handshakes: before.analysis.handshakes.map((one) => (one.id === handshake.id ? { ...one, realm } : one)),
      },
      details: new Map([...before.details].map(([id, details]) => [id, { ...details, audience: ["other"] }])),
    };
    const difference = compareCaptures(before, after);
    expect([difference.lost, difference.gained]).toEqual([[], []]);
    const changed = difference.changed.flatMap((change) => change.changed.map(({ what }) => what));
    expect(changed).toEqual(expect.arrayContaining(["realm", "audience"]));
  });

  test("tell a finding that weighs more or less now", async () => {
    const works = await compared("trust-works");
    const finding = (severity: "warning" | "error") => ({
      ...{ code: "TOKEN_EXPIRED" as const, severity, message: "m", remedy: "", evidence: [], count: 1 },
    });
    const having = (severity: "warning" | "error"): ComparedCapture => ({
      ...works,
      analysis: { ...works.analysis, findings: [finding(severity)] },
    });
    expect(compareCaptures(having("warning"), having("error")).findings).toMatchObject([{ change: "more-severe" }]);
    expect(compareCaptures(having("error"), having("warning")).findings).toMatchObject([{ change: "less-severe" }]);
    expect(
      compareCaptures(having("error"), { ...works, analysis: { ...works.analysis, findings: [] } }).findings,
    ).toMatchObject([{ change: "lost" }]);
  });

  test("a capture without a handshake is worse than a confirmed one and better than a fallback", async () => {
    const none = async (name: string): Promise<ComparedCapture> => {
      const capture = await compared(name);
      return { ...capture, analysis: { ...capture.analysis, verdict: "none", handshakes: [] } };
    };
    expect(compareCaptures(await compared("trust-works"), await none("trust-works")).isWorse).toBe(true);
    expect(compareCaptures(await none("trust-works"), await compared("trust-works")).isWorse).toBe(false);
    expect(compareCaptures(await none("trust-works"), await compared("basic-fallback")).isWorse).toBe(true);
    expect(compareCaptures(await compared("basic-fallback"), await none("basic-fallback")).isWorse).toBe(false);
  });
});
