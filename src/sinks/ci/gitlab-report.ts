// GitLab's Code Quality report: a list of issues for the merge request widget.
import { createHash } from "node:crypto";
import { safeJson } from "../../core/safe-json.ts";
import type { Severity } from "../../diagnosis/catalogue/finding.ts";
import { annotationsOf } from "./report-problems.ts";
import type { CheckedRun } from "./trace-report.ts";

const severities: Readonly<Record<Severity, "info" | "minor" | "major" | "blocker">> = {
  info: "info",
  warning: "minor",
  error: "major",
  alarm: "blocker",
};
/** The widget is unusable long before; the worst are kept, and the last issue has the total. */
const most = 1000;

/** The document. A trace that passed has no issues. */
export function gitlabReport(run: CheckedRun): string {
  const problems = annotationsOf(run);
  const issues = problems.slice(0, most).map((problem) => ({
    description: `${problem.title}: ${problem.message}`,
    check_name: problem.rule,
    fingerprint: createHash("sha256").update(problem.fingerprint).digest("hex"),
    severity: severities[problem.severity],
    location: { path: problem.path.replace(/^(?:\.\/)+/, ""), lines: { begin: problem.line } },
  }));
  if (problems.length > most) {
    issues.push({
      description: `Only the worst ${most} of ${problems.length} problems are listed.`,
      check_name: "report-cut",
      fingerprint: createHash("sha256").update("report-cut").digest("hex"),
      severity: "info",
      location: { path: problems[0]?.path ?? ".", lines: { begin: 1 } },
    });
  }
  return `${safeJson(issues)}\n`;
}
