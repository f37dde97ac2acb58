// The Exchange half of the edge cases of the design, by their numbers.
import { expect, test } from "vitest";
import { exitCodeOfPlan, exitCodeOfRun } from "../../../src/cli/provision/provision-exit.ts";
import { type DirectoryObject, readDirectory } from "../../../src/lab/exchange-shell/directory-state.ts";
import {
  changeLab,
  labCertificate,
  labDomain,
  labObject,
  labServers,
  withLabObject,
} from "../../../src/lab/exchange-shell/lab-directory.ts";
import { itemsOf, type Plan, type PlanStep } from "../../../src/provisioning/engine/plan.ts";
import { Stop } from "../../../src/provisioning/model/stop.ts";
import { authCertificate } from "../../support/auth-certificate.ts";
import { appIds, openLab, type ProvisioningLab, startProvisioningLab } from "../../support/provisioning-lab.ts";

const account = "SfBOnline-ApplicationAccount";
const address = `${account}@${labDomain}`;

function put(lab: ProvisioningLab, object: DirectoryObject): DirectoryObject {
  changeLab(lab.directory, (state) => withLabObject(state, object));
  return object;
}

function stepIn(plan: Plan, id: string): PlanStep {
  const step = plan.steps.find((candidate) => candidate.id === id);
  if (step === undefined) throw new Error(`the plan has no step ${id}`);
  return step;
}

/** Calls that would have changed something. */
function writes(lab: ProvisioningLab): readonly string[] {
  const exchange = readDirectory(lab.directory).calls.map((call) => call.cmdlet);
  const graph = lab.cloud.requests.map((request) => request.method);
  return [
    ...exchange.filter((cmdlet) => !/^(?:Get|Test)-/.test(cmdlet)),
    ...graph.filter((method) => method !== "GET"),
  ];
}

function partner(change: Readonly<Record<string, string | boolean | null>> = {}): DirectoryObject {
  return labObject("partner-application", {
    Name: "Lync Online",
    ApplicationIdentifier: appIds.skype,
    Enabled: true,
    LinkedAccount: null,
    UseAuthServer: true,
    Realm: "",
    IssuerIdentifier: "",
    ...change,
  });
}

test("1: with everything there, the plan has no change, exit 0, and verify runs", async () => {
  const lab = await startProvisioningLab();
  const opened = await openLab(lab);
  await opened.apply();
  const plan = await opened.plan();
  expect(itemsOf(plan)).toEqual([]);
  expect(exitCodeOfPlan(plan)).toBe(0);
  const verification = await opened.verify();
  expect(verification.rows.length).toBeGreaterThan(5);
  expect(verification.verdict).toBe("ok");
});

test.each([
  ["mailbox", { RecipientType: "UserMailbox", RecipientTypeDetails: "UserMailbox" }],
  ["mail-contact", { RecipientType: "MailContact", RecipientTypeDetails: "MailContact" }],
  [
    "mail-user",
    { RecipientType: "MailUser", RecipientTypeDetails: "MailUser", ExternalEmailAddress: `SMTP:x@elsewhere.example` },
  ],
] as const)("2: the account exists as %s: conflict, exit 3, nothing applied", async (kind, properties) => {
  const lab = await startProvisioningLab();
  put(lab, labObject(kind, { Name: account, EmailAddresses: [], ...properties }, labDomain));
  const opened = await openLab(lab);
  const plan = await opened.plan();
  expect(stepIn(plan, "s2.account.skype").status).toBe("conflict");
  expect(exitCodeOfPlan(plan)).toBe(3);
  await expect(opened.apply(plan)).rejects.toThrow(Stop);
  expect(writes(lab)).toEqual([]);
});

test("2: the address alone is taken by a contact: conflict as well", async () => {
  const lab = await startProvisioningLab();
  put(
    lab,
    labObject(
      "mail-contact",
      {
        Name: "Another",
        PrimarySmtpAddress: address,
        EmailAddresses: [`SMTP:${address}`],
        RecipientTypeDetails: "MailContact",
      },
      labDomain,
    ),
  );
  const opened = await openLab(lab);
  const plan = await opened.plan();
  expect(stepIn(plan, "s2.account.skype")).toMatchObject({ status: "conflict" });
  expect(stepIn(plan, "s2.account.skype").found).toContain("Another");
});

