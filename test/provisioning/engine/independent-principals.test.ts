// One principal that Graph refuses ends nothing but itself, and a principal can be left out of the whole procedure.
import { expect, test } from "vitest";
import { exitCodeOfRun } from "../../../src/cli/provision/provision-exit.ts";
import type { StoreOptions } from "../../../src/lab/cloud/principal-store.ts";
import { itemsOf } from "../../../src/provisioning/engine/plan.ts";
import { renderScripts } from "../../../src/provisioning/scripts/all-scripts.ts";
import { appIds, openLab, type ProvisioningLab, startProvisioningLab } from "../../support/provisioning-lab.ts";

const order = [appIds.voicemail, appIds.scheduler, appIds.skype];

function held(lab: ProvisioningLab): readonly string[] {
  return order.filter((appId) => (lab.cloud.store.now(appId)?.keyCredentials.length ?? 0) > 0);
}

const refusing =
  (refused: string, status: 400 | 403): NonNullable<StoreOptions["refuse"]> =>
  ({ appId }) =>
    appId === refused ? { status, code: "Authorization_RequestDenied", message: "Not allowed." } : undefined;

test.each(order.flatMap((refused) => [[refused, 400] as const, [refused, 403] as const]))(
  "%s is refused with %i: the others are done, the run says what is missing, and resume ends it",
  async (refused, status) => {
    let refuse: StoreOptions["refuse"] = refusing(refused, status);
    const lab = await startProvisioningLab({ cloud: { store: { refuse: (write) => refuse?.(write) } } });
    const opened = await openLab(lab, { settings: lab.settings({ profile: "teams" }) });
    const result = await opened.apply();
    expect(held(lab)).toEqual(order.filter((appId) => appId !== refused));
    expect(result).toMatchObject({ how: "stopped", refused: [`s5.key.${refused}.add`] });
    expect(result.reason?.message).toMatch(/incomplete, all other changes were made; missing: .*service principal/);
    expect(exitCodeOfRun(result, null)).toBe(1);
    refuse = undefined;
    expect(await opened.resume()).toMatchObject({ how: "finished", reason: null });
    expect(held(lab)).toEqual(order);
    await opened.undo(["destructive"]);
    expect(held(lab)).toEqual([]);
  },
);

test("Microsoft refuses to create a missing principal: its key waits, the rest is done", async () => {
  const principals = Object.values(appIds).filter((appId) => appId !== appIds.skype);
  const lab = await startProvisioningLab({ principals, cloud: { store: { forbidden: [appIds.skype] } } });
  const opened = await openLab(lab, { settings: lab.settings({ profile: "teams" }) });
  const result = await opened.apply(undefined, { consents: new Set(["create-service-principal"]) });
  const step = `s5.key.${appIds.skype}`;
  expect(result.refused).toEqual([`${step}.create-service-principal`, `${step}.add`]);
  expect(held(lab)).toEqual([appIds.voicemail, appIds.scheduler]);
});

test("an answer that leaves the effect open still stops the run", async () => {
  const lab = await startProvisioningLab();
  lab.cloud.faults.add({ method: "PATCH", kind: { status: 429, retryAfter: "3600" } });
  const result = await (await openLab(lab, { settings: lab.settings({ profile: "teams" }) })).apply();
  expect(result).toMatchObject({ how: "stopped", reason: { code: "graph-throttled" } });
  expect(held(lab)).toEqual([]);
});

test.each([["skype"], [appIds.skype], ["SKYPE , skype"]])(
  "--without %s leaves it out of everything",
  async (without) => {
    const principals = Object.values(appIds).filter((appId) => appId !== appIds.skype);
    const lab = await startProvisioningLab({ principals });
    const settings = lab.settings({ profile: "teams", without });
    const opened = await openLab(lab, { settings });
    const plan = await opened.plan();
    expect(plan.steps.map(({ id }) => id)).not.toContain(`s5.key.${appIds.skype}`);
    const whole = await (await openLab(lab, { settings: lab.settings({ profile: "teams" }) })).plan();
    expect(whole.basis).not.toBe(plan.basis);
    expect(await opened.apply(plan)).toMatchObject({ how: "finished" });
    expect((await opened.verify()).verdict).toBe("ok");
    expect(itemsOf(await opened.plan())).toEqual([]);
    const cloud = renderScripts(settings, []).find(({ name }) => name === "realmscope-cloud.ps1")?.text ?? "";
    expect(cloud).toContain(appIds.voicemail);
    expect(cloud).not.toContain(appIds.skype);
  },
);

test.each([
  ["teams", "voicmail"],
  ["skype-online", "voicemail"],
  ["teams", appIds.exchange],
])("--profile %s --without %s is refused by name", async (profile, without) => {
  const lab = await startProvisioningLab();
  expect(() => lab.settings({ profile, without })).toThrow(/--without .* is not an application of --profile/);
});
