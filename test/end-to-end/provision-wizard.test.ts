// The wizard on a real terminal, answers from the configuration file, and the traffic as last witness.
import { copyFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { labControllers, labDomain } from "../../src/lab/exchange-shell/lab-directory.ts";
import { tenant } from "../../src/lab/names.ts";
import { labAnswers, makeHome } from "../support/provisioning-answers.ts";
import { appIds, type ProvisioningLab, startProvisioningLab } from "../support/provisioning-lab.ts";
import { collect, runCli, startCli } from "../support/run-cli.ts";
import { hasTmux, startTmux, type Tmux } from "../support/tmux.ts";

const program = `${process.execPath} ${new URL("../../dist/cli/main.js", import.meta.url).pathname}`;

/** A terminal with the token in a file of the environment, and the two addresses given. */
async function startWizard(lab: ProvisioningLab): Promise<Tmux> {
  const home = makeHome();
  const token = join(home, "token");
  writeFileSync(token, await lab.cloud.token());
  const environment = `REALMSCOPE_HOME=${home} REALMSCOPE_GRAPH_TOKEN="$(cat ${token})"`;
  const args = `--lab ${lab.directory} --graph-url ${lab.cloud.graphUrl} --login-url ${lab.cloud.loginUrl}`;
  const terminal = startTmux(`clear; ${environment} ${program} provision ${args}; echo "left with $?"`, {
    columns: 140,
    rows: 60,
  });
  onTestFinished(() => terminal.end());
  return terminal;
}

describe.skipIf(!hasTmux)("on a terminal", () => {
  test("the wizard asks, checks each answer, shows the plan, asks once more, applies and verifies", async () => {
    const lab = await startProvisioningLab();
    const terminal = await startWizard(lab);
    await terminal.screen((text) => text.includes("Which procedure?"));
    await terminal.keys("Enter");
    await terminal.screen((text) => text.includes("Verified domain"));
    await terminal.keys("localdomain", "Enter");
    await terminal.screen((text) => text.includes("at least one dot"));
    await terminal.keys("C-u", labDomain, "Enter");
    await terminal.screen((text) => text.includes("Domain controller"));
    await terminal.keys(labControllers[0], "Enter");
    await terminal.screen((text) => text.includes("One Exchange server"));
    await terminal.keys("Enter");
    await terminal.screen((text) => text.includes("Tenant id"));
    await terminal.keys(tenant, "Enter");
    await terminal.screen((text) => text.includes("Make these changes?"));
    await terminal.keys("y", "Enter");
    const end = await terminal.screen((text) => text.includes("left with"));
    expect(end).toContain("Verified: ok");
    expect(end).toContain("left with 0");
    expect(lab.cloud.store.now(appIds.skype)?.keyCredentials).toHaveLength(1);
  }, 120_000);

  test("a data folder that cannot be written is said before the first question", async () => {
    const file = join(makeHome(), "file");
    writeFileSync(file, "");
    const terminal = startTmux(`clear; REALMSCOPE_HOME=${file}/data ${program} provision; echo "left with $?"`, {
      columns: 140,
      rows: 30,
    });
    onTestFinished(() => terminal.end());
    // The command that was typed holds "left with $?".
    const end = await terminal.screen((text) => /left with \d/.test(text));
    expect(end).toContain("cannot be written (ENOTDIR)");
    expect(end).toContain("left with 2");
    expect(end).not.toContain("Which procedure?");
  }, 60_000);

  test("no at the last question changes nothing and leaves with 2; Ctrl-C at a question with 130", async () => {
    const lab = await startProvisioningLab();
    const home = makeHome();
    const token = join(home, "token");
    writeFileSync(token, await lab.cloud.token());
    const answers = `--profile skype-online --domain ${labDomain} --dc ${labControllers[0]} --server ex1.${labDomain} --tenant ${tenant}`;
    const urls = `--lab ${lab.directory} --graph-url ${lab.cloud.graphUrl} --login-url ${lab.cloud.loginUrl}`;
    const environment = `REALMSCOPE_HOME=${home} REALMSCOPE_GRAPH_TOKEN="$(cat ${token})"`;
    const terminal = startTmux(`clear; ${environment} ${program} provision ${answers} ${urls}; echo "left with $?"`, {
      columns: 140,
      rows: 60,
    });
    onTestFinished(() => terminal.end());
    await terminal.screen((text) => text.includes("Make these changes?"));
    await terminal.keys("n", "Enter");
    await terminal.screen((text) => text.includes("left with 2"));
    expect(lab.cloud.requests.filter(({ method }) => method !== "GET")).toEqual([]);
    const second = await startWizard(lab);
    await second.screen((text) => text.includes("Which procedure?"));
    await second.keys("C-c");
    await second.screen((text) => text.includes("left with 130"));
  }, 120_000);
});

test("every answer can stand in the configuration file; a flag wins; an unknown key is told", async () => {
  const lab = await startProvisioningLab();
  const configuration = {
    provisioning: {
      profile: "teams",
      domain: labDomain,
      dc: labControllers[0],
      tenant,
      graphUrl: lab.cloud.graphUrl,
      loginUrl: lab.cloud.loginUrl,
      lab: lab.directory,
    },
  };
  // Where the lab and its cloud are may only stand in a file that is named.
  const named = ["--config", join(lab.folder, "answers.json")];
  writeFileSync(join(lab.folder, "answers.json"), JSON.stringify(configuration));
  const environment = { REALMSCOPE_HOME: makeHome(), REALMSCOPE_GRAPH_TOKEN: await lab.cloud.token() };
  const options = { environment, folder: lab.folder, limitMs: 60_000 };
  const configured = await runCli(["provision", "plan", ...named], options);
  expect(configured.code, configured.stderr).toBe(2);
  expect(configured.stdout).toMatch(/^Plan: profile teams/);
  // With no verb and no terminal it is the plan as well.
  const flagged = await runCli(["provision", "--profile", "skype-online", ...named], options);
  expect(flagged.stdout).toMatch(/^Plan: profile skype-online/);
  writeFileSync(join(lab.folder, "realmscope.config.json"), JSON.stringify({ provisioning: { domian: "x" } }));
  const misspelt = await runCli(["provision", "plan"], options);
  expect(misspelt.code).toBe(2);
  expect(misspelt.stderr).toMatch(/unknown key "domian"/);
}, 120_000);

test("verify --traffic waits for the confirmed handshake of a running capture", async () => {
  const lab = await startProvisioningLab();
  const home = makeHome();
  const environment = { REALMSCOPE_HOME: home, REALMSCOPE_GRAPH_TOKEN: await lab.cloud.token() };
  const answers = labAnswers(lab);
  expect((await runCli(["provision", "apply", ...answers, "--yes"], { environment, limitMs: 60_000 })).code).toBe(0);
  const journal = join(home, "capture.ndjson");
  const rejected = new URL("../../captures/issuer-unknown.ndjson", import.meta.url).pathname;
  copyFileSync(rejected, journal);
  const child = startCli(["provision", "verify", ...answers, "--traffic", journal, "--wait", "120"], {
    environment,
    limitMs: 120_000,
  });
  child.stdin.end();
  const ended = collect(child);
  // It has verified the settings and waits; only then the real handshake is captured.
  await new Promise<void>((resolve) =>
    child.stdout.on("data", (chunk: Buffer) => chunk.includes("Verified: ok") && resolve()),
  );
  rmSync(journal);
  const demo = await runCli(["demo", "--scenario", "trust-works", "--save", journal, "--plain", "--quiet"], {
    environment,
    limitMs: 60_000,
  });
  expect(demo.code, demo.stderr).toBe(0);
  const { code, stdout } = await ended;
  expect(stdout).toMatch(
    /Traffic: 00000004-0000-0ff1-ce00-000000000000 got through to mail\.contoso\.example with a token of .*@7f3c1e2a/,
  );
  expect(code).toBe(0);
  const unseen = await runCli(["provision", "verify", ...answers, "--traffic", rejected, "--wait", "0"], {
    environment,
    limitMs: 60_000,
  });
  expect(unseen.stdout).toContain("no handshake of this profile was confirmed in time");
  expect(unseen.code).toBe(4);
}, 180_000);
