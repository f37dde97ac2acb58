// Each report is read back by a schema, a parser, or the rules of the system it is for.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Ajv } from "ajv";
import fc from "fast-check";
import { Parser } from "tap-parser";
import { beforeAll, describe, expect, test } from "vitest";
import { validateXML } from "xmllint-wasm";
import { checkTrace } from "../../../src/app/checking/check-trace.ts";
import { safe } from "../../../src/core/safe-text.ts";
import { xmlText } from "../../../src/sinks/ci/junit-report.ts";
import { type ReporterName, reporterNames } from "../../../src/sinks/ci/reporter-names.ts";
import { loadReport } from "../../../src/sinks/ci/reporters.ts";
import { uriOf } from "../../../src/sinks/ci/sarif-report.ts";
import type { CheckedRun, TraceReport } from "../../../src/sinks/ci/trace-report.ts";
import { emptyPlan } from "../../support/check-here.ts";

const load = createRequire(import.meta.url);
const {
  id: _id,
  $schema: _draft4,
  ...sarifSchema
} = load("@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json") as Record<string, unknown>;
const isSarif = new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false }).compile(sarifSchema);
const xsd = readFileSync("test/support/schemas/junit.xsd", "utf8");

let real: CheckedRun;
let hostile: CheckedRun;
const reports = new Map(await Promise.all(reporterNames.map(async (name) => [name, await loadReport(name)] as const)));
const render = (name: ReporterName, run: CheckedRun): string =>
  reports.get(name)?.(run, { safe, isDetailed: true }) ?? "";

/** Text that is hostile to at least one of the formats. */
const trap =
  "]]>&<\"'\u0000\u001b[31m\u202e%0A::error::\n##vso[task.complete result=Succeeded;]\r\n...\n---\n# TODO \\ `</code>` @team | \ud800 \uffff é";

beforeAll(async () => {
  const traces = [
    await checkTrace("captures/trust-works.ndjson", { ...emptyPlan, expect: "oauth-only" }),
    await checkTrace("captures/basic-fallback.ndjson", { ...emptyPlan, expect: "oauth-only" }),
    await checkTrace("captures/token-expired.ndjson", emptyPlan),
    await checkTrace("captures/nowhere.ndjson", emptyPlan),
  ];
  real = { version: "0.1.0", traces, exitCode: 2 };
  const [works] = traces;
  if (works?.analysis == null) throw new Error("the trace was not read");
  const bad: TraceReport = {
    ...works,
    path: `dir/${trap}.har`,
    outcome: "error",
    problem: trap,
    hint: trap,
    checks: [{ name: trap, outcome: "failed", message: trap, line: 3, entries: [trap] }],
    places: [{ id: trap, line: 7, text: trap, around: { before: trap, after: null } }],
    difference: [{ kind: "added", text: trap }],
    analysis: {
      ...works.analysis,
      findings: [
        { code: "BASIC_FALLBACK", severity: "alarm", message: trap, remedy: trap, evidence: [trap], count: 1 },
      ],
    },
  };
  hostile = { version: "0.1.0", traces: [bad, bad], exitCode: 2 };
});

function many(count: number): CheckedRun {
  const [, fallback] = real.traces;
  if (fallback?.analysis == null) throw new Error("the trace was not read");
  const [finding] = fallback.analysis.findings;
  if (finding === undefined) throw new Error("no finding");
  const findings = Array.from({ length: count }, (_, index) => ({
    ...finding,
    severity: index % 100 === 99 ? ("alarm" as const) : ("warning" as const),
    message: `number ${index}`,
  }));
  return { ...real, traces: [{ ...fallback, analysis: { ...fallback.analysis, findings } }] };
}

