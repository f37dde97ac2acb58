import { writeWhole } from "../../app/checking/write-whole.ts";
import type { ProvisionOptions } from "../../app/setup/answers.ts";
import type { Provisioning } from "../../app/setup/open-provisioning.ts";
import { toolVersion } from "../../app/version.ts";
import { safeJson } from "../../core/safe-json.ts";
import { makePlan, observeSteps, type Plan } from "../../provisioning/engine/plan.ts";
import { planDocument } from "../../provisioning/engine/plan-file.ts";
import type { Observations } from "../../provisioning/model/step.ts";
import { exitCodeOfPlan, withExitCodes } from "./provision-exit.ts";
import { refuseCheckedOnly } from "./provision-gates.ts";
import { renderPlan, renderPlanOutcome } from "./provision-text.ts";
import { withProvisioning } from "./with-provisioning.ts";

/** Prints what would be changed and why; changes nothing. Gives 0 for no change, 2 for changes, 3 or 5 when blocked. */
export function runPlan(options: ProvisionOptions & { readonly out?: string | undefined }): Promise<number> {
  return withExitCodes(async () => {
    await refuseCheckedOnly(options);
    return withProvisioning(options, async (provisioning) => {
      const { plan } = await readAndPlan(provisioning);
      printPlan(plan, options, provisioning);
      if (options.out !== undefined) await savePlan(planDocument(plan, provisioning.secrets.hide), options.out);
      return exitCodeOfPlan(plan);
    });
  });
}

/** Reads the current state and makes the plan. */
export async function readAndPlan({
  settings,
  steps,
  ports,
}: Provisioning): Promise<{ readonly plan: Plan; readonly observations: Observations }> {
  const observations = await observeSteps(steps, ports);
  return {
    plan: makePlan(settings, steps, observations, { tool: toolVersion(), now: ports.now(), hidden: ports.hidden }),
    observations,
  };
}

/** Prints a plan as lines or as JSON; with --quiet only its outcome. */
export function printPlan(
  plan: Plan,
  options: Pick<ProvisionOptions, "json" | "quiet">,
  { secrets }: Provisioning,
): void {
  if (options.json === true) process.stdout.write(`${safeJson(planDocument(plan, secrets.hide))}\n`);
  else process.stdout.write(secrets.hide(options.quiet === true ? renderPlanOutcome(plan) : renderPlan(plan)));
}

function savePlan(document: object, path: string): Promise<void> {
  return writeWhole(path, `${JSON.stringify(document, null, 2)}\n`, { mode: "new", fileMode: 0o600 });
}
