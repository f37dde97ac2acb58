import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { writeWhole } from "../../app/checking/write-whole.ts";
import { removeLeftover, unwritable } from "../../app/place-file.ts";
import { type ProvisionOptions, readAnswers } from "../../app/setup/answers.ts";
import { readGivenCertificates, warn } from "../../app/setup/open-provisioning.ts";
import { safeJson } from "../../core/safe-json.ts";
import { ToolError } from "../../core/tool-error.ts";
import { readSettings } from "../../provisioning/model/settings.ts";
import { renderCheckScripts, renderScripts, type ScriptFile } from "../../provisioning/scripts/all-scripts.ts";
import { provisionExit } from "./provision-exit.ts";

export type ScriptOptions = ProvisionOptions & {
  readonly out: string;
  /** Write the scripts that only check, which `hybrid-app` has. */
  readonly checkOnly?: true | undefined;
};

/** Writes the procedure as PowerShell files. Asks no question and connects to nothing. */
export async function runScript(options: ScriptOptions): Promise<number> {
  const answers = await readAnswers(options);
  const settings = readSettings(answers);
  for (const note of settings.notes) warn(note);
  const hasCertificates = answers.bundle !== undefined || answers.authCert.length > 0;
  const isCheck = settings.profile === "hybrid-app";
  if (isCheck !== (options.checkOnly === true)) throw wrongCheckOnly(isCheck);
  const files = isCheck
    ? renderCheckScripts(settings)
    : renderScripts(settings, hasCertificates ? readGivenCertificates(answers, settings) : []);
  await writeAll(options.out, files);
  if (options.json === true)
    process.stdout.write(`${safeJson({ folder: options.out, files: files.map((file) => file.name) })}\n`);
  else if (options.quiet !== true) process.stdout.write(explain(options.out, files, isCheck));
  return provisionExit.done;
}

function wrongCheckOnly(isCheck: boolean): ToolError {
  if (!isCheck)
    return new ToolError("bad-setting", "--check-only needs --profile hybrid-app.", {
      hint: "The scripts of the other profiles check and change nothing when they are run with -CheckOnly.",
    });
  return new ToolError("checked-only", "--profile hybrid-app is only checked: its scripts need --check-only.", {
    hint: "Microsoft's ConfigureExchangeHybridApplication.ps1 -FullyConfigureExchangeHybridApplication sets the application up.",
  });
}

function explain(folder: string, files: readonly ScriptFile[], isCheck: boolean): string {
  const lines = files.map((file) => `  ${join(folder, file.name)}`);
  if (isCheck)
    return `Written; read these files before you run them:
${lines.join("\n")}
Run realmscope-exchange-check.ps1 in the Exchange Management Shell, then realmscope-cloud-check.ps1 beside its result file,
where Microsoft Graph PowerShell is. They read and change nothing. Then \`realmscope provision import-result FILE\` reads their results.
`;
  return `Written; read these files before you run them:
${lines.join("\n")}
Run realmscope-exchange.ps1 in the Exchange Management Shell, then realmscope-cloud.ps1 where Microsoft Graph PowerShell
is; with -CheckOnly they change nothing. Then \`realmscope provision import-result FILE\` reads their results.
`;
}

/** Writes all files or none, so that nobody runs half of the procedure. */
async function writeAll(folder: string, files: readonly ScriptFile[]): Promise<void> {
  const written: string[] = [];
  let path = folder;
  try {
    mkdirSync(folder, { recursive: true });
    for (const { name, text } of files) {
      path = join(folder, name);
      await writeWhole(path, text, { mode: "new" });
      written.push(path);
    }
  } catch (cause) {
    for (const done of written) removeLeftover(done);
    if (!(cause instanceof ToolError) || cause.code !== "exists") throw unwritable(path, cause);
    throw new ToolError("unwritable-file", `The script cannot be written to ${JSON.stringify(path)}, which exists.`, {
      hint: "Name a folder where it does not exist yet; nothing was written.",
      cause,
    });
  }
}
