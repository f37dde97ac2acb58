// The same cases as hybrid-app.test.ts without a shell process: the rows of test/protocol/ name these tests.
import { expect, test } from "vitest";
import { changeLab, labObject, withLabObject } from "../../../src/lab/exchange-shell/lab-directory.ts";
import { authCertificate } from "../../support/auth-certificate.ts";
import { gateCases, putKeys } from "../../support/hybrid-cases.ts";
import { checkLab, gateOf, hybridAppId, startHybridLab } from "../../support/hybrid-lab.ts";
import { storedKey } from "../../support/provisioning-lab.ts";

test("everything as Microsoft's script leaves it: every gate but the guide is ok", async () => {
  const table = await checkLab(await startHybridLab(), { isDirect: true });
  expect(table.gates.filter(({ state }) => state !== "ok").map(({ id }) => id)).toEqual(["ews-gate"]);
  expect(table.verdict).toBe("ok");
});

test.each(gateCases)("gate facts: %s: %s is %s", async (_name, ...[id, state, says, change]) => {
  const lab = await startHybridLab();
  change(lab);
  const gate = gateOf(await checkLab(lab, { isDirect: true }), id);
  expect(gate.state, gate.evidence.join("; ")).toBe(state);
  expect([...gate.evidence, gate.command ?? ""].join("\n")).toMatch(says);
});

test("gate facts: an EvoSTS auth server of another tenant does not count", async () => {
  const lab = await startHybridLab();
  const other = { Name: "EvoSts - other", Type: "AzureAD", Realm: "99999999-2222-4333-8444-0123456789ab" };
  changeLab(lab.directory, (state) =>
    withLabObject(state, labObject("auth-server", { ...other, Enabled: true, ApplicationIdentifier: null })),
  );
  const gate = gateOf(await checkLab(lab, { isDirect: true }), "application-id");
  expect(gate).toMatchObject({ state: "ok", evidence: [expect.stringContaining(hybridAppId)] });
});

test("gate facts: the keys are those of the application object", async () => {
  const lab = await startHybridLab();
  // Its service principal lists none in a real tenant; here it lists a foreign one, which must not be read.
  const held = lab.cloud.store.now(hybridAppId);
  if (held === undefined) throw new Error("the lab has the principal");
  lab.cloud.store.put({ ...held, keyCredentials: [storedKey(authCertificate())] });
  const gate = gateOf(await checkLab(lab, { isDirect: true }), "application-keys");
  expect(gate.state).toBe("ok");
  putKeys(lab, []);
  expect(gateOf(await checkLab(lab, { isDirect: true }), "application-keys").state).toBe("missing");
});
