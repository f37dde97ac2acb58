// The built program against Exchange's shell process and Graph's server: what a person or a script would see.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readDirectory } from "../../src/lab/exchange-shell/directory-state.ts";
import { changeLab, labControllers } from "../../src/lab/exchange-shell/lab-directory.ts";
import type { Plan } from "../../src/provisioning/engine/plan.ts";
import type { PlanItem } from "../../src/provisioning/model/step.ts";
import { labPlace, makeHome } from "../support/provisioning-answers.ts";
import { appIds, type LabWish, type ProvisioningLab, startProvisioningLab } from "../support/provisioning-lab.ts";
import { type CliResult, collect, lastJson, runCli, startCli } from "../support/run-cli.ts";

interface Desk {
  readonly lab: ProvisioningLab;
  readonly home: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Runs `provision VERB` with every answer given. */
  run(verb: string, ...more: readonly string[]): Promise<CliResult>;
  readonly answers: readonly string[];
}

async function openDesk(wish: LabWish = {}): Promise<Desk> {
  const lab = await startProvisioningLab(wish);
  const home = makeHome();
  const answers = labPlace(lab);
  const environment = { REALMSCOPE_HOME: home, REALMSCOPE_GRAPH_TOKEN: await lab.cloud.token() };
  return {
    lab,
    home,
    environment,
    answers,
    run: (verb, ...more) =>
      runCli(["provision", verb, ...answers, ...more], { environment, folder: lab.folder, limitMs: 120_000 }),
  };
}

const skype = ["--profile", "skype-online"] as const;

function writes({ lab }: Desk): readonly string[] {
  const exchange = readDirectory(lab.directory).calls.map((call) => call.cmdlet);
  const graph = lab.cloud.requests.map((request) => request.method);
  return [
    ...exchange.filter((cmdlet) => !/^(?:Get|Test)-/.test(cmdlet)),
    ...graph.filter((method) => method !== "GET"),
  ];
}

test("plan exits 2 and changes nothing; apply --yes exits 0; the second plan exits 0; undo and status", async () => {
  const desk = await openDesk();
  const first = await desk.run("plan");
  expect(first.stderr).toBe("No --profile given: teams, today's page, is planned.\n");
  expect(first.code).toBe(2);
  expect(first.stdout).toMatch(/^Plan: profile teams/);
  expect(first.stdout).toContain("--profile skype-online, for set-ups of 2019 to 2021 that exist, would add");
  const planned = await desk.run("plan", ...skype);
  expect(planned.stderr).toBe("");
  expect(planned.code).toBe(2);
  expect(planned.stdout).toContain("New-MailUser");
  expect(planned.stdout).toContain(
    "Set-MailUser -Identity (Guid known after apply) -HiddenFromAddressListsEnabled:$true",
  );
  const undos = planned.stdout.match(/^ +undo: /gm) ?? [];
  expect(undos).toHaveLength(6);
  expect(planned.stdout).toMatch(/PATCH .*00000004-0000-0ff1-ce00-000000000000/);
  expect(planned.stdout).toContain("--profile teams would add");
  expect(writes(desk)).toEqual([]);
  const applied = await desk.run("apply", "--yes", ...skype);
  expect(applied.code, applied.stderr).toBe(0);
  expect(applied.stdout).toContain("Verified: ok");
  const again = await desk.run("plan", "--json", ...skype);
  expect(again.code).toBe(0);
  expect(lastJson(again.stdout)).toMatchObject({
    schema: "realmscope.plan/1",
    changes: { create: 0, modify: 0, delete: 0 },
  });
  const status = await runCli(["provision", "status", "--json"], { environment: desk.environment });
  const rows = JSON.parse(status.stdout) as readonly { readonly id: string }[];
  expect(rows).toMatchObject([{ how: "finished", profile: "skype-online", done: 6 }]);
  const transcript = await runCli(["provision", "status", "--run", rows[0]?.id ?? ""], {
    environment: desk.environment,
  });
  expect(transcript.stdout).toMatch(/as CONTOSO\\exadmin on Exchange and admin@contoso\.example in the tenant/);
  expect(transcript.stdout).toContain("PATCH /v1.0/servicePrincipals(appId='00000004-0000-0ff1-ce00-000000000000')");
  expect(transcript.stdout).toContain("New-MailUser -Name 'SfBOnline-ApplicationAccount'");
  const undone = await desk.run("undo", "--yes", "--allow-destructive");
  expect(undone.code, undone.stderr).toBe(0);
  expect((await desk.run("plan", ...skype)).code).toBe(2);
  expect(desk.lab.cloud.store.now(appIds.skype)?.keyCredentials).toEqual([]);
}, 120_000);

