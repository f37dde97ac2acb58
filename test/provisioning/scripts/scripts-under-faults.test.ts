// Every emitted script on the real PowerShell engine, over stubs with the documented parameters: once, twice, with each call in
// turn failing before or after its effect or ending the script, in five cultures, then undo. The state at the end is the state at
// the start, and what another administrator made is as it was after every run.
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readSettings } from "../../../src/provisioning/model/settings.ts";
import { renderScripts } from "../../../src/provisioning/scripts/all-scripts.ts";
import { authCertificate } from "../../support/auth-certificate.ts";
import { findEngines } from "../../support/powershell-engine.ts";
import {
  type RunSeen,
  runSchedules,
  type Schedule,
  type ScheduleSeen,
  type ScriptFault,
  withCultures,
} from "../../support/script-runs.ts";
import { labFolder } from "../exchange/lab-shell.ts";

const { engines, noHost } = await findEngines();
const host = engines.find((one) => one.isHost);
const der = authCertificate();
const thumbprint = createHash("sha1").update(der).digest("hex").toUpperCase();
const cultures = ["en-US", "de-DE", "tr-TR", "ar-SA", "ja-JP"];
/** `all`: every call, in every culture, for every profile. */
const isLong = process.env.REALMSCOPE_SCRIPT_FAULTS === "all";

const foreignKey = (name: string): string =>
  `[pscustomobject]@{ KeyId = [guid]::NewGuid(); Key = [byte[]](1, 2, 3); DisplayName = '${name}'; CustomKeyIdentifier = [byte[]](9, 9); StartDateTime = [datetime]::new(2026, 1, 2, 3, 4, 5, [DateTimeKind]::Utc); EndDateTime = [datetime]::new(2036, 1, 2, 3, 4, 5, [DateTimeKind]::Utc); Type = 'AsymmetricX509Cert'; Usage = 'Verify' }`;
const principals = {
  "00000004-0000-0ff1-ce00-000000000000": "skype",
  "7557eb47-c689-4224-abcf-aef9bd7573df": "scheduler",
  "db7de2b5-2149-435e-8043-e080dd50afae": "voicemail",
};
const seed = `
[void](Add-Stub 'AuthConfig' @{ CurrentCertificateThumbprint = '${thumbprint}'; NextCertificateThumbprint = $null })
[void](Add-Stub 'ExchangeCertificate' @{ Name = '${thumbprint}'; Thumbprint = '${thumbprint}'; RawData = [Convert]::FromBase64String('${der.toString("base64")}') })
foreach ($name in 'UserApplication', 'ArchiveApplication') { [void](Add-Stub 'ManagementRole' @{ Name = $name; Parent = $null }) }
foreach ($name in 'GetDelegate', 'FindItem', 'GetFolder') { [void](Add-Stub 'ManagementRoleEntry' @{ Role = 'UserApplication'; Name = $name }) }
[void](Add-Stub 'MailUser' @{ Name = 'Foreign'; ExternalEmailAddress = 'SMTP:foreign@contoso.example'; HiddenFromAddressListsEnabled = $false })
[void](Add-Stub 'ManagementRole' @{ Name = 'ForeignRole'; Parent = 'UserApplication' })
foreach ($name in 'FindItem', 'GetFolder') { [void](Add-Stub 'ManagementRoleEntry' @{ Role = 'ForeignRole'; Name = $name }) }
[void](Add-Stub 'ManagementRoleAssignment' @{ Name = 'Foreign'; Role = 'UserApplication'; User = 'Foreign'; Enabled = $true; AssignmentMethod = 'Direct' })
[void](Add-Stub 'PartnerApplication' @{ Name = 'Foreign'; ApplicationIdentifier = '11111111-0000-0ff1-ce00-000000000000'; Enabled = $false; LinkedAccount = 'Foreign' })
${Object.entries(principals)
  .map(
    ([appId, name]) =>
      `[void](Add-Stub 'ServicePrincipal' @{ Name = '${name}'; Id = 'id-${name}'; AppId = '${appId}'; KeyCredentials = @(${foreignKey(`theirs of ${name}`)}) })`,
  )
  .join("\n")}
`;

const exchange = { script: "realmscope-exchange", more: "-ResultFile '%-exchange.json'" };
const exchangeCheck = { ...exchange, more: `-CheckOnly ${exchange.more}` };
const exchangeFile = "-ExchangeFile '%-exchange.json'";
const cloud = { script: "realmscope-cloud", more: `${exchangeFile} -ResultFile '%-cloud.json'` };
const cloudCheck = { ...cloud, more: `-CheckOnly ${cloud.more}` };
const cloudUndo = {
  script: "realmscope-cloud-undo",
  more: "-MadeFile '%-cloud.json' -ResultFile '%-cloud-undo.json'",
};
const exchangeUndo = {
  script: "realmscope-exchange-undo",
  more: "-DeleteAccounts -MadeFile '%-exchange.json' -ResultFile '%-exchange-undo.json'",
};

