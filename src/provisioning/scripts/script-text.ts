// The parts that all emitted scripts share: head comment, settings block, and the functions that write the result file.
import { optionalParameters } from "../exchange/allowed-cmdlets.ts";
import { quotePowerShell, readReference, valueText } from "../exchange/command-text.ts";
import { writeJsonFunction } from "../exchange/powershell-functions.ts";
import type { ScriptItem, WireObject, WireValue } from "../model/exchange-shell.ts";

export const scriptSides = [
  ...(["exchange", "cloud", "exchange-undo", "cloud-undo"] as const),
  ...(["exchange-check", "cloud-check"] as const),
];
export type ScriptSide = (typeof scriptSides)[number];

/** A comment line; line breaks and control characters of the text become spaces. */
export function commentLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a line break would end the comment
  return `# ${text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, " ")}`;
}

/** The strings of all items, each once, under the name of its parameter: the block that a person reads first. */
export interface ScriptValues {
  /** `$settings = @{ … }` */
  readonly block: string;
  /** A value as an expression: a reference to the block if it is there, else a literal. */
  readonly expression: (value: WireValue) => string;
}

/** Collects the strings of the items into the settings block. */
export function collectValues(items: readonly Pick<ScriptItem, "parameters" | "check">[]): ScriptValues {
  // A value is named after the first parameter that has it.
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

/** The lines of a call: `$call = @{ … }` with one parameter a line, then the cmdlet. */
export function callLines(cmdlet: string, parameters: WireObject, values: ScriptValues): readonly string[] {
  const lines = Object.entries(parameters).map(([name, value]) => `${name} = ${values.expression(value)}`);
  const leaves = Object.keys(parameters)
    .filter((name) => optionalParameters.includes(`${cmdlet} -${name}`))
    .flatMap((name) => [
      `# Microsoft's page uses -${name}; the reference of the cmdlet does not list it.`,
      `if (-not (Get-Command -Name ${cmdlet} -ErrorAction Stop).Parameters.ContainsKey('${name}')) {`,
      `  $call.Remove('${name}')`,
      `  Write-Line '            ${cmdlet} does not have -${name} here, so it is left out.'`,
      "}",
    ]);
  return ["$call = @{", ...lines.map((line) => `  ${line}`), "}", ...leaves, `${cmdlet} @call -ErrorAction Stop`];
}

/** The ids of the steps that the item refers to. */
export function neededSteps(item: Pick<ScriptItem, "parameters" | "check">): readonly string[] {
  const values = [...Object.values(item.parameters), ...Object.values(item.check.parameters)];
  const steps = values.flatMap((value) => readReference(value)?.stepId ?? []);
  return [...new Set(steps)];
}

export function indent(lines: readonly string[], depth: number): string {
  return lines.map((line) => `${" ".repeat(depth)}${line}`).join("\n");
}

/** A list of strings as an expression; lists of one and of none stay lists. */
export function textList(texts: readonly string[]): string {
  return `@(${texts.map(quotePowerShell).join(", ")})`;
}

/** The functions that print progress and write the result file as JSON. */
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

# Writes the result file: the steps, and when, where and by whom they were run. It holds no secrets.
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

/** The text as a file, with a byte order mark: without it Windows PowerShell 5.1 reads the system's legacy code page. */
export function asScriptFile(text: string): string {
  return `\ufeff${text.replace(/\r?\n/g, "\r\n")}`;
}

/** The lines that read the result file of an earlier script into a variable. */
export function readResultLines(variable: string, fileVariable: string): string {
  return `$path = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath(${fileVariable})
${variable} = ConvertFrom-WireJson ([IO.File]::ReadAllText($path))
if (${variable}.format -ne 'realmscope-script-result') { throw ($path + ' is not the result of a realmscope script.') }
`;
}
