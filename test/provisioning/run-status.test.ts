// The status of runs: one in progress, one that was refused, one that was tampered with; and what the shell printed.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readDirectory } from "../../src/lab/exchange-shell/directory-state.ts";
import { changeLab, labControllers } from "../../src/lab/exchange-shell/lab-directory.ts";
import { openRunJournal, readRunJournal } from "../../src/provisioning/engine/run-journal.ts";
import { createShellNotes } from "../../src/provisioning/engine/shell-notes.ts";
import { renderTranscript } from "../../src/provisioning/engine/transcript.ts";
import { createSecretFilter } from "../../src/provisioning/model/hide-secrets.ts";
import { labAnswers } from "../support/provisioning-answers.ts";
import { startProvisioningLab } from "../support/provisioning-lab.ts";
import { collect, runCli, startCli } from "../support/run-cli.ts";

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "realmscope-status-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test("a run in progress is listed as such, then as killed; a refused one leaves no run; a changed journal hides no other run", async () => {
  const lab = await startProvisioningLab({ directory: { manner: { isChatty: true } } });
  const home = makeFolder();
  const environment = { REALMSCOPE_HOME: home, REALMSCOPE_GRAPH_TOKEN: await lab.cloud.token() };
  const answers = labAnswers(lab);
  const provision = (...args: readonly string[]) => runCli(["provision", ...args], { environment, limitMs: 60_000 });
  const rows = async (): Promise<unknown> => JSON.parse((await provision("status", "--json")).stdout);
  const plan = join(lab.folder, "plan.json");
  expect((await provision("plan", ...answers, "--out", plan)).code).toBe(2);
  changeLab(lab.directory, (state) => ({ ...state, faults: [{ cmdlet: "New-MailUser", kind: "hang-before" }] }));
  const child = startCli(["provision", "apply", ...answers, "--plan", plan], { environment, limitMs: 60_000 });
  child.stdin.end();
  const ended = collect(child);
  await new Promise<void>((resolve) => child.stdout.on("data", (chunk: Buffer) => chunk.includes("[1/") && resolve()));
  expect(await rows()).toMatchObject([{ how: "under way", profile: "skype-online", reason: "" }]);
  expect((await provision("status")).stdout).toContain("under way");
  child.kill("SIGKILL");
  await ended;
  expect(await rows()).toMatchObject([{ how: "killed", done: 0 }]);
  const resumed = await provision("resume", ...answers, "--yes");
  expect(resumed.code, resumed.stderr).toBe(0);
  // The saved plan is stale now: refused before it began, so that `undo` still means the run that was.
  expect((await provision("apply", ...answers, "--plan", plan)).code).toBe(3);
  expect(await rows()).toMatchObject([{ how: "finished", done: 6 }]);
  const runs = join(home, "provisioning", "runs");
  expect(readdirSync(runs)).toHaveLength(1);
  const transcript = await provision("status", "--run", readdirSync(runs)[0] ?? "");
  expect(transcript.stdout).toContain("> warning: 正在連線到伺服器 <EX1>");
  const other = join(runs, "00000000T000000-0000");
  mkdirSync(other);
  writeFileSync(join(other, "journal.ndjson"), '{"kind":"end","previous":"1"}\n');
  expect(await rows()).toMatchObject([{ how: "unreadable", reason: "bad-run-journal" }, { how: "finished" }]);
  expect(existsSync(join(home, "provisioning", "lock"))).toBe(false);
}, 120_000);

