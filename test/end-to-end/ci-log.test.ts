// A capture, a file name, an argument and a configuration that hold commands of CI runners: no verb prints one.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { collect, runCli, startCli } from "../support/run-cli.ts";
import { commandsIn, plantedCommands } from "../support/runner-readers.ts";

const planted = plantedCommands.join(" ");
const works = resolve("captures/trust-works.ndjson");
let folder = "";

const base64Url = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const field = (name: string, value: string): object => ({ name, value });

/** A service's token that names the command as its issuer, realm and audience; refused with words that hold it. */
function entry(command: string, second: number): object {
  const service = "00000004-0000-0ff1-ce00-000000000000";
  const exchange = "00000002-0000-0ff1-ce00-000000000000";
  const claims = {
    iss: `${service}@${command}`,
    aud: `${exchange}/${command}@${command}`,
    nameid: `${service}@${command}`,
    nbf: 1_768_478_400,
    exp: 1_768_507_200,
  };
  return {
    startedDateTime: new Date(Date.UTC(2026, 0, 15, 12, 0, second)).toISOString(),
    time: 5,
    request: {
      method: "POST",
      url: `https://mail.contoso.example/EWS/${command}?x=${command}`,
      httpVersion: "HTTP/1.1",
      headers: [
        field("Host", command),
        field("User-Agent", command),
        field("Authorization", `Bearer ${base64Url({ typ: command, alg: "RS256" })}.${base64Url(claims)}.c2ln`),
      ],
    },
    response: {
      status: 401,
      statusText: command,
      httpVersion: "HTTP/1.1",
      headers: [
        field("WWW-Authenticate", `Bearer client_id="${exchange}", trusted_issuers="${service}@${command}"`),
        field("x-ms-diagnostics", `2000001;reason="${command}";error_category="invalid_token"`),
        field("Server", command),
      ],
      content: { size: 0, mimeType: "", text: "" },
    },
  };
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "realmscope-log-"));
  const entries = [...plantedCommands, planted].map(entry);
  const har = JSON.stringify({ log: { version: "1.2", creator: { name: "x", version: "1" }, entries } });
  for (const command of plantedCommands) {
    writeFileSync(join(folder, `${command}.har`), har);
    writeFileSync(join(folder, `${command}.cut`), har.slice(0, -10));
    writeFileSync(join(folder, `${command}.gif`), "GIF89a");
    mkdirSync(join(folder, `${command}.d`));
    writeFileSync(join(folder, `${command}.d`, `${command}.har`), har);
    writeFileSync(join(folder, `${command}.json`), JSON.stringify({ [command]: 1 }));
    writeFileSync(
      join(folder, `${command}.yaml`),
      `version: 1\nexpect:\n  - { name: "${command}", match: { kind: bearer }, count: 99 }\n`,
    );
  }
  writeFileSync(join(folder, "applications.json"), JSON.stringify({ realm: planted, applications: {} }));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const names = (ending: string): readonly string[] => plantedCommands.map((command) => `${command}.${ending}`);
const answers = [
  "--profile",
  "teams",
  "--domain",
  "contoso.com",
  "--dc",
  "dc1",
  "--only",
  "exchange",
  "--lab",
  planted,
];

