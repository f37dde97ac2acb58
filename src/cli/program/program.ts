// The commands, their options and help. A command is loaded only when it runs.
import { Command } from "@commander-js/extra-typings";
import { limitNames } from "../../app/limit-options.ts";
import { toolVersion } from "../../app/version.ts";
import { safe } from "../../core/safe-text.ts";
import {
  acceptOutputOptions,
  addCommonOptions,
  addLogOptions,
  addSaveOptions,
  addScreenOptions,
  collect,
  configOption,
  describeOption,
  failOnOption,
  handDownOutputOptions,
  hybridAppOption,
  logsOption,
} from "../options/common-options.ts";
import { trustInstructions } from "../options/trust-instructions.ts";
import { addProvision } from "./provision.ts";
import { addHandOverCommands, addTraceCommands } from "./saved-capture-commands.ts";

/** Builds the command tree; `answer` receives the exit code of the command that ran. */
export function buildProgram(answer: (code: number) => void): Command {
  const program = new Command("realmscope")
    .description(
      "Watches the server-to-server OAuth handshake between Exchange Server and Skype for Business Online, Teams and Cloud Voicemail, and says whether it works.",
    )
    .version(toolVersion(), "-V, --version", "print the version")
    .configureHelp({ optionDescription: describeOption })
    .addHelpText(
      "after",
      "\nEvery command takes --plain, --no-color, --quiet and --verbose; most take --json and --config.",
    )
    .configureOutput({ outputError: (text, write) => write(safeLines(text)) })
    .showHelpAfterError("Run the command with --help to see its options.")
    .exitOverride();
  addDemo(program, answer);
  addWatch(program, answer);
  addTraceCommands(program, answer);
  addHandOverCommands(program, answer);
  addDecode(program, answer);
  addFindings(program, answer);
  addAuthority(program, answer);
  addDoctor(program, answer);
  addProvision(program, answer);
  acceptOutputOptions(program);
  handDownOutputOptions(program);
  return program;
}

/** A usage error repeats the arguments, so each of its lines is made safe for a terminal. */
function safeLines(text: string): string {
  return text.split("\n").map(safe).join("\n");
}

function addDemo(program: Command, answer: (code: number) => void): void {
  addSaveOptions(addScreenOptions(addCommonOptions(program.command("demo"))))
    .description("start a lab of Exchange Server and Microsoft's cloud on this machine and watch their handshake")
    .option("--scenario <name>", "the story to play")
    .option("--list", "list the stories")
    .option("--save-logs <folder>", "let the servers of the lab write their logs into this folder")
    .option("--provision", "first run the whole set-up against the lab, then show the handshake that it makes possible")
    .option("--realm <realm>", "the expected realm")
    .option(...hybridAppOption)
    .addOption(failOnOption())
    .action(async (options) => {
      const { runDemo } = await import("../commands/demo.ts");
      answer(await runDemo(options));
    });
}

function addWatch(program: Command, answer: (code: number) => void): void {
  addLogOptions(addSaveOptions(addScreenOptions(addCommonOptions(program.command("watch")))))
    .description(
      "capture live traffic as a proxy (forward for what Exchange calls, reverse for what calls Exchange), or follow the logs of Exchange Server, or both",
    )
    .option("--forward <[host:]port>", "listen as a forward proxy (repeatable)", collect, [])
    .option("--reverse <[host:]port=https://target[:port]>", "listen in front of one target (repeatable)", collect, [])
    .option(
      "--host <pattern>",
      "open this host: name, *.name or address; all others pass through unread (repeatable)",
      collect,
      [],
    )
    .option("--deny <host[:port]>", "refuse this target (repeatable)", collect, [])
    .option(
      "--allow-client <address[/bits]>",
      "accept connections only from here and this machine (repeatable)",
      collect,
      [],
    )
    .option("--realm <realm>", "the expected realm")
    .option(...hybridAppOption)
    .option("--cert <file>", "certificate chain (PEM) that reverse listeners present; with --key")
    .option("--key <file>", "its private key (PEM)")
    .option("--pfx <file>", "certificate and key as PFX; its pass-phrase in REALMSCOPE_PFX_PASSPHRASE")
    .option("--upstream-ca <file>", "also trust these certificates (PEM) for the targets (repeatable)", collect, [])
    .option("--insecure-upstream <host>", "do not verify this one target's certificate (repeatable)", collect, [])
    .option(
      "--upstream-proxy <url>",
      "reach the targets through this http:// proxy; credentials in REALMSCOPE_UPSTREAM_PROXY_AUTH",
    )
    .option(
      "--connect-to <name:port=host:port>",
      "dial another address for a name, keeping its TLS name (repeatable)",
      collect,
      [],
    )
    .option("--metadata <file>", "STS metadata document with signing keys (repeatable)", collect, [])
    .option("--auth-cert <file>", "Exchange auth certificate, PEM or DER (repeatable)", collect, [])
    .option(
      "--keylog <file>",
      "write TLS session keys for Wireshark; whoever reads this file can decrypt the captured traffic",
    )
    .option("--no-auto-passthrough", "keep opening a host whose clients refuse the inspection CA")
    .option(
      "--allow-port <port>",
      "also reach unopened hosts on this port, beside 80 and 443 (repeatable)",
      collect,
      [],
    )
    .option("--limit <name=value>", `a bound of this run (repeatable): ${limitNames.join(", ")}`, collect, [])
    .option("--for <seconds>", "end after this many seconds")
    .option("--attach [pid]", "open another screen on a running capture instead of starting one")
    .addOption(failOnOption())
    .action(async (options) => {
      const { attach } = options;
      if (attach === undefined) answer(await (await import("../commands/watch.ts")).runWatch(options));
      else answer(await (await import("../commands/attach.ts")).runAttach(attach, options));
    });
}

