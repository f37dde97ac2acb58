// `provision` and its verbs. Each answer is a flag, a key of "provisioning" in the configuration file, and a question of the
// wizard.
import { type Command, Option } from "@commander-js/extra-typings";
import type { ProvisionOptions } from "../../app/setup/answers.ts";
import { collect, configOption } from "../options/common-options.ts";

type Answer = (code: number) => void;

/** Adds the `provision` command. */
export function addProvision(program: Command, answer: Answer): void {
  const provision = program
    .command("provision")
    .description("the set-up that makes the handshake possible: plan, apply, verify, undo");
  // Without a verb: the wizard on a terminal, the plan elsewhere.
  verb(provision, "wizard", { isDefault: true, hidden: true })
    .description("ask for missing answers, show the plan, and apply it")
    .action(async (options) => {
      if (await printsLoader(options, answer)) return;
      const { runWizard } = await import("../provision/provision-wizard.ts");
      answer(await runWizard(options));
    });
  verb(provision, "plan")
    .description("read the real state and show what would be changed and why; changes nothing")
    .option("--out <file>", "also write the plan to this file, for apply --plan; it must not exist")
    .action(async (options) => {
      if (await printsLoader(options, answer)) return;
      const { runPlan } = await import("../provision/provision-plan.ts");
      answer(await runPlan(options));
    });
  verb(provision, "apply")
    .description("apply exactly the plan; asks on a terminal, needs --yes elsewhere")
    .option("--plan <file>", "apply this saved plan; refused when anything has changed since")
    .option("--yes", "do not ask")
    .option("--undo-on-failure", "undo what was changed when a change fails (default: leave it for resume)")
    .option("--allow-destructive", "with --undo-on-failure: agree to delete accounts that this run created")
    .option("--beside-other-run", "go on although another user of this machine has a run under way")
    .option("--tui", "show the steps in the screen")
    .option("--allow-create-service-principal", "agree to create a missing service principal")
    .option("--allow-remove-legacy", "agree to delete the legacy partner application (with --remove-legacy)")
    .action(async (options) => {
      if (await printsLoader(options, answer)) return;
      const { runApply } = await import("../provision/provision-apply.ts");
      answer(await runApply(options));
    });
  verb(provision, "verify")
    .description("read everything back, compare certificate bytes, and with --traffic wait for a confirmed handshake")
    .option("--traffic <file>", "a capture as the witness: a finished one, or the journal of a running watch --save")
    .option("--wait <seconds>", "how long to wait for the handshake", "600")
    .action(async (options) => {
      if (await printsLoader(options, answer)) return;
      const { runVerify } = await import("../provision/provision-verify.ts");
      answer(await runVerify(options));
    });
  addRunVerbs(provision, answer);
  addScriptVerbs(provision, answer);
}

/** True when --print-loader was given: then the loader is printed, and the verb itself does not run. */
async function printsLoader(options: ProvisionOptions, answer: Answer): Promise<boolean> {
  if (options.printLoader !== true) return false;
  const { printLoader } = await import("../provision/print-loader.ts");
  answer(await printLoader(options));
  return true;
}

/** For machines on which this program may not run. */
function addScriptVerbs(provision: Command, answer: Answer): void {
  verb(provision, "script")
    .description("write both halves as PowerShell files to review, each with its undo; connects to nothing")
    .option("--out <folder>", "the folder of the files, which must not exist yet", ".")
    .option("--check-only", "with --profile hybrid-app: scripts that print the same table and change nothing")
    .action(async (options) => {
      const { runScript } = await import("../provision/provision-script.ts");
      answer(await runScript(options));
    });
  provision
    .command("import-result")
    .description("show the results of the written scripts from their result files")
    .argument("<file...>", "result files")
    .option("--json", "machine output")
    .action(async (files, options) => {
      const { runImportResult } = await import("../provision/provision-import-result.ts");
      answer(runImportResult(files, options));
    });
}

