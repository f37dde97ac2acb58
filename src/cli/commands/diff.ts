import { readForDiff } from "../../app/checking/read-for-diff.ts";
import { readConfiguration } from "../../app/configuration.ts";
import { exitCode } from "../../app/exit-codes.ts";
import { knownApplications, withHybridApp } from "../../app/hybrid-app.ts";
import { endOnSignals } from "../../app/process-end.ts";
import { refuseRepeatedInput } from "../../app/reading/find-traces.ts";
import { readVerificationOptions } from "../../app/verification-options.ts";
import { toolVersion } from "../../app/version.ts";
import { safeJson } from "../../core/safe-json.ts";
import { safe } from "../../core/safe-text.ts";
import { ToolError } from "../../core/tool-error.ts";
import { type ComparedCapture, compareCaptures } from "../../expectations/compare-analyses.ts";
import { differenceJson, renderDifference } from "../../sinks/ci/difference-report.ts";
import type { CommonOptions } from "../options/common-options.ts";

export interface DiffOptions extends CommonOptions {
  readonly realm?: string | undefined;
  readonly hybridApp?: string | undefined;
  readonly metadata: readonly string[];
  readonly authCert: readonly string[];
  readonly allowTruncated?: true | undefined;
}

/** Compares two captures. Gives 1 when a verdict got worse, else 0; throws ToolError for a capture that cannot be judged. */
export async function runDiff([before, after]: readonly [string, string], options: DiffOptions): Promise<number> {
  refuseRepeatedInput([before, after]);
  endOnSignals();
  const configuration = withHybridApp(await readConfiguration(options.config), options.hybridApp);
  const realm = options.realm ?? configuration.realm;
  const verification = readVerificationOptions(options);
  const read = async (path: string): Promise<ComparedCapture> => {
    const capture = await readForDiff(path, { realm, known: knownApplications(configuration), verification });
    if (capture.isTruncated && options.allowTruncated !== true) {
      throw new ToolError("truncated", `${JSON.stringify(path)} is cut short.`, {
        hint: "Use --allow-truncated to compare its whole entries.",
      });
    }
    return capture;
  };
  const difference = compareCaptures(await read(before), await read(after));
  const names = { before, after };
  const text =
    options.json === true
      ? `${safeJson(differenceJson(difference, names, toolVersion()))}\n`
      : renderDifference(difference, names, { isQuiet: options.quiet === true })
          .map((line) => `${safe(line)}\n`)
          .join("");
  process.stdout.write(text);
  return difference.isWorse ? exitCode.problemFound : exitCode.trustShown;
}
