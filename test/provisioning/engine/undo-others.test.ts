// Undo compares every fact that a receipt left: what somebody changed since is skipped, and the difference is named.
import { expect, test } from "vitest";
import { type DirectoryObject, readDirectory } from "../../../src/lab/exchange-shell/directory-state.ts";
import { changeLab } from "../../../src/lab/exchange-shell/lab-directory.ts";
import type { WireObject } from "../../../src/provisioning/model/exchange-shell.ts";
import {
  appIds,
  type OpenedLab,
  openLab,
  type ProvisioningLab,
  principal,
  startProvisioningLab,
} from "../../support/provisioning-lab.ts";

function objects(lab: ProvisioningLab, kind: DirectoryObject["kind"]): readonly DirectoryObject[] {
  const all = Object.values(Object.values(readDirectory(lab.directory).replicas)[0] ?? {});
  return all.filter((one) => one.kind === kind);
}

/** Changes objects on every controller, as another administrator would. */
function edit(
  lab: ProvisioningLab,
  which: (object: DirectoryObject) => boolean,
  properties: DirectoryObject["properties"],
): void {
  changeLab(lab.directory, (state) => {
    const replicas = Object.entries(state.replicas).map(([name, held]) => [
      name,
      Object.fromEntries(
        Object.entries(held).map(([id, one]) => [
          id,
          which(one) ? { ...one, properties: { ...one.properties, ...properties } } : one,
        ]),
      ),
    ]);
    return { ...state, replicas: Object.fromEntries(replicas) };
  });
}

async function applied(profile: string): Promise<{ readonly lab: ProvisioningLab; readonly opened: OpenedLab }> {
  const lab = await startProvisioningLab();
  const opened = await openLab(lab, { settings: lab.settings({ profile }) });
  expect((await opened.apply()).how).toBe("finished");
  return { lab, opened };
}

function skipped(opened: OpenedLab): readonly string[] {
  return opened.events.flatMap((event) =>
    event.event === "undone" && event.outcome === "skipped" ? [`${event.id}: ${event.why}`] : [],
  );
}

const isPartner = ({ kind, properties }: DirectoryObject): boolean =>
  kind === "partner-application" && properties.ApplicationIdentifier === appIds.skype;
const isAccount = ({ kind }: DirectoryObject): boolean => kind === "mail-user";
const isAssignment = ({ kind, properties }: DirectoryObject): boolean =>
  kind === "role-assignment" && properties.Role === "UserApplication";

test.each([
  ["renamed", { Name: "SfBOnline-production" }, /Name: the run left "SfBOnline", now "SfBOnline-production"/],
  ["unlinked", { LinkedAccount: null }, /LinkedAccount/],
  ["given another application", { ApplicationIdentifier: appIds.scheduler }, /ApplicationIdentifier/],
  ["disabled", { Enabled: false }, /Enabled: the run left true, now false/],
  ["trusted with SIDs", { AcceptSecurityIdentifierInformation: true }, /AcceptSecurityIdentifierInformation/],
] as const)("a partner application that was %s stays", async (_name, properties, why) => {
  const { lab, opened } = await applied("skype-online");
  edit(lab, isPartner, properties);
  await opened.undo(["destructive"]);
  expect(skipped(opened).find((line) => line.startsWith("s3.partner"))).toMatch(why);
  expect(objects(lab, "partner-application").some(({ properties: { Name } }) => /^SfBOnline/.test(`${Name}`))).toBe(
    true,
  );
});

test.each([
  [{ CustomRecipientWriteScope: "Executives" }],
  [{ RecipientWriteScope: "None" }],
  [{ CustomConfigWriteScope: "Servers of one site" }],
  [{ ConfigReadScope: "None" }],
  [{ Name: "ours now" }],
  [{ Enabled: false }],
])("a role assignment that somebody changed (%j) stays, and so does the account that has it", async (properties) => {
  const { lab, opened } = await applied("skype-online");
  edit(lab, isAssignment, properties);
  await opened.undo(["destructive"]);
  const [name] = Object.keys(properties);
  expect(skipped(opened).find((line) => line.startsWith("s2.role."))).toContain(`${name}: the run left`);
  expect(skipped(opened).find((line) => line.startsWith("s2.account"))).toMatch(/usedBy: the run left \[\]/);
  expect(objects(lab, "mail-user")).toHaveLength(1);
});