test("3: the account exists with the right address, not hidden: it is adopted, with one change", async () => {
  const lab = await startProvisioningLab();
  const held = put(
    lab,
    labObject(
      "mail-user",
      {
        Name: account,
        ExternalEmailAddress: `SMTP:${address}`,
        EmailAddresses: [`SMTP:${address}`],
        HiddenFromAddressListsEnabled: false,
        RecipientTypeDetails: "MailUser",
      },
      labDomain,
    ),
  );
  const opened = await openLab(lab);
  const plan = await opened.plan();
  expect(stepIn(plan, "s2.account.skype").status).toBe("done");
  expect(stepIn(plan, "s2.hidden.skype").items).toMatchObject([
    { change: "modify", call: { parameters: { Identity: held.guid, HiddenFromAddressListsEnabled: true } } },
  ]);
  await opened.apply(plan);
  // It was found, not made: undo leaves it, and shows it again.
  await opened.undo(["destructive"]);
  const after = Object.values(readDirectory(lab.directory).replicas)[0]?.[held.guid];
  expect(after?.properties.HiddenFromAddressListsEnabled).toBe(false);
});

test("4: a partner application for the id under another name, disabled: it is enabled and keeps its name", async () => {
  const lab = await startProvisioningLab();
  const held = put(lab, partner({ Enabled: false }));
  const opened = await openLab(lab);
  const plan = await opened.plan();
  expect(stepIn(plan, "s3.partner.skype").items).toMatchObject([
    {
      change: "modify",
      call: { cmdlet: "Set-PartnerApplication", parameters: { Identity: held.guid, Enabled: true } },
    },
  ]);
  expect((await opened.apply(plan)).how).toBe("finished");
  const after = Object.values(readDirectory(lab.directory).replicas)[0]?.[held.guid];
  expect(after?.properties).toMatchObject({ Name: "Lync Online", Enabled: true });
});

