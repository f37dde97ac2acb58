import { type Provisioning, warn } from "../../app/setup/open-provisioning.ts";
import { checkRunsFolder, findRun, journalPath } from "../../app/setup/run-folder.ts";
import { safeJson } from "../../core/safe-json.ts";
import { resumeRun } from "../../provisioning/engine/apply-plan.ts";
import type { Plan } from "../../provisioning/engine/plan.ts";
import { planDocument } from "../../provisioning/engine/plan-file.ts";
import { planOfRun, readRunJournal, refuseTakenBack } from "../../provisioning/engine/run-journal.ts";
import type { Settings } from "../../provisioning/model/settings.ts";
import { readHost } from "../../provisioning/model/settings.ts";
import { askToGoOn, gatherConsents } from "./consent.ts";
import { type ApplyOptions, consentsOf, finish, withRun } from "./provision-apply.ts";
import { withExits } from "./provision-exit.ts";
import { showPlan } from "./provision-plan.ts";
import { withProvisioning } from "./with-provisioning.ts";

export interface ResumeOptions extends ApplyOptions {
  readonly run?: string | undefined;
  readonly restoreKeys?: true | undefined;
}

/** Goes on with a run: its settings come from its journal, only the way to both halves from the flags. */
export function runResume(options: ResumeOptions): Promise<number> {
  return withExits(async () => {
    checkRunsFolder();
    const id = findRun(options.run);
    const entries = readRunJournal(journalPath(id));
    const plan = planOfRun(entries, journalPath(id));
    refuseTakenBack(entries);
    const resume = async (opened: Provisioning): Promise<number> => {
      const isAgreed = await askToGoOn(`Go on with the run ${id}?`, options.yes === true);
      if (!isAgreed) return 2;
      const consents = await gatherConsents(
        plan.steps.flatMap((step) => step.items),
        consentsOf(options),
      );
      const result = await withRun(opened, options, { id, consents }, (run) =>
        resumeRun(plan, { ...run, mayRestoreKeys: options.restoreKeys === true }),
      );
      if (result.newPlan !== undefined) showNewPlan(result.newPlan, options, opened);
      return await finish(opened, options, { id, result });
    };
    return withProvisioning(options, resume, settingsNow(plan.settings, options));
  });
}

/** What would be done now, when that is not what was agreed to. */
function showNewPlan(plan: Plan, options: ResumeOptions, opened: Provisioning): void {
  if (options.json === true) {
    const document = planDocument(plan, opened.secrets.hide);
    process.stdout.write(`${safeJson({ event: "new-plan", plan: document })}\n`);
  } else if (options.quiet !== true) showPlan(plan, options, opened);
}

/** Another domain controller may not have what this run made on the first one. */
function settingsNow(settings: Settings, { dc }: ResumeOptions): Settings {
  const other = dc === undefined ? settings.domainController : readHost(dc, "--dc");
  if (other === settings.domainController) return settings;
  warn(
    `The run began on ${settings.domainController}; ${other} may lag behind it: what was just made may seem missing for some minutes.`,
  );
  return { ...settings, domainController: other };
}
