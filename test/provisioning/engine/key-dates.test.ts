// A key counts only within its own dates: Entra checks them independently of the certificate.
import { expect, test } from "vitest";
import { exitCodeOfVerification } from "../../../src/cli/provision/provision-exit.ts";
import { itemsOf } from "../../../src/provisioning/engine/plan.ts";
import { readRunJournal } from "../../../src/provisioning/engine/run-journal.ts";
import { renderTranscript } from "../../../src/provisioning/engine/transcript.ts";
import { authCertificate } from "../../support/auth-certificate.ts";
import { appIds, openLab, startProvisioningLab, storedKey } from "../../support/provisioning-lab.ts";

const stepId = `s5.key.${appIds.skype}`;
const day = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString();

test.each([
  ["has ended", { endDateTime: day(-31) }, /its key expired on/],
  ["has not begun", { startDateTime: day(2) }, /its key is valid only from/],
  ["signs", { usage: "Sign" }, /has usage Sign/],
] as const)(
  "the certificate is there in a key that %s: planned, added, and then verified",
  async (_name, change, found) => {
    const certificate = authCertificate();
    const dead = storedKey(certificate, change);
    const lab = await startProvisioningLab({ certificate, keys: [dead] });
    const opened = await openLab(lab);
    const plan = await opened.plan();
    const step = plan.steps.find(({ id }) => id === stepId);
    expect(step).toMatchObject({ status: "change", items: [{ id: `${stepId}.add` }] });
    expect(step?.differences[0]?.found).toMatch(found);
    const before = await opened.verify();
    expect(before.verdict).not.toBe("ok");
    expect(exitCodeOfVerification(before)).not.toBe(0);
    expect(before.rotation.map(({ kind }) => kind)).toContain("broken-now");
    expect((await opened.apply(plan)).how).toBe("finished");
    const held = lab.cloud.store.now(appIds.skype)?.keyCredentials ?? [];
    expect(held).toHaveLength(2);
    expect(held[0]).toEqual(dead);
    expect(itemsOf(await opened.plan())).toEqual([]);
    expect((await opened.verify()).verdict).toBe("ok");
    await opened.undo();
    expect(lab.cloud.store.now(appIds.skype)?.keyCredentials).toEqual([dead]);
  },
);

test("the clean-up of duplicates keeps the usable key, whatever its position", async () => {
  const certificate = authCertificate();
  const keys = [storedKey(certificate, { endDateTime: day(-1) }), storedKey(certificate)];
  const lab = await startProvisioningLab({ certificate, keys });
  const opened = await openLab(lab, { settings: lab.settings({ removeDuplicateKeys: true }) });
  await opened.apply();
  expect(lab.cloud.store.now(appIds.skype)?.keyCredentials).toEqual([keys[1]]);
});

test("dates that Graph refuses are reported: in the progress, in the transcript, and by verify with the key's own end", async () => {
  const lab = await startProvisioningLab({ cloud: { store: { dates: "one-year" } } });
  const opened = await openLab(lab);
  expect((await opened.apply()).how).toBe("finished");
  const [key] = lab.cloud.store.now(appIds.skype)?.keyCredentials ?? [];
  const end = key?.endDateTime ?? "";
  expect(opened.events).toContainEqual(
    expect.objectContaining({ event: "item-done", note: expect.stringContaining(`ends there on ${end}`) }),
  );
  expect(renderTranscript("run", readRunJournal(opened.journalPath))).toContain(`ends there on ${end}`);
  const verification = await opened.verify();
  expect(verification.rotation).toContainEqual(expect.objectContaining({ kind: "ends-on", on: end }));
});

test("a refusal that only resembles one about dates is not answered by a write without dates", async () => {
  const lab = await startProvisioningLab({ keys: [storedKey(authCertificate())] });
  // Another administrator replaces that key between our last read and the PATCH: its id is not known any more.
  lab.cloud.onRequest(({ method }) => {
    const now = lab.cloud.store.now(appIds.skype);
    if (method === "PATCH" && now !== undefined)
      lab.cloud.store.put({
        ...now,
        keyCredentials: now.keyCredentials.map((key) => ({ ...key, endDateTime: day(5) })),
      });
  });
  const { reason } = await (await openLab(lab)).apply();
  expect(reason?.message).toMatch(/Update to existing credential/);
  expect(lab.cloud.requests.filter(({ method }) => method === "PATCH")).toHaveLength(1);
});
