// The check-only scripts of `hybrid-app` on the real PowerShell engine: they only read, and they judge every gate as the program
// does, whatever the administrator's culture is.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { StoredKey } from "../../../src/lab/cloud/principal-store.ts";
import { type ObjectKind, readDirectory, type Value } from "../../../src/lab/exchange-shell/directory-state.ts";
import { allowedCmdlets } from "../../../src/provisioning/exchange/allowed-cmdlets.ts";
import type { GateTable } from "../../../src/provisioning/gates/check-gates.ts";
import { renderCheckScripts } from "../../../src/provisioning/scripts/all-scripts.ts";
import { readScriptResult, type ScriptResult } from "../../../src/provisioning/scripts/script-result.ts";
import { collectOutput } from "../../support/collect-output.ts";
import { gateCases } from "../../support/hybrid-cases.ts";
import { checkLab, graphAppId, hybridAppId, startHybridLab } from "../../support/hybrid-lab.ts";
import { findEngines, parseWith } from "../../support/powershell-engine.ts";
import { appIds, type ProvisioningLab } from "../../support/provisioning-lab.ts";
import { readStubCalls, stubScript } from "../../support/stub-commands.ts";
import { labFolder } from "../exchange/lab-shell.ts";

const { engines, noHost } = await findEngines();
const host = engines.find((one) => one.isHost);

test("the engine's package is available here", ({ skip }) => {
  skip(host === undefined, `no PowerShell engine: ${noHost}`);
  expect(host).toBeDefined();
});

function literal(value: Value | undefined): string {
  if (value === undefined || value === null) return "$null";
  if (typeof value === "boolean") return value ? "$true" : "$false";
  if (typeof value === "number") return `${value}`;
  if (typeof value === "string") return `'${value.replaceAll("'", "''")}'`;
  return `@(${value.map(literal).join(", ")})`;
}

function stub(noun: string, values: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(values).map(([name, text]) => `${name} = ${text}`);
  return `[void](Add-Stub '${noun}' @{ ${pairs.join("; ")} })`;
}

const nouns: Partial<Readonly<Record<ObjectKind, string>>> = {
  "auth-server": "AuthServer",
  "partner-application": "PartnerApplication",
  connector: "IntraOrganizationConnector",
  "setting-override": "SettingOverride",
  "organization-relationship": "OrganizationRelationship",
};

/** The lab's organisation as objects of the stub cmdlets. */
function exchangeSeed(lab: ProvisioningLab): readonly string[] {
  const state = readDirectory(lab.directory);
  const { current, next, nextEffective } = state.authConfig;
  const [held = {}] = Object.values(state.replicas);
  const text = (value: string): string => literal(value === "" ? null : value);
  return [
    ...state.servers.map((fqdn) =>
      stub("ExchangeServer", { Name: literal(fqdn.split(".")[0] ?? ""), Fqdn: literal(fqdn), ServerRole: "'Mailbox'" }),
    ),
    stub("AuthConfig", {
      CurrentCertificateThumbprint: text(current),
      NextCertificateThumbprint: text(next),
      NextCertificateEffectiveDate: text(nextEffective),
    }),
    ...state.certificates.map(({ thumbprint, rawData }) =>
      stub("ExchangeCertificate", {
        Name: literal(thumbprint),
        Thumbprint: literal(thumbprint),
        RawData: `[Convert]::FromBase64String('${rawData}')`,
      }),
    ),
    ...Object.values(held).flatMap(({ kind, properties }) => {
      const noun = nouns[kind];
      const values = Object.entries(properties).map(([name, value]) => [name, literal(value)]);
      return noun === undefined ? [] : [stub(noun, Object.fromEntries(values))];
    }),
  ];
}

function keyText(key: StoredKey): string {
  const identifier = Buffer.from(key.customKeyIdentifier ?? "", "hex").toString("base64");
  const day = (time: string): string => `([datetime]'${time}').ToUniversalTime()`;
  return `[pscustomobject]@{ KeyId = '${key.keyId}'; Key = [Convert]::FromBase64String('${key.key}'); CustomKeyIdentifier = [Convert]::FromBase64String('${identifier}'); StartDateTime = ${day(key.startDateTime)}; EndDateTime = ${day(key.endDateTime)}; Type = '${key.type}'; Usage = '${key.usage}' }`;
}

