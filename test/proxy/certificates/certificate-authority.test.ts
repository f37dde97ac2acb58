// The inspection CA, read back by others: OpenSSL where it is installed, and Node's own X.509 reader everywhere.
import { spawnSync } from "node:child_process";
import { createPublicKey, X509Certificate } from "node:crypto";
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, createSecureContext, TLSSocket } from "node:tls";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  createAuthority,
  loadAuthority,
  removeAuthority,
  renewAuthority,
  saveAuthority,
} from "../../../src/proxy/certificates/certificate-authority.ts";
import { buildLeaf, forgePublicKey, keyIdentifier } from "../../../src/proxy/certificates/certificate-builder.ts";
import { openThrough } from "../../support/proxy-client.ts";
import { startHttpsOrigin } from "../../support/proxy-origin.ts";
import { startTestProxy } from "../../support/proxy-start.ts";

const dayMs = 86_400_000;
const made = createAuthority({ hosts: ["exchange.test", "*.lync.test"] });
const withAddress = createAuthority({ hosts: ["exchange.test", "192.0.2.7"] });
const opensslProgram = "openssl";
const hasOpenssl = spawnSync(opensslProgram, ["version"]).status === 0;
const whenOpenssl = test.skipIf(!hasOpenssl);
if (!hasOpenssl) test.skip("openssl is not installed: the checks by it are left out", () => undefined);

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "realmscope-ca-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function openssl(...options: readonly string[]): { readonly status: number | null; readonly text: string } {
  const { status, stdout, stderr } = spawnSync(opensslProgram, options, { encoding: "utf8" });
  return { status, text: stdout + stderr };
}

/** A leaf that the CA's key really signed, for any name: what a thief of the key would make. */
async function forged(host: string, authority = made): Promise<{ readonly cert: string; readonly key: string }> {
  const { commonName, privateKey, notAfter } = await authority;
  const issuer = { commonName, key: privateKey, keyIdentifier: keyIdentifier(privateKey) };
  const now = Date.now();
  const text = { commonName: "forged", host, notBefore: now - 3_600_000, notAfter: Math.min(notAfter, now + dayMs) };
  const cert = buildLeaf(text, issuer, forgePublicKey(privateKey));
  return { cert, key: privateKey.export({ type: "pkcs8", format: "pem" }).toString() };
}

