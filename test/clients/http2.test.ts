// Clients and targets that accept HTTP/2 alone: named with the remedy that fits, and passed through untouched after repeats.
import { afterAll, beforeAll, expect, test } from "vitest";
import { someClients } from "./all-clients.ts";
import { type Origins, originName, plan, startOrigins } from "./origins.ts";
import { type Scenario, shortAnswer, startScenario } from "./scenario.ts";

let origins: Origins;
beforeAll(async () => {
  origins = await startOrigins();
});
afterAll(() => origins.stop());

const calls = plan.slice(0, 1);
const http2Alone = await someClients([".NET HttpClient, HTTP/2 exact"], ["node:http2"]);
const offeringBoth = await someClients(["curl, HTTP/2 offered"], [".NET HttpClient, HTTP/2 or lower"]);

/** Where a client calls: through the forward listener, or at the reverse listener itself. */
function wayThrough(scenario: Scenario, through: "forward" | "reverse", port: number) {
  const trust = scenario.trustBoth;
  return through === "forward"
    ? { base: `https://${originName}:${port}`, proxy: scenario.watch.forward, trust }
    : { base: `https://${originName}:${scenario.watch.reverses[0]}`, proxy: null, trust };
}

const listeners = ["forward", "reverse"] as const;
const clientCases = http2Alone.flatMap((client) =>
  listeners.map((through) => ({ client, name: client.name, through })),
);

test.for(clientCases)(
  "$name through $through is named with HTTP/2 as the cause and gets its answers after three calls",
  async ({ client, through }, { skip }) => {
    skip(client.version === null, client.missing);
    const [port] = origins.ports.both;
    const scenario = await startScenario(origins, { inScope: [port], reverses: through === "reverse" ? [port] : [] });
    const way = wayThrough(scenario, through, port);
    const answers = [];
    for (let time = 0; time < 5; time += 1) answers.push(...(await client.run(way, calls)).answers);
    expect(answers.map(shortAnswer).slice(3)).toEqual([200, 200]);
    expect(answers.at(-1)).toMatchObject({ version: "2" });
    const { records, findings } = await scenario.end();
    const failures = answers.filter((answer) => "error" in answer).length;
    expect(records("tls-rejected")).toHaveLength(failures);
    for (const record of records("tls-rejected")) expect(record).toMatchObject({ side: "client", cause: "no-http1" });
    expect(records("tunnel").map(({ reason }) => reason)).toEqual(Array(5 - failures).fill("client-needs-http2"));
    const text = findings.map(({ message, remedy }) => `${message} ${remedy}`).join("\n");
    expect(text).toMatch(/HTTP\/2/);
    expect(text).toMatch(/--host/);
    expect(text).not.toMatch(/CLIENT_DISTRUSTS_CA|ca export|clock|refused our certificate/);
  },
);

const targetCases = offeringBoth.flatMap((client) =>
  listeners.map((through) => ({ client, name: client.name, through })),
);

test.for(targetCases)(
  "a target that accepts HTTP/2 alone is named, and $name through $through reaches it after three calls",
  async ({ client, through }, { skip }) => {
    skip(client.version === null, client.missing);
    const [port] = origins.ports.http2;
    const scenario = await startScenario(origins, { inScope: [port], reverses: through === "reverse" ? [port] : [] });
    const way = wayThrough(scenario, through, port);
    const answers = [];
    for (let time = 0; time < 5; time += 1) answers.push(...(await client.run(way, calls)).answers);
    expect(answers.slice(3)).toMatchObject([
      { status: 200, version: "2" },
      { status: 200, version: "2" },
    ]);
    const { records, findings } = await scenario.end();
    expect(records("tls-rejected")[0]).toMatchObject({ side: "upstream", cause: "http2-only", port });
    expect(records("tunnel").at(-1)).toMatchObject({ reason: "target-needs-http2" });
    expect(findings.map(({ message, remedy }) => `${message} ${remedy}`).join("\n")).toMatch(/HTTP\/2/);
  },
);
