// The key array with any content: adding and taking back leaves every other entry unchanged.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { StoredKey } from "../../src/lab/cloud/principal-store.ts";
import { keysDigest } from "../../src/provisioning/graph/service-principal.ts";
import { readCertificate } from "../../src/provisioning/model/certificate.ts";
import { authCertificate } from "../support/auth-certificate.ts";
import { appIds, openLab, principal, startProvisioningLab, storedKey } from "../support/provisioning-lab.ts";

const certificate = authCertificate();
const foreign = [1, 2, 3, 4].map((number) => authCertificate({ name: `foreign ${number}`, fromDays: -number * 100 }));
const sha256 = (der: Buffer): string => Buffer.from(der.subarray(0, 32)).toString("base64");

/** Keys as others leave them: any name, SAML identifiers, other usages, the past, one certificate several times. */
const anyKey: fc.Arbitrary<StoredKey> = fc
  .record({
    der: fc.constantFrom(...foreign),
    displayName: fc.option(fc.string({ unit: "binary", maxLength: 40 })),
    usage: fc.constantFrom("Verify", "Sign", "Encrypt"),
    identifier: fc.constantFrom("hex", "base64", "saml"),
    endDateTime: fc.constantFrom("2020-01-01T00:00:00Z", "2031-06-01T12:34:56.789Z"),
  })
  .map(({ der, displayName, usage, identifier, endDateTime }) => {
    const { thumbprint } = readCertificate(der, "test");
    const base64 = Buffer.from(thumbprint, "hex").toString("base64");
    const customKeyIdentifier = { hex: thumbprint, base64, saml: sha256(der) }[identifier];
    return storedKey(der, { displayName, usage, customKeyIdentifier, endDateTime });
  });

test("for any initial array, add and undo restore it entry by entry", async () => {
  const lab = await startProvisioningLab({ certificate });
  const { ports } = await openLab(lab, { settings: lab.settings({ only: "cloud" }) });
  const graph = ports.graph;
  if (graph === null) throw new Error("the cloud half is open");
  const { thumbprint, der, notBefore, notAfter } = readCertificate(certificate, "test");
  const key = { thumbprint, der, notBefore, notAfter, displayName: "ours" };
  await fc.assert(
    fc.asyncProperty(fc.array(anyKey, { maxLength: 8 }), fc.boolean(), async (keys, isThere) => {
      const start = isThere ? [...keys, storedKey(certificate)] : keys;
      lab.cloud.store.put(principal(appIds.voicemail, start));
      const before = await graph.read(appIds.voicemail);
      const arrayDigest = keysDigest(before?.keys ?? []);
      const added = await graph.write({
        via: "graph",
        operation: "add-keys",
        appId: appIds.voicemail,
        keys: [key],
        arrayDigest,
      });
      expect(added).toMatchObject({ isConfirmed: true, isOurs: !isThere, lost: [] });
      const after = lab.cloud.store.now(appIds.voicemail)?.keyCredentials ?? [];
      expect(after.slice(0, start.length)).toEqual(start);
      expect(after).toHaveLength(start.length + (isThere ? 0 : 1));
      const keyIds = after.slice(start.length).map(({ keyId }) => keyId);
      await graph.write({ via: "graph", operation: "remove-keys", appId: appIds.voicemail, keyIds, arrayDigest: null });
      expect(lab.cloud.store.now(appIds.voicemail)?.keyCredentials).toEqual(start);
    }),
    { numRuns: 40 },
  );
}, 120_000);

test("the lab's Graph refuses a write that would lose or change a key: a client without that care fails", async () => {
  const lab = await startProvisioningLab({
    keys: [storedKey(foreign[0] ?? Buffer.alloc(0), { displayName: "theirs" })],
  });
  const token = await lab.cloud.token();
  const address = `${lab.cloud.graphUrl}/v1.0/servicePrincipals`;
  const ask = (method: string, path: string, body?: unknown): Promise<Response> =>
    fetch(`${address}${path}`, {
      method,
      headers: { Authorization: `Bearer ${token}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const list = (await (await ask("GET", `?$filter=appId eq '${appIds.skype}'`)).json()) as {
    value: readonly { id: string; keyCredentials: readonly { key: unknown }[] }[];
  };
  const [found] = list.value;
  expect(found?.keyCredentials).toMatchObject([{ key: null, displayName: "theirs" }]);
  const unselected = await (await ask("GET", `(appId='${appIds.skype}')`)).json();
  expect(unselected).toMatchObject({ keyCredentials: [{ key: null }] });
  const sentAsRead = await ask("PATCH", `/${found?.id}`, { keyCredentials: found?.keyCredentials });
  expect(sentAsRead.status).toBe(400);
  expect(await sentAsRead.text()).toContain("Update to existing credential with KeyId");
  const withoutId = await ask("PATCH", `/${found?.id}`, {
    keyCredentials: [{ type: "AsymmetricX509Cert", usage: "Verify" }],
  });
  expect(withoutId.status).toBe(400);
  const replacing = await ask("PATCH", `/${found?.id}`, {
    keyCredentials: [{ type: "AsymmetricX509Cert", usage: "Verify", key: certificate.toString("base64") }],
  });
  expect(replacing.status).toBe(204);
  expect(lab.cloud.store.now(appIds.skype)?.keyCredentials).toHaveLength(1);
});
