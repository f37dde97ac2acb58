// What is printed is as safe as what is written: secrets and people stand at every place of a capture and of live traffic,
// and none of them is in what any verb says on standard output and standard error, in any mode.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type PlantedFile, plantedHar, plantedSaz } from "../support/planted-captures.ts";
import { collect, runCli, startCli } from "../support/run-cli.ts";
import { findSecrets } from "../support/secret-search.ts";

let folder = "";
const har = plantedHar();
const saz = plantedSaz();
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "realmscope-printed-"));
  writeFileSync(join(folder, "planted.har"), har.bytes);
  writeFileSync(join(folder, "planted.saz"), saz.bytes);
  writeFileSync(join(folder, "refused.har"), refusedCapture());
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const printed = (result: { readonly stdout: string; readonly stderr: string }): Buffer =>
  Buffer.from(result.stdout + result.stderr);

function survivors(bytes: Buffer, { planted }: PlantedFile): readonly string[] {
  const found = findSecrets(
    bytes,
    planted.map(({ secret }) => secret),
  );
  return planted.flatMap(({ place, secret }) => (found.has(secret) ? [`${place}: ${found.get(secret)}`] : []));
}

const modes = [
  ["--json"],
  ["--json", "--filter", "status=200"],
  ["--plain"],
  ["--plain", "--verbose"],
  ["--plain", "--filter", "status=200"],
  ["--quiet"],
  [],
] as const;

describe.each([
  ["planted.har", har],
  ["planted.saz", saz],
] as const)("%s", (name, planted) => {
  test.each(modes.map((mode) => [mode.join(" "), mode] as const))("replay %s", { timeout: 60_000 }, async (_, mode) => {
    const result = await runCli(["replay", join(folder, name), ...mode]);
    expect(result.code).not.toBe(70);
    expect(survivors(printed(result), planted)).toEqual([]);
  });

  test("replay as a check, with each reporter, and diff", { timeout: 120_000 }, async () => {
    const path = join(folder, name);
    for (const args of [
      ["replay", path, "--reporter", "pretty"],
      ...["json", "junit", "sarif", "tap", "github", "azure", "gitlab"].map((reporter) => [
        "replay",
        path,
        "--reporter",
        reporter,
      ]),
      ["diff", path, join(folder, "planted.har")],
      ["diff", path, join(folder, "planted.har"), "--json"],
    ]) {
      const result = await runCli(args);
      expect(result.code, args.join(" ")).not.toBe(70);
      expect(survivors(printed(result), planted), args.join(" ")).toEqual([]);
    }
  });
});

const person = "Zq7-900-Planted_K4w";

/** A refusal whose reason, agent and path name a person, so that findings speak of them. */
function refusedCapture(): string {
  const segment = (part: object): string => Buffer.from(JSON.stringify(part)).toString("base64url");
  const token = `${segment({ alg: "RS256", x5t: "abc" })}.${segment({
    iss: "00000001-0000-0000-c000-000000000000@contoso.example",
    aud: `00000002-0000-0ff1-ce00-000000000000/mail.contoso.example@contoso.example`,
    nameid: "00000004-0000-0ff1-ce00-000000000000@contoso.example",
    smtp: `${person}@contoso.example`,
  })}.${Buffer.from(person).toString("base64url")}`;
  const headers = [
    { name: "Authorization", value: `Bearer ${token}` },
    { name: "User-Agent", value: `Client/1.0 (${person}@contoso.example)` },
    { name: "Host", value: `svc:${person}@mail.contoso.example` },
  ];
  const answer = [
    { name: "WWW-Authenticate", value: `Bearer realm="${person}@contoso.example"` },
    {
      name: "x-ms-diagnostics",
      value: `2000005;reason="The user FABRIKAM\\${person} (${person}%40contoso.example) of https://svc:${person}@contoso.example/ was not found.";error_category="invalid_user"`,
    },
  ];
  const entry = {
    startedDateTime: "2026-01-15T12:00:00.000Z",
    time: 5,
    request: {
      ...{
        method: "POST",
        url: `https://mail.contoso.example/EWS/${person}%40contoso.example`,
        httpVersion: "HTTP/1.1",
      },
      headers,
    },
    response: { status: 401, statusText: "Unauthorized", httpVersion: "HTTP/1.1", headers: answer, content: {} },
  };
  return JSON.stringify({ log: { version: "1.2", creator: { name: "x", version: "1" }, entries: [entry] } });
}

