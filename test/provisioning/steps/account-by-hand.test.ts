// Whoever followed Microsoft's page by hand, in the sensible way, has the account already: under either of its two names, found by
// its address. Names of account, role and partner application are separate answers.
import { expect, test } from "vitest";
import type { DirectoryObject } from "../../../src/lab/exchange-shell/directory-state.ts";
import { changeLab, labDomain, labObject, withLabObject } from "../../../src/lab/exchange-shell/lab-directory.ts";
import { itemsOf, type Plan } from "../../../src/provisioning/engine/plan.ts";
import { appIds as ids, profileOf } from "../../../src/provisioning/model/profiles.ts";
import { openLab, type ProvisioningLab, startProvisioningLab } from "../../support/provisioning-lab.ts";

const address = `TeamsScheduler-ApplicationAccount@${labDomain}`;

function mailUser(name: string, external = address): DirectoryObject {
  return labObject("mail-user", {
    Name: name,
    Alias: name.replace(/[^\w-]/g, ""),
    ExternalEmailAddress: `SMTP:${external}`,
    EmailAddresses: [`SMTP:${external}`],
    PrimarySmtpAddress: external,
    RecipientType: "MailUser",
    RecipientTypeDetails: "MailUser",
    HiddenFromAddressListsEnabled: false,
  });
}

async function labWith(...objects: readonly DirectoryObject[]): Promise<ProvisioningLab> {
  const lab = await startProvisioningLab();
  for (const object of objects) changeLab(lab.directory, (state) => withLabObject(state, object));
  return lab;
}

function account(plan: Plan) {
  return plan.steps.find(({ id }) => id === "s2.account.teams");
}

test.each(["TeamsScheduler", "TeamsScheduler-ApplicationAccount", "Teams Scheduler (do not delete)"])(
  "%s with the wanted address is the account, and everything else is made for it",
  async (name) => {
    const made = mailUser(name);
    const lab = await labWith(made);
    const opened = await openLab(lab, { settings: lab.settings({ profile: "teams" }) });
    const plan = await opened.plan();
    expect(account(plan)).toMatchObject({ status: "done", items: [] });
    expect(plan.blockers).toEqual([]);
    expect((await opened.apply(plan)).how).toBe("finished");
    const partner = itemsOf(plan).find(({ id }) => id === "s3.partner.teams-scheduler.create");
    expect(partner?.call).toMatchObject({ parameters: { LinkedAccount: made.guid } });
    expect(itemsOf(await opened.plan())).toEqual([]);
    expect((await opened.verify()).verdict).toBe("ok");
  },
);

test("a namesake with another address does not hide the account", async () => {
  const made = mailUser("TeamsScheduler-ApplicationAccount");
  const lab = await labWith(mailUser("TeamsScheduler", "other@elsewhere.example"), made);
  const plan = await (await openLab(lab, { settings: lab.settings({ profile: "teams" }) })).plan();
  expect(account(plan)).toMatchObject({ status: "done" });
  expect(account(plan)?.notes.join()).toContain("TeamsScheduler-ApplicationAccount has the wanted address");
});

test("the name with another address is still a conflict, and so is another kind of object with the address", async () => {
  for (const object of [
    mailUser("TeamsScheduler", "other@elsewhere.example"),
    labObject("mailbox", { Name: "Someone", EmailAddresses: [`SMTP:${address}`], RecipientTypeDetails: "UserMailbox" }),
  ]) {
    const lab = await labWith(object);
    const plan = await (await openLab(lab, { settings: lab.settings({ profile: "teams" }) })).plan();
    expect(account(plan)).toMatchObject({ status: "conflict", items: [] });
    expect(account(plan)?.reason?.hint).toContain("--name account:DEFAULT=OWN");
  }
});

test.each([
  [{ "account:TeamsScheduler": "Acc" }, "Acc", "TeamsScheduler"],
  [{ "partner:TeamsScheduler": "Par" }, "TeamsScheduler", "Par"],
  [{ TeamsScheduler: "Both" }, "Both", "Both"],
  [{ TeamsScheduler: "Both", "account:TeamsScheduler": "Acc" }, "Acc", "Both"],
])("--name %j", (names, wantedAccount, wantedPartner) => {
  const profile = profileOf({ profile: "teams", names });
  expect(profile.accounts.map(({ name }) => name)).toEqual([wantedAccount]);
  expect(profile.partners.find(({ appId }) => appId === ids.teamsScheduler)?.name).toBe(wantedPartner);
});

test("role:DEFAULT=OWN renames the role and its assignment", () => {
  const profile = profileOf({ profile: "teams", names: { "role:TeamsSchedulerRole": "Ours" } });
  expect(profile.roles.map(({ name }) => name)).toEqual(["Ours"]);
  expect(profile.accounts.map(({ roles }) => roles)).toEqual([["Ours"]]);
});

test("another word before the colon is refused", async () => {
  const lab = await startProvisioningLab();
  expect(() => lab.settings({ names: { "acount:TeamsScheduler": "X" } })).toThrow(/account, role, partner/);
});
