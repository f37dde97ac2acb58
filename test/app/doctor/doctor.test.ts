// `doctor` against real servers on loopback, the lab's among them.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { RequestListener } from "node:http";
import { createSecureServer } from "node:http2";
import { createServer as createHttpsServer } from "node:https";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { startLab } from "../../../src/lab/start-lab.ts";
import { createAuthority } from "../../../src/proxy/certificates/certificate-authority.ts";
import { buildTestCertificate } from "../../support/proxy-certificates.ts";
import { lastJson, runCli } from "../../support/run-cli.ts";
import { issueCertificate } from "../../support/test-pki.ts";

interface Shown {
  readonly name: string;
  readonly status: string;
  readonly message: string;
  readonly remedy: string;
}

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "realmscope-doctor-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function doctor(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const result = await runCli(["doctor", "--json", ...args], {
    environment: { REALMSCOPE_HOME: join(folder, "home"), ...environment },
    folder,
  });
  const { schema, checks } = lastJson(result.stdout) as unknown as { schema: string; checks: readonly Shown[] };
  expect(schema).toBe("realmscope.doctor/1");
  return { code: result.code, of: (name: string) => checks.filter((check) => check.name === name) };
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** An HTTPS server for `origin.test`, and the options with which it is reached. */
async function startOrigin(serve: RequestListener, certificate = buildTestCertificate({ hosts: ["origin.test"] })) {
  const server = createHttpsServer({ key: certificate.key, cert: certificate.cert }, serve);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  const root = file(`root-${port}.pem`, certificate.rootPem);
  return { certificate, route: ["--connect-to", `origin.test:443=127.0.0.1:${port}`, "--upstream-ca", root] };
}

const challenging: RequestListener = (_, response) => {
  response.writeHead(401, { "WWW-Authenticate": ["Bearer", "Negotiate", "NTLM"] }).end();
};

test("in front of the lab all is well but what there is to say about log-ons and the CA", async () => {
  const lab = await startLab({ scenario: "trust-works" });
  onTestFinished(() => lab.stop());
  const { name, port } = lab.exchange;
  const root = file("lab.pem", lab.certificatePem);
  const { code, of } = await doctor([
    ...["--forward", "0", "--reverse", `0=https://${name}`, "--upstream-ca", root],
    ...["--connect-to", `${name}:443=127.0.0.1:${port}`],
  ]);
  expect(code).toBe(0);
  expect(of("port").map(({ status }) => status)).toEqual(["ok", "ok"]);
  // The lab makes certificates for a week.
  expect(of("target")).toMatchObject([
    { status: "warning", message: expect.stringContaining(`${name}:443 proves itself`) },
  ]);
  expect(of("clock")).toMatchObject([{ status: "ok" }]);
  expect(of("ca")).toMatchObject([{ status: "warning", message: "there is no kept inspection CA" }]);
});

test("a taken port fails, with what to do", async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    taken.close();
  });
  const { port } = taken.address() as AddressInfo;
  const { code, of } = await doctor(["--forward", String(port)]);
  expect(code).toBe(1);
  expect(of("port")).toMatchObject([{ status: "failed", remedy: "Choose another port, or 0 for any free one." }]);
});

test("Extended Protection: a leaf is warned of, the server's own certificate is well", async () => {
  const { certificate, route } = await startOrigin(challenging);
  const reverse = ["--reverse", "0=https://origin.test", ...route];
  const withLeaf = await doctor(reverse);
  expect(withLeaf.code).toBe(0);
  expect(withLeaf.of("extended-protection")).toMatchObject([
    { status: "warning", remedy: expect.stringContaining("--pfx") },
  ]);
  const own = ["--cert", file("own.pem", certificate.cert), "--key", file("own.key", certificate.key)];
  expect((await doctor([...reverse, ...own])).of("extended-protection")).toMatchObject([{ status: "ok" }]);
  const other = buildTestCertificate({ hosts: ["origin.test"], days: 31 });
  const foreign = ["--cert", file("other.pem", other.cert), "--key", file("other.key", other.key)];
  expect((await doctor([...reverse, ...foreign])).of("extended-protection")).toMatchObject([
    { status: "warning", message: expect.stringContaining("another certificate than the server's") },
  ]);
});

test.each([
  ["expired", { days: -1 }, "has expired"],
  ["self-signed", { isSelfSigned: true }, "is self-signed"],
  ["for another name", { hosts: ["other.test"] }, "is for another name"],
])("a target whose certificate is %s fails with the reason", async (_, wrong, reason) => {
  const { route } = await startOrigin(challenging, buildTestCertificate({ hosts: ["origin.test"], ...wrong }));
  const { code, of } = await doctor(["--host", "origin.test", ...route]);
  expect(code).toBe(1);
  expect(of("target")).toMatchObject([{ status: "failed", message: expect.stringContaining(reason) }]);
});

test("a target that is not there fails, with what to check", async () => {
  const { code, of } = await doctor(["--host", "origin.test", "--connect-to", "origin.test:443=127.0.0.1:1"]);
  expect(code).toBe(1);
  expect(of("target")).toMatchObject([
    {
      status: "failed",
      message: "origin.test:443 cannot be reached: the target refused the connection (ECONNREFUSED)",
    },
  ]);
});

test("a certificate that ends soon is warned of", async () => {
  const { route } = await startOrigin(challenging, buildTestCertificate({ hosts: ["origin.test"], days: 5 }));
  const { code, of } = await doctor(["--host", "origin.test", ...route]);
  expect(code).toBe(0);
  expect(of("target")).toMatchObject([{ status: "warning", remedy: "renew that server's certificate" }]);
});