/** The leaf that clients really get for a host, taken from a TLS handshake. */
async function shownLeaf(host: string): Promise<X509Certificate> {
  const authority = await made;
  const context = authority.leafContext(host);
  const server = createServer((socket) => {
    new TLSSocket(socket, { isServer: true, secureContext: context }).on("error", () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const client = connect({ host: "127.0.0.1", port, servername: host, ca: authority.certificatePem });
  await new Promise<void>((resolve, reject) => {
    client.once("secureConnect", resolve).once("error", reject);
  });
  const leaf = client.getPeerX509Certificate();
  client.destroy();
  await new Promise((resolve) => server.close(resolve));
  if (leaf === undefined) throw new Error("no certificate was shown");
  return leaf;
}

describe("the root", () => {
  test("it is RSA 2048 or better, lives 30 days, may sign server certificates only, and signed itself", async () => {
    const authority = await made;
    const root = new X509Certificate(authority.certificatePem);
    expect(root.publicKey.asymmetricKeyType).toBe("rsa");
    expect(root.publicKey.asymmetricKeyDetails?.modulusLength).toBeGreaterThanOrEqual(2048);
    expect(root.ca).toBe(true);
    expect(root.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1"]);
    expect(root.verify(createPublicKey(root.publicKey.export({ type: "spki", format: "pem" })))).toBe(true);
    expect(root.serialNumber).toMatch(/^[4-7][0-9A-F]{31}$/);
    expect(authority.notAfter - Date.now()).toBeGreaterThan(29.9 * dayMs);
    expect(authority.notAfter - Date.now()).toBeLessThanOrEqual(30 * dayMs);
    expect(Date.now() - authority.notBefore).toBeLessThanOrEqual(2 * 3_600_000);
    expect(root.subject).toMatch(/^CN=realmscope capture CA exchange\.test \d{4}-\d\d-\d\d [0-9a-f]{6}$/);
  });

  whenOpenssl("OpenSSL reads critical name constraints, path length 0 and the two key usages", async () => {
    const file = join(temporaryFolder(), "ca.pem");
    writeFileSync(file, (await made).certificatePem);
    const { text } = openssl("x509", "-in", file, "-noout", "-text");
    const flat = text.replace(/\s+/g, " ");
    expect(flat).toContain("X509v3 Basic Constraints: critical CA:TRUE, pathlen:0");
    expect(flat).toContain("X509v3 Key Usage: critical Certificate Sign, CRL Sign X509v3");
    expect(flat).toContain("X509v3 Extended Key Usage: TLS Web Server Authentication X509v3");
    expect(flat).toMatch(
      /X509v3 Name Constraints: critical Permitted: DNS:exchange\.test DNS:lync\.test Excluded: IP:0\.0\.0\.0\/0\.0\.0\.0 IP:0:0:0:0:0:0:0:0\/0:0:0:0:0:0:0:0/,
    );
    expect(flat).toContain("Signature Algorithm: sha256WithRSAEncryption");
  });

  test.each([0, 91, Number.NaN])("a life of %s days is refused", async (days) => {
    await expect(createAuthority({ hosts: ["exchange.test"], days })).rejects.toMatchObject({ code: "ca-days" });
  });

  test("a CA without hosts is refused", async () => {
    await expect(createAuthority({ hosts: [] })).rejects.toMatchObject({ code: "ca-without-hosts" });
  });
});

describe("leaves", () => {
  test.each(["exchange.test", "mail.exchange.test", "a.b.lync.test"])(
    "the one for %s names it alone, for a week",
    async (host) => {
      const leaf = await shownLeaf(host);
      const root = new X509Certificate((await made).certificatePem);
      expect(leaf.subjectAltName).toBe(`DNS:${host}`);
      expect(leaf.ca).toBe(false);
      expect(leaf.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1"]);
      expect(leaf.checkIssued(root)).toBe(true);
      expect(leaf.verify(root.publicKey)).toBe(true);
      expect(leaf.serialNumber).toMatch(/^[4-7][0-9A-F]{31}$/);
      const days = (Date.parse(leaf.validTo) - Date.parse(leaf.validFrom)) / dayMs;
      expect(days).toBeGreaterThan(6.9);
      expect(days).toBeLessThanOrEqual(30);
    },
  );

  test("all have one key, which is not the CA's", async () => {
    const root = new X509Certificate((await made).certificatePem);
    const keys = [await shownLeaf("exchange.test"), await shownLeaf("mail.exchange.test")].map((leaf) =>
      leaf.publicKey.export({ type: "spki", format: "pem" }).toString(),
    );
    expect(new Set(keys).size).toBe(1);
    expect(keys[0]).not.toBe(root.publicKey.export({ type: "spki", format: "pem" }).toString());
  });

  test("a host outside the constraint gets none: its connection passes through untouched", async () => {
    const authority = await made;
    expect(() => authority.leafContext("bank.test")).toThrow(expect.objectContaining({ code: "host-outside-ca" }));
    const origin = await startHttpsOrigin(["bank.test"], (_, response) => response.end("own"));
    const { forward, event } = await startTestProxy({
      authority,
      scope: ["bank.test"],
      resolve: new Map([["bank.test:443", origin]]),
    });
    const client = await openThrough(forward, "bank.test:443", { ca: origin.rootPem });
    expect(client.getPeerCertificate().subjectaltname).toBe("DNS:bank.test");
    expect(await event(({ kind }) => kind === "tunnel")).toMatchObject({ reason: "out-of-scope" });
  });

  whenOpenssl(
    "OpenSSL's strict verifier accepts what the CA may sign, and nothing else, whoever has the key",
    async () => {
      const folder = temporaryFolder();
      const verify = async (host: string, authority = made): Promise<string> => {
        const [ca, leaf] = [join(folder, "ca.pem"), join(folder, "leaf.pem")];
        writeFileSync(ca, (await authority).certificatePem);
        writeFileSync(leaf, (await forged(host, authority)).cert);
        return openssl("verify", "-x509_strict", "-CAfile", ca, leaf).text;
      };
      expect(await verify("mail.exchange.test")).toContain("leaf.pem: OK");
      expect(await verify("x.lync.test")).toContain("leaf.pem: OK");
      expect(await verify("bank.test")).toContain("permitted subtree violation");
      expect(await verify("evilexchange.test")).toContain("permitted subtree violation");
      expect(await verify("127.0.0.1")).toContain("excluded subtree violation");
      expect(await verify("192.0.2.7", withAddress)).toContain("leaf.pem: OK");
      expect(await verify("192.0.2.8", withAddress)).toContain("permitted subtree violation");
    },
  );

  test.each(["bank.test", "evilexchange.test"])("Node's client refuses a stolen signature for %s", async (host) => {
    const { cert, key } = await forged(host);
    const context = createSecureContext({ cert, key });
    const server = createServer((socket) => {
      new TLSSocket(socket, { isServer: true, secureContext: context }).on("error", () => socket.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => {
      server.close();
    });
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const client = connect({ host: "127.0.0.1", port, servername: host, ca: (await made).certificatePem });
    const error = await new Promise<NodeJS.ErrnoException>((resolve, reject) => {
      client.once("error", resolve).once("secureConnect", () => reject(new Error("it was accepted")));
    });
    // Node gives OpenSSL's permitted-subtree violation no name of its own.
    expect(error.code).toMatch(/^(?:UNSPECIFIED|PERMITTED_VIOLATION)$/);
  });
});

describe("the file", () => {
  const modes = test.skipIf(process.platform === "win32");

  test("what was written is read back; of two that write at once one succeeds", async () => {
    const folder = join(temporaryFolder(), "ca");
    const authority = await made;
    saveAuthority(authority, folder, {});
    expect(() => saveAuthority(authority, folder, {})).toThrow(expect.objectContaining({ code: "ca-exists" }));
    expect(loadAuthority(folder, {})?.fingerprint).toBe(authority.fingerprint);
    expect(readdirSync(folder)).toHaveLength(1);
    expect(removeAuthority(folder)).toBe(true);
    expect(loadAuthority(folder, {})).toBeNull();
  });

  test("a pass-phrase seals the key; a wrong, empty or very long one opens nothing and changes nothing", async () => {
    const folder = join(temporaryFolder(), "ca");
    saveAuthority(await made, folder, { REALMSCOPE_CA_PASSPHRASE: "correct horse" });
    const path = join(folder, readdirSync(folder)[0] ?? "");
    const before = readFileSync(path, "utf8");
    expect(before).not.toContain("PRIVATE KEY");
    expect(before).toContain("scrypt-aes-256-gcm");
    for (const phrase of ["wrong", "", "x".repeat(10_000)]) {
      expect(() => loadAuthority(folder, { REALMSCOPE_CA_PASSPHRASE: phrase })).toThrow(
        expect.objectContaining({ code: "ca-locked" }),
      );
    }
    expect(readFileSync(path, "utf8")).toBe(before);
    expect(loadAuthority(folder, { REALMSCOPE_CA_PASSPHRASE: "correct horse" })?.fingerprint).toBe(
      (await made).fingerprint,
    );
  });

  modes("it is 0600 in a folder of 0700, and refused when others could have read or changed it", async () => {
    const parent = temporaryFolder();
    const folder = join(parent, "ca");
    saveAuthority(await made, folder, {});
    const path = join(folder, readdirSync(folder)[0] ?? "");
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    chmodSync(path, 0o644);
    expect(() => loadAuthority(folder, {})).toThrow(expect.objectContaining({ code: "ca-not-private" }));
    chmodSync(path, 0o600);
    chmodSync(folder, 0o777);
    expect(() => loadAuthority(folder, {})).toThrow(expect.objectContaining({ code: "ca-not-private" }));
    chmodSync(folder, 0o700);
    renameSync(path, join(parent, "elsewhere"));
    symlinkSync(join(parent, "elsewhere"), path);
    expect(() => loadAuthority(folder, {})).toThrow(expect.objectContaining({ code: "ca-unreadable" }));
  });

  test("a damaged file is said to be damaged", async () => {
    const folder = join(temporaryFolder(), "ca");
    saveAuthority(await made, folder, {});
    const path = join(folder, readdirSync(folder)[0] ?? "");
    for (const text of [
      "",
      "{",
      "null",
      '{"version":2}',
      readFileSync(path, "utf8").replace("BEGIN CERT", "BEGIN CRET"),
    ]) {
      writeFileSync(path, text);
      expect(() => loadAuthority(folder, {}), text.slice(0, 12)).toThrow(
        expect.objectContaining({ code: "ca-unreadable" }),
      );
    }
  });

  test("one that ended, or begins in the future, is refused with the reason; renewing keeps its hosts, life and pass-phrase", async () => {
    const folder = join(temporaryFolder(), "ca");
    const environment = { REALMSCOPE_CA_PASSPHRASE: "p" };
    const authority = await createAuthority({
      hosts: ["exchange.test", "*.lync.test"],
      days: 3,
      now: Date.now() - 10 * dayMs,
    });
    saveAuthority(authority, folder, environment);
    expect(() => loadAuthority(folder, environment)).toThrow(expect.objectContaining({ code: "ca-expired" }));
    expect(() => loadAuthority(folder, environment, authority.notBefore - 1)).toThrow(
      expect.objectContaining({ code: "ca-not-yet-valid" }),
    );
    const renewed = await renewAuthority(folder, environment);
    expect(renewed.hosts).toEqual(["exchange.test", "*.lync.test"]);
    expect(Math.round((renewed.notAfter - Date.now()) / dayMs)).toBe(3);
    expect(loadAuthority(folder, environment)?.fingerprint).toBe(renewed.fingerprint);
    expect(() => loadAuthority(folder, {})).toThrow(expect.objectContaining({ code: "ca-locked" }));
  });
});
