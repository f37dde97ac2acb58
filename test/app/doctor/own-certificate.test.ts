// The certificate of a reverse listener: what `doctor` and the start of `watch` say of it, against what curl does with a server
// that shows it.
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { lastJson, runCli } from "../../support/run-cli.ts";
import { type CertificateWish, issueCertificate } from "../../support/test-pki.ts";

const run = promisify(execFile);
const hasCurl = await run("curl", ["--version"]).then(
  () => true,
  () => false,
);
const name = "mail.contoso.test";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "realmscope-own-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(path: string, content: string): string {
  const whole = join(folder, path);
  writeFileSync(whole, content);
  return whole;
}

const root = issueCertificate({ name: "Contoso Root", isCa: true, ends: 900 });
const intermediate = issueCertificate({ name: "Contoso Machines 1", issuer: root, isCa: true, ends: 400 });
const strong = issueCertificate({ name, issuer: intermediate, hosts: [name] });
const goodTarget = issueCertificate({ name, issuer: root, hosts: [name] });

interface Shown {
  readonly cert: string;
  readonly key: string;
}

/** A leaf under the intermediate, followed by that. */
function whole(wish: Partial<CertificateWish>, issuer = intermediate): Shown {
  const leaf = issueCertificate({ name, issuer, hosts: [name], ...wish });
  return { cert: leaf.cert + issuer.cert, key: leaf.key };
}

const alone = (shown: Shown, ...others: readonly string[]): Shown => ({
  key: shown.key,
  cert: `${/^[\s\S]*?-----END CERTIFICATE-----\r?\n/.exec(shown.cert)?.[0] ?? ""}${others.join("")}`,
});
const uses = (use: object): Partial<CertificateWish> => ({ extensions: [{ name: "extKeyUsage", ...use }] });
const bits = (use: object): Partial<CertificateWish> => ({
  extensions: [{ name: "keyUsage", critical: true, ...use }],
});
const oldHash = issueCertificate({ name: "Contoso Machines 2", issuer: root, isCa: true, hash: "sha1" });
const ended = issueCertificate({ name: "Contoso Machines 3", issuer: root, isCa: true, ends: -1 });
const self = issueCertificate({ name, hosts: [name] });

interface Row {
  readonly shown: Shown;
  /** Whether curl takes it that trusts the root: exit code 0. */
  readonly isTaken: boolean;
  /** What the check says; `ok` alone when nothing is wrong. */
  readonly said: RegExp;
  readonly status: "ok" | "warning" | "failed";
}

const taken = { isTaken: true } as const;
const refused = { isTaken: false, status: "failed" } as const;
const fine = { ...taken, status: "ok", said: /shows a certificate for .*, valid until \d{4}-\d\d-\d\d$/ } as const;

const rows: readonly (readonly [string, Row])[] = [
  ["leaf and intermediate", { shown: whole({}), ...fine }],
  ["the root as well", { shown: alone(strong, intermediate.cert, root.cert), ...fine }],
  ["under the root itself", { shown: goodTarget, ...fine }],
  ["several names", { shown: whole({ hosts: ["autodiscover.contoso.test", name] }), ...fine }],
  ["a wildcard", { shown: whole({ hosts: ["*.contoso.test"] }), ...fine }],
  ["serverAuth among other uses", { shown: whole(uses({ serverAuth: true, clientAuth: true })), ...fine }],
  [
    "a wildcard one label lower",
    { shown: whole({ hosts: ["*.mail.contoso.test"] }), ...refused, said: /and not for mail\.contoso\.test/ },
  ],
  [
    "a wildcard in a part of a label",
    { shown: whole({ hosts: ["ma*.contoso.test"] }), ...refused, said: /and not for mail/ },
  ],
  [
    "a wildcard for the parent",
    { shown: whole({ hosts: ["contoso.test"] }), ...refused, said: /is for contoso\.test and not/ },
  ],
  [
    "another name",
    { shown: whole({ hosts: ["other.test"] }), ...refused, said: /is for other\.test and not for mail/ },
  ],
  ["an address alone", { shown: whole({ hosts: ["127.0.0.1"] }), ...refused, said: /is for 127\.0\.0\.1 and not/ }],
  ["expired", { shown: whole({ ends: -1 }), ...refused, said: /^the certificate expired on \d{4}-/ }],
  ["not valid yet", { shown: whole({ begins: 2 }), ...refused, said: /is valid from \d{4}-\d\d-\d\d on/ }],
  ["ends in five days", { shown: whole({ ends: 5.5 }), ...taken, status: "warning", said: /expires in 5 days/ }],
  ["without the intermediate", { shown: alone(strong), ...refused, said: /the intermediate certificate is missing/ }],
  [
    "with the root in place of the intermediate",
    { shown: alone(strong, root.cert), ...refused, said: /intermediate certificate is missing/ },
  ],
  [
    "with an expired intermediate",
    { shown: whole({}, ended), ...refused, said: /an intermediate certificate expired/ },
  ],
  [
    "in the wrong order",
    { shown: alone(strong, root.cert, intermediate.cert), ...taken, status: "warning", said: /not in order/ },
  ],
  [
    "with a certificate that does not belong to it",
    { shown: alone(strong, goodTarget.cert, intermediate.cert), ...taken, status: "warning", said: /not in order/ },
  ],
  ["for clients only", { shown: whole(uses({ clientAuth: true })), ...refused, said: /no serverAuth/ }],
  [
    "for signing of revocation lists",
    { shown: whole(bits({ cRLSign: true })), ...refused, said: /lacks digitalSignature/ },
  ],
  [
    "an RSA key of 1024 bits",
    { shown: whole({ bits: 1024 }), ...refused, said: /RSA key of the certificate has 1024 bits/ },
  ],
  ["signed with SHA-1", { shown: whole({ hash: "sha1" }), ...refused, said: /the certificate is signed with SHA-1/ }],
  [
    "under an intermediate signed with SHA-1",
    { shown: whole({}, oldHash), ...refused, said: /an intermediate certificate is signed with SHA-1/ },
  ],
];

