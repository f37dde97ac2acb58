// The commands that read saved captures: replay and diff judge them, export and ticket write them for other people.
import { type Command, Option } from "@commander-js/extra-typings";
import { exportFormats } from "../../app/hand-over/export-formats.ts";
import {
  addCommonOptions,
  addScreenOptions,
  collect,
  failOnOption,
  hybridAppOption,
} from "../options/common-options.ts";

/** Adds replay, readiness and diff. */
export function addTraceCommands(program: Command, answer: (code: number) => void): void {
  addReplay(program, answer);
  addReadiness(program, answer);
  addDiff(program, answer);
}

function addReplay(program: Command, answer: (code: number) => void): void {
  addScreenOptions(addCommonOptions(program.command("replay")))
    .description(
      "read saved captures and judge each by itself, and all logs of servers together, in order of time; the worst verdict decides the exit code; - is standard input",
    )
    .argument(
      "<file...>",
      "captures and logs of Exchange, recognised by their content, or folders and ZIP files of them",
    )
    .option("--realm <realm>", "the expected realm")
    .option(...hybridAppOption)
    .option("--metadata <file>", "STS metadata document with signing keys (repeatable)", collect, [])
    .option("--auth-cert <file>", "Exchange auth certificate, PEM or DER (repeatable)", collect, [])
    .option("--allow-truncated", "judge the whole entries of a truncated file instead of refusing it")
    .option(
      "--together",
      "judge all captures as one, merged by time: two servers, two directions, the parts of one capture",
    )
    .option("--since <time>", "only rows of logs from then on: 2h, 3d or 2026-11-30T08:00Z (UTC)")
    .option("--until <time>", "only rows of logs until then")
    .option("--server <name>", "only rows of logs of this server")
    .option("--tui", "open the captures in the screen, also large ones")
    .option(
      "--filter <expression>",
      "list the requests that match, for example 'auth=basic | status=4xx'; all are judged",
    )
    .option(
      "--expect <file>",
      "check each capture by this file or preset (oauth-only, skype-online, teams, hybrid); {trace} in it is the capture's path without its extension",
    )
    .option("--write-expect <file>", "write a first expectation file from a good capture")
    .option("--snapshot <file>", "compare with this snapshot; {trace} as above")
    .option("--update-snapshot", "write the snapshot instead")
    .option(
      "--reporter <name[=file]>",
      "pretty, json, junit, sarif, github, gitlab, azure, tap or markdown; each capture is judged by itself (repeatable)",
      collect,
      [],
    )
    .addOption(failOnOption())
    .option("--serve <[host:]port>", "answer from the capture instead of judging it (0 takes any free port)")
    .option("--send", "send the saved requests again to --reverse, with placeholders for credentials")
    .option("--reverse <https://target[:port]>", "the target of --send")
    .option("--host <name>", "with --send, only the requests for this host (repeatable)", collect, [])
    .option("--save <file>", "with --send, write the new answers to this journal")
    .option("--keep-times", "with --serve and --send, keep the durations of the capture")
    .option("--strict", "with --serve, only answer requests whose body and query are the saved ones")
    .option("--beyond-loopback", "let --serve and --send leave this machine")
    .option("--cert <file>", "with --serve, certificate chain (PEM): answer over https; with --key")
    .option("--key <file>", "its private key (PEM)")
    .option("--upstream-ca <file>", "with --send, trust these certificates (PEM) too (repeatable)", collect, [])
    .action(async (files, options) => {
      const { dispatchReplay } = await import("../commands/replay-dispatch.ts");
      answer(await dispatchReplay(files, options));
    });
}