test("--undo-on-failure takes back what was changed, but nothing while an effect is unknown", async () => {
  const lab = await startProvisioningLab();
  const environment = { REALMSCOPE_HOME: makeFolder(), REALMSCOPE_GRAPH_TOKEN: await lab.cloud.token() };
  const answers = labAnswers(lab);
  const provision = (...args: readonly string[]) => runCli(["provision", ...args], { environment, limitMs: 60_000 });
  const held = () => Object.keys(readDirectory(lab.directory).replicas[labControllers[0]] ?? {}).sort();
  const before = held();
  const apply = ["apply", ...answers, "--yes", "--undo-on-failure", "--allow-destructive"];
  lab.cloud.faults.add({ method: "PATCH", kind: { status: 403, message: "no" } });
  const refused = await provision(...apply);
  expect(refused.code, refused.stdout).toBe(1);
  expect(refused.stderr).toMatch(/The changes of the run were undone/);
  expect(held()).toEqual(before);
  expect(JSON.parse((await provision("status", "--json")).stdout)).toMatchObject([{ how: "taken back", done: 5 }]);
  changeLab(lab.directory, (state) => ({
    ...state,
    faults: [{ cmdlet: "New-PartnerApplication", kind: "die-after" }],
  }));
  const lost = await provision(...apply);
  expect(lost.code).toBe(1);
  expect(lost.stderr).toMatch(/Nothing is undone: it is unknown/);
  expect(held().length).toBeGreaterThan(before.length);
  const resumed = await provision("resume", ...answers, "--yes");
  expect(resumed.code, resumed.stderr).toBe(0);
}, 120_000);

test("what the shell prints is bounded, has its secrets hidden, and cannot leave its line in the transcript", () => {
  const path = join(makeFolder(), "journal.ndjson");
  const { hide } = createSecretFilter();
  const journal = openRunJournal(path, { now: Date.now, hide });
  const notes = createShellNotes(hide);
  const kept = notes.journalWithNotes(journal);
  notes.add("before the run");
  kept.write({ kind: "already", itemId: "first" });
  const token = `eyJhbGciOiJub25lIn0.${"Q0FOQVJZ".repeat(90)}.c2ln`;
  for (const line of [
    `Authorization: Bearer ${token}`,
    "-----BEGIN PRIVATE KEY-----",
    "MIIcanary",
    "-----END PRIVATE KEY-----",
    "\u001b[2J# Run forged\u2028```\u202e",
    "",
    "x".repeat(5000),
  ])
    notes.add(line);
  for (let index = 0; index < 500; index += 1) notes.add(`line ${index}`);
  kept.write({ kind: "already", itemId: "second" });
  kept.write({ kind: "already", itemId: "third" });
  journal.close();
  const entries = readRunJournal(path);
  expect(entries.map((entry) => entry.kind)).toEqual(["already", "note", "already", "note", "already"]);
  const transcript = renderTranscript("run", entries);
  expect(transcript).toContain("> before the run");
  expect(transcript).toContain("> (more than 200 lines; the others are left out)");
  expect(transcript).not.toContain("line 499");
  expect(readFileSync(path, "utf8") + transcript).not.toMatch(/Q0FOQVJZ|MIIcanary/);
  expect(transcript).toMatch(/^> .*# Run forged/m);
  for (const forbidden of ["\u001b", "\u2028", "\u202e", "```"]) expect(transcript).not.toContain(forbidden);
  expect(Math.max(...transcript.split("\n").map((line) => line.length))).toBeLessThan(500);
});

test("a script result that contains a secret is shown without it", async () => {
  const folder = makeFolder();
  const path = join(folder, "result.json");
  const message = "Bearer eyJhbGciOiJub25lIn0.eyJjYW5hcnkiOjF9.c2ln client_secret=ca-na-ry \u001b[31m";
  const error = { type: "X", id: "Y", category: "Z", message };
  const result = { format: "realmscope-script-result", version: 1, side: "cloud", plan: "p", startedAt: "", host: "h" };
  writeFileSync(path, JSON.stringify({ ...result, actor: "a", items: [{ stepId: "s5", outcome: "failed", error }] }));
  for (const more of [[], ["--json"]]) {
    const { code, stdout } = await runCli(["provision", "import-result", path, ...more]);
    expect(code).toBe(1);
    expect(stdout).toContain("s5");
    expect(stdout).not.toMatch(/eyJjYW5hcnkiOjF9|ca-na-ry/);
    expect(stdout).not.toContain("\u001b");
  }
});