async function startServer({ cert, key }: Shown): Promise<number> {
  // What Node would not load by itself is what the test is about.
  const server = createServer({ cert, key, ciphers: "DEFAULT@SECLEVEL=0" }, (_, response) => response.end("hello"));
  server.on("tlsClientError", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** Exit code of curl: 0, or 60 and 35 for a certificate that it refuses. */
async function curl(shown: Shown, trusted: string): Promise<number> {
  const port = await startServer(shown);
  const args = ["--silent", "--cacert", file("trusted.pem", trusted), "--resolve", `${name}:${port}:127.0.0.1`];
  const { code } = await run("curl", [...args, `https://${name}:${port}/`]).then(
    () => ({ code: 0 }),
    (error: { readonly code: number }) => error,
  );
  return code;
}

interface Check {
  readonly name: string;
  readonly status: string;
  readonly message: string;
  readonly remedy: string;
}

async function doctor(
  options: readonly string[],
): Promise<{ readonly code: number | null; readonly checks: readonly Check[] }> {
  const port = await startServer(goodTarget);
  const { code, stdout } = await runCli(
    [
      ...["doctor", "--json", "--reverse", `0=https://${name}`, "--connect-to", `${name}:443=127.0.0.1:${port}`],
      ...["--upstream-ca", file("root.pem", root.cert), ...options],
    ],
    { environment: { REALMSCOPE_HOME: join(folder, "home"), REALMSCOPE_PFX_PASSPHRASE: "open" }, folder },
  );
  const { checks } = lastJson(stdout) as unknown as { readonly checks: readonly Check[] };
  return { code, checks };
}

const own = ({ cert, key }: Shown): string[] => ["--cert", file("own.pem", cert), "--key", file("own.key", key)];

describe.skipIf(!hasCurl)(`curl and doctor agree${hasCurl ? "" : " (skipped: there is no curl)"}`, () => {
  test.each(rows)("%s", async (_, { shown, isTaken, said, status }) => {
    expect((await curl(shown, root.cert)) === 0, "curl").toBe(isTaken);
    const { code, checks } = await doctor(own(shown));
    const found = checks.filter((check) => check.name === "certificate");
    expect(
      found.some((check) => check.status === status && said.test(check.message)),
      JSON.stringify(found),
    ).toBe(true);
    expect(found.some((check) => check.status === "failed")).toBe(!isTaken);
    expect(code).toBe(isTaken ? 0 : 1);
    for (const check of found) expect(check.remedy === "").toBe(check.status === "ok");
  });

  test("a name in the common name alone, which curl still reads", async () => {
    const { code, checks } = await doctor(own(whole({ hosts: [] })));
    expect(code).toBe(1);
    expect(checks).toContainEqual(
      expect.objectContaining({
        name: "certificate",
        status: "failed",
        message: expect.stringMatching(/no name in subjectAltName/),
      }),
    );
  });

  test("a self-signed certificate, which curl takes when it trusts it", async () => {
    expect(await curl(self, root.cert)).toBe(60);
    expect(await curl(self, self.cert)).toBe(0);
    const { code, checks } = await doctor(own(self));
    expect(code).toBe(0);
    expect(checks).toContainEqual(
      expect.objectContaining({ name: "certificate", status: "ok", message: expect.stringMatching(/self-signed/) }),
    );
  });
});

describe("doctor", () => {
  const stranger = issueCertificate({ name: "Fabrikam Root", isCa: true });
  const middle = issueCertificate({ name: "Fabrikam Machines", issuer: stranger, isCa: true });
  const leaf = issueCertificate({ name, issuer: middle, hosts: [name] });
  const direct = issueCertificate({ name, issuer: stranger, hosts: [name] });

  test.each([
    ["the whole chain of a private CA", leaf.cert + middle.cert, "ok", /only clients that trust that CA/],
    ["a leaf of an unknown CA alone", direct.cert, "warning", /the CA that issued it is not known here/],
  ])("%s", async (_, cert, status, said) => {
    const { checks } = await doctor(own({ cert, key: leaf.key }));
    const found = checks.filter((check) => check.name === "certificate" && said.test(check.message));
    expect(found.map((check) => check.status)).toEqual([status]);
  });

  test("with its own certificate on every listener no CA is asked for, and each target is named once", async () => {
    const { checks } = await doctor([...own(whole({})), "--host", name, "--host", "*.contoso.test"]);
    expect(checks.filter((check) => check.name.startsWith("ca"))).toEqual([
      { name: "ca", status: "ok", message: "no listener shows a certificate of the inspection CA", remedy: "" },
    ]);
    expect(checks.filter((check) => check.name === "target")).toHaveLength(1);
  });

  test.each([
    ["named by --host", ["--host", "mail.public.test"]],
    ["named by a pattern", ["--host", "*.public.test"]],
  ])("a public name that is not the target's, %s", async (_, named) => {
    const shown = whole({ hosts: ["mail.public.test", "*.public.test"] });
    const { checks } = await doctor([...own(shown), ...named, "--connect-to", "mail.public.test:443=127.0.0.1:1"]);
    expect(checks.filter((check) => check.name === "certificate")).toMatchObject([{ status: "ok" }]);
  });

  test("an intermediate before the leaf is told from a wrong key", async () => {
    const shown = { cert: intermediate.cert + strong.cert, key: strong.key };
    const { code, stderr } = await runCli(["doctor", "--reverse", `0=https://${name}`, ...own(shown)], { folder });
    expect(code).toBe(2);
    expect(stderr).toContain("belongs to the first certificate of the file");
  });

  test.each([
    ["with its chain", true, "ok"],
    ["without it", false, "failed"],
  ])("a PFX file %s", async (_, hasChain, status) => {
    const pem = file("leaf.pem", strong.cert);
    const key = file("leaf.key", strong.key);
    const chain = hasChain ? ["-certfile", file("chain.pem", root.cert + intermediate.cert)] : [];
    const pfx = join(folder, `own-${status}.pfx`);
    await run("openssl", [
      "pkcs12",
      "-export",
      "-in",
      pem,
      "-inkey",
      key,
      ...chain,
      "-out",
      pfx,
      "-passout",
      "pass:open",
    ]);
    const { checks, code } = await doctor(["--pfx", pfx]);
    expect(checks.filter((check) => check.name === "certificate")).toMatchObject([{ status }]);
    expect(code).toBe(hasChain ? 0 : 1);
  });
});

describe("the start of watch", () => {
  async function start(options: readonly string[]): Promise<string> {
    const { code, stdout } = await runCli(
      ["watch", "--reverse", `0=https://${name}`, "--for", "0.3", "--plain", ...options],
      {
        environment: { REALMSCOPE_HOME: join(folder, "watching") },
        folder,
      },
    );
    expect(code).not.toBe(70);
    return stdout;
  }

  test("says what every client of the public name will see, and goes on", async () => {
    const stdout = await start(own(alone(whole({ ends: -1 }), intermediate.cert)));
    expect(stdout).toMatch(
      /WARNING: reverse listener: the certificate expired on .*: clients refuse it\. What to do: renew/,
    );
    expect(stdout).not.toMatch(/inspection CA/);
  });

  test("says nothing of a sound one, and makes no CA", async () => {
    const stdout = await start([...own(whole({})), "--upstream-ca", file("root.pem", root.cert)]);
    expect(stdout).toMatch(/^ready reverse /m);
    expect(stdout).not.toMatch(/WARNING: reverse listener|inspection CA/);
  });
});
