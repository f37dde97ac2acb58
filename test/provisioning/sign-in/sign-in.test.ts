// Every kind of sign-in, against a token issuer and a Graph that check the token; over https and through a proxy.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { tenant } from "../../../src/lab/names.ts";
import { fetchAzToken } from "../../../src/provisioning/sign-in/az.ts";
import { fetchClientCredentialsToken } from "../../../src/provisioning/sign-in/client-credentials.ts";
import { fetchDeviceCodeToken } from "../../../src/provisioning/sign-in/device-code.ts";
import { labAnswers } from "../../support/provisioning-answers.ts";
import { type LabWish, type ProvisioningLab, startProvisioningLab, testClock } from "../../support/provisioning-lab.ts";
import { buildTestCertificate } from "../../support/proxy-certificates.ts";
import { type CliResult, runCli } from "../../support/run-cli.ts";

const client = "11111111-1111-1111-1111-111111111111";

async function startLogin(wish: LabWish["cloud"] = {}) {
  const lab = await startProvisioningLab({ cloud: wish });
  const learned: string[] = [];
  const base = {
    login: lab.cloud.loginUrl,
    graph: lab.cloud.graphUrl,
    tenant,
    fetch,
    hide: (text: string) => text,
    learn: (secret: string) => void learned.push(secret),
    clientId: client,
    now: Date.now,
  };
  const isTaken = async (token: string): Promise<boolean> => {
    const answer = await fetch(`${lab.cloud.graphUrl}/v1.0/servicePrincipals`, {
      headers: { Authorization: `Bearer ${token}` },
    });
    return answer.status === 200;
  };
  return { lab, base, learned, isTaken };
}

test("client credentials by secret: Graph accepts the token, and the secret filter learns the secret", async () => {
  const { base, learned, isTaken } = await startLogin({ clients: new Map([[client, { secret: "s3cret" }]]) });
  const token = await fetchClientCredentialsToken({ ...base, proof: { kind: "secret", secret: "s3cret" } });
  expect(await isTaken(token)).toBe(true);
  expect(learned).toContain("s3cret");
  const wrong = fetchClientCredentialsToken({ ...base, proof: { kind: "secret", secret: "wrong" } });
  await expect(wrong).rejects.toMatchObject({
    reason: { code: "graph-unauthorized", message: expect.stringContaining("invalid_client") },
  });
});

test("client credentials by certificate: an assertion that the issuer verifies; another key is refused", async () => {
  const [own, other] = [1, 2].map(() => buildTestCertificate({ hosts: ["client"], isSelfSigned: true }));
  const { base, isTaken } = await startLogin({ clients: new Map([[client, { certificatePem: own?.cert ?? "" }]]) });
  const token = await fetchClientCredentialsToken({
    ...base,
    proof: { kind: "certificate", pem: `${own?.cert}${own?.key}` },
  });
  expect(await isTaken(token)).toBe(true);
  // The same key under a certificate that the issuer does not know: the name of the key in the header tells.
  const refused = fetchClientCredentialsToken({
    ...base,
    proof: { kind: "certificate", pem: `${other?.cert}${other?.key}` },
  });
  await expect(refused).rejects.toMatchObject({ reason: { code: "graph-unauthorized" } });
  await expect(
    fetchClientCredentialsToken({ ...base, proof: { kind: "certificate", pem: "nonsense" } }),
  ).rejects.toThrow("client certificate");
});

test("a device code: shown, polled, slowed down on request, and accepted", async () => {
  const { base, learned, isTaken } = await startLogin({
    deviceStates: ["authorization_pending", "slow_down", "authorization_pending", "ok"],
  });
  const clock = testClock();
  const shown: string[] = [];
  const token = await fetchDeviceCodeToken({ ...base, ...clock, show: ({ code }) => void shown.push(code) });
  expect(await isTaken(token)).toBe(true);
  expect(shown).toEqual(["LAB-4711"]);
  expect(clock.waited).toEqual([1000, 1000, 6000, 6000]);
  expect(learned.some((secret) => secret.startsWith("dc-"))).toBe(true);
});

test.each(["authorization_declined", "expired_token"] as const)(
  "a device code that ends in %s is a named stop",
  async (state) => {
    const { base } = await startLogin({ deviceStates: ["authorization_pending", state] });
    const ended = fetchDeviceCodeToken({ ...base, ...testClock(), show: () => undefined });
    await expect(ended).rejects.toMatchObject({
      reason: { code: "graph-unauthorized", message: expect.stringContaining(state) },
    });
  },
);

