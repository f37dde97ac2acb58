// Any faults in any order: resume reaches the final state of a run without faults, nothing of others is lost, and undo restores
// the initial state.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { GraphFault } from "../../src/lab/cloud/graph-faults.ts";
import { readDirectory } from "../../src/lab/exchange-shell/directory-state.ts";
import { itemsOf } from "../../src/provisioning/engine/plan.ts";
import type { RunResult } from "../../src/provisioning/engine/run.ts";
import { Stop } from "../../src/provisioning/model/stop.ts";
import { authCertificate } from "../support/auth-certificate.ts";
import { type CallFault, directShell } from "../support/direct-shell.ts";
import {
  appIds,
  type OpenedLab,
  openLab,
  type ProvisioningLab,
  principal,
  startProvisioningLab,
  storedKey,
} from "../support/provisioning-lab.ts";

const graphFault: fc.Arbitrary<GraphFault> = fc.record({
  method: fc.constantFrom("GET", "PATCH"),
  kind: fc.constantFrom<GraphFault["kind"]>(
    "dropped",
    "done-but-dropped",
    "done-but-504",
    "concurrency-violation",
    { status: 504 },
    { status: 500 },
    { status: 409 },
    { status: 401 },
    { status: 403 },
    { status: 429, retryAfter: "1" },
    { status: 429, retryAfter: "7200" },
    { status: 503, retryAfter: null },
  ),
});
const callFaults = fc.array(
  fc.tuple(
    fc.integer({ min: 0, max: 14 }),
    fc.constantFrom<CallFault>("lost-before", "lost-after", "error-before", "error-after"),
  ),
  { maxLength: 4 },
);
const schedule = fc.record({
  profile: fc.constantFrom("skype-online", "teams", "both"),
  calls: callFaults,
  graph: fc.array(graphFault, { maxLength: 4 }),
  foreign: fc.integer({ min: 0, max: 3 }),
});

/** What there is, without what differs from run to run. */
function stateOf(lab: ProvisioningLab) {
  const held = Object.values(readDirectory(lab.directory).replicas)[0] ?? {};
  const named = new Map(Object.values(held).map((one) => [one.guid, String(one.properties.Name)]));
  const objects = Object.values(held).map(({ kind, properties }) => {
    const { Name, Role, Parent, Enabled, ApplicationIdentifier, LinkedAccount, HiddenFromAddressListsEnabled } =
      properties;
    const linked = named.get(String(LinkedAccount)) ?? LinkedAccount;
    return JSON.stringify({
      kind,
      Name,
      Role,
      Parent,
      Enabled,
      ApplicationIdentifier,
      linked,
      HiddenFromAddressListsEnabled,
    });
  });
  const keys = Object.values(appIds).map((appId) =>
    lab.cloud.store
      .now(appId)
      ?.keyCredentials.map((key) => key.key)
      .sort(),
  );
  return { objects: objects.sort(), keys };
}

const certificate = authCertificate();
const foreignKeys = [1, 2, 3].map((number) => storedKey(authCertificate(), { displayName: `theirs ${number}` }));

/** A new lab: its clock runs ahead of the directory's with every wait, and must not do so from run to run. */
function openAnew(foreign: number): Promise<ProvisioningLab> {
  const held = foreignKeys.slice(0, foreign);
  const principals = Object.values(appIds).map((appId) => principal(appId, held));
  return startProvisioningLab({ certificate, cloud: { store: { principals } }, directory: { lag: 0 } });
}

test("any schedule of faults, then resume: the same final state, foreign keys intact, and undo restores the initial state", async () => {
  await fc.assert(
    fc.asyncProperty(schedule, async ({ profile, calls, graph, foreign }) => {
      const wanted = await withoutFaults(await openAnew(foreign), profile);
      const lab = await openAnew(foreign);
      const settings = lab.settings({ profile });
      const beginning = stateOf(lab);
      const faults = new Map(calls);
      let offset = 0;
      const open = (): Promise<OpenedLab> =>
        openLab(lab, { settings, direct: directShell(lab.directory, () => faults.get(offset++)) });
      lab.cloud.faults.add(...graph);
      const opened = await open();
      let result = await begin(opened);
      for (let round = 0; round < 14 && result.how !== "finished"; round += 1) {
        // Every stop has a name and says what to do.
        expect(result.reason?.code).toMatch(/^[a-z0-9-]+$/);
        expect(result.reason?.hint).not.toBe("");
        result = await (await open()).resume();
      }
      expect(result.how).toBe("finished");
      expect(stateOf(lab)).toEqual(wanted);
      const last = await open();
      expect(itemsOf(await last.plan())).toEqual([]);
      for (const appId of Object.values(appIds)) {
        expect(lab.cloud.store.now(appId)?.keyCredentials.slice(0, foreign)).toEqual(foreignKeys.slice(0, foreign));
      }
      await undoAll(open);
      expect(stateOf(lab)).toEqual(beginning);
    }),
    { numRuns: Number(process.env.REALMSCOPE_SCHEDULES ?? 12) },
  );
}, 240_000);

async function withoutFaults(lab: ProvisioningLab, profile: string) {
  const settings = lab.settings({ profile });
  const opened = await openLab(lab, { settings, direct: directShell(lab.directory, () => undefined) });
  expect((await opened.apply()).how).toBe("finished");
  return stateOf(lab);
}

/** A fault while the plan is made or looked at again stops before anything is journalled: then it is tried again. */
async function begin(opened: OpenedLab): Promise<RunResult> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await opened.apply();
    } catch (error) {
      if (!(error instanceof Stop) || attempt === 8) throw error;
    }
  }
}

/** What faults are left strike the undo as well; it is run again until it is through. */
async function undoAll(open: () => Promise<OpenedLab>): Promise<void> {
  for (let attempt = 1; attempt <= 12; attempt += 1) {
    const result = await (await open()).undo(["destructive"]);
    if (result.how === "finished") return;
  }
  throw new Error("undo did not come through");
}