/** What runs around a script that is struck; the cloud half reads the certificate from the run without faults. */
const readsClean = { ...cloud, more: "-ExchangeFile '^/clean-en-US-exchange.json' -ResultFile '%-cloud.json'" };
const around: Readonly<Record<string, Schedule["runs"]>> = {
  "realmscope-exchange": [exchange, exchange, exchangeUndo],
  "realmscope-exchange-undo": [exchange, exchangeUndo, exchangeUndo],
  "realmscope-cloud": [readsClean, readsClean, cloudUndo],
  "realmscope-cloud-undo": [readsClean, cloudUndo, cloudUndo],
};

/** Everything, a look, everything again, a look at the undo, and the undo; each script that can be struck runs once more. */
const whole = [
  ...[exchange, exchange, exchangeCheck, cloud, cloud, cloudCheck],
  ...[{ ...cloudUndo, more: `-CheckOnly ${cloudUndo.more}` }, cloudUndo, cloudUndo],
  ...[{ ...exchangeUndo, more: `-CheckOnly ${exchangeUndo.more}` }, exchangeUndo, exchangeUndo],
];

interface Fixture {
  readonly run: (schedules: readonly Schedule[]) => Promise<readonly ScheduleSeen[]>;
}

async function openScripts(profile: string, extra = ""): Promise<Fixture | undefined> {
  const folder = labFolder();
  const engine = host === undefined ? undefined : await withCultures(host, folder);
  if (engine === undefined) return undefined;
  const settings = readSettings({
    ...{ profile, domain: "contoso.example", dc: "dc1.contoso.example" },
    tenant: "7f3c1e2a-9b14-4c0d-8a55-0d2b6f1e90aa",
  });
  for (const { name, text } of renderScripts(settings, [])) writeFileSync(join(folder, name), text);
  return { run: (schedules) => runSchedules({ folder, seed: seed + extra, engine }, schedules) };
}

/** The lines of objects that were there at the start: of a principal its foreign keys. */
function foreignOf(state: readonly string[]): readonly string[] {
  return state.flatMap((line) => {
    if (line.includes("AppId=")) return line.split("; ").filter((part) => part.startsWith("key theirs"));
    return /Foreign|Name=(?:UserApplication|ArchiveApplication);|Role=UserApplication$/.test(line) ? [line] : [];
  });
}

/** A look changes nothing, foreign objects are as they were after every run, and the undo restores the start. */
function judge({ schedule, start, runs }: ScheduleSeen): readonly string[] {
  const wrong: string[] = [];
  const add = (what: string): void => void wrong.push(`${schedule.label} (${schedule.culture}): ${what}`);
  let before = start;
  for (const [index, run] of runs.entries()) {
    const isCheck = schedule.runs[index]?.more.includes("-CheckOnly") === true;
    if (isCheck && run.state.join("\n") !== before.join("\n")) add(`-CheckOnly of ${run.script} changed the state`);
    const [now, was] = [foreignOf(run.state), foreignOf(start)];
    if (now.join("\n") !== was.join("\n")) add(`${run.script} (run ${index}) changed what others made`);
    before = run.state;
  }
  const left = runs.at(-1)?.state ?? [];
  const more = left.filter((line) => !start.includes(line));
  const less = start.filter((line) => !left.includes(line));
  if (more.length + less.length > 0) add(`after undo more: ${more.join(" | ")} less: ${less.join(" | ")}`);
  return wrong;
}

const isRead = (call: string): boolean => /^(?:Get|Connect)-|-MgRequestContext$/.test(call);

/** Each call of each script in turn, as it was counted in a run without faults. */
function faultsFor(runs: readonly RunSeen[]): readonly ScriptFault[] {
  const first = new Map<string, RunSeen>();
  for (const [index, run] of runs.entries()) {
    const isCheck = whole[index]?.more.includes("-CheckOnly") === true;
    if (!isCheck && !first.has(run.script)) first.set(run.script, run);
  }
  let count = 0;
  return [...first.values()].flatMap(({ script, calls }) =>
    calls.flatMap((call, index): readonly ScriptFault[] => {
      const at = { script, at: index + 1 };
      // A read has no effect: in the short form none fails.
      if (isRead(call)) return isLong ? [{ ...at, when: "before", how: "error" }] : [];
      const kinds: readonly ScriptFault[] = [
        { ...at, when: "after", how: "error" },
        { ...at, when: "after", how: "kill" },
        { ...at, when: "before", how: "error" },
        { ...at, when: "before", how: "kill" },
      ];
      // Every change fails in each way in the long form; in the short one every second change, in one way each, in turn.
      count += 1;
      if (!isLong && count % 2 === 0) return [];
      return isLong ? kinds : kinds.slice(((count - 1) / 2) % 4, (((count - 1) / 2) % 4) + 1);
    }),
  );
}

