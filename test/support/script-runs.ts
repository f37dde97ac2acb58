// Runs the emitted scripts many times in one process of the PowerShell engine: with a call that fails or a script that ends in
// the middle, in real cultures, and with the state before and after each run.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { collectOutput } from "./collect-output.ts";
import type { Engine } from "./powershell-engine.ts";
import { stubScript } from "./stub-commands.ts";

/** The call that goes wrong: counted from 1 in the script of that name. */
export interface ScriptFault {
  readonly script: string;
  readonly at: number;
  readonly when: "before" | "after";
  readonly how: "error" | "kill";
}

/** One script after the other, from the same state at the start. */
export interface Schedule {
  readonly label: string;
  /** Begins the names of its result files. */
  readonly files: string;
  readonly culture: string;
  readonly fault: ScriptFault | null;
  /** Scripts with their arguments, as PowerShell; the fault strikes the first run of its script. */
  readonly runs: readonly { readonly script: string; readonly more: string }[];
}

export interface RunSeen {
  readonly script: string;
  /** null: an exception left the script. */
  readonly exit: number | null;
  /** Calls of cmdlets by number, as `Verb-Noun`. */
  readonly calls: readonly string[];
  /** Every object as a line, without what differs from run to run. */
  readonly state: readonly string[];
}

export interface ScheduleSeen {
  readonly schedule: Schedule;
  readonly start: readonly string[];
  readonly runs: readonly RunSeen[];
}

const driver = `
function global:Get-StubName($value) {
  foreach ($one in $global:stubObjects) { if ($null -ne $value -and [string]$one.Guid -eq [string]$value) { return 'guid of ' + $one.Noun + ' ' + $one.Name } }
  if ($value -is [byte[]]) { return [Convert]::ToBase64String($value) }
  if ($value -is [datetime]) { return $value.ToString('o', [Globalization.CultureInfo]::InvariantCulture) }
  [string]::Format([Globalization.CultureInfo]::InvariantCulture, '{0}', @($value))
}
function global:Write-State($label) {
  $lines = foreach ($one in $global:stubObjects) {
    $parts = foreach ($property in $one.PSObject.Properties) {
      if (@('Guid', 'Confirm', 'DomainController', 'ErrorAction', 'ApplicationAccount') -contains $property.Name) { continue }
      if ($property.Name -eq 'KeyCredentials') {
        foreach ($key in $property.Value) { 'key ' + $key.DisplayName + ' ' + (Get-StubName ([byte[]]$key.Key)) + ' ' + (Get-StubName $key.StartDateTime) + ' ' + (Get-StubName $key.EndDateTime) + ' ' + $key.Usage }
      } else { $property.Name + '=' + (Get-StubName $property.Value) }
    }
    $all = [string[]]@($parts); [Array]::Sort($all, [StringComparer]::Ordinal)
    $all -join '; '
  }
  $sorted = [string[]]@($lines); [Array]::Sort($sorted, [StringComparer]::Ordinal)
  [Console]::Out.WriteLine('#state ' + [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes($sorted -join "\`n")))
}
function global:Start-Schedule($culture) {
  [Threading.Thread]::CurrentThread.CurrentCulture = [Globalization.CultureInfo]::new($culture)
  [Threading.Thread]::CurrentThread.CurrentUICulture = [Globalization.CultureInfo]::new($culture)
  $global:stubObjects.Clear()
  . $global:seed
  [Console]::Out.WriteLine('#schedule')
  Write-State
}
function global:Invoke-Run($fault, $run) {
  [IO.File]::WriteAllText($global:stubRecord, '')
  $global:stubCalls = 0
  $global:stubFault = $fault
  $global:LASTEXITCODE = $null
  $left = $null
  try { [void]@(& $run) } catch { $left = $_ }
  $global:stubFault = $null
  $names = foreach ($line in [IO.File]::ReadAllText($global:stubRecord).Split("\`n")) { if ($line) { $line.Split(' ')[0] } }
  [Console]::Out.WriteLine('#calls ' + ($names -join ' '))
  if ($null -ne $left) { [Console]::Out.WriteLine('#left ' + $left) } else { [Console]::Out.WriteLine('#exit ' + $LASTEXITCODE) }
  Write-State
}
`;

