// Certificates made by openssl, with names that say nothing: only the extensions tell a root from an intermediate.
import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createKnownIssuers } from "../../../src/proxy/certificates/known-issuers.ts";

const hasOpenssl = ((): boolean => {
  try {
    return execFileSync("openssl", ["version"]).length > 0;
  } catch {
    return false;
  }
})();

describe.skipIf(!hasOpenssl)(`by their extensions${hasOpenssl ? "" : " (skipped: there is no openssl)"}`, () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "realmscope-issuers-"));
    request("one", "Alpha");
    openssl(
      "x509",
      "-req",
      "-in",
      "one.csr",
      "-signkey",
      "one.key",
      "-out",
      "one.pem",
      "-days",
      "9",
      ...extensions("CA"),
    );
    request("two", "Beta");
    sign(
      "two",
      "one",
      "basicConstraints=CA:true\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid,issuer:always",
    );
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function openssl(...args: readonly string[]): void {
    execFileSync("openssl", args, { cwd: folder, stdio: "ignore" });
  }

  function request(file: string, name: string): void {
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", `${file}.key`];
    openssl("req", ...key, "-out", `${file}.csr`, "-subj", `/CN=${name}`);
  }

  function extensions(kind: "CA" | string): string[] {
    const text = kind === "CA" ? "basicConstraints=CA:true\nsubjectKeyIdentifier=hash" : kind;
    writeFileSync(join(folder, "extensions"), `${text}\n`);
    return ["-extfile", "extensions"];
  }

  function sign(file: string, issuer: string, text: string): X509Certificate {
    const ca = ["-CA", `${issuer}.pem`, "-CAkey", `${issuer}.key`, "-CAcreateserial"];
    openssl("x509", "-req", "-in", `${file}.csr`, ...ca, "-out", `${file}.pem`, "-days", "9", ...extensions(text));
    return new X509Certificate(readFileSync(join(folder, `${file}.pem`)));
  }

  test.each([
    [
      "the identifier names another issuer than the certificate: an intermediate issued it",
      "two",
      "authorityKeyIdentifier=keyid,issuer:always",
      true,
    ],
    [
      "the identifier names the issuer itself: a root issued it",
      "one",
      "authorityKeyIdentifier=keyid,issuer:always",
      false,
    ],
    ["the identifier has a key alone, and nothing else speaks", "two", "authorityKeyIdentifier=keyid", false],
    [
      "the certificate says where its issuer is",
      "two",
      "authorityInfoAccess=caIssuers;URI:http://pki.test/two.cer",
      true,
    ],
    ["the address is one of OCSP", "two", "authorityInfoAccess=OCSP;URI:http://pki.test/", false],
    ["a policy of public CAs", "two", "certificatePolicies=2.23.140.1.2.2", true],
    ["a policy of a company", "two", "certificatePolicies=1.3.6.1.4.1.311.21.8.1", false],
  ])("%s", (_, issuer, text, isMissing) => {
    request("leaf", "mail.test");
    const leaf = sign("leaf", issuer, text);
    expect(createKnownIssuers([]).lacksIntermediate(leaf)).toBe(isMissing);
  });

  test("a trusted issuer is found by name and signature", () => {
    request("leaf", "mail.test");
    const leaf = sign("leaf", "two", "authorityKeyIdentifier=keyid");
    const two = readFileSync(join(folder, "two.pem"), "utf8");
    const known = createKnownIssuers(["not a certificate", two]);
    expect(known.issuerOf(leaf)?.fingerprint256).toBe(new X509Certificate(two).fingerprint256);
    expect(createKnownIssuers([]).issuerOf(leaf)).toBeUndefined();
  });
});
