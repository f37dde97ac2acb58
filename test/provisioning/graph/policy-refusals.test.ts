// Refusals of a new key: by a policy of the tenant, named with its remedy; by the dates, answered once without them; by anything
// else, never answered by a second write. The codes and messages are those of public reports.
import { expect, test } from "vitest";
import type { WriteAnswer } from "../../../src/lab/cloud/principal-store.ts";
import { appIds, openLab, type ProvisioningLab, startProvisioningLab } from "../../support/provisioning-lab.ts";

const policy = "538f1913-366a-440a-95a0-e195cb55b282";

async function labThatRefuses(answers: readonly WriteAnswer[]): Promise<ProvisioningLab> {
  const left = [...answers];
  return startProvisioningLab({
    cloud: { store: { refuse: ({ appId }) => (appId === appIds.skype ? left.shift() : undefined) } },
  });
}

function patches(lab: ProvisioningLab): number {
  return lab.cloud.requests.filter(({ method }) => method === "PATCH").length;
}

test.each([
  [
    400,
    "CredentialInvalidLifetimeAsPerAppPolicy",
    `Credential lifetime exceeds the max value allowed as per assigned policy '${policy}'.`,
    /asymmetricKeyLifetime.*no longer valid than the policy allows/,
  ],
  [
    400,
    "CredentialTypeNotAllowedAsPerAppPolicy",
    `Credential type not allowed as per assigned policy '${policy}'.`,
    /exemption from this restriction/,
  ],
  [
    403,
    "CredentialIssuerNotTrustedAsPerAppPolicy",
    `The certificate is not issued by a trusted authority as per assigned policy '${policy}'.`,
    /trusted certificate authorities; Exchange's own auth certificate is self-signed/,
  ],
] as const)("%i %s: one write, the policy named, and its remedy", async (status, code, message, remedy) => {
  const lab = await labThatRefuses([{ status, code, message }]);
  const { how, reason } = await (await openLab(lab)).apply();
  expect(how).toBe("stopped");
  expect(reason).toMatchObject({ code: "graph-policy", message: expect.stringContaining(policy) });
  expect(reason?.hint).toMatch(remedy);
  expect(reason?.hint).toMatch(/appManagementPolicies/);
  expect(reason?.hint).not.toMatch(/first-party|provision script/);
  expect(patches(lab)).toBe(1);
});

test.each(["Key credential end date is invalid.", "Key credential start date is invalid."])(
  "%s is answered once without dates",
  async (message) => {
    const lab = await labThatRefuses([{ status: 400, code: "Request_BadRequest", message }]);
    expect((await (await openLab(lab)).apply()).how).toBe("finished");
    expect(patches(lab)).toBe(2);
  },
);

test.each([
  "Update to existing credential with KeyId '1' is not allowed.",
  "Unable to validate the payload.",
  "The validity of the certificate chain cannot be determined.",
  "The lifetime of the directory object has ended.",
  "The date header of the request is invalid.",
  "Key credential end date is invalid for a credential of another tenant.",
])("%s never leads to a second write", async (message) => {
  const lab = await labThatRefuses([{ status: 400, code: "Request_BadRequest", message }]);
  expect((await (await openLab(lab)).apply()).how).toBe("stopped");
  expect(patches(lab)).toBe(1);
});
