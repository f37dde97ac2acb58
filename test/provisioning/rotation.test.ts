import { expect, test } from "vitest";
import { labCertificate } from "../../src/lab/exchange-shell/lab-directory.ts";
import { readCertificate } from "../../src/provisioning/certificate.ts";
import { readServicePrincipal, type ServicePrincipal } from "../../src/provisioning/graph/service-principal.ts";
import { judgeRotation } from "../../src/provisioning/rotation.ts";
import type { Observation } from "../../src/provisioning/step.ts";
import { authCertificate } from "../support/auth-certificate.ts";
import { appIds, openLab, principal, startProvisioningLab, storedKey } from "../support/provisioning-lab.ts";

const [current, next, previous] = [authCertificate(), authCertificate(), authCertificate()];
const soon = authCertificate({ toDays: 20 });
const effective = "2026-12-24T00:00:00.000Z";

function certificates(now: Buffer, staged: Buffer | null = null): Observation {
  const facts = {
    current: { ...readCertificate(now, "test") },
    next: staged === null ? null : { ...readCertificate(staged, "test") },
    nextEffective: staged === null ? null : effective,
    previous: readCertificate(previous ?? now, "test").thumbprint,
  };
  return { state: "present", facts, notes: [] };
}

function holding(...keys: readonly Buffer[]): ServicePrincipal {
  const found = readServicePrincipal(
    principal(
      appIds.skype,
      keys.map((der) => storedKey(der)),
    ),
  );
  if (found === null) throw new Error("the principal cannot be read");
  return found;
}

test.each([
  ["everything is known", certificates(current, next), holding(current, next), []],
  ["the current one is missing", certificates(current), holding(), ["broken-now"]],
  ["the next one is missing", certificates(current, next), holding(current), ["breaks-on"]],
  ["it ends soon and nothing is staged", certificates(soon), holding(soon), ["ends-on"]],
  ["it ends soon and the next one is known", certificates(soon, next), holding(soon, next), []],
  ["the same twice", certificates(current), holding(current, current), ["duplicate"]],
  ["the previous one is left", certificates(current), holding(current, previous), ["previous-left"]],
  [
    "one has expired",
    certificates(current),
    holding(current, authCertificate({ fromDays: -900, toDays: -5 })),
    ["expired-key"],
  ],
] as const)("%s", (_name, certificate, found, expected) => {
  expect(judgeRotation(certificate, found, Date.now()).map((warning) => warning.kind)).toEqual(expected);
});

test("the day on which rotation breaks the handshake is told", () => {
  const [warning] = judgeRotation(certificates(current, next), holding(current), Date.now());
  expect(warning).toMatchObject({ on: effective, message: expect.stringContaining(`breaks on ${effective}`) });
});

test("verify names the day on which an upload that is missing breaks the handshake", async () => {
  const [now, staged] = [authCertificate(), authCertificate()];
  const stored = [labCertificate(now), labCertificate(staged)] as const;
  const nextEffective = new Date(Date.now() + 10 * 86_400_000).toISOString();
  const lab = await startProvisioningLab({
    certificate: now,
    keys: [storedKey(now)],
    directory: {
      certificates: stored,
      authConfig: { current: stored[0].thumbprint, next: stored[1].thumbprint, nextEffective },
    },
  });
  const { rotation } = await (await openLab(lab)).verify();
  expect(rotation).toMatchObject([{ kind: "breaks-on" }]);
  expect(rotation[0]?.message).toContain(nextEffective.slice(0, 10));
});
