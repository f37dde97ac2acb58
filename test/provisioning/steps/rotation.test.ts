import { expect, test } from "vitest";
import type { StoredKey } from "../../../src/lab/cloud/principal-store.ts";
import { labCertificate } from "../../../src/lab/exchange-shell/lab-directory.ts";
import { readServicePrincipal } from "../../../src/provisioning/graph/service-principal.ts";
import { readCertificate } from "../../../src/provisioning/model/certificate.ts";
import type { ServicePrincipal } from "../../../src/provisioning/model/graph.ts";
import type { Observation } from "../../../src/provisioning/model/step.ts";
import { judgeRotation } from "../../../src/provisioning/steps/rotation.ts";
import { authCertificate } from "../../support/auth-certificate.ts";
import { appIds, openLab, principal, startProvisioningLab, storedKey } from "../../support/provisioning-lab.ts";

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

const day = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString();

function holdingWith(der: Buffer, ...changes: readonly Partial<StoredKey>[]): ServicePrincipal {
  const keys = changes.map((change) => storedKey(der, change));
  const found = readServicePrincipal(principal(appIds.skype, keys));
  if (found === null) throw new Error("the principal cannot be read");
  return found;
}

test.each([
  ["has ended", [{ endDateTime: day(-1) }], ["broken-now", "expired-key"]],
  ["has not begun", [{ startDateTime: day(2) }], ["broken-now"]],
  ["signs instead of verifying", [{ usage: "Sign" }], ["broken-now"]],
  ["has ended, with one beside it that serves", [{ endDateTime: day(-1) }, {}], ["duplicate", "expired-key"]],
  ["ends long before the certificate", [{ endDateTime: day(300) }], ["ends-on"]],
] satisfies readonly (readonly [string, readonly Partial<StoredKey>[], readonly string[]])[])(
  "a key of the current certificate that %s",
  (_name, changes, expected) => {
    const warnings = judgeRotation(certificates(current), holdingWith(current, ...changes), Date.now());
    expect(warnings.map(({ kind }) => kind)).toEqual(expected);
    const [first] = warnings;
    if (first?.kind === "ends-on") expect(first).toMatchObject({ on: Object.values(changes[0] ?? {})[0] });
  },
);

test("a next certificate counts only when its key is valid on the day that Exchange switches", () => {
  const held = readServicePrincipal(
    principal(appIds.skype, [storedKey(current), storedKey(next, { endDateTime: "2026-12-23T00:00:00.000Z" })]),
  );
  if (held === null) throw new Error("the principal cannot be read");
  const now = Date.parse("2026-12-01T00:00:00.000Z");
  const warnings = judgeRotation(certificates(current, next), held, now);
  expect(warnings.map(({ kind }) => kind)).toContain("breaks-on");
});

test("a current key that ends before Exchange switches leaves a gap, and its first day is reported", () => {
  const end = "2026-12-20T00:00:00.000Z";
  const held = readServicePrincipal(
    principal(appIds.skype, [storedKey(current, { endDateTime: end }), storedKey(next)]),
  );
  if (held === null) throw new Error("the principal cannot be read");
  const warnings = judgeRotation(certificates(current, next), held, Date.parse("2026-12-01T00:00:00.000Z"));
  expect(warnings).toMatchObject([{ kind: "ends-on", on: end }]);
});

test("the day on which rotation breaks the handshake is reported", () => {
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
