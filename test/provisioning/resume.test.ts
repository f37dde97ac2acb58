// `resume` applies the rest of the agreed plan, or stops and shows the new one; a run that was taken back cannot be resumed.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { exitCodeOfRun } from "../../src/cli/provision/provision-exit.ts";
import {
  type DirectoryObject,
  type DirectoryState,
  readDirectory,
} from "../../src/lab/exchange-shell/directory-state.ts";
import {
  changeLab,
  labCertificate,
  labControllers,
  labObject,
  withLabObject,
} from "../../src/lab/exchange-shell/lab-directory.ts";
import type { RunEntry, StampedEntry } from "../../src/provisioning/engine/run-journal.ts";
import { readRunJournal } from "../../src/provisioning/engine/run-journal.ts";
import { planUndo } from "../../src/provisioning/engine/undo-run.ts";
import { stepsFor } from "../../src/provisioning/steps/all-steps.ts";
import { authCertificate } from "../support/auth-certificate.ts";
import { labAnswers, makeHome } from "../support/provisioning-answers.ts";
import { appIds, openLab, type ProvisioningLab, startProvisioningLab, storedKey } from "../support/provisioning-lab.ts";
import { runCli } from "../support/run-cli.ts";

const keysOf = (lab: ProvisioningLab) => lab.cloud.store.now(appIds.skype)?.keyCredentials ?? [];
const heldBy = (lab: ProvisioningLab): readonly DirectoryObject[] =>
  Object.values(readDirectory(lab.directory).replicas[labControllers[0]] ?? {});
const writesOf = (lab: ProvisioningLab): readonly string[] => [
  ...readDirectory(lab.directory)
    .calls.map(({ cmdlet }) => cmdlet)
    .filter((cmdlet) => !/^(?:Get|Test)-/.test(cmdlet)),
  ...lab.cloud.requests.map(({ method }) => method).filter((method) => method !== "GET"),
];

/** Changes objects of a kind on every controller, as another administrator would. */
function edit(lab: ProvisioningLab, kind: string, change: (one: DirectoryObject) => DirectoryObject): void {
  changeLab(lab.directory, (state: DirectoryState) => ({
    ...state,
    replicas: Object.fromEntries(
      Object.entries(state.replicas).map(([name, held]) => [
        name,
        Object.fromEntries(Object.entries(held).map(([guid, one]) => [guid, one.kind === kind ? change(one) : one])),
      ]),
    ),
  }));
}

function rollOver(lab: ProvisioningLab): Buffer {
  const fresh = authCertificate();
  const stored = labCertificate(fresh);
  changeLab(lab.directory, (state) => ({
    ...state,
    certificates: [...state.certificates, stored],
    authConfig: { ...state.authConfig, current: stored.thumbprint },
  }));
  return fresh;
}

test("the auth certificate is rotated between stop and resume: nothing is uploaded, and the new plan is shown", async () => {
  const lab = await startProvisioningLab();
  lab.cloud.faults.add({ method: "PATCH", kind: { status: 403 } });
  const opened = await openLab(lab);
  expect((await opened.apply()).reason?.code).toBe("graph-forbidden");
  const before = writesOf(lab).length;
  rollOver(lab);
  const resumed = await opened.resume();
  expect(resumed.reason).toMatchObject({ code: "state-moved" });
  expect(exitCodeOfRun(resumed, null)).toBe(3);
  expect(resumed.newPlan?.steps.flatMap(({ items }) => items)).toHaveLength(1);
  expect(keysOf(lab)).toEqual([]);
  expect(writesOf(lab)).toHaveLength(before);
});

test("the program shows the new plan, in lines and in JSON, and ends with 3", async () => {
  const lab = await startProvisioningLab();
  const environment = { REALMSCOPE_HOME: makeHome(), REALMSCOPE_GRAPH_TOKEN: await lab.cloud.token() };
  const provision = (...args: readonly string[]) =>
    runCli(["provision", ...args, ...labAnswers(lab), "--yes"], { environment, limitMs: 60_000 });
  lab.cloud.faults.add({ method: "PATCH", kind: { status: 403 } });
  expect((await provision("apply")).code).toBe(1);
  const { thumbprint } = labCertificate(rollOver(lab));
  const resumed = await provision("resume");
  expect(resumed.code).toBe(3);
  expect(resumed.stderr).toMatch(/^realmscope: state-moved: /);
  expect(resumed.stdout).toContain(`add the certificate ${thumbprint}`);
  const json = await provision("resume", "--json");
  const lines = json.stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines).toMatchObject([
    { event: "new-plan", plan: { schema: "realmscope.plan/1" } },
    { event: "end", exitCode: 3 },
  ]);
  expect(lines[1]).not.toHaveProperty("newPlan");
  expect(keysOf(lab)).toEqual([]);
});

