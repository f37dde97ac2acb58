// The lab's Exchange organisation through its shell: the tests of the procedure rely on it.
import { expect, test } from "vitest";
import {
  changeLab,
  foreignController,
  labCertificate,
  labControllers,
  labDomain,
  labObject,
  labServers,
  withLabObject,
} from "../../../src/lab/exchange-shell/lab-directory.ts";
import { makeAuthCertificate } from "../../../src/lab/keys.ts";
import type { ExchangeShell, WireObject } from "../../../src/provisioning/model/exchange-shell.ts";
import { makeDirectory, openLabShell } from "../../provisioning/exchange/lab-shell.ts";

const [dc1, dc2] = labControllers;
const at1 = { DomainController: dc1 };

/** The objects of an answer, or the type of its error. */
async function ask(
  shell: ExchangeShell,
  cmdlet: string,
  parameters: WireObject,
): Promise<readonly WireObject[] | string> {
  const answer = await shell.call(cmdlet, parameters);
  return answer.ok ? answer.objects : answer.error.type;
}

async function askOne(shell: ExchangeShell, cmdlet: string, parameters: WireObject): Promise<WireObject> {
  const objects = await ask(shell, cmdlet, parameters);
  if (typeof objects === "string" || objects.length !== 1) throw new Error(`${cmdlet}: ${JSON.stringify(objects)}`);
  return objects[0] ?? {};
}

const account = { Name: "Scheduler", ExternalEmailAddress: `scheduler@${labDomain}`, ...at1 };

test("a change reaches another controller after the reads that miss it", async () => {
  const { shell } = await openLabShell(makeDirectory({ lag: 2 }));
  await askOne(shell, "New-MailUser", account);
  const there = { Identity: "Scheduler", DomainController: dc2 };
  expect(await ask(shell, "Get-MailUser", there)).toBe("ManagementObjectNotFoundException");
  expect(await ask(shell, "Get-MailUser", there)).toBe("ManagementObjectNotFoundException");
  expect(await askOne(shell, "Get-MailUser", there)).toMatchObject({ Name: "Scheduler" });
});

test("without -DomainController the new account cannot be linked yet, as with the commands of the page", async () => {
  const { shell } = await openLabShell(makeDirectory());
  const { Guid } = await askOne(shell, "New-MailUser", account);
  const partner = { Name: "P", ApplicationIdentifier: "7557eb47-c689-4224-abcf-aef9bd7573df", Enabled: true };
  const linked = { ...partner, LinkedAccount: Guid ?? "" };
  expect(await ask(shell, "New-PartnerApplication", linked)).toBe("ManagementObjectNotFoundException");
  expect(await askOne(shell, "New-PartnerApplication", { ...linked, ...at1 })).toMatchObject({
    LinkedAccount: `${labDomain}/Users/Scheduler`,
  });
});

test("a controller of another domain has the configuration, not the accounts", async () => {
  const { shell } = await openLabShell(makeDirectory({ lag: 0 }));
  await askOne(shell, "New-MailUser", account);
  const there = { DomainController: foreignController };
  expect(await ask(shell, "Get-MailUser", { Identity: "Scheduler", ...there })).toBe(
    "ManagementObjectNotFoundException",
  );
  expect(await askOne(shell, "Get-ManagementRole", { Identity: "UserApplication", ...there })).toBeDefined();
});

test("a controller that is down, or not one, is a transient error", async () => {
  const directory = makeDirectory();
  changeLab(directory, (state) => ({
    ...state,
    domainControllers: state.domainControllers.map((one) => ({ ...one, isDown: one.name === dc1 })),
  }));
  const { shell } = await openLabShell(directory);
  for (const name of [dc1, "dc7.nowhere.example"]) {
    expect(await ask(shell, "Get-User", { Identity: "x", DomainController: name })).toBe("ADTransientException");
  }
});