function addReadiness(program: Command, answer: (code: number) => void): void {
  addCommonOptions(program.command("readiness"))
    .description(
      "answer ten questions about hybrid Exchange from saved captures: application, routes, permissions, EWS gate, certificates, servers, Teams and Cloud Voicemail, what ends on 1 April 2027",
    )
    .argument("<file...>", "captures, recognised by their content, or folders of them; the answers cover all of them")
    .option("--realm <realm>", "the expected realm")
    .option(...hybridAppOption)
    .option(
      "--auth-cert <file>",
      "Exchange auth certificate, PEM or DER: the current one, then the next one (repeatable)",
      collect,
      [],
    )
    .option("--metadata <file>", "STS metadata document with signing keys (repeatable)", collect, [])
    .option("--allow-truncated", "read the whole entries of a truncated file instead of refusing it")
    .action(async (files, options) => {
      const { runReadiness } = await import("../commands/readiness.ts");
      answer(await runReadiness(files, options));
    });
}

function addDiff(program: Command, answer: (code: number) => void): void {
  addCommonOptions(program.command("diff"))
    .description("show what changed between two captures: handshakes, principals, realms, sign-ins, findings")
    .argument("<before>", "the capture that was good")
    .argument("<after>", "the capture to compare with it")
    .option("--realm <realm>", "the expected realm")
    .option(...hybridAppOption)
    .option("--metadata <file>", "STS metadata document with signing keys (repeatable)", collect, [])
    .option("--auth-cert <file>", "Exchange auth certificate, PEM or DER (repeatable)", collect, [])
    .option("--allow-truncated", "compare the whole entries of a truncated file instead of refusing it")
    .action(async (before, after, options) => {
      const { runDiff } = await import("../commands/diff.ts");
      answer(await runDiff([before, after], options));
    });
}

/** Adds export, ticket and pseudonym. */
export function addHandOverCommands(program: Command, answer: (code: number) => void): void {
  const key = (): Option<"--key <file>"> =>
    new Option(
      "--key <file>",
      "key file of the pseudonyms, created when it does not exist (default: the one beside the captures)",
    );
  const hideDomains = (): Option<"--hide-domains"> =>
    new Option("--hide-domains", "replace the domains of mail addresses and accounts, too");
  const together = (): Option<"--together"> =>
    new Option("--together", "judge all captures as one, merged by time; without it each is judged by itself");
  addCommonOptions(program.command("export"))
    .description("write captures in another format or as a report, made safe")
    .argument("<file...>", "captures, recognised by their content, or folders of them")
    .addOption(new Option("--to <format>", "what to write").choices(exportFormats).makeOptionMandatory())
    .requiredOption("-o, --output <file>", "the file to write; it must not exist unless --force is given")
    .option("--force", "replace an output file that exists; a capture that is read is never replaced")
    .option("--realm <realm>", "the expected realm")
    .option(...hybridAppOption)
    .addOption(key())
    .addOption(hideDomains())
    .addOption(together())
    .option(
      "--unsanitised",
      "DANGEROUS: leave passwords, tokens and cookies in, as far as the capture still holds them",
    )
    .action(async (files, options) => {
      const { runExport } = await import("../commands/export.ts");
      answer(await runExport(files, options));
    });
  addCommonOptions(program.command("ticket"))
    .description("the bundle for a support ticket: HAR, SAZ, report, findings and a manifest, all made safe")
    .argument("<file...>", "captures, recognised by their content, or folders of them")
    .requiredOption("-o, --output <file>", "the ZIP file to write; it must not exist")
    .option("--realm <realm>", "the expected realm")
    .option(...hybridAppOption)
    .addOption(key())
    .addOption(hideDomains())
    .addOption(together())
    .action(async (files, options) => {
      const { runTicket } = await import("../commands/ticket.ts");
      answer(await runTicket(files, options));
    });
  program
    .command("pseudonym")
    .description("print the pseudonym that an account or a client's address has in a ticket")
    .argument("<value...>", "accounts (anna, CONTOSO\\anna, anna@contoso.com) or addresses (10.0.0.7)")
    .requiredOption("--key <file>", "the key that was written beside the original")
    .option("--json", "machine output")
    .action(async (values, options) => {
      const { runPseudonym } = await import("../commands/pseudonym.ts");
      answer(runPseudonym(values, options));
    });
}
