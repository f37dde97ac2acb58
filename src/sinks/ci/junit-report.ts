// JUnit XML as GitLab, Azure Pipelines and Jenkins read it: one suite for each trace, one case for each check. It follows
// the common XSD of Ant's JUnit task, which requires every attribute and element that is written here.

import { withoutMarkers } from "../../core/runner-commands.ts";
import { directionNames, directionSummary } from "../../diagnosis/direction-words.ts";
import type { CheckResult } from "../../expectations/check-entries.ts";
import { renderChange } from "./pretty-report.ts";
import { type CheckedRun, type TraceReport, totalsOf } from "./trace-report.ts";

/** The document. Its times come from the traces, so that the same traces give the same report. */
export function junitReport(run: CheckedRun): string {
  const suites = run.traces.map((trace, index) => suite(trace, index));
  const { checks, failedChecks, unreadableTraces } = totalsOf(run);
  // The XSD allows no attributes on the root, so the totals are in a comment.
  const totals = `tests=${checks + unreadableTraces} failures=${failedChecks} errors=${unreadableTraces}`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n<!-- realmscope ${xmlText(run.version)}: ${totals} -->\n${suites.join("")}</testsuites>\n`;
}

function suite(trace: TraceReport, index: number): string {
  const failures = trace.checks.filter(({ outcome }) => outcome === "failed").length;
  const errors = trace.problem === null ? 0 : 1;
  const name = oneLine(trace.path);
  const attributes = [
    `id="${index}"`,
    `package="realmscope"`,
    `name="${name}"`,
    `timestamp="${timeOf(trace)}"`,
    `hostname="localhost"`,
    `tests="${trace.checks.length + errors}"`,
    `failures="${failures}"`,
    `errors="${errors}"`,
    `skipped="0"`,
    `time="0"`,
  ];
  const cases = [
    ...trace.checks.map((check) => testCase(check, trace, name)),
    ...(trace.problem === null ? [] : [errorCase(trace.problem, trace, name)]),
  ];
  return `<testsuite ${attributes.join(" ")}>
<properties>${properties(trace)
    .map(([key, value]) => `<property name="${key}" value="${xmlText(value)}"/>`)
    .join("")}</properties>
${cases.join("")}<system-out></system-out>
<system-err></system-err>
</testsuite>
`;
}

/** The verdict of the trace and of each direction; `none`: not seen. */
function properties({ analysis }: TraceReport): readonly (readonly [key: string, value: string])[] {
  return [
    ["verdict", analysis?.verdict ?? "none"],
    ...directionNames.map((name) => {
      const report = analysis?.directions[name] ?? null;
      return [name, report === null ? "none" : directionSummary(report)] as const;
    }),
  ];
}

function testCase(check: CheckResult, trace: TraceReport, suiteName: string): string {
  const open = `<testcase name="${oneLine(check.name)}" classname="${suiteName}" time="0"`;
  if (check.outcome === "passed") return `${open}/>\n`;
  const places = trace.places.filter(({ id }) => check.entries.includes(id));
  const detail = [
    check.message,
    ...places.map(({ line, text }) => `${trace.path}:${line ?? 1}  ${text}`),
    ...(check.name.startsWith("snapshot") ? trace.difference.map(renderChange) : []),
  ];
  return `${open}><failure type="expectation" message="${xmlText(check.message)}">${xmlText(detail.join("\n"))}</failure></testcase>\n`;
}

function errorCase(problem: string, trace: TraceReport, suiteName: string): string {
  const text = xmlText(`${problem} ${trace.hint}`.trim());
  return `<testcase name="the trace can be judged" classname="${suiteName}" time="0"><error type="not-judged" message="${xmlText(problem)}">${text}</error></testcase>\n`;
}

/** xs:token: no line ends, no spaces at the ends or in a row. */
function oneLine(text: string): string {
  return xmlText(text.replace(/\s+/g, " ").trim() || "-");
}

/** When the trace began, without a zone as the XSD requires; the epoch when it holds no handshake. */
function timeOf({ analysis }: TraceReport): string {
  const [first = 0] = (analysis?.handshakes ?? []).map(({ startedAt }) => startedAt);
  const time = new Date(first);
  const isInRange = !Number.isNaN(time.getTime()) && time.getUTCFullYear() >= 1000 && time.getUTCFullYear() <= 9999;
  return (isInRange ? time : new Date(0)).toISOString().slice(0, 19);
}

/**
 * Text for XML 1.0 content and quoted attributes: escaped, with characters that XML cannot hold as code points. Markers of a CI
 * runner become character references, so that a report in a log starts no command and is read back unchanged.
 */
export function xmlText(text: string): string {
  const plain = text
    .replace(
      // XML 1.0 §2.2: characters that are not a Char; and controls that a terminal could obey.
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
      /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufffe\uffff]|\p{Surrogate}/gu,
      (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
    )
    .replace(/[&<>"'\n\r\t]/g, reference);
  return withoutMarkers(plain, reference);
}

function reference(character: string): string {
  return `&#${character.charCodeAt(0)};`;
}
