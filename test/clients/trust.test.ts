// Several programs at one address, some of which trust the inspection CA: each is read or named, and none is cut off for long.
import { afterAll, beforeAll, expect, test } from "vitest";
import { someClients } from "./all-clients.ts";
import { type Client, runProgram } from "./client.ts";
import { type Origins, originName, startOrigins } from "./origins.ts";
import { callTimes, expectServed, type Scenario, startScenario } from "./scenario.ts";

let origins: Origins;
beforeAll(async () => {
  origins = await startOrigins();
});
afterAll(() => origins.stop());

const [curl, openssl, dotnet] = (await someClients(["curl", "openssl s_client", ".NET HttpClient"])) as [
  Client,
  Client,
  Client,
];

function wayOf(scenario: Scenario, trust: string) {
  return { base: `https://${originName}:${origins.ports.http1[0]}`, proxy: scenario.watch.forward, trust };
}

/** Finishes the handshake, sends nothing and closes in the orderly way. */
async function connectSilently(args: readonly string[], trust: string): Promise<void> {
  const all = ["s_client", ...args, "-servername", originName, "-CAfile", trust, "-verify_return_error"];
  const { exitCode, stdout } = await runProgram({ program: "openssl", args: all });
  expect(exitCode).toBe(0);
  expect(stdout.toString()).toContain("Verify return code: 0 (ok)");
}

const canTrust = curl.version !== null && openssl.version !== null;
const versions = ["-tls1_3", "-tls1_2"];

test.skipIf(!canTrust).each(versions)(
  "twenty silent connections of a trusting openssl (%s) do not end watching",
  async (version) => {
    const [port] = origins.ports.http1;
    const scenario = await startScenario(origins, { inScope: [port] });
    const args = ["-proxy", `127.0.0.1:${scenario.watch.forward}`, "-connect", `${originName}:${port}`, version];
    for (let time = 0; time < 20; time += 1) await connectSilently(args, scenario.trustBoth);
    expect(await callTimes(2, curl, wayOf(scenario, scenario.trust))).toEqual([200, 200]);
    const { records, findings } = await scenario.end();
    expect(records("tunnel")).toEqual([]);
    expect(records("tls-rejected")).toEqual([]);
    expect(findings.filter(({ code }) => code.startsWith("CLIENT_"))).toEqual([]);
    expect(records("probes")).toMatchObject([{ client: "127.0.0.1", host: originName, connects: 0, handshakes: 20 }]);
    expect(records("entry")).toHaveLength(2);
  },
);

test.skipIf(!canTrust)(
  "silent connections to a listener with the server's own certificate say nothing of the inspection CA",
  async () => {
    const [port] = origins.ports.http1;
    const scenario = await startScenario(origins, { inScope: [port], reverses: [port], hasOwnCertificate: true });
    const args = ["-connect", `127.0.0.1:${scenario.watch.reverses[0]}`];
    for (let time = 0; time < 5; time += 1) await connectSilently(args, scenario.files.origin);
    const { records, findings } = await scenario.end();
    expect(records("tls-rejected")).toEqual([]);
    expect(JSON.stringify(findings)).not.toMatch(/inspection CA/);
  },
);

/** How a finding calls each program: by its ClientHello alone. */
const families: Readonly<Record<string, string>> = {
  ".NET HttpClient": ".NET",
  wget: "a program with GnuTLS",
  "Node https": "Node.js",
  "Java HttpClient": "Java",
  "Python http.client": "a program with OpenSSL",
  "openssl s_client": "a program with OpenSSL",
};

const others = ["Node https", "Java HttpClient", "Python http.client", "openssl s_client"];
const silentPrograms = (await someClients([".NET HttpClient", "wget"], others)).map((client) => ({
  client,
  name: client.name,
}));

test.skipIf(curl.version === null).for(silentPrograms)(
  "after curl was read, $name at the same address that does not trust the CA is named and served",
  async ({ client }, { skip }) => {
    skip(client.version === null, client.missing);
    const scenario = await startScenario(origins, { inScope: [origins.ports.http1[0]] });
    const trusting = wayOf(scenario, scenario.trustBoth);
    expect(await callTimes(2, curl, trusting)).toEqual([200, 200]);
    const results = await callTimes(5, client, wayOf(scenario, scenario.files.origin));
    expectServed(results);
    // The trusting program is still read: its ClientHello is another.
    expect(await callTimes(1, curl, trusting)).toEqual([200]);
    const { records, findings } = await scenario.end();
    const failures = results.filter((result) => result === "fails").length;
    expect(records("tls-rejected")).toHaveLength(failures);
    for (const record of records("tls-rejected"))
      expect(record).toMatchObject({ host: originName, hello: expect.anything() });
    const named = findings.filter(({ code }) => code === "CLIENT_DISTRUSTS_CA").map(({ message }) => message);
    expect(named).toEqual([expect.stringContaining(`127.0.0.1 (looks like ${families[client.name]}`)]);
    expect(records("entry")).toHaveLength(3);
  },
);

test.skipIf(curl.version === null || dotnet.version === null)(
  "a program that did not trust the CA does not keep a trusting one from being read",
  async () => {
    const scenario = await startScenario(origins, { inScope: [origins.ports.http1[0]] });
    const results = await callTimes(5, dotnet, wayOf(scenario, scenario.files.origin));
    expectServed(results);
    expect(await callTimes(3, curl, wayOf(scenario, scenario.trust))).toEqual([200, 200, 200]);
    const { records } = await scenario.end();
    expect(records("entry")).toHaveLength(3);
  },
);

test.skipIf(curl.version === null)(
  "two programs with one ClientHello: the one that does not trust the CA is served, and the other goes on",
  async () => {
    const scenario = await startScenario(origins, { inScope: [origins.ports.http1[0]] });
    const [trusting, distrusting] = [wayOf(scenario, scenario.trustBoth), wayOf(scenario, scenario.files.origin)];
    expect(await callTimes(1, curl, trusting)).toEqual([200]);
    const results = await callTimes(5, curl, distrusting);
    expectServed(results);
    expect(await callTimes(2, curl, trusting)).toEqual([200, 200]);
    const { findings } = await scenario.end();
    expect(findings.map(({ code }) => code)).toContain("CLIENT_DISTRUSTS_CA");
  },
);
