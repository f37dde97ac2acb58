// Any faults on the Exchange half: a resumed run reaches the state of a run without faults, or stops with a named
// reason. REALMSCOPE_FAULT_RUNS=200 tries more schedules.
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Fault, readDirectory } from "../../src/lab/exchange-shell/directory-state.ts";
import { labControllers } from "../../src/lab/exchange-shell/lab-directory.ts";
import { itemsOf } from "../../src/provisioning/engine/plan.ts";
import type { RunResult } from "../../src/provisioning/engine/run.ts";
import { Stop } from "../../src/provisioning/model/stop.ts";
import { authCertificate } from "../support/auth-certificate.ts";
import { appIds, openLab, type ProvisioningLab, startProvisioningLab } from "../support/provisioning-lab.ts";

const runs = Number(process.env.REALMSCOPE_FAULT_RUNS ?? "4");
const certificate = authCertificate();

const transient = { type: "ADTransientException", id: "ADTransientException", category: "ResourceUnavailable" };
const link = { type: "PSRemotingTransportException", id: "JobFailure", category: "OpenError" };

const fault: fc.Arbitrary<Fault> = fc.record({
  cmdlet: fc.constantFrom(
    ...[
      "New-MailUser",
      "Set-MailUser",
      "New-ManagementRole",
      "Remove-ManagementRoleEntry",
      "New-ManagementRoleAssignment",
    ],
    ...["New-PartnerApplication", "Get-MailUser", "Get-PartnerApplication", "Get-ManagementRoleAssignment"],
  ),
  kind: fc.constantFrom("die-before", "die-after", "hang-before", "hang-after", "error-before", "error-after"),
  skip: fc.nat(3),
  error: fc.constantFrom(transient, link),
});

/** What exists, without what differs from run to run. */
function endState(lab: ProvisioningLab): unknown {
  const { replicas } = readDirectory(lab.directory);
  const held = Object.values(replicas[labControllers[0]] ?? {});
  const nameOf = (guid: unknown): unknown => held.find((one) => one.guid === guid)?.properties.Name ?? guid;
  const objects = held.map(({ kind, properties }) => {
    const { WhenCreatedUTC, Sid, SamAccountName, ...rest } = properties;
    return { kind, ...rest, LinkedAccount: nameOf(rest.LinkedAccount), AssigneeGuid: nameOf(rest.AssigneeGuid) };
  });
  const keys = Object.values(appIds).map((appId) => lab.cloud.store.now(appId)?.keyCredentials.map((key) => key.key));
  return { objects: objects.map((one) => JSON.stringify(one)).sort(), keys };
}

/** One go: a new shell, as a new start of the program has. A stop before the first change is told by its name, too. */
async function go(lab: ProvisioningLab, isFirst: boolean): Promise<RunResult | null> {
  const opened = await openLab(lab, {
    settings: lab.settings({ profile: "both" }),
    shell: { readMs: 2000, writeMs: 2000, stopMs: 2000 },
  });
  try {
    if (!isFirst) return await opened.resume();
    const plan = await opened.plan();
    // Something could not be read: nothing is applied, and the next go begins again.
    if (plan.blockers.length > 0) {
      expect(plan.blockers.map((one) => one.code)).not.toContain("");
      return null;
    }
    return await opened.apply(plan);
  } catch (error) {
    if (error instanceof Stop) return null;
    throw error;
  } finally {
    await opened.close();
  }
}

async function runWith(faults: readonly Fault[]): Promise<{ lab: ProvisioningLab; stops: readonly string[] }> {
  const lab = await startProvisioningLab({ certificate, directory: { faults } });
  const stops: string[] = [];
  let hasBegun = false;
  // Each go uses a fault up, or ends.
  for (let count = 0; count <= 2 * faults.length + 1; count++) {
    const result = await go(lab, !hasBegun);
    hasBegun ||= result !== null;
    if (result?.how === "finished") return { lab, stops };
    stops.push(result?.reason?.code ?? "blocked");
  }
  throw new Error(`the run does not end: ${stops.join(", ")}`);
}

test("any schedule of faults, resumed, ends in the state of a run without faults", { timeout: 600_000 }, async () => {
  const calm = await runWith([]);
  expect(calm.stops).toEqual([]);
  const wanted = endState(calm.lab);
  await fc.assert(
    fc.asyncProperty(fc.array(fault, { minLength: 1, maxLength: 3 }), async (faults) => {
      const { lab, stops } = await runWith(faults);
      expect(endState(lab), JSON.stringify(stops)).toEqual(wanted);
      const opened = await openLab(lab, { settings: lab.settings({ profile: "both" }) });
      // Faults that were not reached yet are none of this plan's business.
      if (readDirectory(lab.directory).faults.length === 0) expect(itemsOf(await opened.plan())).toEqual([]);
      await opened.close();
      await lab.cloud.stop();
    }),
    { numRuns: runs },
  );
});
