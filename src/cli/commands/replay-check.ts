import type { CheckPlan } from "../../app/checking/check-plan.ts";
import { readTargets } from "../../app/checking/report-targets.ts";
import { runChecks } from "../../app/checking/run-checks.ts";
import { readConfiguration } from "../../app/configuration.ts";
import { withHybridApp } from "../../app/hybrid-app.ts";
import { ToolError } from "../../core/tool-error.ts";
import { readLogScope } from "../options/log-scope.ts";
import type { ReplayOptions } from "../options/replay-options.ts";

/** `replay` with --expect, --snapshot or a reporter: makes the plan of checks and runs it. Gives the exit code; throws ToolError. */
export async function checkReplay(files: readonly string[], options: ReplayOptions): Promise<number> {
  refuseContradictions(options);
  const configuration = withHybridApp(await readConfiguration(options.config), options.hybridApp);
  // A key file that cannot be read is reported once, not for each trace.
  if (options.metadata.length + options.authCert.length > 0)
    (await import("../../app/verification-options.ts")).readVerificationOptions(options);
  const plan: CheckPlan = {
    expect: options.expect ?? null,
    snapshot: options.snapshot ?? null,
    isSnapshotUpdated: options.updateSnapshot === true,
    writeExpect: options.writeExpect ?? null,
    isTruncatedAllowed: options.allowTruncated === true,
    isTogether: options.together === true,
    failOn: options.failOn ?? null,
    usualFailOn: configuration.failOn ?? "error",
    realm: options.realm ?? configuration.realm,
    applications: [...configuration.applications],
    hybridApp: configuration.hybridApp,
    metadata: options.metadata,
    authCert: options.authCert,
  };
  return runChecks(files, {
    plan,
    targets: readTargets(options.reporter, options.json === true),
    scope: readLogScope(options, Date.now()),
    isQuiet: options.quiet === true,
    isDetailed: options.verbose === true,
  });
}

function refuseContradictions(options: ReplayOptions): void {
  if (options.filter !== undefined) {
    throw new ToolError("usage", "--filter lists requests of a replay without checks.", {
      hint: "Leave --filter out, or the options that check.",
    });
  }
  if (options.updateSnapshot === true && options.snapshot === undefined && options.expect === undefined) {
    throw new ToolError("usage", "--update-snapshot names no snapshot.", {
      hint: "Name the file with --snapshot FILE, or in the expectation file.",
    });
  }
}
