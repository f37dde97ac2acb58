import { readConfiguration } from "../../app/configuration.ts";
import { exitCode } from "../../app/exit-codes.ts";
import { titleOf } from "../../app/hand-over/export-capture.ts";
import { openHandOverKey } from "../../app/hand-over/hand-over-key.ts";
import { writeTicket } from "../../app/hand-over/write-ticket.ts";
import { withHybridApp } from "../../app/hybrid-app.ts";
import { refuseExisting } from "../../app/place-file.ts";
import { findAndReportTraces } from "../../app/reading/find-traces.ts";
import { type CommonOptions, folderOutput } from "../options/common-options.ts";
import { printSummary } from "../views/hand-over-summary.ts";
import { startProgress } from "../views/progress.ts";

export interface TicketOptions extends CommonOptions {
  readonly output: string;
  readonly realm?: string | undefined;
  readonly hybridApp?: string | undefined;
  readonly key?: string | undefined;
  readonly hideDomains?: true | undefined;
  readonly together?: true | undefined;
}

/** Bundles captures for a support ticket. Gives the exit code; throws ToolError and leaves no partial file. */
export async function runTicket(named: readonly string[], options: TicketOptions): Promise<number> {
  const files = await findAndReportTraces(named, folderOutput(options));
  // Before the key file is created.
  refuseExisting(options.output);
  const configuration = withHybridApp(await readConfiguration(options.config), options.hybridApp);
  const key = openHandOverKey({ file: options.key, originals: named, output: options.output });
  const progress = startProgress(options.quiet !== true);
  let keyPath: string | null = null;
  try {
    const copy = await writeTicket({
      files,
      output: options.output,
      realm: options.realm ?? configuration.realm,
      configuration,
      pseudonymise: key.pseudonymise,
      keyFingerprint: key.fingerprint,
      hidesDomains: options.hideDomains === true,
      isTogether: options.together === true,
      onFile: progress.follow,
      title: titleOf(files),
      beforeNaming: () => {
        keyPath = key.keep();
      },
    });
    progress.end();
    printSummary(copy, {
      output: options.output,
      isQuiet: options.quiet === true,
      isJson: options.json === true,
      isSanitised: true,
      keyPath,
    });
    return copy.isTruncated ? exitCode.cannotJudge : exitCode.trustShown;
  } finally {
    progress.end();
  }
}