describe("SARIF", () => {
  test.each(["real", "hostile"])("of a %s run meets the schema of version 2.1.0", (which) => {
    const log: unknown = JSON.parse(render("sarif", which === "real" ? real : hostile));
    expect(isSarif(log), JSON.stringify(isSarif.errors)).toBe(true);
  });

  test("the schema detects a mistake", () => {
    const log = JSON.parse(render("sarif", real));
    log.runs[0].results[0].level = "fatal";
    expect(isSarif(log)).toBe(false);
  });

  test("points to the line of the journal, names each rule once, and keeps its fingerprints", () => {
    const { runs } = JSON.parse(render("sarif", real));
    const [run] = runs;
    const results: { ruleId: string; ruleIndex: number; level: string; [name: string]: unknown }[] = run.results;
    for (const { ruleId, ruleIndex } of results) expect(run.tool.driver.rules[ruleIndex].id).toBe(ruleId);
    expect(new Set(run.tool.driver.rules.map(({ id }: { id: string }) => id)).size).toBe(run.tool.driver.rules.length);
    const fallback = results.find(({ ruleId }) => ruleId === "finding.basic-fallback");
    expect(fallback).toMatchObject({
      level: "error",
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: "captures/basic-fallback.ndjson" },
            region: { startLine: 10 },
          },
        },
      ],
    });
    expect(readFileSync("captures/basic-fallback.ndjson", "utf8").split("\n")[9]).toContain("Basic ");
    expect(results.map(({ level }) => level)).toEqual(expect.arrayContaining(["error", "note"]));
    expect(render("sarif", real)).toBe(render("sarif", real));
  });

  test("keeps the worst 25,000 results and states the total", () => {
    const { runs } = JSON.parse(render("sarif", many(25_500)));
    expect(runs[0].results).toHaveLength(25_000);
    expect(runs[0].results[0].message.text).toContain("number 99");
    expect(JSON.stringify(runs[0].invocations)).toMatch(/Only the worst 25000 of 255\d\d results/);
  });

  test.each([
    ["a b/c#1.har", "a%20b/c%231.har"],
    ["./x.har", "x.har"],
    ["/tmp/x.har", "file:///tmp/x.har"],
    ["C:\\traces\\x.har", "file:///C:/traces/x.har"],
    ["a:b.har", "a%3Ab.har"],
  ])("the path %s is the reference %s", (path, uri) => {
    expect(uriOf(path)).toBe(uri);
  });
});

describe("JUnit", () => {
  test.each(["real", "hostile"])("of a %s run meets the common XSD", async (which) => {
    const xml = render("junit", which === "real" ? real : hostile);
    const { valid, errors } = await validateXML({ xml: [{ fileName: "report.xml", contents: xml }], schema: [xsd] });
    expect(errors).toEqual([]);
    expect(valid).toBe(true);
  });

  test("the XSD detects a mistake", async () => {
    const xml = render("junit", real).replace(' hostname="localhost"', "");
    expect((await validateXML({ xml: [{ fileName: "report.xml", contents: xml }], schema: [xsd] })).valid).toBe(false);
  });

  test("has a suite for each trace and a case for each check", () => {
    const xml = render("junit", real);
    expect(xml.match(/<testsuite /g)).toHaveLength(4);
    const checks = real.traces.reduce((sum, trace) => sum + trace.checks.length, 0);
    expect(xml.match(/<testcase /g)).toHaveLength(checks + 1);
    expect(xml.match(/<error /g)).toHaveLength(1);
    expect(xml.match(/<failure /g)).toHaveLength(
      real.traces.flatMap(({ checks: all }) => all).filter(({ outcome }) => outcome === "failed").length,
    );
    expect(xml).toContain("captures/basic-fallback.ndjson:10");
  });

  test("any text is XML text", async () => {
    const texts = fc.sample(fc.string({ unit: "binary", maxLength: 60 }), 200).map(xmlText);
    const xml = `<r>${texts.map((text) => `<t a="${text}">${text}</t>`).join("\n")}</r>`;
    const { errors } = await validateXML({ xml: [{ fileName: "x.xml", contents: xml }], normalization: "format" });
    expect(errors).toEqual([]);
  });
});

describe("TAP", () => {
  test.each(["real", "hostile"])("of a %s run is read by a TAP parser", (which) => {
    const run = which === "real" ? real : hostile;
    const text = render("tap", run);
    const events = Parser.parse(text);
    const asserts = events
      .filter(([name]) => name === "assert")
      .map(([, assert]) => assert as { ok: boolean; diag?: unknown });
    const checks = run.traces.flatMap((trace) => trace.checks);
    const errors = run.traces.filter(({ problem }) => problem !== null).length;
    expect(asserts).toHaveLength(checks.length + errors);
    expect(asserts.filter(({ ok }) => !ok)).toHaveLength(
      checks.filter(({ outcome }) => outcome === "failed").length + errors,
    );
    for (const { ok, diag } of asserts) if (!ok) expect(diag).toMatchObject({ message: expect.any(String) });
    // Lines that the parser cannot assign would be here, and so would a bail-out or a wrong plan.
    expect(events.filter(([name]) => name === "extra" || name === "bailout")).toEqual([]);
    const complete = events.find(([name]) => name === "complete")?.[1] as {
      failures?: unknown;
      plan?: { end: number };
    };
    expect(complete).toMatchObject({ plan: { start: 1, end: asserts.length } });
    expect(text.startsWith("TAP version 14\n1..")).toBe(true);
  });
});

