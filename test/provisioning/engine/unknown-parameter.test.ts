// A parameter of today's page that the cmdlet's reference does not list: left out with a note when the shell does not have it. That
// is not a missing right, and no other account would help.
import { expect, test } from "vitest";
import { exitCodeOfPlan } from "../../../src/cli/provision/provision-exit.ts";
import { readDirectory } from "../../../src/lab/exchange-shell/directory-state.ts";
import { changeLab } from "../../../src/lab/exchange-shell/lab-directory.ts";
import { itemsOf, type Plan } from "../../../src/provisioning/engine/plan.ts";
import { readRunJournal } from "../../../src/provisioning/engine/run-journal.ts";
import { reasonOf } from "../../../src/provisioning/exchange/exchange-errors.ts";
import type { ExchangeShell } from "../../../src/provisioning/model/exchange-shell.ts";
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
  expect(plan.blockers).toMatchObject([
    { code: "rbac-denied", message: expect.stringContaining("which the reference of Exchange Server documents") },
  ]);
});

test("apply says that it was left out, in its progress and in the run's journal", async () => {
  const lab = await startProvisioningLab({ directory: { manner: { hidden: [unknown] } } });
  const opened = await openLab(lab, { settings: lab.settings({ profile: "teams" }) });
  await opened.apply();
  const note = expect.stringContaining(`does not know ${unknown}, so it is left out`);
  expect(opened.events).toContainEqual(
    expect.objectContaining({ event: "item-done", id: "s2.account.teams.create", note }),
  );
  const receipts = readRunJournal(opened.journalPath).filter(({ kind }) => kind === "receipt");
  expect(receipts[0]).toMatchObject({ stepId: "s2.account.teams", note });
});

test.each([
  [
    "New-MailUser",
    "NamedParameterNotFound,New-MailUser",
    "找不到符合參數名稱 'ApplicationAccount' 的參數。",
    "parameter-missing",
  ],
  ["New-MailUser", "NamedParameterNotFound,New-MailUser", "Kein Parameter 'DomainController' gefunden.", "rbac-denied"],
  ["New-MailUser", "CommandNotFoundException", "New-MailUser は認識されません。", "rbac-denied"],
  ["Get-ClientAccessService", "CommandNotFoundException", "", "cmdlet-missing"],
  ["New-MailUser", "ParameterArgumentTransformationError,New-MailUser", "Cannot convert value", "exchange-error"],
  ["New-MailUser", "MissingMandatoryParameter,New-MailUser", "", "exchange-error"],
])("%s %s %s means %s", (cmdlet, id, message, code) => {
  const type = id.startsWith("Command") ? "CommandNotFoundException" : "ParameterBindingException";
  const reason = reasonOf(cmdlet, { type, id, category: "InvalidArgument", message }, "");
  expect(reason.code).toBe(code);
  const isAboutRights = /take an account in/.test(reason.hint);
  expect(isAboutRights).toBe(code === "rbac-denied" || code === "cmdlet-missing");
});

test("a shell that refuses it at the call: named as unknown to everybody, and nothing was made", async () => {
  const lab = await startProvisioningLab();
  const settings = lab.settings({ profile: "teams" });
  const { shell } = await openLab(lab, { settings });
  if (shell === null) throw new Error("the Exchange half is open");
  const direct: ExchangeShell = {
    stop: () => shell.stop(),
    call: (cmdlet, parameters) =>
      "ApplicationAccount" in parameters
        ? Promise.resolve({
            ok: false,
            effectUnknown: false,
            error: {
              type: "ParameterBindingException",
              id: "NamedParameterNotFound,New-MailUser",
              category: "InvalidArgument",
              message: "A parameter cannot be found that matches parameter name 'ApplicationAccount'.",
            },
          })
        : shell.call(cmdlet, parameters),
  };
  const result = await (await openLab(lab, { settings, direct })).apply();
  expect(result.reason).toMatchObject({ code: "parameter-missing" });
  expect(result.reason?.hint).not.toMatch(/Organization Management|Recipient Management/);
});
