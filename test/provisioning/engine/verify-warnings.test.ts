// What is wrong but no part of the procedure is a warning of its own row, and never the verdict.
import { expect, test } from "vitest";
import { renderPlan, renderVerification } from "../../../src/cli/provision/provision-text.ts";
import { pollUntil } from "../../../src/provisioning/graph/graph-context.ts";
import type { ExchangeShell, ShellAnswer } from "../../../src/provisioning/model/exchange-shell.ts";
import { authCertificate } from "../../support/auth-certificate.ts";
import {
  appIds,
  openLab,
  type ProvisioningLab,
  principal,
  startProvisioningLab,
  storedKey,
} from "../../support/provisioning-lab.ts";

async function testing(lab: ProvisioningLab, answer: ShellAnswer, seen: unknown[]): Promise<ExchangeShell> {
  const { shell } = await openLab(lab);
  if (shell === null) throw new Error("the Exchange half is open");
  return {
    stop: () => shell.stop(),
    call: (name, parameters) => {
      if (name !== "Test-OAuthConnectivity") return shell.call(name, parameters);
      seen.push(parameters.TargetUri);
      return Promise.resolve(answer);
    },
  };
}

test.each<[string, ShellAnswer]>([
  ["ResultType Error", { ok: true, objects: [{ ResultType: "Error", Detail: "403" }], warnings: [] }],
  ["no answer", { ok: true, objects: [], warnings: [] }],
  [
    "a refusal",
    {
      ok: false,
      effectUnknown: false,
      error: { type: "CommandNotFoundException", id: "x", category: "", message: "" },
    },
  ],
])("Test-OAuthConnectivity with %s is a warning, and the rest stays verified", async (_name, answer) => {
  const lab = await startProvisioningLab();
  const settings = lab.settings({ mailbox: "user@contoso.example" });
  await (await openLab(lab, { settings })).apply();
  const opened = await openLab(lab, { settings, direct: await testing(lab, answer, []) });
  const verification = await opened.verify();
  expect(verification.verdict).toBe("ok");
  expect(verification.rows.find(({ id }) => id === "s1.test")).toMatchObject({
    verdict: "warning",
    detail: expect.stringContaining("over EWS, which steps 2 to 7 do not set up"),
  });
  expect(renderVerification(verification)).toMatch(/^warning +Test-OAuthConnectivity/m);
});

test.each([
  ["global", "outlook.office365.com"],
  ["usgov-l4", "outlook.office365.us"],
  ["usgov-l5", "outlook-dod.office365.us"],
  ["china", "partner.outlook.cn"],
  ["bleu", "outlook.sovcloud.fr"],
  ["delos", "outlook.sovcloud.de"],
])("in the cloud %s it asks %s", async (cloud, host) => {
  const lab = await startProvisioningLab();
  const settings = lab.settings({
    ...{ mailbox: "user@contoso.example", only: "exchange", cloud },
    graphUrl: undefined,
    loginUrl: undefined,
  });
  const seen: unknown[] = [];
  const answer: ShellAnswer = { ok: true, objects: [{ ResultType: "Success" }], warnings: [] };
  await (await openLab(lab, { settings, direct: await testing(lab, answer, seen) })).verify();
  expect(seen).toEqual([`https://${host}/ews/exchange.asmx`]);
});

test("keys on the shared application of Exchange Online are a row of their own, with the command that removes them", async () => {
  const lab = await startProvisioningLab();
  const opened = await openLab(lab);
  await opened.apply();
  expect((await opened.verify()).rows.some(({ id }) => id === "s1.d")).toBe(false);
  lab.cloud.store.put(principal(appIds.exchange, [storedKey(authCertificate({ name: "theirs" }))]));
  const verification = await opened.verify();
  expect(verification.verdict).toBe("ok");
  const row = verification.rows.find(({ id }) => id === "s1.d");
  expect(row).toMatchObject({ verdict: "warning", detail: expect.stringMatching(/keys: 1, of them 0 ours/) });
  expect(row?.detail).toContain("-ResetFirstPartyServicePrincipalKeyCredentials");
});

test("each step of a plan names its page, the page's date and the section, also where two pages are planned", async () => {
  const lab = await startProvisioningLab();
  const plan = await (await openLab(lab, { settings: lab.settings({ profile: "both" }) })).plan();
  const cited = (id: string): string => {
    const page = plan.steps.find((each) => each.id === id)?.page;
    return `${page?.name} ${page?.date} ${page?.step}`;
  };
  expect(cited("s2.account.skype")).toBe("Skype page 2019-04-02 2");
  expect(cited("s2.account.teams")).toBe("Teams page 2025-06-26 2");
  expect(cited("s3.partner.skype")).toBe("Skype page 2019-04-02 3");
  expect(cited("s3.partner.cloud-voicemail")).toBe("Teams page 2025-06-26 4");
  expect(cited("s4.certificate")).toBe("Teams page 2025-06-26 5");
  expect(cited(`s5.key.${appIds.skype}`)).toBe("Teams page 2025-06-26 6, 7");
  expect(cited("s8.legacy")).toBe("Teams page 2025-06-26 8");
  const shown = renderPlan(plan);
  for (const { title } of plan.steps) {
    const line = shown.split("\n").find((each) => each.includes(title));
    expect(line, title).toMatch(/(?:Teams|Skype|OAuth|Hybrid app) page \d{4}-\d\d(?:-\d\d)?, step \S+.*: /);
  }
  expect(shown).toContain("Skype page 2019-04-02: Configure Integration and OAuth between Skype for Business Online");
});

test("skype-online cites the page of 2021 alone", async () => {
  const lab = await startProvisioningLab();
  const plan = await (await openLab(lab)).plan();
  expect(plan.steps.find(({ id }) => id === "s4.certificate")?.page).toMatchObject({ name: "Skype page", step: "4" });
  expect(plan.steps.find(({ id }) => id.startsWith("s5.key"))?.page).toMatchObject({
    name: "Skype page",
    step: "5, 6",
  });
  expect(renderPlan(plan)).not.toContain("Teams page");
});

test("polling ends after two minutes of waiting, whatever the machine's clock does", async () => {
  let waited = 0;
  let reads = 0;
  const wait = (ms: number): Promise<void> => {
    waited += ms;
    return Promise.resolve();
  };
  const real = Date.now;
  try {
    // Somebody sets the clock back by an hour at every read.
    Date.now = () => real() - 3_600_000 * reads;
    await pollUntil(
      { wait },
      async () => (reads += 1),
      () => false,
    );
  } finally {
    Date.now = real;
  }
  expect(waited).toBeGreaterThanOrEqual(120_000);
  expect(waited).toBeLessThan(140_000);
});

test.each([
  [-120, /is 120 minutes ahead of Microsoft Graph's/, /^Set the clock of this machine first/],
  [120, /is 120 minutes behind Microsoft Graph's/, /^Set the clock of this machine first/],
  [0, /By the clock of this machine it is/, /^Compare the clock of this machine/],
])("a certificate out of its dates, and a clock that differs by %i minutes: named", async (minutes, message, hint) => {
  for (const dates of [
    { fromDays: 10, toDays: 20 },
    { fromDays: -20, toDays: -10 },
  ]) {
    const certificate = authCertificate(dates);
    const lab = await startProvisioningLab({ certificate, cloud: { clockSkewMs: minutes * 60_000 } });
    const plan = await (await openLab(lab)).plan();
    const reason = plan.steps.find(({ id }) => id === "s4.certificate")?.reason;
    expect(reason?.message).toMatch(message);
    expect(reason?.hint).toMatch(hint);
  }
});
