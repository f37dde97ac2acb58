// `provision --profile hybrid-app`: the built program against Exchange's shell process and Graph's server.
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readDirectory } from "../../src/lab/exchange-shell/directory-state.ts";
import { changeLab, labCertificate, labServers } from "../../src/lab/exchange-shell/lab-directory.ts";
import { authCertificate } from "../support/auth-certificate.ts";
import { changeObjects, changePrincipal, hybridAppId, startHybridLab } from "../support/hybrid-lab.ts";
import { labPlace, makeHome } from "../support/provisioning-answers.ts";
import { appIds, type LabWish, type ProvisioningLab, storedKey } from "../support/provisioning-lab.ts";
import { buildTestCertificate } from "../support/proxy-certificates.ts";
import { type CliResult, runCli } from "../support/run-cli.ts";

interface Desk {
  readonly lab: ProvisioningLab;
  readonly home: string;
  run(...words: readonly string[]): Promise<CliResult>;
}

async function openDesk(wish: LabWish = {}): Promise<Desk> {
  const lab = await startHybridLab(wish);
  const home = makeHome();
  const environment = { REALMSCOPE_HOME: home, REALMSCOPE_GRAPH_TOKEN: await lab.cloud.token() };
  const profile = [...labPlace(lab), "--profile", "hybrid-app"];
  return {
    lab,
    home,
    run: (...words) =>
      runCli(["provision", ...words, ...profile], { environment, folder: lab.folder, limitMs: 120_000 }),
  };
}

/** One answer of Exchange, as a browser saves it (HAR 1.2). */
function har(folder: string, headers: Readonly<Record<string, string>>): string {
  const list = Object.entries(headers).map(([name, value]) => ({ name, value }));
  const entry = {
    startedDateTime: "2026-11-24T10:00:00.000Z",
    time: 5,
    request: {
      method: "GET",
      url: "https://mail.contoso.example/owa/",
      httpVersion: "HTTP/1.1",
      headers: [{ name: "Host", value: "mail.contoso.example" }],
      queryString: [],
      cookies: [],
      headersSize: -1,
      bodySize: 0,
    },
    response: {
      status: 302,
      statusText: "Found",
      httpVersion: "HTTP/1.1",
      headers: list,
      cookies: [],
      content: { size: 0, mimeType: "" },
      redirectURL: "",
      headersSize: -1,
      bodySize: 0,
    },
    cache: {},
    timings: { send: 1, wait: 3, receive: 1 },
  };
  const path = join(folder, "answer.har");
  writeFileSync(
    path,
    JSON.stringify({ log: { version: "1.2", creator: { name: "test", version: "1" }, entries: [entry] } }),
  );
  return path;
}

test("over TLS, with the certificate authority of NODE_EXTRA_CA_CERTS", async () => {
  const { cert, key, rootPem } = buildTestCertificate({ hosts: ["127.0.0.1"] });
  const lab = await startHybridLab({ cloud: { tls: { cert, key } } });
  const root = join(lab.folder, "root.pem");
  writeFileSync(root, rootPem);
  const token = await lab.cloud.token();
  const environment = { REALMSCOPE_HOME: makeHome(), REALMSCOPE_GRAPH_TOKEN: token };
  const words = ["provision", "verify", "--profile", "hybrid-app", ...labPlace(lab)];
  const trusted = { ...environment, NODE_EXTRA_CA_CERTS: root };
  const { code, stdout } = await runCli(words, { environment: trusted, folder: lab.folder, limitMs: 120_000 });
  expect(code, stdout).toBe(0);
  const distrusted = await runCli(words, { environment, folder: lab.folder, limitMs: 120_000 });
  expect(distrusted.code).toBe(4);
  expect(distrusted.stdout).toMatch(/^cannot tell {2}keys of the application object\n.*not trusted here/m);
}, 120_000);

test("verify prints one line a gate and exits 0; the guide does not count; no run folder is made", async () => {
  const desk = await openDesk();
  const { code, stdout, stderr } = await desk.run("verify");
  expect(code, stdout + stderr).toBe(0);
  expect(stdout).toMatch(/^Dedicated hybrid application, tenant /);
  expect(stdout.match(/^ok {11}\S/gm)).toHaveLength(15);
  expect(stdout).toMatch(/^cannot tell {2}EWS gate of Exchange Online \(does not count\)$/m);
  expect(stdout).toContain("Get-OrganizationConfig -RetrieveEwsOperationAccessPolicy");
  expect(stdout).toMatch(/^Verified: ok$/m);
  expect(existsSync(join(desk.home, "provisioning")) ? readdirSync(join(desk.home, "provisioning")) : []).toEqual([]);
  for (const { cmdlet } of readDirectory(desk.lab.directory).calls) expect(cmdlet).toMatch(/^Get-/);
  for (const { method } of desk.lab.cloud.requests) expect(method).toBe("GET");
});