function addDecode(program: Command, answer: (code: number) => void): void {
  addCommonOptions(program.command("decode"))
    .description(
      "decode and judge what you have in hand: a token, header lines, requests with their answers, logs, output of tests",
    )
    .argument("[value]", "the text, a file with it, or - for standard input (default)")
    .option("--clipboard", "read the text from the clipboard")
    .addOption(failOnOption("never"))
    .option("--realm <realm>", "the expected realm")
    .option(...hybridAppOption)
    .option("--metadata <file>", "STS metadata document with signing keys (repeatable)", collect, [])
    .option("--auth-cert <file>", "Exchange auth certificate, PEM or DER (repeatable)", collect, [])
    .action(async (value, options) => {
      const { runDecode } = await import("../commands/decode.ts");
      answer(await runDecode(value, options));
    });
}

function addFindings(program: Command, answer: (code: number) => void): void {
  program
    .command("findings")
    .description("the catalogue: what each finding means, what it looks like on the wire, what to do")
    .argument("[code]", "one finding's code")
    .option("--json", "machine output")
    .action(async (code, options) => {
      const { runFindings } = await import("../commands/findings.ts");
      answer(await runFindings(code, options));
    });
}

function addAuthority(program: Command, answer: (code: number) => void): void {
  const authority = program.command("ca").description("the inspection CA, constrained to the hosts in question");
  authority
    .command("create")
    .description("create the inspection CA in the data folder")
    .requiredOption("--host <pattern>", "a host that the CA may issue certificates for (repeatable)", collect, [])
    .option("--days <days>", "how many days it is valid", "30")
    .option("--force", "replace the CA that exists")
    .option("--json", "machine output")
    .action(async (options) => {
      const { createCa } = await import("../commands/ca.ts");
      answer(await createCa(options));
    });
  authority
    .command("show")
    .description("print the inspection CA: its hosts, dates and fingerprints")
    .option("--json", "machine output")
    .action(async (options) => {
      const { showCa } = await import("../commands/ca.ts");
      answer(showCa(options));
    });
  authority
    .command("export")
    .description("write the CA's certificate, without its key, for the clients that are to trust it")
    .requiredOption("-o, --output <file>", "the file to write; - is standard output")
    .option("--der", "binary (.cer) instead of PEM")
    .option("--force", "overwrite a file that exists")
    .option("--json", "machine output")
    .addHelpText("after", trustInstructions)
    .action(async (options) => {
      const { exportCa } = await import("../commands/ca.ts");
      answer(await exportCa(options));
    });
  authority
    .command("remove")
    .description("delete the CA and its key, and print how to remove its certificate from the clients")
    .option("--json", "machine output")
    .action(async (options) => {
      const { removeCa } = await import("../commands/ca.ts");
      answer(removeCa(options));
    });
}

/** Adds the `doctor` command, with the options of `watch` that it can check. */
function addDoctor(program: Command, answer: (code: number) => void): void {
  program
    .command("doctor")
    .description(
      "check what usually goes wrong before a capture: ports, CA, clock, targets and their certificates, Extended Protection; with --logs which logs there are and what each can answer",
    )
    .option("--forward <[host:]port>", "an address that watch will listen on (repeatable)", collect, [])
    .option("--reverse <[host:]port=https://target[:port]>", "the same, with its target (repeatable)", collect, [])
    .addOption(
      logsOption(
        "check the logs below this folder or share; without a folder those of this Exchange server (repeatable)",
      ),
    )
    .option(
      "--host <pattern>",
      "a host that watch will open; one without a wildcard is connected to and checked (repeatable)",
      collect,
      [],
    )
    .option("--cert <file>", "certificate chain (PEM) that reverse listeners present; with --key")
    .option("--key <file>", "its private key (PEM)")
    .option("--pfx <file>", "certificate and key as PFX; its pass-phrase in REALMSCOPE_PFX_PASSPHRASE")
    .option("--upstream-ca <file>", "trust these certificates (PEM) for the targets (repeatable)", collect, [])
    .option("--upstream-proxy <url>", "reach the targets through this http:// proxy")
    .option("--connect-to <name:port=host:port>", "dial another address for a name (repeatable)", collect, [])
    .option(...configOption)
    .option("--json", "machine output on standard output, nothing else there")
    .action(async (options) => {
      const { runDoctor } = await import("../commands/doctor.ts");
      answer(await runDoctor(options));
    });
}
