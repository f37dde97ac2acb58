// What every trace must meet when no file says otherwise, as checks for the reports.
import type { Analysis } from "../../diagnosis/analysis.ts";
import type { Severity } from "../../diagnosis/catalogue/finding.ts";
import { isAtLeast } from "../../diagnosis/catalogue/finding-text.ts";
import type { CheckResult } from "../../expectations/check-entries.ts";
import type { CheckPlan } from "./check-plan.ts";

/** The verdict, and no finding at or above the threshold. */
export function usualChecks(analysis: Analysis, plan: CheckPlan): readonly CheckResult[] {
  const isConfirmed = analysis.verdict === "oauth-confirmed";
  const refused = analysis.handshakes.filter(({ verdict }) => verdict === analysis.verdict);
  const verdict: CheckResult = {
    name: "verdict is oauth-confirmed",
    outcome: isConfirmed ? "passed" : "failed",
    message: `the verdict is ${analysis.verdict}`,
    line: 1,
    entries: isConfirmed ? [] : refused.flatMap(({ transactions }) => transactions.slice(-1)).slice(0, 20),
  };
  return [verdict, failOnCheck(analysis, plan.failOn ?? plan.usualFailOn)];
}

/** No finding at or above a severity. */
export function failOnCheck(analysis: Analysis, failOn: Severity): CheckResult {
  const found = analysis.findings.filter(({ severity }) => isAtLeast(severity, failOn));
  const said = found.slice(0, 5).map(({ code, message }) => `${code}: ${message}`);
  const more = found.length > said.length ? ` And ${found.length - said.length} more findings.` : "";
  return {
    name: `no finding of severity ${failOn} or worse`,
    outcome: found.length === 0 ? "passed" : "failed",
    message: found.length === 0 ? "there is none" : `${said.join(" ")}${more}`,
    line: 1,
    entries: [...new Set(found.flatMap(({ evidence }) => evidence))].slice(0, 20),
  };
}