test.each([
  ["renamed", { Name: "Scheduling account" }, /Name/],
  ["moved", { DistinguishedName: "CN=x,OU=Service accounts,DC=contoso,DC=example" }, /DistinguishedName/],
  ["given another address", { ExternalEmailAddress: "SMTP:other@contoso.example" }, /ExternalEmailAddress/],
  [
    "shown in address lists",
    { HiddenFromAddressListsEnabled: false },
    /HiddenFromAddressListsEnabled: the run left true/,
  ],
  ["given another logon name", { UserPrincipalName: "svc@contoso.example" }, /UserPrincipalName/],
] as const)("an account that was %s is not deleted", async (_name, properties, why) => {
  const { lab, opened } = await applied("skype-online");
  edit(lab, isAccount, properties);
  await opened.undo(["destructive"]);
  expect(skipped(opened).find((line) => line.startsWith("s2.account"))).toMatch(why);
  expect(objects(lab, "mail-user")).toHaveLength(1);
});

test("an account that was renamed and given another address is not reported as gone", async () => {
  const { lab, opened } = await applied("skype-online");
  edit(lab, isAccount, {
    Name: "Other",
    Alias: "other",
    ExternalEmailAddress: "SMTP:o@contoso.example",
    EmailAddresses: [],
  });
  await opened.undo(["destructive"]);
  expect(opened.events).not.toContainEqual(expect.objectContaining({ event: "undone", outcome: "gone" }));
  expect(objects(lab, "mail-user")).toHaveLength(1);
});

test("a role that somebody gave an entry, or assigned to somebody else, is not removed", async () => {
  for (const act of ["entry", "assignment"]) {
    const { lab, opened } = await applied("teams");
    const DomainController = opened.ports.settings.domainController;
    const shell = (cmdlet: string, parameters: WireObject) =>
      opened.shell?.call(cmdlet, { ...parameters, DomainController });
    if (act === "entry") await shell("Add-ManagementRoleEntry", { Identity: "TeamsSchedulerRole\\FindItem" });
    else {
      await shell("New-MailUser", { Name: "Theirs", ExternalEmailAddress: "theirs@contoso.example" });
      await shell("New-ManagementRoleAssignment", { Name: "t", Role: "TeamsSchedulerRole", User: "Theirs" });
    }
    await opened.undo(["destructive"]);
    expect(skipped(opened).join("\n")).toMatch(act === "entry" ? /entries: the run left .*FindItem/ : /assigned/);
    expect(objects(lab, "role").some(({ properties }) => properties.Name === "TeamsSchedulerRole")).toBe(true);
  }
});

test("a key that somebody renamed or prolonged stays; one whose name was cleared is still ours", async () => {
  for (const [change, isLeft] of [
    [{ displayName: "production key, do not touch" }, true],
    [{ endDateTime: "2027-01-01T00:00:00Z" }, true],
    [{ displayName: null }, false],
  ] as const) {
    const { lab, opened } = await applied("skype-online");
    const now = lab.cloud.store.now(appIds.skype);
    if (now === undefined) throw new Error("the principal is there");
    lab.cloud.store.put({ ...now, keyCredentials: now.keyCredentials.map((key) => ({ ...key, ...change })) });
    await opened.undo(["destructive"]);
    expect(lab.cloud.store.now(appIds.skype)?.keyCredentials).toHaveLength(isLeft ? 1 : 0);
    expect(skipped(opened).some((line) => line.startsWith("s5.key"))).toBe(isLeft);
  }
});

test("a service principal that somebody gave a name, or disabled, is not deleted", async () => {
  for (const change of [
    { servicePrincipalNames: ["https://theirs.example"] },
    { accountEnabled: false },
    { displayName: "x" },
  ]) {
    const lab = await startProvisioningLab({ principals: [appIds.exchange] });
    const opened = await openLab(lab);
    await opened.apply(undefined, { consents: new Set(["create-service-principal"]) });
    const now = lab.cloud.store.now(appIds.skype) ?? principal(appIds.skype);
    lab.cloud.store.put({ ...now, ...change });
    await opened.undo(["destructive"]);
    expect(lab.cloud.store.now(appIds.skype)).toMatchObject(change);
    expect(skipped(opened).some((line) => line.startsWith("s5.key"))).toBe(true);
  }
});

test.each(["skype-online", "teams", "both"])("%s: untouched, everything goes", async (profile) => {
  const { lab, opened } = await applied(profile);
  await opened.undo(["destructive"]);
  expect(skipped(opened)).toEqual([]);
  expect(objects(lab, "mail-user")).toEqual([]);
  expect(lab.cloud.store.now(appIds.skype)?.keyCredentials).toEqual([]);
});
