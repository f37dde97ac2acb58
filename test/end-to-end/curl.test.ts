// A program that knows nothing of us uses the forward proxy with the exported CA: a host in scope is opened, one
// outside it passes through untouched.
import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { type Lab, startLab } from "../../src/lab/start-lab.ts";
import { collect, lastJson, runCli, startCli } from "../support/run-cli.ts";

const hasCurl = spawnSync("curl", ["--version"]).status === 0;
const path = "/autodiscover/metadata/json/1";

let folder = "";
let lab: Lab;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "realmscope-curl-"));
  lab = await startLab({ scenario: "trust-works" });
  writeFileSync(join(folder, "lab.pem"), lab.certificatePem);
});
afterAll(async () => {
  await lab.stop();
  rmSync(folder, { recursive: true, force: true });
});

function curl(args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = execFile(
      "curl",
      ["--silent", "--show-error", "--max-time", "10", ...args],
      (_error, stdout, stderr) => {
        resolve({ code: child.exitCode ?? -1, stdout, stderr });
      },
    );
  });
}

test.skipIf(!hasCurl)(
  "curl reaches a host in scope through the exported CA and one outside it with the server's own certificate",
  async () => {
    const environment = { REALMSCOPE_HOME: join(folder, "home") };
    const exchange = lab.exchange;
    const outside = lab.sts;
    expect((await runCli(["ca", "create", "--host", exchange.name], { environment })).code).toBe(0);
    const pem = join(folder, "ca.pem");
    expect((await runCli(["ca", "export", "-o", pem], { environment })).code).toBe(0);
    expect(readFileSync(pem, "utf8")).toContain("BEGIN CERTIFICATE");
    expect(readFileSync(pem, "utf8")).not.toContain("PRIVATE KEY");

    const journal = join(folder, "curl.ndjson");
    const child = startCli(
      [
        ...[
          "watch",
          "--json",
          "--forward",
          "0",
          "--host",
          exchange.name,
          "--upstream-ca",
          join(folder, "lab.pem"),
          "--save",
          journal,
        ],
        ...["--connect-to", `${exchange.name}:443=127.0.0.1:${exchange.port}`],
        ...["--connect-to", `${outside.name}:443=127.0.0.1:${outside.port}`],
      ],
      { environment },
    );
    onTestFinished(() => void child.kill("SIGKILL"));
    const ended = collect(child);
    const port = await new Promise<number>((resolve) => {
      createInterface({ input: child.stdout }).on("line", (line) => {
        const event: { event?: string; port?: number } = JSON.parse(line);
        if (event.event === "ready" && event.port !== undefined) resolve(event.port);
      });
    });
    const proxy = ["--proxy", `http://127.0.0.1:${port}`];

    const opened = await curl([...proxy, "--cacert", pem, "--include", `https://${exchange.name}/EWS/Exchange.asmx`]);
    expect(opened.stderr).toBe("");
    expect(opened.stdout).toMatch(/^HTTP\/1\.1 401 /m);

    const untouched = await curl([...proxy, "--cacert", join(folder, "lab.pem"), `https://${outside.name}${path}`]);
    expect(untouched.stderr).toBe("");
    expect(untouched.code).toBe(0);

    // The inspection CA must not speak for the host outside: with only that CA trusted, the connection is refused.
    const refused = await curl([...proxy, "--cacert", pem, `https://${outside.name}${path}`]);
    expect(refused.code).toBe(60);

    child.kill("SIGTERM");
    const result = await ended;
    expect(result.code).toBe(143);
    const analysis = lastJson(result.stdout);
    expect(analysis.counts).toMatchObject({ transactions: 1, status401: 1 });
    expect(result.stdout).toContain('"event":"tunnel"');
    const replayed = await runCli(["replay", journal, "--json"]);
    expect(lastJson(replayed.stdout).counts).toEqual(analysis.counts);
  },
);