test("a key that somebody added between stop and resume is another list than the plan saw", async () => {
  const foreign = storedKey(authCertificate());
  const lab = await startProvisioningLab();
  lab.cloud.faults.add({ method: "PATCH", kind: { status: 403 } });
  const opened = await openLab(lab);
  await opened.apply();
  const held = lab.cloud.store.now(appIds.skype);
  if (held !== undefined) lab.cloud.store.put({ ...held, keyCredentials: [foreign] });
  expect((await opened.resume()).reason?.code).toBe("state-moved");
  expect(keysOf(lab)).toEqual([foreign]);
});

const partner = (LinkedAccount: string | null): DirectoryObject =>
  labObject("partner-application", {
    Name: "Lync Online",
    ApplicationIdentifier: appIds.skype,
    Enabled: false,
    LinkedAccount,
    UseAuthServer: true,
    Realm: "",
    IssuerIdentifier: "",
  });

test.each([
  ["renamed", { Name: "SfBOnline-production" }],
  ["linked to somebody else", { LinkedAccount: "S-1-5-21-1-2-3-1105" }],
])("a partner application that is %s between stop and resume is left alone", async (_name, change) => {
  const lab = await startProvisioningLab();
  changeLab(lab.directory, (state) => ({
    ...withLabObject(state, partner(null)),
    faults: [{ cmdlet: "Set-PartnerApplication", kind: "error-before" }],
  }));
  const opened = await openLab(lab);
  expect((await opened.apply()).how).toBe("stopped");
  edit(lab, "partner-application", (one) =>
    one.properties.ApplicationIdentifier === appIds.skype
      ? { ...one, properties: { ...one.properties, ...change } }
      : one,
  );
  const resumed = await opened.resume();
  expect(resumed.reason).toMatchObject({
    code: "state-moved",
    message: expect.stringMatching(/the state before was/),
  });
  const after = heldBy(lab).find(({ properties }) => properties.ApplicationIdentifier === appIds.skype);
  expect(after?.properties).toMatchObject({ Enabled: false, ...change });
});

test("an account that somebody else created again is not linked: the run created another one", async () => {
  const lab = await startProvisioningLab();
  changeLab(lab.directory, (state) => ({
    ...state,
    faults: [{ cmdlet: "New-PartnerApplication", kind: "error-before" }],
  }));
  const opened = await openLab(lab);
  expect((await opened.apply()).how).toBe("stopped");
  const account = heldBy(lab).find(({ kind }) => kind === "mail-user");
  if (account === undefined) throw new Error("the run made the account");
  const foreign = { ...account, guid: "99999999-0000-4000-8000-000000000001" };
  changeLab(lab.directory, (state) => ({
    ...state,
    replicas: Object.fromEntries(
      Object.entries(state.replicas).map(([name, held]) => {
        const { [account.guid]: _gone, ...rest } = held;
        const moved = Object.entries(rest).map(([guid, one]) => [
          guid,
          one.properties.AssigneeGuid === account.guid
            ? { ...one, properties: { ...one.properties, AssigneeGuid: foreign.guid } }
            : one,
        ]);
        return [name, { ...Object.fromEntries(moved), [foreign.guid]: foreign }];
      }),
    ),
  }));
  const resumed = await opened.resume();
  expect(resumed.reason).toMatchObject({ code: "state-moved", message: expect.stringContaining(foreign.guid) });
  expect(heldBy(lab).some(({ properties }) => properties.Name === "SfBOnline")).toBe(false);
});

test("what somebody changes during the run is not overwritten, and not restored by undo", async () => {
  const lab = await startProvisioningLab();
  changeLab(lab.directory, (state) => withLabObject(state, partner(null)));
  const opened = await openLab(lab);
  const result = await opened.apply(undefined, {
    onEvent: (event) => {
      if (event.event !== "item-started" || !event.id.startsWith("s3.partner")) return;
      edit(lab, "partner-application", (one) =>
        one.properties.ApplicationIdentifier === appIds.skype
          ? { ...one, properties: { ...one.properties, Name: "SfBOnline-production" } }
          : one,
      );
    },
  });
  expect(result.reason).toMatchObject({
    code: "state-moved",
    message: expect.stringContaining("SfBOnline-production"),
  });
});

test.each(["skype-online", "teams", "both"])(
  "%s: stopped at every change in turn, resume ends it and undo gives all back",
  async (profile) => {
    const lab = await startProvisioningLab();
    const opened = await openLab(lab, { settings: lab.settings({ profile }) });
    const plan = await opened.plan();
    const beginning = heldBy(lab)
      .map(({ guid }) => guid)
      .sort();
    let seen = 0;
    let limit = 1;
    const onEvent = (): void => {
      seen += 1;
    };
    const interrupt = { isInterrupted: () => seen >= limit, onEvent };
    let result = await opened.apply(plan, interrupt);
    for (let round = 0; round < 30 && result.how === "interrupted"; round += 1) {
      seen = 0;
      limit = 2;
      result = await opened.resume(interrupt);
    }
    expect(result).toMatchObject({ how: "finished", reason: null });
    expect((await opened.undo(["destructive"])).how).toBe("finished");
    expect(
      heldBy(lab)
        .map(({ guid }) => guid)
        .sort(),
    ).toEqual(beginning);
  },
);

