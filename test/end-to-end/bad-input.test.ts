// Whatever is wrong with what the program is given: one clear line on standard error that says what to do, the right
// exit code, no stack.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { runCli } from "../support/run-cli.ts";

const capture = new URL("../../captures/one-way.ndjson", import.meta.url).pathname;
let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "realmscope-bad-"));
  writeFileSync(join(folder, "empty"), "");
  writeFileSync(join(folder, "foreign.har"), "GIF89a not a capture");
  writeFileSync(join(folder, "json.har"), '{"hello":"world"}');
  writeFileSync(
    join(folder, "cut.har"),
    '{"log":{"version":"1.2","creator":{"name":"x","version":"1"},"entries":[{"startedDateTime":',
  );
  writeFileSync(join(folder, "binary.bin"), Buffer.from([0, 1, 2, 255, 27, 93, 48, 59, 7]));
  writeFileSync(join(folder, "misspelt.json"), '{"relam":1}');
  writeFileSync(join(folder, "limits.json"), '{"limits":{"foo":1}}');
  writeFileSync(join(folder, "answers.json"), '{"provisioning":{"foo":1}}');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function expectOneClearLine(stderr: string): void {
  expect(stderr).not.toMatch(/\n\s+at /);
  expect(stderr).toMatch(/^realmscope: .+[.)]\n$|^error: .+\n/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there
  expect(stderr).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
}

test.each([
  ["a missing file", ["replay", "nowhere.har"]],
  ["an empty file", ["replay", "empty"]],
  ["a foreign file", ["replay", "foreign.har"]],
  ["other JSON", ["replay", "json.har"]],
  ["a cut HAR", ["replay", "cut.har"]],
  ["binary bytes with terminal escapes", ["replay", "binary.bin"]],
  ["a folder", ["replay", "--quiet", "."]],
  ["an unknown scenario", ["demo", "--scenario", "no-such-story"]],
  ["an unknown option", ["replay", "--nonsense", "x"]],
  ["an unknown command", ["nonsense"]],
  ["a client that is no address", ["watch", "--forward", "0", "--allow-client", "mail.contoso.com"]],
  ["nothing to listen on", ["watch"]],
  ["a bad port", ["watch", "--forward", "99999"]],
  ["a reverse listener without target", ["watch", "--reverse", "8443"]],
  ["a missing trust file", ["watch", "--forward", "0", "--upstream-ca", "nowhere.pem"]],
  ["a trust file that holds no certificate", ["watch", "--forward", "0", "--upstream-ca", "foreign.har"]],
  ["a certificate without its key", ["watch", "--reverse", "0=https://mail.contoso.example", "--cert", "foreign.har"]],
  ["a PFX that is none", ["watch", "--reverse", "0=https://mail.contoso.example", "--pfx", "foreign.har"]],
  ["credentials on the command line", ["watch", "--forward", "0", "--upstream-proxy", "http://u:secret@proxy:1"]],
  ["a hybrid application that is not a GUID", ["replay", capture, "--hybrid-app", "ExchangeServerApp"]],
  ["a hybrid application of Microsoft's", ["decode", "x", "--hybrid-app", "00000002-0000-0ff1-ce00-000000000000"]],
  ["a hybrid application that is empty", ["watch", "--forward", "0", "--hybrid-app", ""]],
  ["an unknown finding", ["findings", "NO_SUCH_FINDING"]],
  ["a journal in a folder that is not there", ["demo", "--save", "no/such/folder/x.ndjson"]],
  ["a journal over a foreign file", ["demo", "--save", "foreign.har"]],
  ["an export without a place", ["export", "foreign.har", "--to", "har"]],
  ["an unknown format", ["export", "foreign.har", "--to", "pdf", "-o", "x.pdf"]],
  ["an export of a foreign file", ["export", "foreign.har", "--to", "har", "-o", "x.har"]],
  ["an export over a file", ["export", "empty", "--to", "har", "-o", "foreign.har"]],
  ["a ticket in a folder that is not there", ["ticket", capture, "-o", "no/such/folder/x.zip"]],
  ["standard input twice", ["replay", "-", capture, "-"]],
  ["standard input on both sides", ["diff", "-", "-"]],
  ["standard input twice in a ticket", ["ticket", "-", "-", "-o", "x.zip"]],
  ["a misspelt configuration key", ["replay", "empty", "--config", "misspelt.json"]],
  ["a size that is none, with nothing to save", ["watch", "--forward", "0", "--for", "1", "--rotate-size", "big"]],
  ["a theme that is none", ["watch", "--forward", "0", "--for", "1", "--theme", "neon"]],
  ["a demo in a theme that is none", ["demo", "--theme", "neon"]],
  ["a replay in a theme that is none", ["replay", capture, "--theme", "neon", "--quiet"]],
  ["a check with an option of --serve", ["replay", capture, "--strict"]],
  ["a check with a certificate", ["replay", capture, "--cert", "foreign.har"]],
  ["a check with an option of --send", ["replay", capture, "--save", "x.ndjson"]],
  ["--send with an option of --serve", ["replay", capture, "--send", "--reverse", "http://127.0.0.1:9", "--strict"]],
  ["a wrong limit in a configuration that needs none", ["replay", capture, "--config", "limits.json"]],
  ["a wrong answer in a configuration that needs none", ["diff", capture, capture, "--config", "answers.json"]],
  ["a certificate on standard output with JSON", ["ca", "export", "-o", "-", "--json"]],
  ["no CA to show", ["ca", "show"]],
])("%s exits with 2 and one line", async (_name, args) => {
  const result = await runCli(args, { folder, environment: { REALMSCOPE_HOME: join(folder, "home") } });
  expect(result.code).toBe(2);
  expect(result.stdout).toBe("");
  expectOneClearLine(result.stderr);
  expect(result.stderr).not.toContain("secret");
});