// Whatever follows a verb's `--` or stands for a name begins with a command in turn.
const lines: readonly (readonly [what: string, args: readonly string[]])[] = [
  ["replay", ["replay", ...names("har")]],
  ["replay, one file", ["replay", names("har")[2] ?? ""]],
  ["replay --verbose", ["replay", ...names("har"), "--verbose", "--plain"]],
  ["replay --json", ["replay", ...names("har"), "--json"]],
  ["replay --quiet", ["replay", ...names("har"), "--quiet"]],
  ["replay of cut files", ["replay", ...names("cut")]],
  [
    "replay --filter",
    ["replay", ...names("har"), "--filter", `url ~ "${planted.replaceAll("[", ".")}" or status = 401`],
  ],
  ["replay --filter that is wrong", ["replay", works, "--filter", planted]],
  ["replay --filter that is wrong at its start", ["replay", works, "--filter", plantedCommands[2] ?? ""]],
  ["replay --realm", ["replay", ...names("har"), "--realm", planted]],
  ["replay with a configuration", ["replay", ...names("har"), "--config", "applications.json"]],
  ["replay of folders", ["replay", ...names("d"), "--expect", "oauth-only"]],
  ["replay --send", ["replay", names("har")[0] ?? "", "--send", "--reverse", planted]],
  ["diff", ["diff", works, names("har")[0] ?? ""]],
  ["diff the other way", ["diff", names("har")[2] ?? "", works]],
  ["diff --json", ["diff", works, names("har")[0] ?? "", "--json"]],
  ["demo --scenario", ["demo", "--scenario", planted]],
  ["an unknown command", [plantedCommands[2] ?? ""]],
  ["an unknown option", ["replay", `--x${planted}`]],
  ["an unknown option of several lines", ["replay", `--x\n${plantedCommands[2]}\r${plantedCommands[2]}\n${planted}`]],
  ["a choice that there is not", ["replay", works, "--fail-on", `x\n${planted}`]],
  ["findings", ["findings", planted]],
  ["watch --forward", ["watch", "--forward", planted]],
  ["watch --host", ["watch", "--forward", "0", "--host", planted, "--for", "0.2", "--plain"]],
  ["doctor", ["doctor", "--host", planted, "--reverse", "0=https://mail.contoso.example", "--connect-to", planted]],
  ["ca create", ["ca", "create", "--host", planted]],
  ["ca export", ["ca", "export", "-o", `no/${planted}`]],
  ["export", ["export", names("har")[2] ?? "", "--to", "ndjson", "-o", `${plantedCommands[2]}.ndjson`]],
  ["export that is not made safe", ["export", names("har")[2] ?? "", "--to", "har", "--unsanitised", "-o", "::x"]],
  ["ticket", ["ticket", ...names("har"), "-o", `${plantedCommands[2]}.zip`, "--key", "::key"]],
  ["ticket --json", ["ticket", ...names("har"), "-o", `${plantedCommands[0]}.zip`, "--json", "--key", "key2"]],
  ["pseudonym", ["pseudonym", planted, "--key", "key3"]],
  ["replay --write-expect", ["replay", names("har")[2] ?? "", "--write-expect", "::x.yaml"]],
  ["provision plan", ["provision", "plan", ...answers]],
  ["provision plan with a wrong domain", ["provision", "plan", ...answers, "--domain", planted]],
  ["provision script", ["provision", "script", ...answers.slice(0, -2), "--name", `A=${planted}`, "--out", "::out"]],
  ["provision import-result", ["provision", "import-result", ...names("gif")]],
  ["provision status", ["provision", "status", "--run", planted]],
  ...plantedCommands.flatMap((command): (readonly [string, readonly string[]])[] => [
    [`replay of a foreign file ${command}`, ["replay", `${command}.gif`]],
    [`replay of a missing file ${command}`, ["replay", `${command}.none`]],
    [`a wrong configuration ${command}`, ["replay", works, "--config", `${command}.json`]],
    [`an expectation ${command}`, ["replay", `${command}.har`, "--expect", `${command}.yaml`, "--verbose"]],
    [`an expectation that is none ${command}`, ["replay", works, "--expect", `${command}.gif`]],
  ]),
];

async function printed(args: readonly string[], input = ""): Promise<string> {
  const { stdout, stderr, code } = await runCli(args, {
    folder,
    input,
    environment: { REALMSCOPE_HOME: join(folder, "home") },
  });
  expect(code, stderr).not.toBe(70);
  return `${stdout}\n${stderr}`;
}

test.each(lines)("%s prints no command", async (_what, args) => {
  const log = await printed(args);
  expect(log.trim()).not.toBe("");
  expect(commandsIn(log)).toEqual([]);
});

test("what was planted is printed all the same, and reads as it was", async () => {
  const log = await printed(["replay", ...names("har"), "--verbose"]);
  for (const text of ["\\x23#vso[task", "\\x23#[stop-commands]t", "\\x23#teamcity[", "section_start\\x3a1:t"]) {
    expect(log).toContain(text);
  }
  const parsed: unknown = JSON.parse((await printed(["replay", ...names("har"), "--json"])).trim());
  expect(JSON.stringify(parsed)).toContain("##vso[task.complete result=Succeeded;]");
});