test("without a verb and with --json: the same table, exit 1 with the command that mends it", async () => {
  const desk = await openDesk();
  changePrincipal(desk.lab, appIds.exchange, { keyCredentials: [storedKey(desk.lab.certificate)] });
  const { code, stdout } = await desk.run("--json");
  expect(code).toBe(1);
  const table = JSON.parse(stdout);
  expect(table).toMatchObject({ schema: "realmscope.gates/1", profile: "hybrid-app", verdict: "failed", exitCode: 1 });
  const shared = table.gates.find((gate: { readonly id: string }) => gate.id === "shared-principal-keys");
  expect(shared).toMatchObject({
    state: "wrong",
    isGuide: false,
    command: ".\\ConfigureExchangeHybridApplication.ps1 -ResetFirstPartyServicePrincipalKeyCredentials",
    evidence: expect.arrayContaining([expect.stringMatching(/Exchange's current certificate/)]),
  });
  // The private bytes are nowhere; the public ones are not needed in the table either.
  expect(stdout).not.toContain(desk.lab.certificate.toString("base64").slice(0, 60));
});

test("a gate that cannot be told: exit 4; captured traffic shows the build of the other server", async () => {
  const desk = await openDesk({ directory: { servers: labServers } });
  const alone = await desk.run("verify");
  expect(alone.code).toBe(4);
  expect(alone.stdout).toMatch(/^cannot tell {2}builds that can use the dedicated application$/m);
  expect(alone.stdout).toMatch(/look: Invoke-Command -ComputerName ex2 /i);
  const traffic = har(desk.lab.folder, { "X-OWA-Version": "15.2.2562.53", "X-FEServer": "EX2" });
  const seen = await desk.run("verify", "--traffic", traffic);
  expect(seen.code, seen.stdout).toBe(0);
  expect(seen.stdout).toMatch(/ex2: 15\.2\.2562\.53 \(Exchange Server SE RTM\), by X-OWA-Version/i);
  const relayed = har(desk.lab.folder, { "X-OWA-Version": "15.2.2562.53", "X-FEServer": "EX1", "X-BEServer": "EX2" });
  expect((await desk.run("verify", "--traffic", relayed)).code).toBe(4);
  const old = har(desk.lab.folder, { "X-OWA-Version": "15.1.2507.44", "X-FEServer": "EX2" });
  expect((await desk.run("verify", "--traffic", old)).code).toBe(1);
});

test.each([["plan"], ["apply", "--yes"], ["plan", "--out", "plan.json"]])(
  "%s is refused in one line that names Microsoft's script; nothing is started",
  async (...words) => {
    const desk = await openDesk();
    const { code, stdout, stderr } = await desk.run(...words);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
    expect(stderr).toContain("ConfigureExchangeHybridApplication.ps1 -FullyConfigureExchangeHybridApplication");
    expect(stderr).toContain("provision verify --profile hybrid-app");
    expect(readDirectory(desk.lab.directory).calls).toEqual([]);
    expect(desk.lab.cloud.requests).toEqual([]);
  },
);

test("domain and domain controller are not needed; a shell that cannot be used ends with 5", async () => {
  const lab = await startHybridLab();
  const environment = { REALMSCOPE_HOME: makeHome(), REALMSCOPE_GRAPH_TOKEN: await lab.cloud.token() };
  const place = labPlace(lab).slice(4);
  const words = ["provision", "verify", "--profile", "hybrid-app", ...place];
  const bare = await runCli(words, { environment, folder: lab.folder, limitMs: 120_000 });
  expect(bare.code, bare.stdout + bare.stderr).toBe(0);
  changeLab(lab.directory, (state) => ({ ...state, manner: { ...state.manner, languageMode: "ConstrainedLanguage" } }));
  expect((await runCli(words, { environment, folder: lab.folder, limitMs: 120_000 })).code).toBe(5);
});

test("the day on which rotation breaks the calls stands below the table", async () => {
  const next = authCertificate();
  const stored = labCertificate(next);
  const desk = await openDesk();
  changeLab(desk.lab.directory, (state) => ({
    ...state,
    certificates: [...state.certificates, stored],
    authConfig: { ...state.authConfig, next: stored.thumbprint, nextEffective: "2031-01-01T00:00:00.000Z" },
  }));
  const { code, stdout } = await desk.run("verify");
  expect(code).toBe(1);
  expect(stdout).toMatch(
    /^certificate {2}.*does not have the next certificate .* breaks on 2031-01-01T00:00:00\.000Z\.$/m,
  );
});

test("hostile text of the organisation reaches the terminal escaped", async () => {
  const desk = await openDesk();
  changeObjects(desk.lab, "connector", {}, { Name: "a\u001b[2Jb\u202e" });
  const { stdout } = await desk.run("verify");
  expect(stdout).toContain("a\\x1b[2Jb\\u202e");
  expect(stdout).not.toContain("\u001b");
});

test("the profile of the configuration file counts as the flag does", async () => {
  const lab = await startHybridLab();
  const config = join(lab.folder, "realmscope.config.json");
  writeFileSync(config, JSON.stringify({ provisioning: { profile: "hybrid-app" } }));
  const environment = { REALMSCOPE_HOME: makeHome(), REALMSCOPE_GRAPH_TOKEN: await lab.cloud.token() };
  const words = (verb: string): readonly string[] => ["provision", verb, ...labPlace(lab), "--config", config];
  expect((await runCli(words("apply"), { environment, folder: lab.folder })).stderr).toContain(
    "hybrid-app is only checked",
  );
  const { stdout } = await runCli(words("verify"), { environment, folder: lab.folder, limitMs: 120_000 });
  expect(stdout).toContain(hybridAppId);
});
