// The commands and their options: help comes from here, and nothing of a command is loaded before it runs.
import { Command, Option } from "@commander-js/extra-typings";
import { limitNames } from "../../app/limit-options.ts";
import { toolVersion } from "../../app/version.ts";
import { safe } from "../../core/safe-text.ts";
import { severities } from "../../diagnosis/catalogue/finding-text.ts";
import {
  addCommonOptions,
  addSaveOptions,
  addScreenOptions,
  describeOption,
  takeEverywhere,
} from "../options/common-options.ts";
import { trustInstructions } from "../options/trust-instructions.ts";
import { addProvision } from "./provision.ts";
import { addHandOverCommands, addTraceCommands } from "./saved-capture-commands.ts";

const many = (value: string, earlier: readonly string[]): readonly string[] => [...earlier, value];
const failOn = () =>
  new Option("--fail-on <severity>", "exit with 1 when a finding is this bad or worse (default: error)").choices(
    severities,
  );

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
  takeEverywhere(program);
  return program;
}

/** A usage error repeats what was typed. Its own line ends stay; one in an argument is a line end all the same, and no more. */
function safeLines(text: string): string {
  return text.split("\n").map(safe).join("\n");
}

function addDemo(program: Command, answer: (code: number) => void): void {
  addSaveOptions(addScreenOptions(addCommonOptions(program.command("demo"))))
    .description(
      "start a lab of Exchange Server, STS and Skype for Business Online on this machine and watch their handshake",
    )
    .option("--scenario <name>", "the story to play")
    .option("--list", "list the stories")
    .option("--provision", "first run the whole set-up against the lab, then show the handshake that it made possible")
    .option("--realm <realm>", "the realm that is expected")
    .addOption(failOn())
    .action(async (options) => {
      const { runDemo } = await import("../commands/demo.ts");
      answer(await runDemo(options));
    });
}

function addWatch(program: Command, answer: (code: number) => void): void {
  addSaveOptions(addScreenOptions(addCommonOptions(program.command("watch"))))
    .description("capture live traffic as a proxy: forward for what Exchange calls, reverse for what calls Exchange")
    .option("--forward <[host:]port>", "listen as a forward proxy (repeatable)", many, [])
    .option("--reverse <[host:]port=https://target[:port]>", "listen in front of one target (repeatable)", many, [])
    .option(
      "--host <pattern>",
      "open this host: name, *.name or address; all others pass through unread (repeatable)",
      many,
      [],
    )
    .option("--deny <host[:port]>", "refuse this target (repeatable)", many, [])
    .option(
      "--allow-client <address[/bits]>",
      "take connections from there and this machine only (repeatable)",
      many,
      [],
    )
    .option("--realm <realm>", "the realm that is expected")
    .option("--cert <file>", "certificate chain (PEM) that reverse listeners show; with --key")
    .option("--key <file>", "its private key (PEM)")
    .option("--pfx <file>", "certificate and key as PFX; its pass-phrase in REALMSCOPE_PFX_PASSPHRASE")
    .option(
      "--upstream-ca <file>",
      "trust these certificates (PEM) for the targets, beside the system's (repeatable)",
      many,
      [],
    )
    .option("--insecure-upstream <host>", "do not verify this one target's certificate (repeatable)", many, [])
    .option(
      "--upstream-proxy <url>",
      "reach the targets through this http:// proxy; credentials in REALMSCOPE_UPSTREAM_PROXY_AUTH",
    )
    .option(
      "--connect-to <name:port=host:port>",
      "dial another place for a name, its TLS name kept (repeatable)",
      many,
      [],
    )
    .option("--metadata <file>", "STS metadata document with signing keys (repeatable)", many, [])
    .option("--auth-cert <file>", "Exchange auth certificate, PEM or DER (repeatable)", many, [])
    .option(
      "--keylog <file>",
      "write TLS session keys for Wireshark; this file opens the captured traffic to its reader",
    )
    .option("--no-auto-passthrough", "keep opening a host whose clients refuse the inspection CA")
    .option("--allow-port <port>", "let unopened hosts be reached here too, beside 80 and 443 (repeatable)", many, [])
    .option("--limit <name=value>", `a bound of this run (repeatable): ${limitNames.join(", ")}`, many, [])
    .option("--for <seconds>", "end by itself after so many seconds")
    .option("--attach [pid]", "open another screen on a capture that is running, instead of starting one")
    .addOption(failOn())
    .action(async (options) => {
      if (options.attach !== undefined) {
        const { runAttach } = await import("../commands/attach.ts");
        answer(await runAttach(options.attach, options));
        return;
      }
      const { runWatch } = await import("../commands/watch.ts");
      answer(await runWatch(options));
    });
}

function addDecode(program: Command, answer: (code: number) => void): void {
  addCommonOptions(program.command("decode"))
    .description("decode and judge one token, challenge, diagnostics header, issuer, header block or token request")
    .argument("[value]", "the text; standard input when it is left out")
    .option("--realm <realm>", "the realm that is expected")
    .option("--metadata <file>", "STS metadata document with signing keys (repeatable)", many, [])
    .option("--auth-cert <file>", "Exchange auth certificate, PEM or DER (repeatable)", many, [])
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
    .description("make the inspection CA in the data folder")
    .requiredOption("--host <pattern>", "a host that the CA may speak for (repeatable)", many, [])
    .option("--days <days>", "how long it lives", "30")
    .option("--force", "replace the one that is there")
    .option("--json", "machine output")
    .action(async (options) => {
      const { createCa } = await import("../commands/ca.ts");
      answer(await createCa(options));
    });
  authority
    .command("show")
    .description("print what the inspection CA is and may do")
    .option("--json", "machine output")
    .action(async (options) => {
      const { showCa } = await import("../commands/ca.ts");
      answer(showCa(options));
    });
  authority
    .command("export")
    .description("write the CA's certificate, without its key, for the clients that shall trust it")
    .requiredOption("-o, --output <file>", "the file to write; - is standard output")
    .option("--der", "binary (.cer) instead of PEM")
    .option("--force", "write over a file that is there")
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

/** Adds the `doctor` command; its options are those of `watch` that it can check. */
function addDoctor(program: Command, answer: (code: number) => void): void {
  program
    .command("doctor")
    .description(
      "check what usually goes wrong before a capture: ports, CA, clock, targets and their certificates, Extended Protection",
    )
    .option("--forward <[host:]port>", "a place where watch shall listen (repeatable)", many, [])
    .option("--reverse <[host:]port=https://target[:port]>", "the same, with its target (repeatable)", many, [])
    .option(
      "--host <pattern>",
      "a host that shall be opened; whole names are reached and checked (repeatable)",
      many,
      [],
    )
    .option("--cert <file>", "certificate chain (PEM) that reverse listeners show; with --key")
    .option("--key <file>", "its private key (PEM)")
    .option("--pfx <file>", "certificate and key as PFX; its pass-phrase in REALMSCOPE_PFX_PASSPHRASE")
    .option("--upstream-ca <file>", "trust these certificates (PEM) for the targets (repeatable)", many, [])
    .option("--upstream-proxy <url>", "reach the targets through this http:// proxy")
    .option("--connect-to <name:port=host:port>", "dial another place for a name (repeatable)", many, [])
    .option(
      "--config <file>",
      "configuration file, read whoever owns it (default: realmscope.config.json, upward from here, as data alone)",
    )
    .option("--json", "machine output on standard output, nothing else there")
    .action(async (options) => {
      const { runDoctor } = await import("../commands/doctor.ts");
      answer(await runDoctor(options));
    });
}