test.each([
  ["export", ["export", capture, "--to", "har", "-o", "no/such/folder/x.har"]],
  ["ticket", ["ticket", capture, "-o", "no/such/folder/x.zip"]],
])("%s into a folder that is not there names the file that was asked for", async (_name, args) => {
  const result = await runCli([...args, "--key", join(folder, "pseudonyms.key")], { folder });
  expect(result.code).toBe(2);
  expectOneClearLine(result.stderr);
  expect(result.stderr).toContain(`"${args.at(-1)}"`);
});

test("a cut capture without a whole entry still answers in JSON", async () => {
  const result = await runCli(["replay", "cut.har", "--json"], { folder });
  expect(result.code).toBe(2);
  expect(JSON.parse(result.stdout)).toMatchObject({ sources: [{ truncated: true, transactions: 0 }], verdict: "none" });
});

test("a misspelt key of an expectation file ends with one mark", async () => {
  writeFileSync(join(folder, "misspelt.yaml"), "version: 1\nexpct: []\n");
  const result = await runCli(["replay", capture, "--expect", "misspelt.yaml"], { folder });
  expect(result.code).toBe(2);
  expect(result.stderr).toContain('did you mean "expect"? Nothing was checked.');
});

test("what may not be written is told as such, with what to do, and is no bug", async () => {
  // A file in the place of a folder keeps everybody out, the super-user included.
  const environment = { REALMSCOPE_HOME: join(folder, "empty", "home") };
  const made = await runCli(["ca", "create", "--host", "mail.contoso.com"], { folder, environment });
  expect(made.code).toBe(2);
  expectOneClearLine(made.stderr);
  expect(made.stderr).toContain("REALMSCOPE_HOME");
  const key = ["--key", join(folder, "barred.key")];
  for (const verb of [
    ["export", capture, "--to", "har"],
    ["ticket", capture],
  ]) {
    const result = await runCli([...verb, "-o", "empty/x", ...key], { folder });
    expect(result.code).toBe(2);
    expectOneClearLine(result.stderr);
  }
});

test("provision plan without a token ends with 5, which is not the 2 of pending changes", async () => {
  const answers = ["--profile", "skype-online", "--domain", "contoso.com", "--dc", "dc1", "--exchange", "local"];
  const tenant = ["--tenant", "7f3c1e2a-9b14-4c0d-8a55-0d2b6f1e90aa"];
  const environment = { REALMSCOPE_HOME: join(folder, "home") };
  const result = await runCli(["provision", "plan", ...answers, ...tenant], { folder, environment });
  expect(result.code).toBe(5);
  expectOneClearLine(result.stderr);
});

test("a taken port exits with 2 and names the port", async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void taken.close());
  const address = taken.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const result = await runCli(["watch", "--forward", String(port)], {
    environment: { REALMSCOPE_HOME: join(folder, "home") },
  });
  expect(result.code).toBe(2);
  expect(result.stderr).toContain(String(port));
  expectOneClearLine(result.stderr);
});

test.each([
  ["a broken token", "eyJhbGciOiJub25lIn0.e30"],
  ["nothing that is known", "hello"],
])("decode of %s says so and exits with 2", async (_name, value) => {
  const result = await runCli(["decode", value], { folder: tmpdir() });
  expect(result.code).toBe(2);
  expectOneClearLine(result.stderr);
});
