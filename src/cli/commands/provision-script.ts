import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ToolError } from "../../core/tool-error.ts";
import { renderScripts, type ScriptFile } from "../../provisioning/scripts/all-scripts.ts";
import { readSettings } from "../../provisioning/settings.ts";
import { safeJson } from "../../sinks/safe-json.ts";
import { type ProvisionOptions, readAnswers } from "../provisioning/answers.ts";
import { readGiven, warn } from "../provisioning/open-run.ts";
import { provisionExit } from "../provisioning/provision-exit.ts";

/** Writes the procedure as PowerShell files; asks nobody and reaches nothing. */
export async function runScript(options: ProvisionOptions & { readonly out: string }): Promise<number> {
  const answers = await readAnswers(options);
  const settings = readSettings(answers);
  for (const note of settings.notes) warn(note);
  const hasCertificates = answers.bundle !== undefined || answers.authCert.length > 0;
  const files = renderScripts(settings, hasCertificates ? readGiven(answers, settings) : []);
  writeAll(options.out, files);
  if (options.json === true)
    process.stdout.write(`${safeJson({ folder: options.out, files: files.map((file) => file.name) })}\n`);
  else if (options.quiet !== true) process.stdout.write(explain(options.out, files));
  return provisionExit.done;
}

function explain(folder: string, files: readonly ScriptFile[]): string {
  const lines = files.map((file) => `  ${join(folder, file.name)}`);
  return `Written, to be read first:
${lines.join("\n")}
Run realmscope-exchange.ps1 in the Exchange Management Shell, then realmscope-cloud.ps1 where Microsoft Graph PowerShell
is; with -CheckOnly both only look. Then \`realmscope provision import-result FILE\` reads what they wrote.
`;
}

function writeAll(folder: string, files: readonly ScriptFile[]): void {
  for (const { name, text } of files) {
    const path = join(folder, name);
    try {
      mkdirSync(folder, { recursive: true });
      writeFileSync(path, text, { flag: "wx" });
    } catch (cause) {
      throw new ToolError("unwritable-file", `The script cannot be written to ${JSON.stringify(path)}.`, {
        hint: "Name a folder where it does not exist yet.",
        cause,
      });
    }
  }
}
