import type { ProvisionOptions } from "../../app/setup/answers.ts";
import { openProvisioning, type Provisioning } from "../../app/setup/open-provisioning.ts";
import { labShell } from "../../lab/exchange-shell/lab-directory.ts";
import type { Settings } from "../../provisioning/model/settings.ts";

/**
 * Opens both halves for a verb, runs it, and closes them. `runSettings` are those of a run that is resumed or undone; they
 * replace the answers. The shell of the hidden `--lab` is passed in here, because `app` does not import the lab.
 */
export async function withProvisioning(
  options: ProvisionOptions,
  act: (provisioning: Provisioning) => Promise<number>,
  runSettings: Settings | null = null,
): Promise<number> {
  const provisioning = await openProvisioning(options, { settled: runSettings, labShell });
  try {
    return await act(provisioning);
  } finally {
    await provisioning.close();
  }
}
