import { type Provisioning, warn } from "../../app/setup/open-provisioning.ts";
import { checkRunsFolder, findRun, journalPath } from "../../app/setup/run-folder.ts";
import { safeJson } from "../../core/safe-json.ts";
import { resumeRun } from "../../provisioning/engine/apply-plan.ts";
import type { Plan } from "../../provisioning/engine/plan.ts";
import { planDocument } from "../../provisioning/engine/plan-file.ts";
import { planOfRun, readRunJournal, refuseTakenBack } from "../../provisioning/engine/run-journal.ts";
import type { Settings } from "../../provisioning/model/settings.ts";
import { readHost } from "../../provisioning/model/settings.ts";
import { askToContinue, gatherConsents } from "./consent.ts";
import { type ApplyOptions, consentsFromFlags, verifyAndFinish, withRun } from "./provision-apply.ts";
import { withExitCodes } from "./provision-exit.ts";
import { printPlan } from "./provision-plan.ts";
import { withProvisioning } from "./with-provisioning.ts";

export interface ResumeOptions extends ApplyOptions {
  readonly run?: string | undefined;
  readonly restoreKeys?: true | undefined;
}

/** Continues a run. Its settings come from its journal; only how to reach both halves comes from the flags. */
export function runResume(options: ResumeOptions): Promise<number> {
  return withExitCodes(async () => {
    checkRunsFolder();
    const id = findRun(options.run);
    const entries = readRunJournal(journalPath(id));
    const plan = planOfRun(entries, journalPath(id));
    refuseTakenBack(entries);
    const resume = async (provisioning: Provisioning): Promise<number> => {
      const isAgreed = await askToContinue(`Continue the run ${id}?`, options.yes === true);
      if (!isAgreed) return 2;
      const consents = await gatherConsents(
        plan.steps.flatMap((step) => step.items),
        consentsFromFlags(options),
      );
      const result = await withRun(provisioning, options, { id, consents }, (run) =>
        resumeRun(plan, { ...run, mayRestoreKeys: options.restoreKeys === true }),
      );
      if (result.newPlan !== undefined) showNewPlan(result.newPlan, options, provisioning);
      return await verifyAndFinish(provisioning, options, { id, result });
    };
    return withProvisioning(options, resume, settingsNow(plan.settings, options));
  });
}

/** Prints the plan of the current state when it differs from the one agreed to. */
function showNewPlan(plan: Plan, options: ResumeOptions, provisioning: Provisioning): void {
  if (options.json === true) {
    const document = planDocument(plan, provisioning.secrets.hide);
    process.stdout.write(`${safeJson({ event: "new-plan", plan: document })}\n`);
  } else if (options.quiet !== true) printPlan(plan, options, provisioning);
}

/** The settings of the run, with the domain controller of --dc; another one may not have the changes of this run yet. */
function settingsNow(settings: Settings, { dc }: ResumeOptions): Settings {
  const other = dc === undefined ? settings.domainController : readHost(dc, "--dc");
  if (other === settings.domainController) return settings;
  warn(
    `The run began on ${settings.domainController}; ${other} may lag behind it: changes of the run may seem missing for some minutes.`,
  );
  return { ...settings, domainController: other };
}