test("a custom role starts with its parent's entries and can be removed only when nobody has it", async () => {
  const { shell } = await openLabShell(makeDirectory());
  const { Guid } = await askOne(shell, "New-MailUser", account);
  await askOne(shell, "New-ManagementRole", { Name: "TeamsSchedulerRole", Parent: "UserApplication", ...at1 });
  const entries = (await ask(shell, "Get-ManagementRoleEntry", {
    Identity: "TeamsSchedulerRole\\*",
    ...at1,
  })) as WireObject[];
  expect(entries.length).toBeGreaterThan(3);
  for (const { Identity, Name } of entries) {
    if (Name === "GetDelegate") continue;
    expect(
      await ask(shell, "Remove-ManagementRoleEntry", { Identity: Identity ?? "", Confirm: false, ...at1 }),
    ).toEqual([]);
  }
  expect(await askOne(shell, "Get-ManagementRoleEntry", { Identity: "TeamsSchedulerRole\\*", ...at1 })).toMatchObject({
    Name: "GetDelegate",
  });
  expect(await ask(shell, "Add-ManagementRoleEntry", { Identity: "TeamsSchedulerRole\\FindItem", ...at1 })).toEqual([]);
  const assigned = await askOne(shell, "New-ManagementRoleAssignment", {
    Name: "A",
    Role: "TeamsSchedulerRole",
    User: Guid ?? "",
    ...at1,
  });
  expect(assigned).toMatchObject({ AssignmentMethod: "Direct", Enabled: true, RoleAssigneeName: "Scheduler" });
  const remove = { Identity: "TeamsSchedulerRole", Confirm: false, ...at1 };
  expect(await ask(shell, "Remove-ManagementRole", remove)).toBe("InvalidOperationException");
  expect(await ask(shell, "Set-ManagementRoleAssignment", { Identity: "A", Enabled: false, ...at1 })).toEqual([]);
  expect(await askOne(shell, "Get-ManagementRoleAssignment", { Identity: "A", ...at1 })).toMatchObject({
    Enabled: false,
  });
  expect(await ask(shell, "Remove-ManagementRoleAssignment", { Identity: "A", Confirm: false, ...at1 })).toEqual([]);
  expect(await ask(shell, "Remove-ManagementRole", remove)).toEqual([]);
  expect(await ask(shell, "Get-ManagementRoleEntry", { Identity: "TeamsSchedulerRole\\*", ...at1 })).toEqual([]);
});

test("roles that an account has through a group are distinguishable", async () => {
  const directory = makeDirectory();
  const { shell } = await openLabShell(directory);
  const { Guid } = await askOne(shell, "New-MailUser", account);
  const assignment = labObject("role-assignment", {
    Name: "ArchiveApplication-Group",
    Role: "ArchiveApplication",
    RoleAssigneeName: "Archive Group",
    RoleAssigneeType: "RoleGroup",
    Enabled: true,
    RoleAssignmentDelegationType: "Regular",
  });
  changeLab(directory, (state) => ({
    ...withLabObject(state, assignment),
    groups: { "Archive Group": [`${Guid}`] },
  }));
  const asked = { RoleAssignee: Guid ?? "", Role: "ArchiveApplication", Delegating: false, ...at1 };
  expect(await askOne(shell, "Get-ManagementRoleAssignment", asked)).toMatchObject({ AssignmentMethod: "RoleGroup" });
});

test("a partner application whose account is gone shows a bare SID", async () => {
  const { shell } = await openLabShell(makeDirectory());
  const { Guid } = await askOne(shell, "New-MailUser", account);
  const partner = { Name: "P", ApplicationIdentifier: "x", LinkedAccount: Guid ?? "", ...at1 };
  await askOne(shell, "New-PartnerApplication", partner);
  await ask(shell, "Remove-MailUser", { Identity: Guid ?? "", Confirm: false, ...at1 });
  const { LinkedAccount } = await askOne(shell, "Get-PartnerApplication", { Identity: "P", ...at1 });
  expect(LinkedAccount).toMatch(/^S-1-5-21-/);
  expect(await ask(shell, "Set-PartnerApplication", { Identity: "P", Enabled: false, ...at1 })).toEqual([]);
  expect(await askOne(shell, "Get-PartnerApplication", { ...at1, Identity: "P" })).toMatchObject({ Enabled: false });
  expect(await ask(shell, "Remove-PartnerApplication", { Identity: "P", Confirm: false, ...at1 })).toEqual([]);
});

