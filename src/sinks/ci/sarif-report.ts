// SARIF 2.1.0 (OASIS) for code scanning. GitHub takes at most 25,000 results a run and shows 5,000: the worst are
// kept, with the total in a notification.
import { createHash } from "node:crypto";
import { safeJson } from "../../core/safe-json.ts";
import type { Severity } from "../../diagnosis/catalogue/finding.ts";
import { findingCatalogue } from "../../diagnosis/catalogue.ts";
import { findingWord } from "../../expectations/vocabulary.ts";
import { problemsOf, type ReportProblem } from "./report-problems.ts";
import { type CheckedRun, totalsSentence } from "./trace-report.ts";

const mostResults = 25_000;
const levels: Readonly<Record<Severity, "note" | "warning" | "error">> = {
  info: "note",
  warning: "warning",
  error: "error",
  alarm: "error",
};

/** The document: every finding and every failed check, with its place in the trace. */
export function sarifReport(run: CheckedRun): string {
  const problems = problemsOf(run);
  const kept = problems.slice(0, mostResults);
  const rules = rulesOf(kept);
  const indexes = new Map(rules.map((rule, index) => [rule.id, index]));
  const cut =
    problems.length > kept.length ? ` Only the worst ${kept.length} of ${problems.length} results are here.` : "";
  const log = {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: { name: "realmscope", version: run.version, semanticVersion: run.version, rules },
        },
        automationDetails: { id: "realmscope/replay/" },
        columnKind: "utf16CodeUnits",
        invocations: [
          {
            executionSuccessful: run.traces.every(({ outcome }) => outcome !== "error"),
            exitCode: run.exitCode,
            toolExecutionNotifications: [{ level: "note", message: { text: `${totalsSentence(run)}.${cut}` } }],
          },
        ],
        // In the order of the command line; null: not judged.
        properties: {
          traces: run.traces.map(({ path, analysis }) => ({
            path,
            verdict: analysis?.verdict ?? null,
            directions: analysis?.directions ?? null,
          })),
        },
        results: kept.map((problem) => resultOf(problem, indexes.get(problem.rule) ?? 0)),
      },
    ],
  };
  return `${safeJson(log)}\n`;
}

interface Rule {
  readonly id: string;
  readonly [member: string]: unknown;
}

function rulesOf(problems: readonly ReportProblem[]): readonly Rule[] {
  return [...new Set(problems.map(({ rule }) => rule))].map(ruleOf);
}

function ruleOf(id: string): Rule {
  const entry = findingCatalogue.find(({ code }) => `finding.${findingWord(code)}` === id);
  if (entry === undefined) {
    const text =
      id === "trace-not-judged" ? "A trace could not be judged." : "A trace does not show what it must show.";
    return { id, shortDescription: { text }, defaultConfiguration: { level: "error" } };
  }
  const { code, severity, summary, onTheWire, remedy } = entry;
  return {
    id,
    name: code,
    shortDescription: { text: summary },
    fullDescription: { text: `${summary} On the wire: ${onTheWire}` },
    help: { text: remedy || summary },
    defaultConfiguration: { level: levels[severity] },
    properties: { tags: ["oauth", "exchange"], precision: "high", ...securitySeverity(severity) },
  };
}

/** GitHub ranks security results by this number. */
function securitySeverity(severity: Severity): object {
  return severity === "alarm" ? { "security-severity": "9.0" } : {};
}

function resultOf(problem: ReportProblem, ruleIndex: number): object {
  const what = problem.remedy === "" ? problem.message : `${problem.message} ${problem.remedy}`;
  const text = problem.rule.startsWith("finding.") ? what : `${problem.title}: ${what}`;
  return {
    ruleId: problem.rule,
    ruleIndex,
    level: levels[problem.severity],
    message: { text: text === "" ? problem.title : text },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: uriOf(problem.path) },
          region: { startLine: problem.line },
        },
        ...(problem.entries.length === 0
          ? {}
          : {
              logicalLocations: [
                { name: problem.entries[0], fullyQualifiedName: problem.entries.slice(0, 20).join(" ") },
              ],
            }),
      },
    ],
    partialFingerprints: { "realmscope/v1": createHash("sha256").update(problem.fingerprint).digest("hex") },
  };
}

/** A relative path as a URI reference; an absolute one with its scheme. In RFC 3986 3.3 a colon in the first part would mark a scheme. */
export function uriOf(path: string): string {
  const parts = path.replaceAll("\\", "/").split("/");
  const coded = parts.map((part) => encodeURIComponent(part.replace(/\p{Surrogate}/gu, "\ufffd"))).join("/");
  if (/^[A-Za-z]:\//.test(path.replaceAll("\\", "/"))) return `file:///${coded.replace("%3A", ":")}`;
  return coded.startsWith("/") ? `file://${coded}` : coded.replace(/^(?:\.\/)+/, "");
}