test.each([
  [600, "failed", 1],
  [-600, "failed", 1],
  [120, "warning", 0],
])("a clock that is %i seconds off: %s", async (seconds, status, exit) => {
  const { route } = await startOrigin((_, response) => {
    response.writeHead(200, { Date: new Date(Date.now() + seconds * 1000).toUTCString() }).end();
  });
  const { code, of } = await doctor(["--host", "origin.test", ...route]);
  expect(of("clock")).toMatchObject([{ status }]);
  expect(code).toBe(exit);
});

test("a kept CA is compared with the hosts and with what is trusted, and leftovers are named with their removal", async () => {
  const home = { REALMSCOPE_HOME: join(folder, "with-ca") };
  expect((await runCli(["ca", "create", "--host", "origin.test"], { environment: home })).code).toBe(0);
  const pem = join(folder, "kept.pem");
  expect((await runCli(["ca", "export", "-o", pem], { environment: home })).code).toBe(0);
  const { route } = await startOrigin(challenging);
  const covered = await doctor(["--host", "origin.test", ...route], { ...home, NODE_EXTRA_CA_CERTS: pem });
  expect(covered.of("ca")).toMatchObject([{ status: "ok", message: expect.stringContaining("expires in 29 days") }]);
  expect(covered.of("ca-trust")).toMatchObject([{ status: "ok" }]);
  const old = file("old.pem", (await createAuthority({ hosts: ["origin.test"] })).certificatePem);
  const uncovered = await doctor(["--host", "*.elsewhere.test"], { ...home, NODE_EXTRA_CA_CERTS: old });
  expect(uncovered.of("ca")).toMatchObject([
    { status: "warning", message: "the inspection CA does not cover *.elsewhere.test" },
  ]);
  expect(uncovered.of("ca-trust")).toMatchObject([
    { status: "warning", message: "this machine does not trust the inspection CA" },
    { status: "warning", remedy: expect.stringMatching(/certutil -delstore Root [0-9A-F]{40}/) },
  ]);
});

test("lines for a person name the check, and say below what to do", async () => {
  const { stdout, code } = await runCli(["doctor", "--forward", "0"], {
    environment: { REALMSCOPE_HOME: join(folder, "home") },
    folder,
  });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^ok {7}port: 127\.0\.0\.1:0 is free$/m);
  expect(stdout).toMatch(/^warning {2}ca: there is no kept inspection CA\n {9}watch makes one for its run/m);
});

describe("a target that watch cannot read is named with what helps", () => {
  const house = issueCertificate({ name: "House Root", isCa: true });
  const between = issueCertificate({ name: "House Machines", issuer: house, isCa: true });
  const leaf = issueCertificate({ name: "origin.test", issuer: house, hosts: ["origin.test"] });
  const under = issueCertificate({ name: "origin.test", issuer: between, hosts: ["origin.test"] });
  const late = issueCertificate({ name: "origin.test", issuer: house, hosts: ["origin.test"], ends: -1 });
  const other = issueCertificate({ name: "origin.test", issuer: house, hosts: ["other.test"] });
  const served = { key: leaf.key, cert: leaf.cert };
  const asking = { ...served, requestCert: true, ca: [house.cert] };

  async function judged(server: Server): Promise<Shown[]> {
    await new Promise<void>((resolve) => server.on("error", () => undefined).listen(0, "127.0.0.1", resolve));
    onTestFinished(() => {
      server.close();
    });
    const { port } = server.address() as AddressInfo;
    const { of } = await doctor([
      ...["--host", "origin.test", "--connect-to", `origin.test:443=127.0.0.1:${port}`],
      ...["--upstream-ca", file("house.pem", house.cert)],
    ]);
    return of("target");
  }

  const serve: RequestListener = (_, response) => response.end("hello");
  const isOut = "leave it out of --host";

  test.each<[string, () => Server, RegExp, string]>([
    ["an expired certificate", () => createHttpsServer({ ...served, cert: late.cert }, serve), /has expired/, "renew"],
    [
      "another name",
      () => createHttpsServer({ ...served, cert: other.cert }, serve),
      /for another name/,
      "--connect-to",
    ],
    [
      "no intermediate",
      () => createHttpsServer({ ...served, cert: under.cert }, serve),
      /intermediate/,
      "on that server",
    ],
    ["HTTP/2 alone", () => createSecureServer(served), /HTTP\/2 only/, isOut],
    [
      "a client certificate in TLS 1.2",
      () => createHttpsServer({ ...asking, maxVersion: "TLSv1.2" }, serve),
      /client certificate/,
      isOut,
    ],
    [
      "a client certificate in TLS 1.3",
      () => createHttpsServer({ ...asking, minVersion: "TLSv1.3" }, serve),
      /requires a TLS client certificate/,
      isOut,
    ],
  ])("%s", async (_, start, message, remedy) => {
    const found = await judged(start());
    expect(found.at(-1)).toMatchObject({ status: "failed", message: expect.stringMatching(message) });
    expect(found.at(-1)?.remedy).toContain(remedy);
    if (!/intermediate/.test(String(message))) expect(found.at(-1)?.remedy).not.toContain("--upstream-ca");
  });

  test("a client certificate that is only offered is nothing to report", async () => {
    const found = await judged(createHttpsServer({ ...asking, rejectUnauthorized: false }, serve));
    expect(found).toMatchObject([{ status: "ok" }]);
  });
});