test.each(["--plain", "--json"])("watch %s prints no command of live traffic", async (how) => {
  const origin = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.once("data", () =>
      socket.end(
        `HTTP/1.1 401 ${planted}\r\nServer: ${planted}\r\nWWW-Authenticate: Bearer realm="${planted}"\r\nx-ms-diagnostics: 2000001;reason="${planted}";error_category="invalid_token"\r\n\r\n`,
      ),
    );
  });
  await new Promise<void>((listening) => origin.listen(0, "127.0.0.1", listening));
  onTestFinished(() => void origin.close());
  const place = `127.0.0.1:${(origin.address() as AddressInfo).port}`;
  const child = startCli(["watch", "--forward", "127.0.0.1:0", "--host", "127.0.0.1", how], {
    environment: { REALMSCOPE_HOME: join(folder, "home") },
  });
  const ended = collect(child);
  let log = "";
  const seen = (pattern: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve) => {
      const look = (): void => {
        const found = pattern.exec(log);
        if (found !== null) resolve(found);
      };
      child.stdout.on("data", (chunk: Buffer) => {
        log += chunk.toString();
        look();
      });
      look();
    });
  const ready = await seen(/ready forward 127\.0\.0\.1:(\d+)|"ready".*"port":(\d+)/);
  const client = connect(Number(ready[1] ?? ready[2]), "127.0.0.1");
  client.on("error", () => client.destroy());
  // What stands behind a # is not sent on.
  const path = plantedCommands.filter((command) => !command.includes("#")).join("");
  client.write(
    `GET http://${place}/${path} HTTP/1.1\r\nHost: ${place}\r\nUser-Agent: ${planted}\r\nAuthorization: Bearer ${base64Url({ typ: "JWT" })}.${base64Url({ iss: planted, aud: planted })}.c2ln\r\nConnection: close\r\n\r\n`,
  );
  client.resume();
  await seen(/-> 401|"status":401/);
  child.kill("SIGINT");
  const { stdout, stderr } = await ended;
  expect(stdout).toContain("stop-commands");
  expect(commandsIn(`${stdout}\n${stderr}`)).toEqual([]);
});

describe("decode", () => {
  const [header, claims] = [
    { typ: planted, alg: "RS256" },
    { iss: `a@${planted}`, aud: planted, x: planted },
  ];
  test.each([
    ["a token", `Bearer ${base64Url(header)}.${base64Url(claims)}.c2ln`],
    [
      "a challenge",
      `WWW-Authenticate: Bearer realm="${planted}", client_id="${planted}", trusted_issuers="a@${planted}"`,
    ],
    ["a diagnostics header", `2000001;reason="${planted}";error_category="${planted}"`],
    ["an issuer", `00000004-0000-0ff1-ce00-000000000000@${planted}`],
    ["anything else", `${planted}\n${plantedCommands[2]}`],
  ])("%s prints no command", async (_what, value) => {
    for (const json of [[], ["--json"]]) expect(commandsIn(await printed(["decode", ...json], value))).toEqual([]);
  });
});

describe("a report on standard output", () => {
  const args = ["replay", ...names("har"), ...names("gif"), "--expect", "{trace}.yaml"];
  test.each(["pretty", "json", "junit", "sarif", "gitlab", "tap", "markdown"])("%s holds no command", async (name) => {
    const log = await printed([...args, "--reporter", name]);
    expect(log).toContain("stop-commands");
    expect(commandsIn(log)).toEqual([]);
  });

  test("each holds none in a file", async () => {
    const kinds = ["pretty", "json", "junit", "sarif", "gitlab", "tap", "markdown"];
    const files = kinds.map((name) => [name, join(folder, `report.${name}`)] as const);
    await printed([...args, ...files.flatMap(([name, file]) => ["--reporter", `${name}=${file}`])]);
    for (const [name, file] of files) expect(commandsIn(readFileSync(file, "utf8")), name).toEqual([]);
  });

  test("github and azure hold their own commands and no other", async () => {
    const github = await printed([...args, "--reporter", "github"]);
    const own = commandsIn(github).map(({ line }) => line);
    expect(own.length).toBeGreaterThan(3);
    for (const line of own) expect(line).toMatch(/^::(?:error|warning) file=[^:]*,line=\d+,title=[^:]*::/);
    expect(commandsIn(github.replace(/^::(?=error |warning )/gm, ""))).toEqual([]);
    const azure = await printed([...args, "--reporter", "azure"]);
    for (const { line } of commandsIn(azure)) expect(line).toMatch(/^##vso\[task\.(?:logissue|complete) [^\]]*\]/);
    expect(azure.match(/^##vso\[task\.complete result=Failed;\]/gm)).toHaveLength(1);
    expect(commandsIn(azure.replace(/^##vso\[(?=task\.(?:logissue|complete) )/gm, ""))).toEqual([]);
  });
});