test.each(
  [...modes.map((mode) => [...mode]), ["--reporter", "json"], ["--reporter", "pretty"]].map(
    (mode) => [mode.join(" "), mode] as const,
  ),
)("a refusal that names a person: replay %s", { timeout: 60_000 }, async (_, mode) => {
  const result = await runCli(["replay", join(folder, "refused.har"), ...mode]);
  expect([0, 1, 2, 3]).toContain(result.code);
  expect(result.stdout).not.toBe("");
  expect(findSecrets(printed(result), [person]).get(person) ?? null).toBe(null);
});

test("a filter finds a person by the name, and prints the pseudonym", async () => {
  const result = await runCli(["replay", join(folder, "refused.har"), "--plain", "--filter", `path~"${person}"`]);
  expect(result.stdout).toContain("1 of 1 requests");
  expect(result.stdout).toMatch(/\/EWS\/user-[a-z2-7]{10}%40contoso\.example -> 401/);
});

const diagnostics = `2000005;reason="The user FABRIKAM\\${person} (${person}%40contoso.example) was not found.";error_category="invalid_user"`;

/** One request through the proxy, its path and fields full of a person and a password. */
function ask(port: number, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: "127.0.0.1",
        port,
        path,
        headers: {
          Host: new URL(path).host,
          Referer: `http://svc:${person}@mail.contoso.example/`,
          Authorization: `Basic ${Buffer.from(`CONTOSO\\${person}:${person}`).toString("base64")}`,
          "User-Agent": `Client/1.0 (${person})`,
        },
      },
      (answer) => {
        answer.resume();
        answer.once("end", resolve);
      },
    );
    sent.once("error", reject);
    sent.end();
  });
}

test.each([["--json"], ["--plain"], ["--plain", "--verbose"]])("watch %s %s", { timeout: 60_000 }, async (...mode) => {
  const origin = createServer((_, answer) => answer.writeHead(401, { "x-ms-diagnostics": diagnostics }).end());
  await new Promise<void>((resolve) => origin.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void origin.close());
  const address = origin.address();
  const originPort = typeof address === "object" && address !== null ? address.port : 0;
  const journal = join(folder, `live${mode.join("")}.ndjson`);
  const args = [
    "watch",
    "--forward",
    "127.0.0.1:0",
    "--host",
    "127.0.0.1",
    "--save",
    journal,
    ...mode.filter((one) => one !== undefined),
  ];
  const child = startCli(args, { environment: { REALMSCOPE_HOME: join(folder, "home") } });
  const ended = collect(child);
  const port = await readyPort(child.stdout, mode[0] === "--json");
  for (const target of [
    `/owa/${person}%40contoso.example/x`,
    `/v1.0/users/FABRIKAM%5C${person}`,
    `/owa/${person}`,
    `/owa/?access_token=${person}`,
  ]) {
    await ask(port, `http://127.0.0.1:${originPort}${target}`);
  }
  child.kill("SIGINT");
  const result = await ended;
  expect(result.stdout).toContain("/owa/user-");
  expect(findSecrets(readFileSync(journal), [person]).get(person) ?? null).toBe(null);
  expect(findSecrets(printed(result), [person]).get(person) ?? null).toBe(null);
});

function readyPort(stdout: NodeJS.ReadableStream, isJson: boolean): Promise<number> {
  let said = "";
  return new Promise((resolve) => {
    stdout.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      const port = isJson
        ? /"event":"ready".*?"port":(\d+)/.exec(said)?.[1]
        : /ready forward 127\.0\.0\.1:(\d+)/.exec(said)?.[1];
      if (port !== undefined) resolve(Number(port));
    });
  });
}
