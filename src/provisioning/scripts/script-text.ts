// The parts that all emitted scripts share: the head, the values on top, and what writes the result.
import { optionalParameters } from "../exchange/allowed-cmdlets.ts";
import { quotePowerShell, readReference, valueText } from "../exchange/command-text.ts";
import { writeJsonFunction } from "../exchange/powershell-functions.ts";
import type { ScriptItem, WireObject, WireValue } from "../model/exchange-shell.ts";

export type ScriptSide = "exchange" | "cloud" | "exchange-undo" | "cloud-undo";

/** Comment lines, whatever stands in the text. */
export function comment(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a line break would end the comment
  return `# ${text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, " ")}`;
}

/** The texts of the items, each once, under the name of its parameter: the block that a person reads first. */
export interface ScriptValues {
  /** `$settings = @{ … }` */
  readonly block: string;
  /** A value as an expression: out of the block where it is there. */
  readonly expression: (value: WireValue) => string;
}

export function collectValues(items: readonly Pick<ScriptItem, "parameters" | "check">[]): ScriptValues {
  // The first parameter that a value was given to names it.
  const owners = new Map<string, string>();
  for (const { parameters, check } of items) {
    for (const [name, value] of [...Object.entries(parameters), ...Object.entries(check.parameters)]) {
      if (typeof value === "string" && !owners.has(value)) owners.set(value, name);
    }
  }
  const names = new Map<string, string>();
  for (const [value, owner] of owners) {
    const alike = [...owners.values()].filter((one) => one === owner).length;
    const before = [...names.keys()].filter((one) => owners.get(one) === owner).length;
    names.set(value, alike === 1 ? owner : `${owner}${before + 1}`);
  }
  const lines = [...names].map(([value, name]) => `  ${name} = ${quotePowerShell(value)}`);
  return {
    block: `$settings = @{\n${lines.join("\n")}\n}`,
    expression: (value) => {
      const name = typeof value === "string" ? names.get(value) : undefined;
      return name === undefined ? valueText(value) : `$settings.${name}`;
    },
  };
}

/** A call with its parameters one a line: `$call = @{ … }` and the cmdlet. */
export function callLines(cmdlet: string, parameters: WireObject, values: ScriptValues): readonly string[] {
  const lines = Object.entries(parameters).map(([name, value]) => `${name} = ${values.expression(value)}`);
  const leaves = Object.keys(parameters)
    .filter((name) => optionalParameters.includes(`${cmdlet} -${name}`))
    .flatMap((name) => [
      `# Microsoft's page names -${name}; the reference of the cmdlet does not.`,
      `if (-not (Get-Command -Name ${cmdlet} -ErrorAction Stop).Parameters.ContainsKey('${name}')) {`,
      `  $call.Remove('${name}')`,
      `  Write-Line '            ${cmdlet} has no -${name} here, so it is left out.'`,
      "}",
    ]);
  return ["$call = @{", ...lines.map((line) => `  ${line}`), "}", ...leaves, `${cmdlet} @call -ErrorAction Stop`];
}

/** The steps whose outcome the item speaks of. */
export function neededSteps(item: Pick<ScriptItem, "parameters" | "check">): readonly string[] {
  const values = [...Object.values(item.parameters), ...Object.values(item.check.parameters)];
  const steps = values.flatMap((value) => readReference(value)?.stepId ?? []);
  return [...new Set(steps)];
}

export function indent(lines: readonly string[], depth: number): string {
  return lines.map((line) => `${" ".repeat(depth)}${line}`).join("\n");
}

/** A list of texts as an expression; one and none stay lists. */
export function textList(texts: readonly string[]): string {
  return `@(${texts.map(quotePowerShell).join(", ")})`;
}

/** Functions that keep what happened and write it out as JSON. */
export function resultFunctions(side: ScriptSide, planId: string): string {
  return `${writeJsonFunction}
function Write-Line($text) {
  [Console]::Out.WriteLine($text)
}

function Get-Failure($record) {
  @{
    type = [string]$record.CategoryInfo.Reason
    id = [string]$record.FullyQualifiedErrorId
    category = [string]$record.CategoryInfo.Category
    message = [string]$record.Exception.Message
  }
}

# Beside the steps: when, where and by whom. No secrets are in it.
function Write-Result($more) {
  $result = @{
    format = 'realmscope-script-result'
    version = 1
    side = '${side}'
    plan = ${quotePowerShell(planId)}
    startedAt = $startedAt
    endedAt = [datetime]::UtcNow
    host = [Environment]::MachineName
    actor = [Environment]::UserDomainName + '\\' + [Environment]::UserName
    items = $results
  }
  foreach ($key in $more.Keys) { $result[$key] = $more[$key] }
  $path = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($ResultFile)
  [IO.File]::WriteAllText($path, (ConvertTo-WireText $result))
  Write-Line ('Written: ' + $path)
}
`;
}

/** As Windows PowerShell 5.1 reads it rightly: without the mark it takes the text for the system's old code page. */
export function asScriptFile(text: string): string {
  return `\ufeff${text.replace(/\r?\n/g, "\r\n")}`;
}

/** Reads the result of an earlier script into `$earlier`. */
export function readResultLines(variable: string, fileVariable: string): string {
  return `$path = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath(${fileVariable})
${variable} = ConvertFrom-WireJson ([IO.File]::ReadAllText($path))
if (${variable}.format -ne 'realmscope-script-result') { throw ($path + ' is no result of a realmscope script.') }
`;
}