test("the staged certificate becomes the current one when its time has come", async () => {
  const now = Date.now();
  const keys = await Promise.all([0, 1].map(() => makeAuthCertificate(now - 86_400_000, now + 5 * 365 * 86_400_000)));
  const [first, second] = keys.map((key) => labCertificate(key.certificateDer, [labServers[0]]));
  if (first === undefined || second === undefined) throw new Error("no certificates");
  const authConfig = {
    current: first.thumbprint,
    next: second.thumbprint,
    nextEffective: new Date(now + 3_600_000).toISOString(),
  };
  const directory = makeDirectory({ certificates: [first, second], authConfig });
  const { shell } = await openLabShell(directory);
  expect(await askOne(shell, "Get-AuthConfig", {})).toMatchObject({
    CurrentCertificateThumbprint: first.thumbprint,
    NextCertificateThumbprint: second.thumbprint,
  });
  const read = { Server: labServers[0], Thumbprint: first.thumbprint };
  expect(await askOne(shell, "Get-ExchangeCertificate", read)).toMatchObject({ RawData: first.rawData });
  expect(await ask(shell, "Get-ExchangeCertificate", { ...read, Server: labServers[1] })).toBe(
    "ManagementObjectNotFoundException",
  );
  changeLab(directory, (state) => ({
    ...state,
    authConfig: { ...state.authConfig, nextEffective: new Date(now - 1000).toISOString() },
  }));
  expect(await askOne(shell, "Get-AuthConfig", {})).toMatchObject({
    CurrentCertificateThumbprint: second.thumbprint,
    PreviousCertificateThumbprint: first.thumbprint,
    NextCertificateThumbprint: null,
  });
});

test("the certificate may roll over between two reads of one run", async () => {
  const [first, second] = ["A", "B"].map((letter) => letter.repeat(40));
  const directory = makeDirectory({
    authConfig: { current: first ?? "", next: second ?? "", nextEffective: "2099-01-01T00:00:00Z" },
    faults: [{ cmdlet: "Get-ExchangeServer", kind: "flip" }],
  });
  const { shell } = await openLabShell(directory);
  expect(await askOne(shell, "Get-AuthConfig", {})).toMatchObject({ CurrentCertificateThumbprint: first });
  await ask(shell, "Get-ExchangeServer", {});
  expect(await askOne(shell, "Get-AuthConfig", {})).toMatchObject({
    CurrentCertificateThumbprint: second,
    PreviousCertificateThumbprint: first,
  });
});

test("the connectivity test succeeds once step 1 is done, and its token is hidden", async () => {
  for (const [wish, result] of [
    [{}, "Error"],
    [{ tenant: "7f3c1e2a-9b14-4c0d-8a55-0d2b6f1e90aa" }, "Success"],
  ] as const) {
    const { shell } = await openLabShell(makeDirectory(wish));
    const { ResultType, Detail } = await askOne(shell, "Test-OAuthConnectivity", {
      Service: "EWS",
      ReloadConfig: true,
    });
    expect(ResultType).toBe(result);
    expect(Detail).not.toContain("eyJ");
  }
});

test("two shells share one directory, and neither loses the other's changes", async () => {
  const directory = makeDirectory();
  const [first, second] = await Promise.all([openLabShell(directory), openLabShell(directory)]);
  const names = Array.from({ length: 8 }, (_, index) => `account${index}`);
  await Promise.all(
    names.map((Name, index) =>
      (index % 2 === 0 ? first : second).shell.call("New-MailUser", {
        Name,
        ExternalEmailAddress: `${Name}@${labDomain}`,
        ...at1,
      }),
    ),
  );
  const found = (await ask(first.shell, "Get-MailUser", at1)) as WireObject[];
  expect(found.map((one) => one.Name).sort()).toEqual(names);
});

test("the lab answers every cmdlet that the wizard calls", async () => {
  const { shell } = await openLabShell(makeDirectory());
  for (const cmdlet of [
    "Get-ExchangeServer",
    "Get-AcceptedDomain",
    "Get-DomainController",
    "Get-WebServicesVirtualDirectory",
    "Get-MapiVirtualDirectory",
    "Get-OabVirtualDirectory",
    "Get-ClientAccessService",
  ]) {
    expect(await ask(shell, cmdlet, {}), cmdlet).toEqual(expect.arrayContaining([expect.any(Object)]));
  }
});