test("resume on the other domain controller is the same plan", async () => {
  const lab = await startProvisioningLab({ directory: { lag: 0 } });
  lab.cloud.faults.add({ method: "PATCH", kind: { status: 403 } });
  const opened = await openLab(lab);
  await opened.apply();
  const other = await openLab(lab, { settings: lab.settings({ dc: labControllers[1] }) });
  expect(await other.resume()).toMatchObject({ how: "finished", reason: null });
});

test("a rotated certificate does not hide a key whose upload was lost: undo finds it by its own bytes", async () => {
  const lab = await startProvisioningLab();
  const opened = await openLab(lab);
  lab.cloud.faults.add({ method: "PATCH", kind: "done-but-504" });
  lab.cloud.onRequest(({ method }) => {
    if (method === "PATCH")
      lab.cloud.faults.add(...Array.from({ length: 5 }, () => ({ method: "GET", kind: "dropped" }) as const));
  });
  expect((await opened.apply()).reason?.code).toBe("effect-unknown");
  lab.cloud.onRequest(() => undefined);
  expect(keysOf(lab)).toHaveLength(1);
  rollOver(lab);
  expect((await opened.resume()).reason?.code).toBe("state-moved");
  expect((await opened.undo(["destructive"])).how).toBe("finished");
  expect(keysOf(lab)).toEqual([]);
});

test("apply, undo, resume, undo: resume refuses in one line, and nothing is made again", async () => {
  const lab = await startProvisioningLab();
  const home = makeHome();
  const environment = { REALMSCOPE_HOME: home, REALMSCOPE_GRAPH_TOKEN: await lab.cloud.token() };
  const provision = (verb: string) =>
    runCli(["provision", verb, ...labAnswers(lab), "--yes", ...(verb === "resume" ? [] : ["--allow-destructive"])], {
      environment,
      limitMs: 60_000,
    });
  const beginning = heldBy(lab)
    .map(({ guid }) => guid)
    .sort();
  expect((await provision("apply")).code).toBe(0);
  expect((await provision("undo")).code).toBe(0);
  const before = writesOf(lab).length;
  const resumed = await provision("resume");
  expect(resumed.code).toBe(3);
  expect(resumed.stderr.trim().split("\n")).toHaveLength(1);
  expect(resumed.stderr).toMatch(/taken-back: This run was taken back/);
  expect(writesOf(lab)).toHaveLength(before);
  const again = await provision("undo");
  expect(again.code).toBe(0);
  expect(again.stdout).toContain("was taken back before");
  expect(
    heldBy(lab)
      .map(({ guid }) => guid)
      .sort(),
  ).toEqual(beginning);
  expect(readdirSync(join(home, "provisioning", "runs"))).toHaveLength(1);
});

test("an undo that stopped half way leaves a way back: resume refuses, the next undo does the rest", async () => {
  const lab = await startProvisioningLab();
  const opened = await openLab(lab);
  await opened.apply();
  changeLab(lab.directory, (state) => ({
    ...state,
    faults: [{ cmdlet: "Remove-ManagementRoleAssignment", kind: "error-before" }],
  }));
  expect((await opened.undo(["destructive"])).how).toBe("stopped");
  expect((await opened.resume()).reason?.code).toBe("taken-back");
  expect((await opened.undo(["destructive"])).how).toBe("finished");
  expect(heldBy(lab).some(({ kind }) => kind === "mail-user")).toBe(false);
});

test("a journal of a run that was resumed after its undo can be taken back again", async () => {
  const lab = await startProvisioningLab();
  const opened = await openLab(lab);
  await opened.apply();
  const receipts = readRunJournal(opened.journalPath).filter(({ kind }) => kind === "receipt");
  const taken = receipts.flatMap((entry): RunEntry[] =>
    entry.kind === "receipt" ? [{ kind: "undo-receipt", itemId: entry.itemId, undoId: "u", outcome: "undone" }] : [],
  );
  const stamp = (entry: RunEntry): StampedEntry => ({ seq: 0, at: "", ...entry });
  const steps = stepsFor(lab.settings());
  expect(planUndo([...receipts, ...taken.map(stamp)], steps)).toEqual([]);
  const first = planUndo(receipts, steps);
  expect(planUndo([...receipts, ...taken.map(stamp), ...receipts], steps)).toEqual(first);
});
