// The reports by name. Only the one that is asked for is loaded.
import type { SafeText } from "./pretty-report.ts";
import type { ReporterName } from "./reporter-names.ts";
import type { CheckedRun } from "./trace-report.ts";

/** Gives the text of one report. */
export type RenderReport = (
  run: CheckedRun,
  options: { readonly safe: SafeText; readonly isDetailed: boolean },
) => string;

/** Loads what renders a report. */
export async function loadReport(name: ReporterName): Promise<RenderReport> {
  switch (name) {
    case "pretty":
      return (await import("./pretty-report.ts")).prettyReport;
    case "json":
      return (await import("./json-report.ts")).jsonReport;
    case "junit":
      return (await import("./junit-report.ts")).junitReport;
    case "sarif":
      return (await import("./sarif-report.ts")).sarifReport;
    case "github":
      return (await import("./github-report.ts")).githubReport;
    case "gitlab":
      return (await import("./gitlab-report.ts")).gitlabReport;
    case "azure":
      return (await import("./azure-report.ts")).azureReport;
    case "tap":
      return (await import("./tap-report.ts")).tapReport;
    case "markdown":
      return (await import("./markdown-checks.ts")).markdownChecks;
  }
}