function addRunVerbs(provision: Command, answer: Answer): void {
  verb(provision, "undo")
    .description(
      "undo what a run changed, last change first; leaves what existed before and what somebody changed since",
    )
    .option("--run <id>", "the run (default: the last one)")
    .option("--yes", "do not ask")
    .option("--allow-destructive", "agree to delete the account from Active Directory")
    .option("--beside-other-run", "go on although another user of this machine has a run under way")
    .action(async (options) => {
      if (await printsLoader(options, answer)) return;
      const { runUndo } = await import("../provision/provision-undo.ts");
      answer(await runUndo(options));
    });
  verb(provision, "resume")
    .description("continue a run that stopped: read the current state, then apply the rest of its plan")
    .option("--run <id>", "the run (default: the last one)")
    .option("--yes", "do not ask")
    .option("--allow-create-service-principal", "agree to create a missing service principal")
    .option("--allow-remove-legacy", "agree to delete the legacy partner application")
    .option("--beside-other-run", "go on although another user of this machine has a run under way")
    .option("--restore-keys", "restore keys of others that a simultaneous write removed")
    .action(async (options) => {
      if (await printsLoader(options, answer)) return;
      const { runResume } = await import("../provision/provision-resume.ts");
      answer(await runResume(options));
    });
  provision
    .command("status")
    .description("list the runs on this machine and how each ended")
    .option("--run <id>", "print the transcript of one run, as Markdown for a ticket")
    .option("--json", "machine output")
    .action(async (options) => {
      const { runStatus } = await import("../provision/provision-status.ts");
      answer(runStatus(options));
    });
}

/** A verb that takes every answer as an option. */
function verb(
  parent: Command,
  name: string,
  how: { isDefault?: boolean; hidden?: boolean } = {},
): Command<[], ProvisionOptions> {
  const command = addConnectionOptions(parent.command(name, how));
  return command
    .option(
      "--profile <name>",
      "teams (today's page, the default), skype-online (the page of 2021, for set-ups that exist), both, or hybrid-app (only checked)",
    )
    .option("--domain <domain>", "the verified domain of the Exchange accounts")
    .option("--dc <name>", "the domain controller that every call goes to")
    .option("--server <name>", "the one Exchange server whose certificate counts (default: all mailbox servers)")
    .option("--mailbox <address>", "an on-premises mailbox for Test-OAuthConnectivity")
    .option("--tenant <id>", "the tenant's id")
    .option("--cloud <name>", "global, usgov-l4, usgov-l5, china, bleu, delos, or custom")
    .option("--graph-url <url>", "Microsoft Graph in a custom cloud")
    .option("--login-url <url>", "the token issuer in a custom cloud")
    .option(
      "--name <default=own>",
      "another name for what the page calls DEFAULT (repeatable); account:DEFAULT, role:DEFAULT and partner:DEFAULT name one kind of object",
      collect,
      [],
    )
    .option("--without <apps>", "leave out the service principals of these applications: voicemail, scheduler, skype")
    .addOption(new Option("--only <half>", "one half of the procedure").choices(["exchange", "cloud"]))
    .option("--step1", "also apply the two safe parts of step 1: its partner application and host names")
    .option("--skip-step1-check", "continue although step 1 is not done")
    .option("--allow-partial", "upload a certificate that is missing on some servers")
    .option("--direct-roles", "assign roles directly although a group gives them")
    .option("--remove-legacy", "plan the deletion of the legacy partner application (Microsoft says: not yet)")
    .option("--remove-duplicate-keys", "plan to remove surplus entries of the same certificate");
}

/** Adds how Exchange and Microsoft Graph are reached. */
function addConnectionOptions(command: Command) {
  return command
    .addOption(new Option("--exchange <way>", "how Exchange is reached").choices(["local", "remote", "ssh"]))
    .option("--exchange-host <name>", "the Exchange server (remote), or the SSH destination")
    .option("--powershell <path>", "the PowerShell program to start")
    .option("--print-loader", "print exactly what would be started for Exchange, and start nothing")
    .option("--lab <file>", "the lab's Exchange organisation in this file instead of a real one")
    .addOption(
      new Option("--sign-in <way>", "where the token for Microsoft Graph comes from").choices([
        "env",
        "stdin",
        "az",
        "device-code",
        "client-credentials",
      ]),
    )
    .option("--client-id <id>", "the application that signs in")
    .option(
      "--client-certificate <file>",
      "PEM with its certificate and key; a secret comes in REALMSCOPE_CLIENT_SECRET",
    )
    .option(
      "--auth-cert <file>",
      "with --only cloud: the auth certificate, then the next one (repeatable)",
      collect,
      [],
    )
    .option("--bundle <file>", "with --only cloud: the certificates from a bundle of the other half")
    .option("--json", "machine output on standard output, nothing else there")
    .option("--plain", "lines instead of a screen")
    .option("--no-color", "no colours (also: NO_COLOR)")
    .option("--quiet", "only the outcome")
    .option(...configOption);
}
