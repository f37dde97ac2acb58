// Written files, snapshots and differences, over every capture of the repository.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { checkSnapshot } from "../../src/app/checking/snapshot-file.ts";
import type { DirectionReport } from "../../src/diagnosis/analysis.ts";
import { type ComparedCapture, compareCaptures, type Difference } from "../../src/expectations/compare-analyses.ts";
import { handshakeDetailFacts, handshakeDetails } from "../../src/expectations/handshake-details.ts";
import { diffSnapshots, formOf, renderSnapshot } from "../../src/expectations/snapshot.ts";
import { factsToWrite, writeExpectations } from "../../src/expectations/write-expectations.ts";
import { renderDifference } from "../../src/sinks/ci/difference-report.ts";
import { check, expectations, loadTrace } from "../support/check-here.ts";

const captures = [
  ...readdirSync("captures").filter((name) => name.endsWith(".ndjson")),
  ...readdirSync("captures/findings").map((name) => `findings/${name}`),
];

test.each(captures)("what is written from %s passes on it, and says nothing of times and ids", async (name) => {
  const trace = await loadTrace(`captures/${name}`, factsToWrite);
  // Some findings are shown by a capture without any transaction: the program refuses to judge those at all.
  const { transactions, logRows, logRowsDropped } = trace.analysis.counts;
  if (transactions + logRows === 0) {
    expect(trace.entries.length + logRowsDropped).toBeGreaterThan(0);
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

describe("directions", () => {
  const outboundOf = async (name: string, outbound: Partial<DirectionReport> | null): Promise<ComparedCapture> => {
    const capture = await compared(name);
    const { directions } = capture.analysis;
    if (directions.outbound === null) throw new Error("no outbound direction");
    const changed = outbound === null ? null : { ...directions.outbound, ...outbound };
    return { ...capture, analysis: { ...capture.analysis, directions: { ...directions, outbound: changed } } };
  };
  const compareOutbound = async (...sides: readonly (Partial<DirectionReport> | null)[]): Promise<Difference> => {
    const [before = {}, after = {}] = sides;
    return compareCaptures(await outboundOf("trust-works", before), await outboundOf("trust-works", after));
  };
  const confirmed = { verdict: "oauth-confirmed", routes: ["ucwa"], tokenServices: ["acs"] } as const;

  test.each<[string, Partial<DirectionReport> | null, Partial<DirectionReport> | null, string, boolean]>([
    ["refused", {}, { verdict: "oauth-rejected" }, "worse", true],
    ["undecided", {}, { verdict: "inconclusive" }, "worse", true],
    ["confirmed again", { verdict: "oauth-rejected" }, {}, "better", false],
    ["by another route", {}, { routes: ["graph"], tokenServices: ["entra-v2"] }, "changed", false],
    ["not seen any more", {}, null, "lost", false],
    ["seen and confirmed", null, {}, "gained", false],
    ["seen and refused", null, { verdict: "oauth-rejected" }, "gained", true],
  ])("a direction that is %s is a change", async (...[, before, after, change, isWorse]) => {
    const difference = await compareOutbound(before, after);
    expect(difference.directions).toMatchObject([{ direction: "outbound", change }]);
    expect(difference.directions[0]?.before).toEqual(before === null ? null : { ...confirmed, ...before });
    expect(difference.directions[0]?.after).toEqual(after === null ? null : { ...confirmed, ...after });
    expect([difference.isEqual, difference.isWorse]).toEqual([false, isWorse]);
  });

  test("the report has a line for each and names what is not seen any more", async () => {
    const lines = async (before: Partial<DirectionReport> | null, after: Partial<DirectionReport> | null) =>
      renderDifference(await compareOutbound(before, after), { before: "a", after: "b" }, { isQuiet: false });
    expect(await lines({}, { verdict: "oauth-rejected", routes: ["graph"], tokenServices: ["entra-v2"] })).toContain(
      "~ direction worse: outbound: oauth-confirmed via UCWA (ACS) -> oauth-rejected via Graph (Entra v2)",
    );
    expect(await lines(null, {})).toContain("+ direction gained: outbound: oauth-confirmed via UCWA (ACS)");
    const lost = await lines({}, null);
    expect(lost).toContain("- direction lost: outbound: oauth-confirmed via UCWA (ACS)");
    expect(lost.at(-1)).toBe("no worse: the verdict is still oauth-confirmed, outbound not seen any more");
  });

  test("route and token service of a handshake are compared", async () => {
    const before = await compared("trust-works");
    const handshakes = before.analysis.handshakes.map(
      (one) => ({ ...one, route: "rest", tokenService: null }) as const,
    );
    const difference = compareCaptures(before, { ...before, analysis: { ...before.analysis, handshakes } });
    expect(difference.changed.flatMap(({ changed }) => changed)).toEqual(
      expect.arrayContaining([
        { what: "route", before: "ews", after: "rest" },
        { what: "token service", before: "acs", after: "" },
      ]),
    );
  });

  test("a snapshot holds both, and that of version 0.2 is compared without them", async () => {
    const { analysis } = await loadTrace("captures/one-way.ndjson", new Set());
    const text = renderSnapshot(analysis);
    expect(JSON.parse(text)).toMatchObject({
      directions: {
        inbound: { verdict: "oauth-confirmed", routes: ["ews"], tokenServices: ["acs"] },
        outbound: null,
      },
      handshakes: [{ direction: "inbound", route: "ews", tokenService: "acs" }],
    });
    const saved = text
      .replace(/^ {2}"directions": \{\n[\s\S]*?^ {2}\},\n/m, "")
      .replace(/^ {6}"(?:direction|route|tokenService)": .*\n/gm, "");
    expect(saved).not.toMatch(/inbound|"ews"|"acs"/);
    expect(diffSnapshots(saved, renderSnapshot(analysis, formOf(saved)))).toEqual([]);
    expect(formOf(text)).toEqual({ hasDirections: true });
    expect(
      diffSnapshots(text, renderSnapshot({ ...analysis, directions: { inbound: null, outbound: null } })),
    ).not.toEqual([]);
  });

  test("a saved snapshot of version 0.2 still passes, and an update adds the directions", async () => {
    const folder = mkdtempSync(join(tmpdir(), "realmscope-snapshot-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const path = join(folder, "old.json");
    const { analysis } = await loadTrace("captures/one-way.ndjson", new Set());
    writeFileSync(path, renderSnapshot(analysis, { hasDirections: false }));
    expect((await checkSnapshot(path, analysis, false)).check).toMatchObject({
      outcome: "passed",
      message: "it is the same, without directions: --update-snapshot adds them",
    });
    expect((await checkSnapshot(path, analysis, true)).check.message).toBe("it is the same");
    expect(readFileSync(path, "utf8")).toBe(renderSnapshot(analysis));
  });
});
