// Keys as others wrote them: by the script of Microsoft's page, by Graph PowerShell, by a person. Each is recognised by what it
// holds, and is ours only by our display name.
import { createHash, X509Certificate } from "node:crypto";
import { expect, test } from "vitest";
import { itemsOf } from "../../../src/provisioning/engine/plan.ts";
import { authCertificate } from "../../support/auth-certificate.ts";
import { appIds, openLab, startProvisioningLab, storedKey } from "../../support/provisioning-lab.ts";

const certificate = authCertificate();
const other = authCertificate({ name: "other" });
const sha1 = createHash("sha1").update(certificate).digest();
const sha256 = createHash("sha256").update(certificate).digest();
const text = certificate.toString("base64");
const lines = text.replace(/(.{64})/g, "$1\r\n");

/** The `key` that Graph gives back, by how the sender made its bytes. */
const codings: readonly (readonly [name: string, key: string | null])[] = [
  ["DER", text],
  ["the ASCII of base64 text", Buffer.from(text, "ascii").toString("base64")],
  ["the ASCII of base64 text in lines", Buffer.from(lines, "ascii").toString("base64")],
  ["the UTF-16 of base64 text", Buffer.from(text, "utf16le").toString("base64")],
  ["the ASCII of PEM", Buffer.from(new X509Certificate(certificate).toString(), "ascii").toString("base64")],
  ["base64 in lines", lines],
  ["base64url", certificate.toString("base64url")],
];

const identifiers: readonly (readonly [name: string, identifier: string])[] = [
  ["hex", sha1.toString("hex").toUpperCase()],
  ["lower-case hex", sha1.toString("hex")],
  ["hex with colons", new X509Certificate(certificate).fingerprint],
  ["base64 of 20 bytes", sha1.toString("base64")],
  ["base64 of the hex text", Buffer.from(sha1.toString("hex").toUpperCase(), "ascii").toString("base64")],
  ["base64 of SHA-256", sha256.toString("base64")],
  ["hex of SHA-256", sha256.toString("hex")],
];

test.each(codings)("a certificate uploaded as %s gets no second entry, and is verified", async (_name, key) => {
  const lab = await startProvisioningLab({
    certificate,
    keys: [storedKey(certificate, { key, customKeyIdentifier: null })],
  });
  const opened = await openLab(lab);
  expect(itemsOf(await opened.plan()).filter(({ call }) => call.via === "graph")).toEqual([]);
  await opened.apply();
  expect((await opened.verify()).verdict).toBe("ok");
  expect(lab.cloud.store.now(appIds.skype)?.keyCredentials).toHaveLength(1);
});

test.each(identifiers)("without bytes the identifier decides, written as %s", async (_name, customKeyIdentifier) => {
  const keys = [storedKey(certificate, { key: null, customKeyIdentifier })];
  const lab = await startProvisioningLab({ certificate, keys });
  const plan = await (await openLab(lab)).plan();
  expect(itemsOf(plan).filter(({ call }) => call.via === "graph")).toEqual([]);
});

test("bytes that hold no certificate leave it to the identifier", async () => {
  const key = Buffer.from("not a certificate").toString("base64");
  const lab = await startProvisioningLab({ certificate, keys: [storedKey(certificate, { key })] });
  const plan = await (await openLab(lab)).plan();
  expect(itemsOf(plan).filter(({ call }) => call.via === "graph")).toEqual([]);
});

test("another certificate under our thumbprint is not ours", async () => {
  for (const key of [other.toString("base64"), Buffer.from(other.toString("base64")).toString("base64")]) {
    const keys = [storedKey(certificate, { key })];
    const lab = await startProvisioningLab({ certificate, keys });
    const plan = await (await openLab(lab)).plan();
    expect(itemsOf(plan).filter(({ call }) => call.via === "graph")).toHaveLength(1);
  }
});

test("--remove-duplicate-keys counts both codings as one certificate, and keeps the DER", async () => {
  const keys = [
    storedKey(certificate, { key: Buffer.from(text).toString("base64"), customKeyIdentifier: sha1.toString("base64") }),
    storedKey(certificate),
    storedKey(other),
  ];
  const lab = await startProvisioningLab({ certificate, keys });
  const opened = await openLab(lab, { settings: lab.settings({ removeDuplicateKeys: true }) });
  const plan = await opened.plan();
  const notes = plan.steps.find(({ id }) => id.startsWith("s5.key"))?.notes.join(" ");
  expect(notes).toMatch(/same certificate 2 times/);
  expect(notes).toMatch(/holds the certificate as base64 text/);
  await opened.apply(plan);
  expect(lab.cloud.store.now(appIds.skype)?.keyCredentials).toEqual(keys.slice(1));
});

test.each([["dropped"], [{ status: 504 }]] as const)(
  "a PATCH is lost (%j) and somebody else adds the certificate: taken over, and undo leaves their key",
  async (kind) => {
    const lab = await startProvisioningLab({ certificate });
    lab.cloud.faults.add(...[1, 2, 3].map(() => ({ method: "PATCH", kind }) as const));
    const theirs = storedKey(certificate, { displayName: "theirs" });
    lab.cloud.onRequest(({ method }) => {
      const now = lab.cloud.store.now(appIds.skype);
      if (method === "PATCH" && now?.keyCredentials.length === 0)
        lab.cloud.store.put({ ...now, keyCredentials: [theirs] });
    });
    const opened = await openLab(lab);
    expect((await opened.apply()).how).toBe("finished");
    expect(opened.events).toContainEqual(expect.objectContaining({ event: "item-done", outcome: "adopted" }));
    await opened.undo(["destructive"]);
    expect(lab.cloud.store.now(appIds.skype)?.keyCredentials).toEqual([theirs]);
  },
);

test("resume takes somebody else's key over as theirs", async () => {
  const lab = await startProvisioningLab({ certificate });
  const opened = await openLab(lab);
  lab.cloud.faults.add(...[1, 2, 3].map(() => ({ method: "PATCH", kind: "dropped" }) as const));
  expect((await opened.apply()).reason?.code).toBe("effect-unknown");
  const theirs = storedKey(certificate, { displayName: null });
  const now = lab.cloud.store.now(appIds.skype);
  if (now !== undefined) lab.cloud.store.put({ ...now, keyCredentials: [theirs] });
  expect(await opened.resume()).toMatchObject({ how: "finished", reason: null });
  await opened.undo(["destructive"]);
  expect(lab.cloud.store.now(appIds.skype)?.keyCredentials).toEqual([theirs]);
});