test.each([
  ["PowerShell in a constrained language mode", { languageMode: "ConstrainedLanguage" }, /ConstrainedLanguage/],
  ["no management shell", { hasExchange: false }, /Exchange Management Shell is not installed there/],
  ["the cmdlets of Exchange Online beside those of the server", { hasOnlineModule: true }, /Exchange Online/],
] as const)("29: %s: exit 5, the reason, and the way to scripts", async (_name, manner, reason) => {
  const desk = await openDesk({ directory: { manner } });
  const { code, stderr } = await desk.run("plan", "--profile", "skype-online");
  expect(code).toBe(5);
  expect(stderr).toMatch(reason);
  expect(stderr).toContain("realmscope provision script");
});

test("32: a second run while one is under way: exit 5", async () => {
  const desk = await openDesk();
  const lock = join(desk.home, "provisioning", "lock");
  changeLab(desk.lab.directory, (state) => ({ ...state, faults: [{ cmdlet: "New-MailUser", kind: "hang-before" }] }));
  const first = startCli(["provision", "apply", ...desk.answers, "--yes", "--json"], {
    environment: desk.environment,
    limitMs: 120_000,
  });
  first.stdin.end();
  const firstEnded = collect(first);
  await new Promise<void>((resolve) => {
    first.stdout.on("data", () => {
      if (existsSync(lock)) resolve();
    });
  });
  const second = await desk.run("apply", "--yes", "--profile", "skype-online");
  expect(second.code).toBe(5);
  expect(second.stderr).toMatch(/locked: Another run is under way \(process \d+/);
  // The second Ctrl-C ends the hanging shell and the program at once.
  first.kill("SIGINT");
  await new Promise<void>((resolve) => first.stderr.once("data", () => resolve()));
  first.kill("SIGINT");
  expect((await firstEnded).code).toBe(130);
}, 120_000);

test.skipIf(!existsSync("/proc/self/stat"))(
  "32: a lock whose process number another program has now does not stop a run",
  async () => {
    const desk = await openDesk();
    mkdirSync(join(desk.home, "provisioning"), { mode: 0o700 });
    const lock = join(desk.home, "provisioning", "lock");
    // This process lives, and began at another time.
    writeFileSync(
      lock,
      JSON.stringify({ pid: process.pid, host: hostname(), began: "1", run: "20260101T000000-0000" }),
    );
    const applied = await desk.run("apply", "--yes", ...skype);
    expect(applied.code, applied.stderr).toBe(0);
    expect(existsSync(lock)).toBe(false);
  },
  120_000,
);

test("33: a plan that was edited, or was made elsewhere, is refused; one whose state has moved is stale", async () => {
  const desk = await openDesk();
  const path = join(desk.lab.folder, "plan.json");
  expect((await desk.run("plan", "--profile", "skype-online", "--out", path)).code).toBe(2);
  const text = readFileSync(path, "utf8");
  const items = (JSON.parse(text) as Plan).steps.flatMap(
    (step) => step.items as readonly (PlanItem & { request: string })[],
  );
  const requests = items.map((item) => item.request);
  expect(requests).toHaveLength(6);
  expect(requests.filter((request) => /^(?:New|Set)-\w+ -/.test(request))).toHaveLength(5);
  expect(requests.at(-1)).toMatch(/^PATCH \/v1\.0\/servicePrincipals\(appId='00000004-.*keyCredentials/);
  const edited = join(desk.lab.folder, "edited.json");
  writeFileSync(edited, text.replace("SfBOnline-ApplicationAccount@", "attacker@"));
  const future = join(desk.lab.folder, "future.json");
  writeFileSync(future, text.replace("realmscope.plan/1", "realmscope.plan/2"));
  const apply = (...more: readonly string[]): Promise<CliResult> =>
    desk.run("apply", "--profile", "skype-online", ...more);
  for (const [more, message] of [
    [["--plan", edited], /was changed since it was written/],
    [["--plan", future], /has the format "realmscope.plan\/2"/],
    [["--plan", path, "--dc", labControllers[1]], /was made for domain controller/],
    [["--plan", path, "--tenant", "00000000-1111-2222-3333-444444444444"], /tenant|token/],
  ] as const) {
    const { code, stderr } = await apply(...more);
    expect(stderr).toMatch(message);
    expect([2, 5]).toContain(code);
  }
  expect(writes(desk)).toEqual([]);
  const applied = await apply("--plan", path);
  expect(applied.code, applied.stderr).toBe(0);
  const stale = await apply("--plan", path);
  expect(stale.code).toBe(3);
  expect(stale.stderr).toMatch(/plan-stale: The state has changed since the plan/);
}, 120_000);

test("a plan that is blocked does not say that nothing is to be changed", async () => {
  const desk = await openDesk();
  const { code, stdout } = await desk.run("plan", "--profile", "skype-online", "--dc", "none.contoso.example");
  expect(code).toBe(5);
  expect(stdout).toContain("Blocked: ");
  expect(stdout).not.toContain("Nothing is to be changed");
});

test("36: without a terminal and without --yes: the plan is printed, exit 2, nothing changed", async () => {
  const desk = await openDesk();
  const { code, stdout, stderr } = await desk.run("apply", "--profile", "both");
  expect(code).toBe(2);
  expect(stdout).toMatch(/^Plan: profile both/);
  expect(stderr).toContain("--yes");
  expect(writes(desk)).toEqual([]);
});

test("23 and 9: 403 leaves a bundle for the other half; resume on another domain controller warns of its lag", async () => {
  const desk = await openDesk();
  const environment = {
    ...desk.environment,
    REALMSCOPE_GRAPH_TOKEN: await desk.lab.cloud.token({ permissions: "Application.Read.All" }),
  };
  const refused = await runCli(["provision", "apply", ...desk.answers, "--profile", "skype-online", "--yes"], {
    environment,
    limitMs: 60_000,
  });
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(/graph-forbidden.*first-party/);
  const bundle = /in (\S+bundle\.json):/.exec(refused.stderr)?.[1] ?? "";
  expect(existsSync(bundle)).toBe(true);
  const cloudOnly = await desk.run(
    "apply",
    "--profile",
    "skype-online",
    "--only",
    "cloud",
    "--bundle",
    bundle,
    "--yes",
  );
  expect(cloudOnly.code, cloudOnly.stderr).toBe(0);
  expect(desk.lab.cloud.store.now(appIds.skype)?.keyCredentials.map((key) => key.key)).toEqual([
    desk.lab.certificate.toString("base64"),
  ]);
  const runs = readdirSync(join(desk.home, "provisioning", "runs")).sort();
  const resumed = await desk.run("resume", "--run", runs[0] ?? "", "--dc", labControllers[1], "--yes");
  expect(resumed.stderr).toMatch(/may lag behind/);
}, 120_000);

test("40: Ctrl-C during apply: the call under way ends, exit 130, resume works", async () => {
  const desk = await openDesk();
  const child = startCli(["provision", "apply", ...desk.answers, "--profile", "both", "--yes"], {
    environment: desk.environment,
    limitMs: 120_000,
  });
  child.stdin.end();
  child.stdout.on("data", (chunk: Buffer) => {
    if (chunk.toString().includes("[1/")) child.kill("SIGINT");
  });
  const { code, stderr } = await collect(child);
  expect(code).toBe(130);
  expect(stderr).toContain("provision resume");
  const resumed = await desk.run("resume", "--yes");
  expect(resumed.code, resumed.stderr).toBe(0);
  expect((await desk.run("plan", "--profile", "both")).code).toBe(0);
}, 120_000);

test("a saved plan keeps its profile, its names and what it leaves out, whatever the default is", async () => {
  const desk = await openDesk();
  const path = join(desk.lab.folder, "plan.json");
  const own = ["--profile", "both", "--without", "voicemail", "--name", "account:TeamsScheduler=Sched"] as const;
  expect((await desk.run("plan", ...own, "--out", path)).code).toBe(2);
  const applied = await desk.run("apply", "--plan", path);
  expect(applied.stderr).toBe("");
  expect(applied.code).toBe(0);
  expect(desk.lab.cloud.store.now(appIds.voicemail)?.keyCredentials).toEqual([]);
  expect(desk.lab.cloud.store.now(appIds.skype)?.keyCredentials).toHaveLength(1);
  const again = await desk.run("apply", "--plan", path, "--without", "skype");
  expect(again.stderr).toMatch(/was made for --without "db7de2b5-.*", not "00000004-/);
});