describe("GitHub", () => {
  test("shows at most ten errors and ten warnings, the worst first, and states the total", () => {
    const lines = render("github", many(1_000)).trimEnd().split("\n");
    expect(lines.filter((line) => line.startsWith("::error "))).toHaveLength(10);
    expect(lines.filter((line) => line.startsWith("::warning "))).toHaveLength(10);
    expect(lines[0]).toContain("number 99");
    expect(lines.at(-1)).toMatch(/more of 10\d\d problems are not shown/);
  });

  test("escapes text that would be another command, a property or a line", () => {
    const lines = render("github", hostile).trimEnd().split("\n");
    expect(lines.filter((line) => line.startsWith("::")).length).toBe(6);
    for (const line of lines.slice(0, -1)) {
      // Parsed like the runner does: properties up to the second `::`, separated by commas.
      const [, level, properties = "", data = ""] = /^::(error|warning) ([^\n]*?)::([^\n]*)$/.exec(line) ?? [];
      expect(level).toBe("error");
      expect(properties.split(",").map((pair) => pair.split("=", 1)[0])).toEqual(["file", "line", "title"]);
      expect(data).not.toMatch(/[\r\n]/);
    }
    expect(render("github", real)).toContain("::error file=captures/basic-fallback.ndjson,line=10,title=");
  });

  test("has no line about a trace that passed", () => {
    expect(render("github", { ...real, traces: real.traces.slice(0, 1) })).toMatch(
      /^realmscope: \d+ checks over 1 trace: 0 failed/,
    );
  });
});