test("5: two partner applications with that id: conflict that lists both", async () => {
  const lab = await startProvisioningLab();
  put(lab, partner());
  put(lab, partner({ Name: "SharePoint's own" }));
  const plan = await (await openLab(lab)).plan();
  expect(exitCodeOfPlan(plan)).toBe(3);
  expect(stepIn(plan, "s3.partner.skype").found).toMatch(/Lync Online.*SharePoint's own/);
});

test("6: the linked account was deleted: a difference that shows the bare SID", async () => {
  const lab = await startProvisioningLab();
  const opened = await openLab(lab);
  await opened.apply();
  // Somebody deletes the account; the link stays and shows as a SID.
  changeLab(lab.directory, (state) => {
    const replicas = Object.entries(state.replicas).map(([name, held]) => [
      name,
      Object.fromEntries(Object.entries(held).filter(([, one]) => one.kind !== "mail-user")),
    ]);
    return { ...state, replicas: Object.fromEntries(replicas) };
  });
  const step = stepIn(await opened.plan(), "s3.partner.skype");
  expect(step.status).toBe("change");
  expect(step.differences).toMatchObject([{ what: "LinkedAccount" }]);
  expect(step.differences[0]?.found).toMatch(/^S-1-5-21-/);
});

test("7: a role held through a group only: indirect, left by default, a direct one on request", async () => {
  const lab = await startProvisioningLab();
  const first = await openLab(lab);
  await first.apply();
  const guid = await accountGuid(lab);
  changeLab(lab.directory, (state) => {
    const replicas = Object.entries(state.replicas).map(([name, held]) => [
      name,
      Object.fromEntries(
        Object.entries(held).map(([id, one]) => [
          id,
          one.kind === "role-assignment" && one.properties.Role === "UserApplication"
            ? { ...one, properties: { ...one.properties, AssigneeGuid: "group", RoleAssigneeName: "Hybrid Apps" } }
            : one,
        ]),
      ),
    ]);
    return { ...state, replicas: Object.fromEntries(replicas), groups: { "Hybrid Apps": [guid] } };
  });
  const step = stepIn(await first.plan(), "s2.role.skype.UserApplication");
  expect(step).toMatchObject({ status: "left", items: [] });
  expect(step.found).toContain("indirect");
  const direct = await openLab(lab, { settings: lab.settings({ directRoles: true }) });
  const offered = stepIn(await direct.plan(), "s2.role.skype.UserApplication");
  expect(offered.items).toMatchObject([{ change: "create", call: { cmdlet: "New-ManagementRoleAssignment" } }]);
});

async function accountGuid(lab: ProvisioningLab): Promise<string> {
  const held = Object.values(readDirectory(lab.directory).replicas)[0] ?? {};
  return Object.values(held).find((one) => one.kind === "mail-user")?.guid ?? "";
}

test("8: a read that RBAC denies is unknown, exit 5, and names the role group", async () => {
  const lab = await startProvisioningLab({
    directory: { manner: { hidden: ["Get-PartnerApplication"], language: "zh-TW" } },
  });
  const opened = await openLab(lab);
  const plan = await opened.plan();
  const step = stepIn(plan, "s3.partner.skype");
  expect(step).toMatchObject({ status: "unknown", items: [], reason: { code: "rbac-denied" } });
  expect(step.reason?.hint).toContain("Organization Management");
  expect(exitCodeOfPlan(plan)).toBe(5);
  await expect(opened.apply(plan)).rejects.toThrow(Stop);
  expect(writes(lab)).toEqual([]);
});

test("9: the domain controller goes away in the middle: the item is unknown, and resume ends it", async () => {
  const lab = await startProvisioningLab();
  const opened = await openLab(lab);
  const down = (isDown: boolean): void =>
    changeLab(lab.directory, (state) => ({
      ...state,
      domainControllers: state.domainControllers.map((dc, index) => (index === 0 ? { ...dc, isDown } : dc)),
    }));
  const result = await opened.apply(undefined, {
    onEvent: (event) => {
      if (event.event === "item-started" && event.id.startsWith("s3.partner")) down(true);
    },
  });
  expect(result).toMatchObject({ how: "stopped", reason: { code: "exchange-unreachable" } });
  expect(result.reason?.hint).toMatch(/--dc; it may lag/);
  expect(exitCodeOfRun(result, null)).toBe(1);
  down(false);
  expect((await opened.resume()).how).toBe("finished");
  expect(itemsOf(await opened.plan())).toEqual([]);
});

test.each(["", "not-a-thumbprint", "*"])(
  "10: current thumbprint %j stops at step 4 and matches nothing",
  async (current) => {
    const lab = await startProvisioningLab({ directory: { authConfig: { current } } });
    const opened = await openLab(lab);
    const plan = await opened.plan();
    expect(stepIn(plan, "s4.certificate").status).toBe("conflict");
    expect(stepIn(plan, `s5.key.${appIds.skype}`)).toMatchObject({ status: "blocked", items: [] });
    expect(readDirectory(lab.directory).calls.map((call) => call.cmdlet)).not.toContain("Get-ExchangeCertificate");
    await expect(opened.apply(plan)).rejects.toThrow(Stop);
  },
);

test("11: the certificate is missing on one of two servers: no upload, unless --allow-partial", async () => {
  const certificate = authCertificate();
  const [first] = labServers;
  const lab = await startProvisioningLab({
    certificate,
    directory: { certificates: [labCertificate(certificate, [first])] },
  });
  const plan = await (await openLab(lab)).plan();
  expect(stepIn(plan, "s4.certificate")).toMatchObject({ status: "conflict" });
  expect(stepIn(plan, "s4.certificate").found).toContain(labServers[1]);
  const partial = await openLab(lab, { settings: lab.settings({ allowPartial: true }) });
  const allowed = await partial.plan();
  expect(allowed.blockers).toEqual([]);
  expect(stepIn(allowed, `s5.key.${appIds.skype}`).items).toHaveLength(1);
});

test.each([
  ["has ended", { fromDays: -400, toDays: -1 }, "conflict"],
  ["has not begun", { fromDays: 2, toDays: 400 }, "conflict"],
  ["ends in less than 60 days", { fromDays: -400, toDays: 20 }, "done"],
] as const)("12: an auth certificate that %s", async (_name, days, status) => {
  const lab = await startProvisioningLab({ certificate: authCertificate(days) });
  const step = stepIn(await (await openLab(lab)).plan(), "s4.certificate");
  expect(step.status).toBe(status);
  if (status === "done") expect(step.notes.join()).toMatch(/expires in \d+ days.*rotation/);
  else expect(step.reason?.hint).toMatch(/Renew the auth certificate/);
});

test("13: a next certificate is staged: both keys are planned, with the day it becomes active", async () => {
  const [current, next] = [authCertificate(), authCertificate({ fromDays: -1 })];
  const [one, two] = [labCertificate(current), labCertificate(next)];
  const nextEffective = new Date(Date.now() + 10 * 86_400_000).toISOString();
  const lab = await startProvisioningLab({
    certificate: current,
    directory: {
      certificates: [one, two],
      authConfig: { current: one.thumbprint, next: two.thumbprint, nextEffective },
    },
  });
  const opened = await openLab(lab);
  const plan = await opened.plan();
  expect(stepIn(plan, "s4.certificate").notes.join()).toContain(nextEffective);
  expect(stepIn(plan, `s5.key.${appIds.skype}`).items).toMatchObject([
    { call: { keys: [{ thumbprint: one.thumbprint }, { thumbprint: two.thumbprint }] } },
  ]);
  await opened.apply(plan);
  expect(lab.cloud.store.now(appIds.skype)?.keyCredentials.map((key) => key.key)).toEqual([
    current.toString("base64"),
    next.toString("base64"),
  ]);
});

test("27: a typographic quote survives as data; line breaks and NUL are refused before anything starts", async () => {
  const lab = await startProvisioningLab();
  const name = "SfB’s ‘own’ 帳戶";
  const opened = await openLab(lab, { settings: lab.settings({ names: { [account]: name } }) });
  expect((await opened.apply()).how).toBe("finished");
  const held = Object.values(Object.values(readDirectory(lab.directory).replicas)[0] ?? {});
  expect(held.find((one) => one.kind === "mail-user")?.properties.Name).toBe(name);
  for (const bad of ["a\nb", "a\u0000b", "a\u2028b"]) {
    expect(() => lab.settings({ names: { [account]: bad } })).toThrow(/control character/);
    expect(() => lab.settings({ domain: `${bad}.example` })).toThrow(/control character/);
    expect(() => lab.settings({ dc: bad })).toThrow(/control character/);
  }
});

test("28: a domain in Unicode or with a trailing dot is normalised, and shown", async () => {
  const lab = await startProvisioningLab();
  const settings = lab.settings({ domain: "Bücher.Example." });
  expect(settings.domain).toBe("xn--bcher-kva.example");
  expect(settings.notes.join()).toMatch(/Bücher\.Example\..*xn--bcher-kva\.example \(bücher\.example\)/);
});

test("30: chatter on stdout that looks like a frame is log, and the procedure goes through", async () => {
  const lab = await startProvisioningLab({
    directory: { manner: { isChatty: true, isRemote: true, language: "zh-TW", warningBytes: 64_000 } },
  });
  const opened = await openLab(lab, { settings: lab.settings({ profile: "both" }) });
  expect((await opened.apply()).how).toBe("finished");
  expect(itemsOf(await opened.plan())).toEqual([]);
});

test.each(["die-after", "hang-after", "die-before"] as const)(
  "31: the shell's %s at the account's creation: intent without receipt, and resume settles it",
  async (kind) => {
    const lab = await startProvisioningLab({ directory: { faults: [{ cmdlet: "New-MailUser", kind }] } });
    const opened = await openLab(lab, { shell: { writeMs: 1500 } });
    const stopped = await opened.apply();
    expect(stopped).toMatchObject({ how: "stopped", reason: { code: "effect-unknown" } });
    const again = await openLab(lab);
    const result = await again.resume();
    expect(result.how).toBe("finished");
    expect(itemsOf(await again.plan())).toEqual([]);
    const accounts = Object.values(Object.values(readDirectory(lab.directory).replicas)[0] ?? {}).filter(
      (one) => one.kind === "mail-user",
    );
    expect(accounts).toHaveLength(1);
    // Adopted as ours: undo takes it back.
    await again.undo(["destructive"]);
    const left = Object.values(Object.values(readDirectory(lab.directory).replicas)[0] ?? {});
    expect(left.filter((one) => one.kind === "mail-user")).toEqual([]);
  },
);

test("34: undo leaves what somebody changed since, and reports the difference", async () => {
  const lab = await startProvisioningLab();
  const opened = await openLab(lab);
  await opened.apply();
  changeLab(lab.directory, (state) => {
    const replicas = Object.entries(state.replicas).map(([name, held]) => [
      name,
      Object.fromEntries(
        Object.entries(held).map(([id, one]) => [
          id,
          one.kind === "partner-application" && one.properties.ApplicationIdentifier === appIds.skype
            ? { ...one, properties: { ...one.properties, Enabled: false } }
            : one,
        ]),
      ),
    ]);
    return { ...state, replicas: Object.fromEntries(replicas) };
  });
  await opened.undo();
  const skipped = opened.events.find((event) => event.event === "undone" && event.id.startsWith("s3.partner"));
  expect(skipped).toMatchObject({
    outcome: "skipped",
    why: expect.stringMatching(/Enabled: the run left true, now false/),
  });
  const held = Object.values(Object.values(readDirectory(lab.directory).replicas)[0] ?? {});
  expect(held.some((one) => one.properties.ApplicationIdentifier === appIds.skype)).toBe(true);
});

test("35: undo of the account deletes it from the directory only with its own consent, and its title states that", async () => {
  const lab = await startProvisioningLab();
  const opened = await openLab(lab);
  await opened.apply();
  await opened.undo();
  const kept = opened.events.find((event) => event.event === "undone" && event.id.startsWith("s2.account"));
  expect(kept).toMatchObject({
    outcome: "skipped",
    why: "needs --allow-destructive",
    title: expect.stringContaining("ACTIVE DIRECTORY"),
  });
  expect(await accountGuid(lab)).not.toBe("");
  await opened.undo(["destructive"]);
  expect(await accountGuid(lab)).toBe("");
});

test("39: without step 1 nothing is applied, except with --skip-step1-check, and verify is partial then", async () => {
  const lab = await startProvisioningLab({ directory: { tenant: undefined } as never });
  const opened = await openLab(lab);
  const plan = await opened.plan();
  expect(plan.blockers).toMatchObject([{ code: "step1-missing" }]);
  expect(exitCodeOfPlan(plan)).toBe(5);
  await expect(opened.apply(plan)).rejects.toThrow(Stop);
  expect(writes(lab)).toEqual([]);
  const skipping = await openLab(lab, { settings: lab.settings({ skipStep1Check: true }) });
  expect((await skipping.apply()).how).toBe("finished");
  expect(await skipping.verify()).toMatchObject({ verdict: "ok", isPartial: true });
});

test("40: an interruption waits for the call in progress, closes the journal, and resume continues", async () => {
  const lab = await startProvisioningLab();
  const opened = await openLab(lab);
  let done = 0;
  const result = await opened.apply(undefined, {
    onEvent: (event) => {
      if (event.event === "item-done") done += 1;
    },
    isInterrupted: () => done >= 2,
  });
  expect(result).toMatchObject({ how: "interrupted", reason: null });
  expect(result.done).toHaveLength(2);
  expect(exitCodeOfRun(result, null)).toBe(130);
  expect((await opened.resume()).how).toBe("finished");
  expect(itemsOf(await opened.plan())).toEqual([]);
});
