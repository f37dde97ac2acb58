// A configuration file that is found by search comes with the folder, and a folder may come from anybody.
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { authCertificate } from "../support/auth-certificate.ts";
import { type CliResult, runCli } from "../support/run-cli.ts";

const capture = resolve("captures/trust-works.ndjson");
const isRoot = process.getuid?.() === 0;
const nobody = 65_534;
let folder = "";
let file = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "realmscope-found-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, "work", "below"), { recursive: true });
  file = join(folder, "work", "realmscope.config.json");
});

function plant(configuration: object): void {
  writeFileSync(file, JSON.stringify(configuration));
}

function run(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<CliResult> {
  return runCli(args, {
    folder: join(folder, "work", "below"),
    environment: { REALMSCOPE_HOME: join(folder, "home"), ...environment },
  });
}

/** One line that names the file, what is wrong with it, and the way to have it read. */
function expectRefused({ code, stdout, stderr }: CliResult, what: string): void {
  expect(stderr).toMatch(/^realmscope: .+\n$/);
  expect(stderr).toContain(what);
  expect(stderr).toContain(`--config ${JSON.stringify(file)}`);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
}

const answers = {
  profile: "skype-online",
  domain: "contoso.com",
  dc: "dc1.contoso.com",
  tenant: "7f3c1e2a-9b14-4c0d-8a55-0d2b6f1e90aa",
};

describe("keys that decide something", () => {
  test("a program: it does not run, unless the file is named", async () => {
    const program = join(folder, "program");
    writeFileSync(program, `#!/bin/sh\ntouch ${join(folder, "ran")}\n`, { mode: 0o755 });
    plant({ provisioning: { ...answers, only: "exchange", powershell: program } });
    expectRefused(
      await run(["provision", "plan"]),
      "may not decide provisioning.powershell. To use it, give --powershell",
    );
    expect(existsSync(join(folder, "ran"))).toBe(false);
    await run(["provision", "plan", "--config", file]);
    expect(existsSync(join(folder, "ran"))).toBe(true);
  });

  test("a sign-in address: no secret goes there, unless the file is named", async () => {
    const posted: string[] = [];
    const server = createServer((request, response) => {
      request.setEncoding("utf8").on("data", (text: string) => posted.push(text));
      request.on("end", () => response.writeHead(400).end("{}"));
    });
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    onTestFinished(() => void server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const signIn = { signIn: "client-credentials", clientId: answers.tenant };
    plant({ provisioning: { ...answers, only: "cloud", cloud: "custom", graphUrl: url, loginUrl: url, ...signIn } });
    const environment = { REALMSCOPE_CLIENT_SECRET: "Winter-in-Redmond-7" };
    const args = ["provision", "plan", "--auth-cert", join(folder, "auth.cer")];
    writeFileSync(join(folder, "auth.cer"), authCertificate());
    expectRefused(await run(args, environment), "provisioning.graphUrl");
    expect(posted).toEqual([]);
    await run([...args, "--config", file], environment);
    expect(posted.join("")).toContain("Winter-in-Redmond-7");
  });

  test.each([
    ["provisioning.exchange", "--exchange", { provisioning: { exchange: "ssh" } }],
    ["provisioning.exchangeHost", "--exchange-host", { provisioning: { exchangeHost: "evil.example" } }],
    ["provisioning.lab", "--lab", { provisioning: { lab: "/etc/passwd" } }],
    ["provisioning.graphUrl", "--graph-url", { provisioning: { graphUrl: "https://evil.example" } }],
    ["provisioning.loginUrl", "--login-url", { provisioning: { loginUrl: "https://evil.example" } }],
    ["provisioning.cloud (custom)", "--cloud", { provisioning: { cloud: "custom" } }],
    ["provisioning.signIn", "--sign-in", { provisioning: { signIn: "az" } }],
    ["provisioning.clientId", "--client-id", { provisioning: { clientId: "x" } }],
    ["provisioning.clientCertificate", "--client-certificate", { provisioning: { clientCertificate: "/x.pem" } }],
    ["hosts", "--host", { hosts: ["login.microsoftonline.com"] }],
    ["copy (native)", "--config", { copy: "native" }],
  ])("%s is told by every command, with %s", async (key, flag, configuration) => {
    plant(configuration);
    for (const args of [
      ["replay", capture],
      ["provision", "plan"],
      ["decode", "x"],
    ]) {
      const refused = await run(args);
      expectRefused(refused, `may not decide ${key}.`);
      expect(refused.stderr).toContain(flag);
    }
    expect((await run(["replay", capture, "--config", file])).code).toBe(0);
  });

  test("watch opens no host that a found file names", async () => {
    plant({ hosts: ["login.microsoftonline.com"] });
    expectRefused(await run(["watch", "--forward", "0", "--for", "0.2", "--plain"]), "may not decide hosts");
    const named = await run(["watch", "--forward", "0", "--for", "0.2", "--plain", "--config", file]);
    expect(named.stderr).toBe("");
  });

  test("everything else counts", async () => {
    const application = "b2f0f7c2-54a1-4d6f-9a63-0c4a5f6e7d8c";
    plant({
      realm: "contoso.com",
      applications: { [application]: "ours" },
      failOn: "warning",
      limits: { connections: 2000 },
      keys: { quit: "Q" },
      theme: "light",
      ascii: true,
      bell: false,
      quietClock: true,
      copy: "osc52",
      provisioning: {
        ...answers,
        cloud: "china",
        server: "ex1",
        mailbox: "a@contoso.com",
        only: "exchange",
        step1: true,
        names: { A: "B" },
      },
    });
    const decoded = await run(["decode", "--json", `${application}@contoso.com`]);
    expect(decoded.stderr).toBe("");
    expect(decoded.stdout).toContain('"ours"');
    const script = await run(["provision", "script", "--out", join(folder, "scripts")]);
    expect(script.code, script.stderr).toBe(0);
  });
});

describe("who could have written it", () => {
  beforeEach(() => plant({ realm: "7f3c1e2a-9b14-4c0d-8a55-0d2b6f1e90aa" }));
  const replay = (...more: readonly string[]): Promise<CliResult> => run(["replay", capture, "--quiet", ...more]);

  test.each([
    ["all users", 0o666, "can be written by all users"],
    ["its group, when that is not the user's own", 0o664, isRoot ? "can be written by its group" : ""],
  ])("%s", async (_who, mode, what) => {
    chmodSync(file, mode);
    if (what === "") expect((await replay()).code).toBe(0);
    else expectRefused(await replay(), what);
    expect((await replay("--config", file)).code).toBe(0);
  });

  test("all users, by its folder; with the sticky bit nobody but its owner", async () => {
    chmodSync(join(folder, "work"), 0o777);
    expectRefused(await replay(), "lies in a folder that can be written by all users");
    chmodSync(join(folder, "work"), 0o1777);
    expect((await replay()).code).toBe(0);
  });

  test("a pipe in its place is not waited for", async () => {
    rmSync(file);
    execFileSync("mkfifo", [file]);
    expectRefused(await replay(), "is not a regular file");
  });

  test("a link to an endless file is not followed into it", async () => {
    rmSync(file);
    symlinkSync("/dev/zero", file);
    expectRefused(await replay(), "is not a regular file");
  });

  describe.skipIf(!isRoot)("as the super-user", () => {
    test("another user, also in a folder of this user's", async () => {
      chownSync(file, nobody, nobody);
      expectRefused(await replay(), "belongs to another user");
      expect((await replay("--config", file)).code).toBe(0);
    });

    test("another user, by the folder", async () => {
      chownSync(join(folder, "work"), nobody, nobody);
      expectRefused(await replay(), "lies in a folder that belongs to another user");
    });

    test("another user, by a link to a file of this user's", async () => {
      rmSync(file);
      writeFileSync(join(folder, "mine.json"), "{}");
      symlinkSync(join(folder, "mine.json"), file);
      expect((await replay()).code).toBe(0);
      lchownSync(file, nobody, nobody);
      expectRefused(await replay(), "is a link that belongs to another user");
    });
  });
});
