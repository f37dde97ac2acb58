// No secret appears in the journal, the transcript, the bundle, on the screen or in an error, whoever repeats it.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { labDomain } from "../../src/lab/exchange-shell/lab-directory.ts";
import { tenant } from "../../src/lab/names.ts";
import { openRunJournal, readRunJournal } from "../../src/provisioning/engine/run-journal.ts";
import { createSecretFilter } from "../../src/provisioning/model/hide-secrets.ts";
import { labAnswers, makeHome } from "../support/provisioning-answers.ts";
import { startProvisioningLab } from "../support/provisioning-lab.ts";
import { runCli } from "../support/run-cli.ts";

/** Every byte of every file under a folder. */
function everythingUnder(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path, "latin1"))
    .join("\n");
}

test("token, client secret and assertion appear in nothing that is written or shown", async () => {
  const secret = "Canary-Secret~of'the\"client\\1";
  const clients = new Map([["canary-client", { secret }]]);
  const lab = await startProvisioningLab({ cloud: { clients } });
  const home = makeHome();
  const answers = labAnswers(lab);
  const token = await lab.cloud.token();
  const [, claims = "", signature = ""] = token.split(".");
  const environment = { REALMSCOPE_HOME: home, REALMSCOPE_CLIENT_SECRET: secret, REALMSCOPE_GRAPH_TOKEN: token };
  const shown: string[] = [];
  const run = async (...args: readonly string[]): Promise<void> => {
    const { stdout, stderr } = await runCli(["provision", ...args], {
      environment,
      limitMs: 60_000,
      folder: lab.folder,
    });
    shown.push(stdout, stderr);
  };
  // Graph's error repeats all that it was sent.
  const message = `Bearer ${token} client_secret=${secret} {"access_token":"${token}"} client_assertion=${token}`;
  lab.cloud.faults.add({ method: "PATCH", kind: { status: 403, message } });
  await run("apply", ...answers, "--yes");
  lab.cloud.faults.add({ method: "PATCH", kind: { status: 403, message } });
  await run("resume", ...answers, "--yes", "--json", "--sign-in", "client-credentials", "--client-id", "canary-client");
  await run("resume", ...answers, "--yes", "--sign-in", "client-credentials", "--client-id", "canary-client");
  await run("plan", ...answers, "--json", "--sign-in", "client-credentials", "--client-id", "wrong-client");
  await run("status");
  await run("status", "--run", readdirSync(join(home, "provisioning", "runs"))[0] ?? "");
  await run("undo", ...answers, "--yes", "--allow-destructive");
  const everything = [...shown, everythingUnder(home)].join("\n");
  // It did go through all that.
  expect(everything).toContain("graph-forbidden");
  expect(everything).toContain("AADSTS700016");
  expect(everything).toContain("undone");
  for (const canary of [
    token,
    claims,
    signature,
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret),
  ]) {
    expect(everything.includes(canary), canary.slice(0, 12)).toBe(false);
  }
}, 120_000);

test("a device code is never shown; the user code is", async () => {
  const lab = await startProvisioningLab({
    cloud: { deviceStates: ["authorization_pending", "slow_down", "authorization_declined"] },
  });
  const { stdout, stderr, code } = await runCli(["provision", "plan", ...labAnswers(lab), "--sign-in", "device-code"], {
    environment: { REALMSCOPE_HOME: lab.folder },
    limitMs: 60_000,
  });
  expect(stderr).toContain("LAB-4711");
  expect(stdout + stderr).not.toMatch(/dc-[0-9a-f]{8}/);
  expect(stdout).toContain("authorization_declined");
  expect(code).toBe(5);
}, 60_000);

test.each([
  ["a private key", "-----BEGIN PRIVATE KEY-----\nMIIcanary\n-----END PRIVATE KEY-----", "MIIcanary"],
  ["a header", "Authorization: Bearer canary-opaque-token", "canary-opaque-token"],
  ["a form field", "grant=x&client_secret=canary%2Bsecret&y=1", "canary%2Bsecret"],
  ["a JSON field", '{"refresh_token":"canary.refresh"}', "canary.refresh"],
  ["a nested token", "x eyJhbGciOiJub25lIn0.eyJjYW5hcnkiOjF9. y", "eyJjYW5hcnkiOjF9"],
])("the filter hides %s and leaves the rest", (_name, text, canary) => {
  const hidden = createSecretFilter().hide(`before ${text} after`);
  expect(hidden).not.toContain(canary);
  expect(hidden).toMatch(/^before .* after$/s);
});

test("the journal's lines stay JSON for any message, and secrets are hidden inside of quotes too", () => {
  const folder = mkdtempSync(join(tmpdir(), "realmscope-journal-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "journal.ndjson");
  const { hide } = createSecretFilter();
  const words = fc.constantFrom(
    'client_secret="ca-na-ry"',
    "password=ca-na-ry\\",
    '{"access_token":"ca-na-ry"}',
    "Bearer ca-na-ry",
    "pwd: ca-na-ry",
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(words, fc.string({ unit: "binary", maxLength: 8 })), { maxLength: 6 }), (parts) => {
      const journal = openRunJournal(path, { now: Date.now, hide });
      const message = parts.join(" ");
      journal.write({ kind: "failed", itemId: "x", reason: { code: "exchange-error", message, hint: "" } });
      journal.close();
    }),
    { numRuns: 60 },
  );
  // Reading checks each line's JSON and the chain of hashes.
  expect(readRunJournal(path)).toHaveLength(60);
  expect(readFileSync(path, "utf8")).not.toContain("ca-na-ry");
});

test("thumbprints, GUIDs and public certificates are not secrets", () => {
  const text = `${"A".repeat(40)} 00000004-0000-0ff1-ce00-000000000000 MIIDQTCCAimgAwIBAgIQ`;
  expect(createSecretFilter().hide(text)).toBe(text);
});

test("a private key given as auth certificate is refused with a clear message", async () => {
  const folder = mkdtempSync(join(tmpdir(), "realmscope-key-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "key.pem");
  writeFileSync(path, "-----BEGIN PRIVATE KEY-----\nMIIcanary\n-----END PRIVATE KEY-----\n");
  const { code, stderr } = await runCli(
    ["provision", "plan", "--only", "cloud", "--domain", labDomain, "--tenant", tenant, "--auth-cert", path],
    {
      environment: { REALMSCOPE_HOME: folder, REALMSCOPE_GRAPH_TOKEN: "x" },
    },
  );
  expect(code).toBe(2);
  expect(stderr).toMatch(/holds a private key\. Give the public certificate alone/);
  expect(stderr).not.toContain("canary");
});