test.each(isLong ? ["skype-online", "teams", "both"] : ["both"])(
  "%s: whatever call fails or ends a script, in any culture: run again and undo restore the start",
  async (profile) => {
    const scripts = await openScripts(profile);
    if (scripts === undefined) return;
    const label = (fault: ScriptFault): string => `${fault.script} call ${fault.at} ${fault.when} ${fault.how}`;
    const clean = await scripts.run(
      cultures.map((culture) => ({
        ...{ label: "no fault", files: `clean-${culture}`, culture },
        ...{ fault: null, runs: whole },
      })),
    );
    expect(clean.flatMap(judge)).toEqual([]);
    for (const seen of clean) {
      expect(
        seen.runs.map(({ exit }) => exit),
        seen.schedule.culture,
      ).toEqual(Array(whole.length).fill(0));
      // The second run of each script finds everything, and changes nothing.
      for (const index of [1, 4]) expect(seen.runs[index]?.state).toEqual(seen.runs[index - 1]?.state);
      expect(seen.runs[0]?.state.length).toBeGreaterThan(seen.start.length);
    }
    const faults = faultsFor(clean[0]?.runs ?? []);
    expect(faults.length).toBeGreaterThan(10);
    const struck = faults.flatMap((fault, index) => {
      const chosen = isLong ? cultures : [cultures[index % cultures.length] ?? "en-US"];
      return chosen.map((culture) => ({
        ...{ label: label(fault), files: `${index}-${culture}`, culture },
        ...{ fault, runs: around[fault.script] ?? [] },
      }));
    });
    const seen = await scripts.run(struck);
    expect(seen.flatMap(judge)).toEqual([]);
    // Run again, a script reaches the end of a run without faults.
    const ends = [
      ["realmscope-exchange", clean[0]?.runs[1]?.state],
      ["realmscope-cloud", clean[0]?.runs[4]?.state.filter((line) => line.includes("AppId="))],
    ] as const;
    for (const [script, wanted = []] of ends)
      for (const { runs, schedule } of seen.filter((one) => one.schedule.fault?.script === script))
        expect(runs[1]?.state, schedule.label).toEqual(expect.arrayContaining([...wanted]));
  },
  isLong ? 3_600_000 : 300_000,
);

test("the cultures and the engine are there", async ({ skip }) => {
  skip(host === undefined, `no PowerShell engine: ${noHost}`);
  const scripts = await openScripts("teams");
  skip(scripts === undefined, "the .NET runtime finds no cultures (libicu)");
  expect(scripts).toBeDefined();
});

const once = (script: string, more: string): Schedule => ({
  ...{ label: more, files: "once", culture: "en-US", fault: null },
  runs: [{ script, more }],
});

test("a result file that cannot be written, or that belongs to something else, stops a script before its first change", async ({
  skip,
}) => {
  const scripts = await openScripts("teams");
  skip(scripts === undefined, "no PowerShell engine, or no cultures");
  const seen = await scripts?.run([
    once("realmscope-exchange", "-ResultFile '%/nowhere/x.json'"),
    once("realmscope-exchange", "-ResultFile '^/cultures.runtimeconfig.json'"),
  ]);
  expect(seen).toHaveLength(2);
  for (const { start, runs } of seen ?? []) expect(runs).toMatchObject([{ exit: null, calls: [""], state: start }]);
});

test("a role of that name under another parent is a conflict, and keeps its entries", async ({ skip }) => {
  const role = `[void](Add-Stub 'ManagementRole' @{ Name = 'TeamsSchedulerRole'; Parent = 'ArchiveApplication' })
foreach ($name in 'FindItem', 'Theirs') { [void](Add-Stub 'ManagementRoleEntry' @{ Role = 'TeamsSchedulerRole'; Name = $name }) }`;
  const scripts = await openScripts("teams", role);
  skip(scripts === undefined, "no PowerShell engine, or no cultures");
  const [seen] = (await scripts?.run([once("realmscope-exchange", exchange.more)])) ?? [];
  expect(seen?.runs[0]?.exit).toBe(3);
  const roleLines = (state: readonly string[] = []): readonly string[] =>
    state.filter((line) => line.includes("TeamsSchedulerRole"));
  expect(roleLines(seen?.runs[0]?.state)).toEqual(roleLines(seen?.start));
});
