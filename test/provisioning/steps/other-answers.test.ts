// The reference warns for sixteen Get- cmdlets that an empty identity returns every object. An answer that was not asked for
// stops, and nothing of it is taken for the wanted object.
import { expect, test } from "vitest";
import { changeLab, labObject, withLabObject } from "../../../src/lab/exchange-shell/lab-directory.ts";
import type { ExchangeShell } from "../../../src/provisioning/model/exchange-shell.ts";
import { answersTo } from "../../../src/provisioning/steps/read-named.ts";
import { openLab, type ProvisioningLab, startProvisioningLab } from "../../support/provisioning-lab.ts";

/** The lab's shell, with parameters of one cmdlet lost on the way. */
async function losing(lab: ProvisioningLab, cmdlet: string, lost: readonly string[]): Promise<ExchangeShell> {
  const { shell } = await openLab(lab);
  if (shell === null) throw new Error("the Exchange half is open");
  return {
    call: (name, parameters) =>
      shell.call(
        name,
        name === cmdlet
          ? Object.fromEntries(Object.entries(parameters).filter(([key]) => !lost.includes(key)))
          : parameters,
      ),
    stop: () => shell.stop(),
  };
}

async function labWithStrangers(): Promise<ProvisioningLab> {
  const lab = await startProvisioningLab();
  const stranger = labObject("mail-user", {
    Name: "Stranger",
    Alias: "stranger",
    ExternalEmailAddress: "SMTP:stranger@elsewhere.example",
    EmailAddresses: ["SMTP:stranger@elsewhere.example"],
    RecipientTypeDetails: "MailUser",
    HiddenFromAddressListsEnabled: true,
  });
  changeLab(lab.directory, (state) => withLabObject(state, stranger));
  return lab;
}

test.each([
  ["Get-MailUser", "s2.account.teams"],
  ["Get-Recipient", "s2.account.teams"],
  ["Get-User", "s2.account.teams"],
  ["Get-ManagementRole", "s2.role-definition.scheduler"],
])("%s answers with every object: unknown, blocked, and nothing is made", async (cmdlet, stepId) => {
  const lab = await labWithStrangers();
  const direct = await losing(lab, cmdlet, ["Identity"]);
  const plan = await (await openLab(lab, { settings: lab.settings({ profile: "teams" }), direct })).plan();
  const step = plan.steps.find(({ id }) => id === stepId);
  expect(step).toMatchObject({ status: "unknown", items: [], reason: { code: "exchange-error" } });
  expect(step?.reason?.message).toMatch(new RegExp(`${cmdlet} for .* was answered with \\d+ objects?`));
  expect(plan.blockers.length).toBeGreaterThan(0);
});

test.each([
  ["Get-MailUser", ["Identity"], "s2.hidden.teams"],
  ["Get-ManagementRoleAssignment", ["RoleAssignee"], "s2.role.skype.UserApplication"],
  ["Get-ManagementRoleAssignment", ["Role"], "s2.role.skype.UserApplication"],
  ["Get-ManagementRoleEntry", ["Identity"], "s2.role-entries.scheduler"],
] as const)(
  "%s without %j, after everything was made: never confirmed by another object",
  async (cmdlet, lost, stepId) => {
    const lab = await labWithStrangers();
    const settings = lab.settings({ profile: "both" });
    const opened = await openLab(lab, { settings });
    await opened.apply();
    await opened.shell?.call("New-ManagementRoleAssignment", { Name: "x", Role: "UserApplication", User: "Stranger" });
    const direct = await losing(lab, cmdlet, lost);
    const plan = await (await openLab(lab, { settings, direct })).plan();
    expect(plan.steps.find(({ id }) => id === stepId)?.status).toMatch(/unknown|blocked|conflict/);
  },
);

test.each([
  [{ Name: "A", Guid: "0f" }, "a", true],
  [{ Identity: "contoso.local/Users/A" }, "A", true],
  [{ Name: "A" }, "contoso.local/Users/A", true],
  [{ SamAccountName: "a" }, "CONTOSO\\A", true],
  [{ EmailAddresses: ["SMTP:x@y.example", "smtp:a@b.example"] }, "a@b.example", true],
  [{ Name: "AB", EmailAddresses: [] }, "A", false],
  [{}, "A", false],
])("%j answers to %s: %s", (object, identity, isSame) => {
  expect(answersTo(object, identity)).toBe(isSame);
});
