// Workflow commands of GitHub Actions. It shows at most ten errors and ten warnings of a step, so the worst ten of each are
// written, with the total.
import { withoutMarkers } from "../../core/runner-commands.ts";
import { annotationsOf, type ReportProblem } from "./report-problems.ts";
import { type CheckedRun, totalsSentence } from "./trace-report.ts";

const mostOfEach = 10;

/** Lines for the log of a step. */
export function githubReport(run: CheckedRun): string {
  const problems = annotationsOf(run);
  const errors = problems.filter(({ severity }) => severity === "error" || severity === "alarm");
  const warnings = problems.filter(({ severity }) => severity === "warning");
  const lines = [
    ...errors.slice(0, mostOfEach).map((problem) => command("error", problem)),
    ...warnings.slice(0, mostOfEach).map((problem) => command("warning", problem)),
  ];
  const hidden = problems.length - lines.length;
  const rest = hidden === 0 ? "" : `; ${hidden} more of ${problems.length} problems are not shown as annotations`;
  return [...lines, `realmscope: ${data(`${totalsSentence(run)}${rest}`)}`].map((line) => `${line}\n`).join("");
}

function command(level: "error" | "warning", problem: ReportProblem): string {
  const properties = `file=${property(problem.path)},line=${problem.line},title=${property(problem.title)}`;
  return `::${level} ${properties}::${data(problem.remedy === "" ? problem.message : `${problem.message} ${problem.remedy}`)}`;
}

/** Escapes a message as the runner decodes it; a property needs comma and colon escaped, too. */
function data(text: string): string {
  return printable(text).replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function property(text: string): string {
  return data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}

/** Removes everything that could begin another command or control the log. */
function printable(text: string): string {
  return withoutMarkers(text).replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu, (character) =>
    character === "\n" || character === "\r" ? character : "?",
  );
}