describe("Azure", () => {
  test("lists the worst ten and sets the result", () => {
    const lines = render("azure", many(300)).trimEnd().split("\n");
    expect(lines).toHaveLength(11);
    expect(lines[0]).toMatch(
      /^##vso\[task\.logissue type=error;sourcepath=captures\/basic-fallback\.ndjson;linenumber=\d+;/,
    );
    expect(lines.at(-1)).toMatch(/^##vso\[task\.complete result=Failed;\].*more of 30\d problems/);
  });

  test("escapes text that would be another command", () => {
    const lines = render("azure", hostile).trimEnd().split("\n");
    for (const line of lines.slice(0, -1)) {
      const [, properties = ""] = /^##vso\[task\.logissue ([^\]]*)\]/.exec(line) ?? [];
      const names = properties
        .split(";")
        .filter((pair) => pair !== "")
        .map((pair) => pair.split("=", 1)[0]);
      expect(names).toEqual(["type", "sourcepath", "linenumber", "code"]);
    }
    expect(lines).toHaveLength(7);
    expect(lines.join("\n").match(/^##vso\[task\.complete/gm)).toHaveLength(1);
  });
});

describe("GitLab", () => {
  test("is a list of issues with the members that the widget requires", () => {
    const issue = {
      type: "object",
      required: ["description", "check_name", "fingerprint", "severity", "location"],
      properties: {
        description: { type: "string", minLength: 1 },
        check_name: { type: "string", minLength: 1 },
        fingerprint: { type: "string", pattern: "^[0-9a-f]{64}$" },
        severity: { enum: ["info", "minor", "major", "critical", "blocker"] },
        location: {
          type: "object",
          required: ["path", "lines"],
          properties: {
            path: { type: "string" },
            lines: { type: "object", required: ["begin"], properties: { begin: { type: "integer", minimum: 1 } } },
          },
        },
      },
    };
    const validate = new Ajv().compile({ type: "array", items: issue });
    for (const run of [real, hostile, many(2_000)]) expect(validate(JSON.parse(render("gitlab", run)))).toBe(true);
    const issues: { severity: string; location: object }[] = JSON.parse(render("gitlab", real));
    expect(issues[0]).toMatchObject({
      severity: "blocker",
      location: { path: "captures/basic-fallback.ndjson", lines: { begin: 10 } },
    });
    const cut: { description: string }[] = JSON.parse(render("gitlab", many(2_000)));
    expect(cut).toHaveLength(1_001);
    expect(cut.at(-1)?.description).toMatch(/worst 1000 of 200\d/);
  });
});

describe("Markdown", () => {
  test("of a hostile run contains no foreign markup", () => {
    const page = render("markdown", hostile);
    expect(page.split("\n").filter((line) => line.startsWith("#"))).toEqual(["## realmscope", "### What is wrong"]);
    expect(page.match(/```/g)).toHaveLength(4);
    const outside = page.replace(/```diff[\s\S]*?```/g, "").replace(/<\/?code>/g, "");
    expect(outside).not.toMatch(/[<>`@]/);
  });

  test("keeps under the limit of a job summary, the worst first", () => {
    const [works] = real.traces;
    const [, fallback] = real.traces;
    if (works === undefined || fallback === undefined) throw new Error("no trace");
    const run = { ...real, traces: [...Array.from({ length: 5_000 }, () => works), fallback] };
    const page = render("markdown", run);
    expect(Buffer.byteLength(page)).toBeLessThan(1024 * 1024);
    expect(page.split("\n").find((line) => line.startsWith("| ❌"))).toContain("basic-fallback");
    expect(page).toContain("4801 more traces are not listed");
  });
});

describe("pretty", () => {
  test("frames the entry in its file, with its neighbours", () => {
    const text = render("pretty", real);
    expect(text).toContain("FAILED captures/basic-fallback.ndjson: basic-fallback");
    expect(text).toContain("    --> captures/basic-fallback.ndjson:10\n");
    expect(text).toMatch(/\n {9}\| t3 {2}POST .* -> 401 .*\n {4}> 10 \| t5 {2}POST .* {2}BASIC -> 200/);
    expect(text).toContain("NOT JUDGED captures/nowhere.ndjson");
    expect(text.trimEnd().split("\n").at(-1)).toMatch(
      /^\d+ checks over 4 traces: \d+ failed \(in 2\), 1 could not be judged$/,
    );
  });
});

describe("directions", () => {
  // By the stories of the lab, trust-works has both directions and basic-fallback the inbound one alone.
  const inbound = "oauth-confirmed via EWS (ACS)";
  const outbound = "oauth-confirmed via UCWA (ACS)";

  test("every report that names a verdict names both directions", () => {
    expect(render("pretty", real)).toContain(
      `ok captures/trust-works.ndjson: oauth-confirmed (inbound ${inbound}, outbound ${outbound})\n`,
    );
    expect(render("pretty", real)).toContain(
      "FAILED captures/basic-fallback.ndjson: basic-fallback (inbound basic-fallback via EWS (ACS), outbound not seen)\n",
    );
    const xml = render("junit", real);
    expect(xml).toContain(
      `<property name="inbound" value="${inbound}"/><property name="outbound" value="${outbound}"/>`,
    );
    expect(xml).toContain('<property name="outbound" value="none"/>');
    expect(render("markdown", real)).toContain(`| oauth-confirmed | ${inbound} | ${outbound} |`);
    expect(render("tap", real)).toContain(`(inbound ${inbound}, outbound ${outbound})\n`);
    const sarif = JSON.parse(render("sarif", real));
    expect(sarif.runs[0].properties.traces[1]).toMatchObject({
      verdict: "basic-fallback",
      directions: { inbound: { verdict: "basic-fallback", routes: ["ews"], tokenServices: ["acs"] }, outbound: null },
    });
    expect(sarif.runs[0].properties.traces[3]).toMatchObject({ verdict: null, directions: null });
  });

  test("JSON has them for all traces and for each, with evidence where the ids are unambiguous", () => {
    const all = JSON.parse(render("json", real));
    expect(all.directions.outbound).toEqual({
      ...{ verdict: "oauth-confirmed", routes: ["ucwa"], tokenServices: ["acs"] },
      hosts: ["webdir.online.lync.com"],
      evidence: [],
    });
    expect(all.directions.inbound.verdict).toBe("basic-fallback");
    expect(all.traces[0].directions.inbound.evidence).toHaveLength(1);
    expect(all.traces[1].directions.outbound).toBeNull();
    expect(all.traces[3].directions).toBeNull();
    expect(all.captures[0].directions).toEqual(all.traces[0].directions);
    const one = JSON.parse(render("json", { ...real, traces: real.traces.slice(0, 1) }));
    expect(one.directions).toEqual(all.traces[0].directions);
    expect(one.handshakes[0]).toMatchObject({ direction: "inbound", route: "ews", tokenService: "acs" });
  });
});

describe("JSON", () => {
  test("is the object of an analysis, with its checks", () => {
    const one = JSON.parse(render("json", { ...real, traces: real.traces.slice(1, 2), exitCode: 1 }));
    expect(one).toMatchObject({
      schema: "realmscope.analysis/1",
      verdict: "basic-fallback",
      counts: { transactions: 5 },
      exitCode: 1,
      summary: { traces: 1, failedTraces: 1 },
    });
    expect(one.findings[0].trace).toBeUndefined();
    const all = JSON.parse(render("json", real));
    expect(all.verdict).toBe("basic-fallback");
    expect(all.sources).toHaveLength(4);
    expect(all.counts.transactions).toBe(
      real.traces.reduce((sum, { analysis }) => sum + (analysis?.counts.transactions ?? 0), 0),
    );
    expect(all.findings[0].trace).toMatch(/^captures\//);
    expect(all.traces.map(({ outcome }: { outcome: string }) => outcome)).toEqual([
      "passed",
      "failed",
      "failed",
      "error",
    ]);
  });
});

test.each(reporterNames)("%s controls no terminal and holds no secret", (name) => {
  for (const run of [real, hostile]) {
    const text = render(name, run);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
    expect(text).not.toMatch(/eyJ[\w-]{10,}\.eyJ|Basic [A-Za-z0-9+/]{8}|<password>/);
  }
});
