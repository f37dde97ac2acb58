// Changes that need an option of their own, and what blocks them.
import { rmSync } from "node:fs";
import { expect, test } from "vitest";
import { exitCodeOfPlan } from "../../../src/cli/provision/provision-exit.ts";
import { renderPlan } from "../../../src/cli/provision/provision-text.ts";
import { type DirectoryObject, readDirectory } from "../../../src/lab/exchange-shell/directory-state.ts";
import { changeLab, labObject, withLabObject } from "../../../src/lab/exchange-shell/lab-directory.ts";
import { itemsOf, type Plan, type PlanStep } from "../../../src/provisioning/engine/plan.ts";
import {
  appIds,
  openLab,
  type ProvisioningLab,
  principal,
  startProvisioningLab,
} from "../../support/provisioning-lab.ts";

function stepIn(plan: Plan, id: string): PlanStep {
  const step = plan.steps.find((candidate) => candidate.id === id);
  if (step === undefined) throw new Error(`the plan has no step ${id}`);
  return step;
}

function objectsOf(lab: ProvisioningLab): readonly DirectoryObject[] {
  return Object.values(Object.values(readDirectory(lab.directory).replicas)[0] ?? {});
}

/** Changes objects on every controller, as another administrator would. */
function change(
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

const isOnline = ({ properties }: DirectoryObject): boolean => properties.ApplicationIdentifier === appIds.exchange;

test("step 1 is explained part by part; only --step1 applies its two safe parts, and undo takes them back", async () => {
  const lab = await startProvisioningLab();
  change(lab, isOnline, { Enabled: false });
  lab.cloud.store.put({
    ...principal(appIds.exchange),
    servicePrincipalNames: [appIds.exchange, "https://theirs.example/"],
  });
  const names = (): readonly string[] => lab.cloud.store.now(appIds.exchange)?.servicePrincipalNames ?? [];
  const explained = await (await openLab(lab)).plan();
  const guides = explained.steps.filter((step) => step.id.startsWith("s1."));
  expect(guides.map((step) => step.id)).toEqual(["s1.a", "s1.b", "s1.c", "s1.d", "s1.f", "s1.g", "s1.h", "s1.i"]);
  expect(guides.flatMap((step) => step.items)).toEqual([]);
  expect(stepIn(explained, "s1.c").notes.join()).toContain("--step1");
  expect(stepIn(explained, "s1.d").notes.join()).toMatch(/blocks access through this shared application/);
  expect(stepIn(explained, "s1.h")).toMatchObject({
    status: "unchecked",
    found: expect.stringContaining("New-IntraOrganizationConnector"),
  });
  const opened = await openLab(lab, { settings: lab.settings({ step1: true }) });
  const plan = await opened.plan();
  expect(stepIn(plan, "s1.c").items).toMatchObject([
    { call: { cmdlet: "Set-PartnerApplication", parameters: { Enabled: true } } },
  ]);
  expect(stepIn(plan, "s1.f").items).toMatchObject([{ call: { operation: "add-names" } }]);
  expect((await opened.apply(plan)).how).toBe("finished");
  expect(objectsOf(lab).find(isOnline)?.properties.Enabled).toBe(true);
  expect(names().slice(0, 2)).toEqual([appIds.exchange, "https://theirs.example/"]);
  expect(names().length).toBeGreaterThan(2);
  expect(itemsOf(await opened.plan())).toEqual([]);
  await opened.undo(["destructive"]);
  expect(names()).toEqual([appIds.exchange, "https://theirs.example/"]);
  expect(objectsOf(lab).find(isOnline)?.properties.Enabled).toBe(false);
});

test("the legacy application is deleted only with --remove-legacy and its own consent, and undo creates it again", async () => {
  const lab = await startProvisioningLab();
  const first = await openLab(lab);
  await first.apply();
  // The second run has a journal of its own.
  rmSync(first.journalPath);
  const legacy = (): readonly DirectoryObject[] =>
    objectsOf(lab).filter(({ properties }) => properties.ApplicationIdentifier === appIds.skype);
  const teams = await openLab(lab, { settings: lab.settings({ profile: "teams" }) });
  const left = stepIn(await teams.plan(), "s8.legacy");
  expect(left).toMatchObject({ status: "done", items: [] });
  expect(left.notes.join()).toMatch(/It stays: out-of-office voicemail greetings/);
  const removing = await openLab(lab, { settings: lab.settings({ profile: "teams", removeLegacy: true }) });
  const plan = await removing.plan();
  expect(stepIn(plan, "s8.legacy").items).toMatchObject([{ change: "delete", consent: "remove-legacy" }]);
  await expect(removing.apply(plan)).rejects.toMatchObject({ reason: { code: "not-allowed" } });
  expect(legacy()).toHaveLength(1);
  expect((await removing.apply(plan, { consents: new Set(["remove-legacy"]) })).how).toBe("finished");
  expect(legacy()).toEqual([]);
  await removing.undo();
  expect(legacy()).toMatchObject([{ properties: { Name: "SfBOnline", Enabled: true } }]);
});

test("the scheduler's role ends with exactly one entry; one that was found gets its others back by undo", async () => {
  const lab = await startProvisioningLab();
  const role = labObject("role", {
    Name: "TeamsSchedulerRole",
    Parent: "UserApplication",
    RoleType: "UserApplication",
    IsRootRole: false,
  });
  const entries = ["GetDelegate", "AddDelegate", "FindItem"].map((Name) =>
    labObject("role-entry", { Name, Role: "TeamsSchedulerRole", Type: "WebService", Parameters: [] }),
  );
  for (const object of [role, ...entries]) changeLab(lab.directory, (state) => withLabObject(state, object));
  const opened = await openLab(lab, { settings: lab.settings({ profile: "teams" }) });
  const held = (): readonly unknown[] =>
    objectsOf(lab)
      .filter((one) => one.kind === "role-entry" && one.properties.Role === "TeamsSchedulerRole")
      .map((one) => one.properties.Name)
      .sort();
  await opened.apply();
  expect(held()).toEqual(["GetDelegate"]);
  await opened.undo(["destructive"]);
  expect(held()).toEqual(["AddDelegate", "FindItem", "GetDelegate"]);
  expect(objectsOf(lab).some((one) => one.guid === role.guid)).toBe(true);
});

test("a role of that name with another parent is a conflict", async () => {
  const lab = await startProvisioningLab();
  const role = labObject("role", { Name: "TeamsSchedulerRole", Parent: "ArchiveApplication", IsRootRole: false });
  changeLab(lab.directory, (state) => withLabObject(state, role));
  const plan = await (await openLab(lab, { settings: lab.settings({ profile: "teams" }) })).plan();
  expect(stepIn(plan, "s2.role-definition.scheduler").status).toBe("conflict");
  expect(stepIn(plan, "s2.role-entries.scheduler").status).toBe("blocked");
  expect(exitCodeOfPlan(plan)).toBe(3);
});

test("undo deletes a service principal that the run created only with its own consent", async () => {
  const lab = await startProvisioningLab({ principals: [appIds.exchange] });
  const opened = await openLab(lab);
  await opened.apply(undefined, { consents: new Set(["create-service-principal"]) });
  await opened.undo();
  expect(lab.cloud.store.now(appIds.skype)?.keyCredentials).toEqual([]);
  await opened.undo(["destructive"]);
  expect(lab.cloud.store.now(appIds.skype)).toBeUndefined();
});

test.each(["New-PartnerApplication", "Set-MailUser -HiddenFromAddressListsEnabled"])(
  "%s is hidden by RBAC: known before the first change, exit 5",
  async (name) => {
    const lab = await startProvisioningLab({ directory: { manner: { hidden: [name] } } });
    const opened = await openLab(lab);
    const plan = await opened.plan();
    expect(plan.blockers).toMatchObject([{ code: "rbac-denied", message: expect.stringContaining(name) }]);
    expect(exitCodeOfPlan(plan)).toBe(5);
    await expect(opened.apply(plan)).rejects.toMatchObject({ reason: { code: "rbac-denied" } });
    expect(objectsOf(lab).some((one) => one.kind === "mail-user")).toBe(false);
  },
);

test("hostile names from Exchange and Graph send no control characters to a terminal", async () => {
  const hostile = "\u001b]0;owned\u0007\u001b[2J\u202egnp.exe";
  const lab = await startProvisioningLab();
  lab.cloud.store.put({ ...principal(appIds.skype), displayName: hostile, accountEnabled: false });
  change(lab, isOnline, { Name: hostile, Enabled: false });
  const plan = await (await openLab(lab, { settings: lab.settings({ step1: true }) })).plan();
  const shown = renderPlan(plan);
  expect(shown).toContain("\\x1b]0;owned\\x07");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there
  expect(shown).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
});
