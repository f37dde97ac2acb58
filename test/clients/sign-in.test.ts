// What signs in for a connection and not for a request: a client certificate of TLS, and NTLM.
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { runCli } from "../support/run-cli.ts";
import { someClients } from "./all-clients.ts";
import { curlWithNtlm } from "./command-line-clients.ts";
import { type Origins, originName, plan, startOrigins } from "./origins.ts";
import { startScenario } from "./scenario.ts";

let origins: Origins;
const withNtlm = await curlWithNtlm();
beforeAll(async () => {
  origins = await startOrigins();
});
afterAll(() => origins.stop());

/** A server that asks for a client certificate and takes none of another CA; its port. */
async function startMutual(maxVersion: "TLSv1.2" | "TLSv1.3"): Promise<number> {
  const { key, cert, rootPem } = origins.certificate;
  const options = { key, cert, ca: rootPem, requestCert: true, rejectUnauthorized: true, maxVersion };
  const server = createServer(options, (_, response) => void response.end("never"));
  server.on("tlsClientError", (_, socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

const callers = await someClients(["curl"], [".NET HttpClient", "Java HttpClient, HTTP/1.1"]);
const cases = callers.flatMap((client) =>
  (["TLSv1.2", "TLSv1.3"] as const).map((version) => ({ client, name: client.name, version })),
);

test.for(cases)(
  "a target that asks for a client certificate ($version) is named when $name calls it",
  async ({ client, version }, { skip }) => {
    skip(client.version === null, client.missing);
    const port = await startMutual(version);
    const args = ["--connect-to", `${originName}:${port}=127.0.0.1:${port}`];
    const scenario = await startScenario(origins, { inScope: [port], args });
    const way = { base: `https://${originName}:${port}`, trust: scenario.trustBoth };
    const call = plan.slice(0, 1);
    const direct = await client.run({ ...way, proxy: null }, call);
    expect(direct.answers).toMatchObject([{ error: expect.any(String) }]);
    await client.run({ ...way, proxy: scenario.watch.forward }, call);
    const { records, findings } = await scenario.end();
    expect(records("tls-rejected")).toMatchObject([{ side: "upstream", cause: "client-certificate-wanted", port }]);
    const found = findings.find(({ code }) => code === "UPSTREAM_TLS_FAILED");
    expect(found?.message).toMatch(/client certificate/);
    expect(found?.message).toContain(String(port));
    expect(found?.remedy).toMatch(/--host/);
  },
);

test.skipIf(withNtlm.version === null)(
  "curl signs in with NTLM as directly, and its later requests are not shown as anonymous",
  async () => {
    const [port] = origins.ports.http1;
    const scenario = await startScenario(origins, { inScope: [port] });
    const base = `https://${originName}:${port}`;
    const calls = [1, 2, 3].map((number) => ({ name: `${number}`, method: "GET" as const, path: "/ntlm", bytes: 0 }));
    const direct = await withNtlm.run({ base, proxy: null, trust: scenario.files.origin }, calls);
    const through = await withNtlm.run({ base, proxy: scenario.watch.forward, trust: scenario.trust }, calls);
    expect(direct.answers).toMatchObject([{ status: 200 }, { status: 200 }, { status: 200 }]);
    expect(through.answers).toEqual(direct.answers);
    const { records } = await scenario.end();
    const signedIn = records("entry").filter((record) => JSON.stringify(record).includes('"status":200'));
    expect(signedIn).toHaveLength(3);
    const { stdout } = await runCli(["replay", scenario.journal, "--filter", "status=200"]);
    const lines = stdout.split("\n").filter((line) => line.includes("/ntlm"));
    expect(lines).toHaveLength(3);
    for (const line of lines) expect(line).not.toMatch(/\banon\b/);
  },
);
