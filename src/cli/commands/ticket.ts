import { findTraces } from "../checking/find-traces.ts";
import type { CommonOptions } from "../common-options.ts";
import { readConfiguration } from "../configuration.ts";
import { exitCode } from "../exit-codes.ts";
import { titleOf } from "../export-capture.ts";
import { openHandOverKey } from "../hand-over-key.ts";
import { refuseExisting } from "../place-file.ts";
import { tellHandedOver, toldBy } from "../tell-handed-over.ts";
import { startProgress } from "../views/progress.ts";
import { writeTicket } from "../write-ticket.ts";

export interface TicketOptions extends CommonOptions {
  readonly output: string;
  readonly realm?: string | undefined;
  readonly key?: string | undefined;
  readonly hideDomains?: true | undefined;
  readonly together?: true | undefined;
}

/** Bundles captures for a support ticket. Gives the exit code; throws ToolError and leaves nothing half done. */
export async function runTicket(named: readonly string[], options: TicketOptions): Promise<number> {
  const files = findTraces(named);
  // Before a key is made for nothing.
  refuseExisting(options.output);
  const configuration = await readConfiguration(options.config);
  const key = openHandOverKey({ file: options.key, originals: named, output: options.output });
  const progress = startProgress(options.quiet !== true);
  let keyPath: string | null = null;
  try {
    const handed = await writeTicket({
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
    tellHandedOver(handed, { ...toldBy(options), isSanitised: true, keyPath });
    return handed.isTruncated ? exitCode.cannotJudge : exitCode.trustShown;
  } finally {
    progress.end();
  }
}