/** The lab's tenant as objects of the stub cmdlets. */
function cloudSeed({ cloud: { store } }: ProvisioningLab): readonly string[] {
  const application = store.application(hybridAppId);
  const keys = (all: readonly StoredKey[]): string => `@(${all.map(keyText).join(", ")})`;
  return [
    ...[appIds.exchange, graphAppId, hybridAppId].flatMap((appId) => {
      const found = store.now(appId);
      if (found === undefined) return [];
      const roles = (found.appRoles ?? []).map(
        ({ id, value }) => `[pscustomobject]@{ Id = '${id}'; Value = '${value}' }`,
      );
      return [
        stub("ServicePrincipal", {
          Id: literal(found.id),
          AppId: literal(appId),
          DisplayName: literal(found.displayName),
          KeyCredentials: keys(found.keyCredentials),
          AppRoles: `@(${roles.join(", ")})`,
        }),
        ...(found.appRoleAssignments ?? []).map(({ appRoleId, resourceId }) =>
          stub("AppRoleAssignment", {
            PrincipalId: literal(found.id),
            AppRoleId: literal(appRoleId),
            ResourceId: literal(resourceId),
          }),
        ),
      ];
    }),
    ...(application === undefined
      ? []
      : [
          stub("Application", {
            Id: literal(application.id),
            AppId: literal(application.appId),
            DisplayName: literal(application.displayName),
            KeyCredentials: keys(application.keyCredentials),
          }),
        ]),
  ];
}

/** Puts an ExSetup.exe of the lab's build into a folder: the host's own assembly, whose file version is changed in place. */
function placeSetup(folder: string, lab: ProvisioningLab): void {
  const state = readDirectory(lab.directory);
  const version = (state.builds?.[state.servers[0] ?? ""] ?? "").split(".").map(Number).join(".");
  if (version === "0") return;
  const [program = ""] = host?.programArguments ?? [];
  const own = "15.2.2562.41";
  expect(version).toHaveLength(own.length);
  const bytes = Buffer.from(readFileSync(program).toString("latin1").replaceAll(own, version), "latin1");
  // On Windows this is a path; here the backslash is a part of the name.
  writeFileSync(join(folder, "bin\\ExSetup.exe"), bytes);
}

interface Run {
  readonly exits: readonly number[];
  readonly exchange: ScriptResult;
  readonly cloud: ScriptResult;
  readonly stdout: string;
}

/** A culture with other separators, dates and signs than the invariant one. */
const culture = `$culture = [Globalization.CultureInfo]::InvariantCulture.Clone()
$culture.DateTimeFormat.ShortDatePattern = 'dd.MM.yyyy'
$culture.DateTimeFormat.LongTimePattern = 'HH.mm.ss'
$culture.NumberFormat.NumberDecimalSeparator = ','
$culture.NumberFormat.NegativeSign = '~'
[Threading.Thread]::CurrentThread.CurrentCulture = $culture`;

