// `provision … --print-loader`: exactly what would be started for Exchange, for whoever must allow it. Starts nothing.
import { type ProvisionOptions, readAnswers } from "../../app/setup/answers.ts";
import { shellVariables, shellWay } from "../../app/setup/open-provisioning.ts";
import { safeJson } from "../../core/safe-json.ts";
import { safe } from "../../core/safe-text.ts";
import { labShell } from "../../lab/exchange-shell/lab-directory.ts";
import { bootstrapHash, bootstrapInput, loaderScript } from "../../provisioning/exchange/bootstrap.ts";
import { type ShellCommand, shellCommand } from "../../provisioning/exchange/shell-command.ts";
import { provisionExit, withExitCodes } from "./provision-exit.ts";

/** Prints the program, its arguments, its environment variables, and what is written to its standard input first. */
export function printLoader(options: ProvisionOptions): Promise<number> {
  return withExitCodes(async () => {
    const answers = await readAnswers(options);
    if (answers.only === "cloud") {
      process.stderr.write("With --only cloud no PowerShell is started.\n");
      return provisionExit.done;
    }
    const command = shellCommand(shellWay(answers, labShell));
    process.stdout.write(options.json === true ? `${safeJson(asDocument(command))}\n` : asText(command));
    return provisionExit.done;
  });
}

function asDocument({ program, programArguments, kind }: ShellCommand): object {
  return {
    ...{ schema: "realmscope.loader/1", program, arguments: programArguments, variables: shellVariables(kind) },
    ...{ loader: loaderScript(), sha256: bootstrapHash(), standardInput: bootstrapInput() },
  };
}

function asText({ program, programArguments, kind }: ShellCommand): string {
  const lines = [
    "Program:",
    `  ${program}`,
    "Arguments, one a line:",
    ...programArguments.map((one) => `  ${one}`),
    ...(programArguments.includes(loaderScript())
      ? []
      : ["The last argument is the base64 of UTF-16 of this loader:", `  ${loaderScript()}`]),
    `Environment variables: ${shellVariables(kind).join(" ")}`,
    `Standard input begins with this script (SHA-256 ${bootstrapHash()}), then one line for each call:`,
  ];
  return `${lines.map(safe).join("\n")}\n${bootstrapInput()}`;
}
