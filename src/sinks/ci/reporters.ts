// The reports by name, and what each may share standard output with.
import { azureReport } from "./azure-report.ts";
import { githubReport } from "./github-report.ts";
import { gitlabReport } from "./gitlab-report.ts";
import { jsonReport } from "./json-report.ts";
import { junitReport } from "./junit-report.ts";
import { markdownChecks } from "./markdown-checks.ts";
import { prettyReport, type SafeText } from "./pretty-report.ts";
import type { ReporterName } from "./reporter-names.ts";
import { sarifReport } from "./sarif-report.ts";
import { tapReport } from "./tap-report.ts";
import type { CheckedRun } from "./trace-report.ts";

/** The text of one report. */
export function renderReport(
  name: ReporterName,
  run: CheckedRun,
  options: { readonly safe: SafeText; readonly isDetailed: boolean },
): string {
  switch (name) {
    case "pretty":
      return prettyReport(run, options);
    case "json":
      return jsonReport(run);
    case "junit":
      return junitReport(run);
    case "sarif":
      return sarifReport(run);
    case "github":
      return githubReport(run);
    case "gitlab":
      return gitlabReport(run);
    case "azure":
      return azureReport(run);
    case "tap":
      return tapReport(run);
    case "markdown":
      return markdownChecks(run);
  }
}