/** Runs both scripts for each lab, all in one engine. */
async function runScripts(
  labs: readonly ProvisioningLab[],
  more = "",
): Promise<{ readonly runs: readonly Run[]; readonly cmdlets: readonly string[] }> {
  const folder = labFolder();
  const lines = [culture, `. '${join(folder, "stub.ps1")}'`, more, "$env:COMPUTERNAME = 'EX1'"];
  writeFileSync(join(folder, "stub.ps1"), `\ufeff${stubScript(join(folder, "calls"), "")}`);
  const places = labs.map((lab) => {
    const place = labFolder();
    for (const { name, text } of renderCheckScripts(lab.settings({ profile: "hybrid-app" })))
      writeFileSync(join(place, name), text);
    placeSetup(place, lab);
    const result = (name: string): string => `'${join(place, `realmscope-${name}-check-result.json`)}'`;
    const run = (name: string, more: string): string =>
      `& '${join(place, `realmscope-${name}-check.ps1`)}' ${more} -ResultFile ${result(name)}; [Console]::Out.WriteLine('exit ' + $LASTEXITCODE)`;
    lines.push("$global:stubObjects.Clear()", ...exchangeSeed(lab), ...cloudSeed(lab));
    lines.push(`$env:ExchangeInstallPath = '${place}/'`, "[Console]::Out.WriteLine('# lab')");
    lines.push(run("exchange", ""), run("cloud", `-ExchangeFile ${result("exchange")}`));
    return place;
  });
  const all = join(folder, "all.ps1");
  writeFileSync(all, `\ufeff${lines.join("\n")}\n`);
  const { program, programArguments } = host ?? { program: "", programArguments: [] };
  const words = [...programArguments, "-NoProfile", "-ExecutionPolicy", "Bypass", "-File", all];
  const { stdout, stderr } = await collectOutput(program, words, "");
  expect(stderr).toBe("");
  const parts = stdout.split(/^# lab\r?$/m).slice(1);
  const read = (place: string, name: string): ScriptResult =>
    readScriptResult(readFileSync(join(place, `realmscope-${name}-check-result.json`), "utf8"));
  return {
    runs: places.map((place, index) => ({
      exits: [...(parts[index] ?? "").matchAll(/^exit (\d+)/gm)].map(([, code]) => Number(code)),
      exchange: read(place, "exchange"),
      cloud: read(place, "cloud"),
      stdout: parts[index] ?? "",
    })),
    cmdlets: readStubCalls(join(folder, "calls")).map(({ cmdlet }) => cmdlet),
  };
}

const statesOf = ({ gates }: GateTable): Readonly<Record<string, string>> =>
  Object.fromEntries(gates.map(({ id, state }) => [id, state]));
const outcomesOf = ({ exchange, cloud }: Run): Readonly<Record<string, string>> =>
  Object.fromEntries([...exchange.outcomes, ...cloud.outcomes].map(({ stepId, outcome }) => [stepId, outcome]));

describe.skipIf(host === undefined)("the check-only scripts", () => {
  test("parse, and call nothing that changes anything", async () => {
    const lab = await startHybridLab();
    const folder = labFolder();
    const files = renderCheckScripts(lab.settings({ profile: "hybrid-app", dc: "dc1.contoso.example" })).map(
      ({ name, text }) => {
        writeFileSync(join(folder, name), text);
        return join(folder, name);
      },
    );
    expect(readdirSync(folder)).toEqual(["realmscope-cloud-check.ps1", "realmscope-exchange-check.ps1"]);
    const trees = host === undefined ? [] : await parseWith(host, files);
    const reads = [...allowedCmdlets.keys()].filter((name) => name.startsWith("Get-"));
    const graph = ["Connect-MgGraph", "Get-MgEnvironment", "Add-MgEnvironment", "Set-MgEnvironment"];
    const entra = ["Get-MgApplication", "Get-MgServicePrincipal", "Get-MgServicePrincipalAppRoleAssignment"];
    for (const tree of trees) {
      expect(tree.errors, tree.file).toEqual([]);
      const named = [
        ...reads,
        ...graph,
        ...entra,
        "Set-StrictMode",
        "ForEach-Object",
        "Where-Object",
        "ConvertFrom-Json",
        ...tree.functions,
      ];
      for (const { name, text } of tree.commands) {
        if (name === null) expect(["& $find", "& $judge", "& $judge $_"], tree.file).toContain(text);
        else expect(named, `${tree.file}: ${text}`).toContain(name);
      }
      expect(tree.methods.join(" ")).not.toMatch(/InvokeScript|Invoke\(|NewScriptBlock/);
    }
  });

  test("every gate has the state that the program gives it, in each of the cases", async () => {
    const labs = [await startHybridLab()];
    for (const [, , , , change] of gateCases) {
      const lab = await startHybridLab();
      change(lab);
      labs.push(lab);
    }
    const { runs, cmdlets } = await runScripts(labs);
    const names = ["as Microsoft's script leaves it", ...gateCases.map(([name]) => name)];
    for (const [index, lab] of labs.entries()) {
      const run = runs[index];
      if (run === undefined) throw new Error("a run is missing");
      const table = await checkLab(lab, { isDirect: true });
      expect(outcomesOf(run), `${names[index]}\n${run.stdout}`).toEqual(statesOf(table));
      const worst = Math.max(...run.exits.map((code) => (code === 1 ? 9 : code)));
      expect(worst, names[index]).toBe({ ok: 0, unverified: 4, failed: 9 }[table.verdict]);
    }
    for (const cmdlet of cmdlets) expect(cmdlet).toMatch(/^(?:Get-|Connect-MgGraph$|(?:Add|Set)-MgEnvironment$)/);
    expect(runs[0]?.stdout).toMatch(/^ok +builds that can use the dedicated application\r?$/m);
    expect(runs[0]?.stdout).toMatch(/^cannot tell +EWS gate of Exchange Online \(does not count\)\r?$/m);
  }, 240_000);

  test.each([
    ["Get-SettingOverride", ["identity-override", "graph-override"]],
    ["Get-AuthServer", ["application-id", "domain-names", "graph-base-url", "application-keys", "consent-ews"]],
    ["Get-MgApplication", ["application-keys"]],
    ["Get-MgServicePrincipal", ["consent-ews", "consent-graph", "shared-principal-keys"]],
  ])("%s that is denied: cannot tell; never missing", async (cmdlet, gates) => {
    const parameters = "$DomainController, $Filter, $ServicePrincipalId, $ApplicationId, $Property";
    const denied = `function global:${cmdlet} { [CmdletBinding()] param(${parameters}) Stop-Stub 'CmdletAccessDeniedException' '${cmdlet}' 'x' }`;
    const { runs } = await runScripts([await startHybridLab()], denied);
    const [run] = runs;
    if (run === undefined) throw new Error("a run is missing");
    const states = outcomesOf(run);
    for (const id of gates) expect(states[id], id).toBe("cannot tell");
    expect(Object.values(states)).not.toContain("missing");
    expect(run.exits).toContain(4);
  });
});