test("nobody signs in before the code expires: polling stops", async () => {
  const { base } = await startLogin({ deviceStates: ["authorization_pending"] });
  const ended = fetchDeviceCodeToken({ ...base, ...testClock(), show: () => undefined });
  await expect(ended).rejects.toMatchObject({ reason: { message: expect.stringContaining("expired_token") } });
}, 60_000);

test("a tenant that the issuer does not know is a named stop", async () => {
  const { base } = await startLogin();
  const wrong = {
    ...base,
    tenant: "00000000-0000-0000-0000-000000000000",
    proof: { kind: "secret", secret: "x" } as const,
  };
  await expect(fetchClientCredentialsToken(wrong)).rejects.toMatchObject({
    reason: { message: expect.stringContaining("AADSTS90002") },
  });
});

/** A program in the place of `az`, as a file that can be run. */
function programThat(body: string): string {
  const folder = mkdtempSync(join(tmpdir(), "realmscope-az-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "az");
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o700);
  return path;
}

test.skipIf(process.platform === "win32")(
  "az: its arguments are data, its token is read, its failures are named",
  async () => {
    const program = programThat(`printf '{"accessToken":"%s","args":"x"}' "$*"`);
    expect(await fetchAzToken({ tenant: "t; rm -rf /", graph: "https://graph.example", program })).toBe(
      "account get-access-token --resource https://graph.example --tenant t; rm -rf / -o json",
    );
    for (const [body, message] of [
      ["exit 1", /not signed in/],
      ["echo nonsense", /holds no token/],
    ] as const) {
      await expect(fetchAzToken({ tenant, graph: "g", program: programThat(body) })).rejects.toMatchObject({
        reason: { message: expect.stringMatching(message) },
      });
    }
    await expect(fetchAzToken({ tenant, graph: "g", program: "/nowhere/az" })).rejects.toMatchObject({
      reason: { message: expect.stringMatching(/not installed/) },
    });
  },
);

function plan(lab: ProvisioningLab, environment: Readonly<Record<string, string>>): Promise<CliResult> {
  return runCli(["provision", "plan", ...labAnswers(lab)], {
    environment: { REALMSCOPE_HOME: lab.folder, ...environment },
    limitMs: 60_000,
  });
}

test("over https with a custom root, and through HTTPS_PROXY", async () => {
  const { cert, key, rootPem } = buildTestCertificate({ hosts: ["127.0.0.1"] });
  const lab = await startProvisioningLab({ cloud: { tls: { cert, key } } });
  const root = join(lab.folder, "root.pem");
  writeFileSync(root, rootPem);
  const tunnels: string[] = [];
  const proxy = createServer();
  proxy.on("connect", (request, socket) => {
    tunnels.push(request.url ?? "");
    const [host, port] = (request.url ?? "").split(":");
    const target = connect(Number(port), host, () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      socket.pipe(target).pipe(socket);
    });
    target.on("error", () => socket.destroy());
    socket.on("error", () => target.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void proxy.close());
  const environment = { REALMSCOPE_GRAPH_TOKEN: await lab.cloud.token(), NODE_EXTRA_CA_CERTS: root };
  const straight = await plan(lab, environment);
  expect(straight.code, straight.stderr + straight.stdout).toBe(2);
  expect(tunnels).toEqual([]);
  const proxied = await plan(lab, {
    ...environment,
    HTTPS_PROXY: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
  });
  expect(proxied.code, proxied.stderr + proxied.stdout).toBe(2);
  expect(tunnels).toContain(new URL(lab.cloud.graphUrl).host);
  // Without the root nothing is sent.
  const untrusted = await plan(lab, { REALMSCOPE_GRAPH_TOKEN: await lab.cloud.token() });
  expect(untrusted.code).toBe(5);
  expect(untrusted.stdout).toMatch(/not trusted here .*NODE_EXTRA_CA_CERTS/s);
}, 120_000);

test("a token on standard input, and no token at all", async () => {
  const lab = await startProvisioningLab();
  const answers = labAnswers(lab);
  const options = { environment: { REALMSCOPE_HOME: lab.folder }, limitMs: 60_000 };
  const typed = await runCli(["provision", "plan", ...answers, "--sign-in", "stdin"], {
    ...options,
    input: `${await lab.cloud.token()}\n`,
  });
  expect(typed.code, typed.stderr).toBe(2);
  const none = await runCli(["provision", "plan", ...answers], options);
  expect(none.code).toBe(5);
  expect(none.stderr).toMatch(/There is no token for Microsoft Graph\. Set REALMSCOPE_GRAPH_TOKEN/);
}, 60_000);
