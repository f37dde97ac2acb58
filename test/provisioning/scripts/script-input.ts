// The input of the scripts as a plan for both profiles gives it, with names that try to become script.
import type { ScriptItem } from "../../../src/provisioning/model/exchange-shell.ts";
import type { CloudScriptInput } from "../../../src/provisioning/scripts/cloud-script.ts";
import type { ExchangeScriptInput } from "../../../src/provisioning/scripts/exchange-script.ts";

/** Each of PowerShell's five single quotes, and what could follow one. */
export const hostileName = 'O\'Brien‘s’; Remove-MailUser ‚x‛ $(exit 9) `n "“q”" <# #> 日本 @{}';

const domainController = "dc1.contoso.example";
const accountId = "s2.account.skype";

export function exchangeInput(name: string = hostileName): ExchangeScriptInput {
  return { planId: "plan-1", title: "Skype for Business Online and Teams", domainController, items: items(name) };
}

function items(name: string): readonly ScriptItem[] {
  const at = { DomainController: domainController };
  const account = { ref: `${accountId}.Guid` };
  return [
    {
      stepId: accountId,
      title: `Create the mail user ${name}.`,
      cmdlet: "New-MailUser",
      parameters: { Name: name, ExternalEmailAddress: "sfbonline@contoso.example", ...at },
      check: { cmdlet: "Get-MailUser", parameters: { Identity: name, ...at }, presentWhen: "any" },
    },
    {
      stepId: "s2.hidden.skype",
      title: "Hide it from address lists.",
      cmdlet: "Set-MailUser",
      parameters: { Identity: account, HiddenFromAddressListsEnabled: true, ...at },
      check: {
        cmdlet: "Get-MailUser",
        parameters: { Identity: account, ...at },
        presentWhen: "HiddenFromAddressListsEnabled=True",
      },
    },
    {
      stepId: "s2.role-definition.teams",
      title: "Create the role.",
      cmdlet: "New-ManagementRole",
      parameters: { Name: "TeamsSchedulerRole", Parent: "UserApplication", ...at },
      check: {
        cmdlet: "Get-ManagementRole",
        parameters: { Identity: "TeamsSchedulerRole", ...at },
        presentWhen: "any",
      },
    },
    {
      stepId: "s2.role-entries.teams",
      title: "Remove every entry except GetDelegate.",
      cmdlet: "Remove-ManagementRoleEntry",
      parameters: { Confirm: false, ...at },
      check: {
        cmdlet: "Get-ManagementRoleEntry",
        parameters: { Identity: "TeamsSchedulerRole\\*", ...at },
        presentWhen: "any",
      },
      forEach: { prefix: "TeamsSchedulerRole\\", keep: ["GetDelegate"] },
    },
    {
      stepId: "s2.role.skype",
      title: "Assign the role.",
      cmdlet: "New-ManagementRoleAssignment",
      parameters: { Name: `UserApplication-${name}`, Role: "UserApplication", User: account, ...at },
      check: {
        cmdlet: "Get-ManagementRoleAssignment",
        parameters: { RoleAssignee: account, Role: "UserApplication", Delegating: false, ...at },
        presentWhen: "Enabled=True;AssignmentMethod=Direct",
      },
    },
    {
      stepId: "s3.partner.skype",
      title: "Create the partner application.",
      cmdlet: "New-PartnerApplication",
      parameters: {
        Name: "SfBOnline",
        ApplicationIdentifier: "00000004-0000-0ff1-ce00-000000000000",
        Enabled: true,
        LinkedAccount: account,
        ...at,
      },
      check: {
        cmdlet: "Get-PartnerApplication",
        parameters: at,
        presentWhen: "ApplicationIdentifier=00000004-0000-0ff1-ce00-000000000000;Enabled=True",
      },
    },
  ];
}

export function cloudInput(certificates: readonly string[] = []): CloudScriptInput {
  return {
    planId: "plan-1",
    title: "Skype for Business Online and Teams",
    tenant: "7f3c1e2a-9b14-4c0d-8a55-0d2b6f1e90aa",
    environment: "Global",
    certificates,
    principals: [
      { stepId: "s5.key.skype", title: "Skype for Business Online", appId: "00000004-0000-0ff1-ce00-000000000000" },
      { stepId: "s5.key.voicemail", title: "Cloud Voicemail", appId: "db7de2b5-2149-435e-8043-e080dd50afae" },
    ],
  };
}