export interface ScriptPlace {
  readonly folder: string;
  /** Lines that make the objects at the start. */
  readonly seed: string;
  readonly engine: Engine;
}

/** Runs the schedules in one process; the scripts are files of the place's folder, and each schedule has its own result files. */
export async function runSchedules(
  { folder, seed, engine }: ScriptPlace,
  schedules: readonly Schedule[],
): Promise<readonly ScheduleSeen[]> {
  writeFileSync(join(folder, "stub.ps1"), `\ufeff${stubScript(join(folder, "calls"), "")}`);
  writeFileSync(join(folder, "seed.ps1"), `\ufeff${seed}`);
  const lines = [`. '${folder}/stub.ps1'`, `$global:seed = '${folder}/seed.ps1'`, driver];
  for (const { culture, fault, runs, files } of schedules) {
    lines.push(`Start-Schedule '${culture}'`);
    let isLeft = fault !== null;
    for (const { script, more } of runs) {
      const strikes = isLeft && fault?.script === script;
      if (strikes) isLeft = false;
      const how =
        strikes && fault !== null ? `@{ At = ${fault.at}; When = '${fault.when}'; How = '${fault.how}' }` : "$null";
      lines.push(
        `Invoke-Run ${how} { & '${folder}/${script}.ps1' ${more.replaceAll("%", join(folder, files)).replaceAll("^", folder)} }`,
      );
    }
  }
  const all = join(folder, "all.ps1");
  writeFileSync(all, `\ufeff${lines.join("\n")}\n`);
  const words = [...engine.programArguments, "-NoProfile", "-ExecutionPolicy", "Bypass", "-File", all];
  const { stdout, stderr } = await collectOutput(engine.program, words, "");
  if (stderr !== "") throw new Error(stderr);
  return readSeen(stdout, schedules);
}

function readSeen(stdout: string, schedules: readonly Schedule[]): readonly ScheduleSeen[] {
  const parts = stdout.split(/^#schedule\r?$/m).slice(1);
  if (parts.length !== schedules.length) throw new Error(`the engine ended early: ${stdout.slice(-2000)}`);
  return schedules.map((schedule, index) => {
    const part = parts[index] ?? "";
    const states = [...part.matchAll(/^#state (.*)$/gm)].map(([, text = ""]) =>
      Buffer.from(text, "base64").toString("utf8").split("\n"),
    );
    const calls = [...part.matchAll(/^#calls (.*)$/gm)].map(([, text = ""]) => text.trim().split(" "));
    const exits = [...part.matchAll(/^#(?:exit (\d*)|left .*)\r?$/gm)].map(([, code]) =>
      code === undefined || code === "" ? null : Number(code),
    );
    const runs = schedule.runs.map(({ script }, run) => ({
      script,
      exit: exits[run] ?? null,
      calls: calls[run] ?? [],
      state: states[run + 1] ?? [],
    }));
    return { schedule, start: states[0] ?? [], runs };
  });
}

/**
 * The engine with the cultures of the operating system instead of the invariant one alone; undefined when the runtime finds none.
 */
export async function withCultures(engine: Engine, folder: string): Promise<Engine | undefined> {
  const [assembly = ""] = engine.programArguments;
  const base = assembly.replace(/\.dll$/, "");
  const config = join(folder, "cultures.runtimeconfig.json");
  const invariant = readFileSync(`${base}.runtimeconfig.json`, "utf8");
  writeFileSync(config, invariant.replace(/("System\.Globalization\.Invariant":) true/, "$1 false"));
  const programArguments = ["exec", "--runtimeconfig", config, "--depsfile", `${base}.deps.json`, assembly];
  const probe = join(folder, "probe.ps1");
  writeFileSync(probe, "[Console]::Out.WriteLine((1.5).ToString([Globalization.CultureInfo]::new('de-DE')))");
  const { stdout } = await collectOutput(engine.program, [...programArguments, "-File", probe], "");
  return stdout.trim() === "1,5" ? { ...engine, programArguments } : undefined;
}
