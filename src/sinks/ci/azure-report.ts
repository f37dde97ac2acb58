// Logging commands of Azure Pipelines. Its summary lists at most ten issues of a step, so only the worst ten are written.
import { withoutMarkers } from "../../core/runner-commands.ts";
import { annotationsOf, type ReportProblem } from "./report-problems.ts";
import { type CheckedRun, totalsSentence } from "./trace-report.ts";

const most = 10;

/** Lines for the log of a step; the last one has the totals and sets the step's result. */
export function azureReport(run: CheckedRun): string {
  const problems = annotationsOf(run);
  const lines = problems.slice(0, most).map(issue);
  const hidden = problems.length - lines.length;
  const rest = hidden === 0 ? "" : `; ${hidden} more of ${problems.length} problems are not shown`;
  const result = run.exitCode === 0 ? "Succeeded" : "Failed";
  const complete = `##vso[task.complete result=${result};]${message(`${totalsSentence(run)}${rest}`)}`;
  return [...lines, complete].map((line) => `${line}\n`).join("");
}

function issue(problem: ReportProblem): string {
  const type = problem.severity === "warning" ? "warning" : "error";
  const properties = `type=${type};sourcepath=${property(problem.path)};linenumber=${problem.line};code=${property(problem.rule)};`;
  const what = problem.remedy === "" ? problem.message : `${problem.message} ${problem.remedy}`;
  return `##vso[task.logissue ${properties}]${message(`${problem.title}: ${what}`)}`;
}

/** Escapes a message as the agent decodes it (%AZP25 for the per cent sign, then line ends), without commands for any runner. */
function message(text: string): string {
  return withoutMarkers(text)
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu, (character) =>
      character === "\n" || character === "\r" ? character : "?",
    )
    .replaceAll("%", "%AZP25")
    .replaceAll("\r", "%0D")
    .replaceAll("\n", "%0A");
}

function property(text: string): string {
  return message(text).replaceAll(";", "%3B").replaceAll("]", "%5D");
}
