import { readConfiguration } from "../../app/configuration.ts";
import { exitCode } from "../../app/exit-codes.ts";
import { exportCapture, titleOf } from "../../app/hand-over/export-capture.ts";
import type { ExportFormat } from "../../app/hand-over/export-formats.ts";
import { openHandOverKey } from "../../app/hand-over/hand-over-key.ts";
import { withHybridApp } from "../../app/hybrid-app.ts";
import { findAndReportTraces } from "../../app/reading/find-traces.ts";
import { safe } from "../../core/safe-text.ts";
import { ToolError } from "../../core/tool-error.ts";
import { type CommonOptions, folderOutput } from "../options/common-options.ts";
import { printSummary } from "../views/hand-over-summary.ts";
import { startProgress } from "../views/progress.ts";

export interface ExportOptions extends CommonOptions {
  readonly to: ExportFormat;
  readonly output: string;
  readonly realm?: string | undefined;
  readonly hybridApp?: string | undefined;
  readonly key?: string | undefined;
  readonly hideDomains?: true | undefined;
  readonly together?: true | undefined;
  readonly unsanitised?: true | undefined;
  readonly force?: true | undefined;
}

/** Writes captures in another format, made safe. Gives the exit code; throws ToolError. */
export async function runExport(named: readonly string[], options: ExportOptions): Promise<number> {
  const files = await findAndReportTraces(named, folderOutput(options));
  const isSanitised = options.unsanitised === undefined;
  refuseContradictions(options, isSanitised);
  const configuration = withHybridApp(await readConfiguration(options.config), options.hybridApp);
  const progress = startProgress(options.quiet !== true);
  const key = openHandOverKey({ file: options.key, originals: named, output: options.output });
  let keyPath: string | null = null;
  const copy = await exportCapture({
    files,
    realm: options.realm ?? configuration.realm,
    configuration,
    pseudonymise: key.pseudonymise,
    hidesDomains: options.hideDomains === true,
    isTogether: options.together === true,
    isSanitised,
    onFile: progress.follow,
    outputs: [[options.to, options.output]],
    replaces: options.force === true,
    title: titleOf(files),
    beforeNaming: () => {
      keyPath = isSanitised ? key.keep() : null;
    },
  }).finally(() => progress.end());
  if (!isSanitised) {
    process.stderr.write(
      `realmscope: ${safe(options.output)} is NOT SANITISED: it holds every password, token and cookie of the capture. Whoever reads it can use them.\n`,
    );
  }
  printSummary(copy, {
    output: options.output,
    isQuiet: options.quiet === true,
    isJson: options.json === true,
    isSanitised,
    holdsNoRows: options.to === "pcapng",
    keyPath,
  });
  return copy.isTruncated ? exitCode.cannotJudge : exitCode.trustShown;
}

function refuseContradictions({ to, key, hideDomains }: ExportOptions, isSanitised: boolean): void {
  if (isSanitised) return;
  if (to === "html" || to === "markdown") {
    throw new ToolError("report-sanitised", "A report is always made safe.", {
      hint: "Leave --unsanitised out, or write har, saz, ndjson or pcapng.",
    });
  }
  if (key !== undefined || hideDomains === true) {
    throw new ToolError(
      "contradiction",
      "--unsanitised replaces nothing, so --key and --hide-domains have no effect.",
      {
        hint: "Leave one or the other out.",
      },
    );
  }
}
