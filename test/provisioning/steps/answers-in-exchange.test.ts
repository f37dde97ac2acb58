// The answers are compared with Exchange before anything is made; a failed read is said to be one.
import { expect, test } from "vitest";
import { exitCodeOfPlan } from "../../../src/cli/provision/provision-exit.ts";
import { readDirectory } from "../../../src/lab/exchange-shell/directory-state.ts";
import { changeLab, labControllers, labDomain } from "../../../src/lab/exchange-shell/lab-directory.ts";
import type { ExchangeShell, ShellAnswer } from "../../../src/provisioning/model/exchange-shell.ts";
import type { SettingsInput } from "../../../src/provisioning/model/settings.ts";
import { openLab, type ProvisioningLab, startProvisioningLab } from "../../support/provisioning-lab.ts";

/** The lab's shell, which answers one cmdlet otherwise. */
async function answering(lab: ProvisioningLab, cmdlet: string, answer: ShellAnswer): Promise<ExchangeShell> {
  const { shell } = await openLab(lab);
  if (shell === null) throw new Error("the Exchange half is open");
  return {
    stop: () => shell.stop(),
    call: (name, parameters) => (name === cmdlet ? Promise.resolve(answer) : shell.call(name, parameters)),
  };
}

const list = (...objects: readonly Record<string, string>[]): ShellAnswer => ({ ok: true, objects, warnings: [] });
const failed = (type: string): ShellAnswer => ({
  ok: false,
  effectUnknown: false,
  error: { type, id: type, category: "NotSpecified", message: "" },
});

async function stepOf(lab: ProvisioningLab, id: string, input: SettingsInput, direct?: ExchangeShell) {
  const settings = lab.settings({ profile: "teams", ...input });
  const plan = await (await openLab(lab, { settings, ...(direct === undefined ? {} : { direct }) })).plan();
  return { plan, step: plan.steps.find((each) => each.id === id) };
}

test("a misspelt --domain is a conflict that names the accepted domains, and nothing is made", async () => {
  const lab = await startProvisioningLab();
  const { plan, step } = await stepOf(lab, "s0.domain", { domain: "contsoo.example" });
  expect(step).toMatchObject({ status: "conflict", reason: { message: expect.stringContaining(labDomain) } });
  expect(plan.blockers.map(({ code }) => code)).toContain("conflict");
  expect(exitCodeOfPlan(plan)).toBe(3);
  expect(readDirectory(lab.directory).calls.filter(({ cmdlet }) => !/^(?:Get|Test)-/.test(cmdlet))).toEqual([]);
});

test.each([
  ["contoso.example", "CONTOSO.example", true],
  ["mail.contoso.example", "*.contoso.example", true],
  ["contoso.example", "*.contoso.example", false],
  ["contoso.example", "*", true],
  ["xn--bcher-kva.example", "bücher.example", true],
  ["contoso.example", "contoso.example.", true],
  ["notcontoso.example", "contoso.example", false],
])("--domain %s against the accepted domain %s: %s", async (domain, accepted, isAccepted) => {
  const lab = await startProvisioningLab();
  const direct = await answering(lab, "Get-AcceptedDomain", list({ Name: "own name", DomainName: accepted }));
  const { step } = await stepOf(lab, "s0.domain", { domain }, direct);
  expect(step?.status).toBe(isAccepted ? "done" : "conflict");
});

test("a --dc that is no domain controller blocks, and the ones that exist are named", async () => {
  const lab = await startProvisioningLab();
  const { plan, step } = await stepOf(lab, "s0.controller", { dc: "dc9.contoso.example" });
  expect(step?.status).toBe("conflict");
  expect(step?.reason?.message).toContain(labControllers[0]);
  expect(plan.blockers[0]?.message).toMatch(/--dc dc9\.contoso\.example is not a domain controller/);
});

test("a controller of another domain of the forest is asked for by that domain, and a short name by its host part", async () => {
  const lab = await startProvisioningLab();
  const { shell } = await openLab(lab);
  if (shell === null) throw new Error("the Exchange half is open");
  const asked: unknown[] = [];
  const direct: ExchangeShell = {
    stop: () => shell.stop(),
    call: (name, parameters) => {
      if (name !== "Get-DomainController") return shell.call(name, parameters);
      asked.push(parameters.DomainName ?? null);
      const names =
        parameters.DomainName === "asia.contoso.example" ? ["dc7.asia.contoso.example"] : ["dc1.contoso.example"];
      return Promise.resolve(list(...names.map((DnsHostName) => ({ DnsHostName }))));
    },
  };
  expect((await stepOf(lab, "s0.controller", { dc: "dc7.asia.contoso.example" }, direct)).step?.status).toBe("done");
  expect(asked).toEqual([null, "asia.contoso.example"]);
  expect((await stepOf(lab, "s0.controller", { dc: "DC1" }, direct)).step?.status).toBe("done");
  expect((await stepOf(lab, "s0.controller", { dc: "dc10" }, direct)).step?.status).toBe("conflict");
});

test.each([
  ["Get-AcceptedDomain", "s0.domain", failed("ADTransientException")],
  ["Get-AcceptedDomain", "s0.domain", failed("CommandNotFoundException")],
  ["Get-AcceptedDomain", "s0.domain", list()],
  ["Get-DomainController", "s0.controller", failed("CommandNotFoundException")],
  ["Get-DomainController", "s0.controller", list()],
])("%s cannot be read: %s is unchecked and says so, and does not block", async (cmdlet, id, answer) => {
  const lab = await startProvisioningLab();
  const { plan, step } = await stepOf(lab, id, {}, await answering(lab, cmdlet, answer));
  expect(step).toMatchObject({ status: "unchecked", found: expect.stringMatching(/is not checked/) });
  expect(plan.blockers).toEqual([]);
});

test("by-hand lines of step 1 use the tenant's initial domain and the cloud's hosts", async () => {
  const lab = await startProvisioningLab();
  changeLab(lab.directory, (state) => ({
    ...state,
    replicas: Object.fromEntries(
      Object.entries(state.replicas).map(([name, held]) => [
        name,
        Object.fromEntries(
          Object.entries(held).filter(([, one]) => one.kind !== "auth-server" && one.kind !== "connector"),
        ),
      ]),
    ),
  }));
  for (const [cloud, initial, host, environment] of [
    ["global", "contoso.onmicrosoft.com", "outlook.office365.com", "Connect-ExchangeOnline)"],
    ["usgov-l4", "contoso.onmicrosoft.us", "outlook.office365.us", "O365USGovGCCHigh"],
    ["usgov-l5", "contoso.onmicrosoft.us", "outlook-dod.office365.us", "O365USGovDoD"],
    ["china", "contoso.partner.onmschina.cn", "partner.outlook.cn", "O365China"],
  ] as const) {
    const settings = lab.settings({ only: "exchange", cloud, graphUrl: undefined, loginUrl: undefined });
    const { steps } = await (await openLab(lab, { settings })).plan();
    const text = (id: string): string => JSON.stringify(steps.find((each) => each.id === id));
    for (const id of ["s1.a", "s1.b"]) {
      expect(text(id)).toContain(`<the tenant's initial domain, such as ${initial}>`);
      expect(text(id)).not.toContain(`/${labDomain}/`);
    }
    expect(text("s1.g")).toContain(`https://${host}/autodiscover/`);
    expect(text("s1.h")).toContain(environment);
  }
});
