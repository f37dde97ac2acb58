// Exchange's auth servers name the tenant that it trusts. One of another tenant stops plan, apply, resume and verify.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { exitCodeOfPlan, exitCodeOfRun, exitCodeOfVerification } from "../../src/cli/provision/provision-exit.ts";
import { type DirectoryObject, type Properties, readDirectory } from "../../src/lab/exchange-shell/directory-state.ts";
import { changeLab, labObject, withLabObject } from "../../src/lab/exchange-shell/lab-directory.ts";
import { tenant } from "../../src/lab/names.ts";
import { labPlace, makeHome } from "../support/provisioning-answers.ts";
import { openLab, type ProvisioningLab, startProvisioningLab } from "../support/provisioning-lab.ts";
import { runCli } from "../support/run-cli.ts";

const other = "aaaaaaaa-0000-4000-8000-00000000beef";

function changeServers(lab: ProvisioningLab, types: readonly string[], change: Properties): void {
  const changed = (one: DirectoryObject): DirectoryObject =>
    one.kind === "auth-server" && types.includes(String(one.properties.Type))
      ? { ...one, properties: { ...one.properties, ...change } }
      : one;
  changeLab(lab.directory, (state) => ({
    ...state,
    replicas: Object.fromEntries(
      Object.entries(state.replicas).map(([name, held]) => [
        name,
        Object.fromEntries(Object.entries(held).map(([guid, one]) => [guid, changed(one)])),
      ]),
    ),
  }));
}

function addServer(lab: ProvisioningLab, realm: string): void {
  const server = labObject("auth-server", { Name: `EvoSts - ${realm}`, Type: "AzureAD", Realm: realm, Enabled: true });
  changeLab(lab.directory, (state) => withLabObject(state, server));
}

function writes(lab: ProvisioningLab): readonly string[] {
  return [
    ...readDirectory(lab.directory)
      .calls.map((call) => call.cmdlet)
      .filter((cmdlet) => !/^(?:Get|Test)-/.test(cmdlet)),
    ...lab.cloud.requests.map(({ method }) => method).filter((method) => method !== "GET"),
  ];
}

test.each([
  ["both", ["MicrosoftACS", "AzureAD"]],
  ["Entra's", ["AzureAD"]],
  ["ACS's", ["MicrosoftACS"]],
] as const)("%s auth server of another tenant: plan, apply and verify name both tenants", async (_name, types) => {
  const lab = await startProvisioningLab();
  changeServers(lab, types, { Realm: other });
  for (const skipStep1Check of [false, true]) {
    const opened = await openLab(lab, { settings: lab.settings({ skipStep1Check }) });
    const plan = await opened.plan();
    expect(exitCodeOfPlan(plan)).toBe(3);
    const [blocker] = plan.blockers;
    expect(blocker).toMatchObject({ code: "conflict", message: expect.stringContaining(other) });
    expect(blocker?.message).toContain(tenant);
    await expect(opened.apply(plan)).rejects.toMatchObject({ reason: { code: "conflict" } });
    expect(writes(lab)).toEqual([]);
    const verification = await opened.verify();
    expect([verification.verdict, exitCodeOfVerification(verification)]).toEqual(["failed", 1]);
    const rows = verification.rows.filter(({ detail }) => detail.includes(other) && detail.includes(tenant));
    expect(rows).toHaveLength(types.length);
  }
});

test("a realm that only the issuer names counts too; a server without any realm is reported", async () => {
  const lab = await startProvisioningLab();
  changeServers(lab, ["AzureAD"], { Realm: "", IssuerIdentifier: `https://sts.windows.net/${other}/` });
  const opened = await openLab(lab);
  expect((await opened.plan()).blockers[0]?.message).toContain(other);
  changeServers(lab, ["AzureAD"], { IssuerIdentifier: null });
  const plan = await opened.plan();
  expect(plan.blockers).toEqual([]);
  expect(plan.steps.find(({ id }) => id === "s1.b")?.notes.join()).toMatch(/names no realm/);
});

test("an auth server of another tenant beside the tenant's own one is ignored", async () => {
  const lab = await startProvisioningLab();
  addServer(lab, other);
  expect((await (await openLab(lab)).plan()).blockers).toEqual([]);
});

test("several auth servers, none of this tenant: all are named", async () => {
  const third = "bbbbbbbb-0000-4000-8000-00000000beef";
  const lab = await startProvisioningLab();
  changeServers(lab, ["AzureAD"], { Realm: other });
  addServer(lab, third);
  const message = (await (await openLab(lab)).plan()).blockers[0]?.message;
  for (const each of [other, third, tenant]) expect(message).toContain(each);
});

test("Exchange moves to another tenant between stop and resume: resume stops before it changes anything", async () => {
  const lab = await startProvisioningLab();
  lab.cloud.faults.add({ method: "PATCH", kind: { status: 403 } });
  const opened = await openLab(lab);
  expect((await opened.apply()).how).toBe("stopped");
  changeServers(lab, ["MicrosoftACS", "AzureAD"], { Realm: other });
  const before = writes(lab).length;
  const resumed = await opened.resume();
  expect(resumed.reason).toMatchObject({ code: "conflict", message: expect.stringContaining(other) });
  expect(exitCodeOfRun(resumed, null)).toBe(3);
  expect(writes(lab)).toHaveLength(before);
});

test("a saved plan is refused when Exchange has moved to another tenant since", async () => {
  const lab = await startProvisioningLab();
  const opened = await openLab(lab);
  const plan = await opened.plan();
  changeServers(lab, ["AzureAD"], { Realm: other });
  await expect(opened.apply(plan)).rejects.toMatchObject({ reason: { code: "conflict" } });
  expect(writes(lab)).toEqual([]);
});

test("the program reports it in one line and exits with 3", async () => {
  const lab = await startProvisioningLab();
  changeServers(lab, ["MicrosoftACS", "AzureAD"], { Realm: other });
  const environment = { REALMSCOPE_HOME: makeHome(), REALMSCOPE_GRAPH_TOKEN: await lab.cloud.token() };
  const args = ["provision", "apply", ...labPlace(lab), "--profile", "skype-online", "--yes"];
  const { code, stderr } = await runCli(args, { environment, limitMs: 60_000 });
  expect(code).toBe(3);
  expect(stderr.trim().split("\n")).toHaveLength(1);
  expect(stderr).toContain(other);
  expect(stderr).toContain(tenant);
});

test("a bundle of an Exchange that trusts another tenant is refused", async () => {
  const lab = await startProvisioningLab();
  const environment = { REALMSCOPE_HOME: makeHome(), REALMSCOPE_GRAPH_TOKEN: await lab.cloud.token() };
  const provision = (...args: readonly string[]) =>
    runCli(["provision", "apply", "--yes", "--profile", "skype-online", ...args], { environment, limitMs: 60_000 });
  lab.cloud.faults.add({ method: "PATCH", kind: { status: 403 } });
  const bundle = /in (\S+bundle\.json):/.exec((await provision(...labPlace(lab))).stderr)?.[1] ?? "";
  expect(JSON.parse(readFileSync(bundle, "utf8"))).toMatchObject({ tenant });
  const place = labPlace(lab).map((word) => (word === tenant ? other : word));
  const { code, stderr } = await provision(...place, "--only", "cloud", "--bundle", bundle);
  expect(code).toBe(2);
  expect(stderr).toContain(other);
  expect(stderr).toContain(tenant);
  expect((await provision(...labPlace(lab), "--only", "cloud", "--bundle", bundle)).code).toBe(0);
});
