// A parameter of today's page that the cmdlet's reference does not list: left out with a note when the shell does not have it. That
// is not a missing right, and no other account would help.
import { expect, test } from "vitest";
import { exitCodeOfPlan } from "../../../src/cli/provision/provision-exit.ts";
import { readDirectory } from "../../../src/lab/exchange-shell/directory-state.ts";
import { changeLab } from "../../../src/lab/exchange-shell/lab-directory.ts";
import { itemsOf, type Plan } from "../../../src/provisioning/engine/plan.ts";
import { openLab, type ProvisioningLab, startProvisioningLab } from "../../support/provisioning-lab.ts";

const unknown = "New-MailUser -ApplicationAccount";

function newMailUser(lab: ProvisioningLab): Readonly<Record<string, unknown>> | undefined {
  return readDirectory(lab.directory).calls.find(({ cmdlet }) => cmdlet === "New-MailUser")?.parameters;
}

function textOf(plan: Plan): string {
  return JSON.stringify(plan);
}

test.each(["teams", "both"])("%s: the plan leaves it out with a note, and is applied", async (profile) => {
  const lab = await startProvisioningLab({ directory: { manner: { hidden: [unknown] } } });
  const opened = await openLab(lab, { settings: lab.settings({ profile }) });
  const plan = await opened.plan();
  expect(plan.blockers).toEqual([]);
  expect(exitCodeOfPlan(plan)).toBe(2);
  const step = plan.steps.find(({ id }) => id === "s2.account.teams");
  expect(step?.notes.join()).toContain(`This shell does not know ${unknown}`);
  expect(step?.items[0]?.call).not.toHaveProperty("parameters.ApplicationAccount");
  expect(step?.items[0]?.byHand).not.toContain("-ApplicationAccount:");
  expect(textOf(plan)).not.toMatch(/Organization Management|which this account does not have/);
  expect((await opened.apply(plan)).how).toBe("finished");
  expect(newMailUser(lab)).not.toHaveProperty("ApplicationAccount");
  expect(itemsOf(await opened.plan())).toEqual([]);
  expect((await opened.undo(["destructive"])).how).toBe("finished");
});

test("a shell that has it receives it, without a note", async () => {
  const lab = await startProvisioningLab();
  const opened = await openLab(lab, { settings: lab.settings({ profile: "teams" }) });
  const plan = await opened.plan();
  expect(plan.steps.find(({ id }) => id === "s2.account.teams")?.notes).toEqual([]);
  await opened.apply(plan);
  expect(newMailUser(lab)).toHaveProperty("ApplicationAccount", true);
});

test("resume on a shell that has it is the same plan", async () => {
  const lab = await startProvisioningLab({
    directory: { manner: { hidden: [unknown] }, faults: [{ cmdlet: "New-MailUser", kind: "error-before" }] },
  });
  const settings = lab.settings({ profile: "teams" });
  expect((await (await openLab(lab, { settings })).apply()).how).toBe("stopped");
  changeLab(lab.directory, (state) => ({ ...state, manner: { ...state.manner, hidden: [] } }));
  expect(await (await openLab(lab, { settings })).resume()).toMatchObject({ how: "finished", reason: null });
});

test("a parameter that the procedure needs is still a missing right", async () => {
  const lab = await startProvisioningLab({ directory: { manner: { hidden: ["New-MailUser -DomainController"] } } });
  const plan = await (await openLab(lab, { settings: lab.settings({ profile: "teams" }) })).plan();
  expect(plan.blockers).toMatchObject([{ code: "rbac-denied" }]);
});
