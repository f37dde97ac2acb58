import { expect, test } from "vitest";
import { readDirectory } from "../../../src/lab/exchange-shell/directory-state.ts";
import { itemsOf } from "../../../src/provisioning/engine/plan.ts";
import { appIds, openLab, startProvisioningLab } from "../../support/provisioning-lab.ts";

test.each(["skype-online", "teams", "both"])("%s: plan, apply, verify, and an empty second plan", async (profile) => {
  const lab = await startProvisioningLab();
  const opened = await openLab(lab, { settings: lab.settings({ profile }) });
  const before = readDirectory(lab.directory).calls.length;
  const plan = await opened.plan();
  expect(plan.blockers).toEqual([]);
  const changing = readDirectory(lab.directory)
    .calls.slice(before)
    .filter((call) => !/^(?:Get|Test)-/.test(call.cmdlet));
  expect(changing).toEqual([]);
  expect(lab.cloud.requests.filter((request) => request.method !== "GET")).toEqual([]);
  const result = await opened.apply(plan);
  expect(result).toMatchObject({ how: "finished", reason: null, unconfirmed: [] });
  expect(result.done).toEqual(itemsOf(plan).map((item) => item.id));
  expect((await opened.verify()).rows.filter((row) => row.verdict !== "ok")).toEqual([]);
  const again = await opened.plan();
  expect(itemsOf(again)).toEqual([]);
  const wanted = profile === "skype-online" ? [appIds.skype] : [appIds.skype, appIds.scheduler, appIds.voicemail];
  for (const appId of wanted) {
    expect(lab.cloud.store.now(appId)?.keyCredentials.map((key) => key.key)).toEqual([
      lab.certificate.toString("base64"),
    ]);
  }
});
