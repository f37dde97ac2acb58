// The commands that work on saved traces as tests: replay and diff.
import { type Command, Option } from "@commander-js/extra-typings";
import { severities } from "../../diagnosis/catalogue/finding-text.ts";
import { addCommonOptions, addScreenOptions } from "../options/common-options.ts";

const many = (value: string, earlier: readonly string[]): readonly string[] => [...earlier, value];

/** Adds replay and diff. */
export function addTraceCommands(program: Command, answer: (code: number) => void): void {
  addReplay(program, answer);
  addDiff(program, answer);
}

function addReplay(program: Command, answer: (code: number) => void): void {
  addScreenOptions(addCommonOptions(program.command("replay")))
    .description(
      "read saved captures and judge each by itself, in the order of time; the worst decides the exit code; - is standard input",
    )
    .argument("<file...>", "captures, known by their content, or folders of them")
    .option("--realm <realm>", "the realm that is expected")
    .option("--metadata <file>", "STS metadata document with signing keys (repeatable)", many, [])
    .option("--auth-cert <file>", "Exchange auth certificate, PEM or DER (repeatable)", many, [])
    .option("--allow-truncated", "judge a cut file by what is whole instead of refusing it")
    .option(
      "--together",
      "judge all captures as one, merged by time: two servers, two directions, the parts of one capture",
    )
    .option("--tui", "open the captures in the screen, a large one as well")
    .option(
      "--filter <expression>",
      "list the requests that fit, for example 'auth=basic | status=4xx'; all are judged",
    )
    .option(
      "--expect <file>",
      "check each capture by this file or preset (oauth-only, skype-online, teams); {trace} in it is the capture's path without its ending",
    )
    .option("--write-expect <file>", "write a first expectation file from a good capture")
    .option("--snapshot <file>", "compare with this snapshot; {trace} as above")
    .option("--update-snapshot", "write the snapshot instead")
    .option(
      "--reporter <name[=file]>",
      "pretty, json, junit, sarif, github, gitlab, azure, tap or markdown; each capture is judged by itself (repeatable)",
      many,
      [],
    )
    .addOption(
      new Option("--fail-on <severity>", "exit with 1 when a finding is this bad or worse (default: error)").choices(
        severities,
      ),
    )
    .option("--serve <[host:]port>", "answer from the capture instead of judging it (0 takes any free port)")
    .option("--send", "send the saved requests again, credentials replaced by placeholders, to --reverse")
    .option("--reverse <https://target[:port]>", "where --send sends to")
    .option("--host <name>", "with --send, only the requests for this host (repeatable)", many, [])
    .option("--save <file>", "with --send, write what comes back to this journal")
    .option("--keep-times", "with --serve and --send, take as long as the capture did")
    .option("--strict", "with --serve, only answer requests whose body and query are the saved ones")
    .option("--beyond-loopback", "let --serve and --send leave this machine")
    .option("--cert <file>", "with --serve, certificate chain (PEM): answer over https; with --key")
    .option("--key <file>", "its private key (PEM)")
    .option("--upstream-ca <file>", "with --send, trust these certificates (PEM) too (repeatable)", many, [])
    .action(async (files, options) => {
      const { dispatchReplay } = await import("../commands/replay-dispatch.ts");
      answer(await dispatchReplay(files, options));
    });
}

function addDiff(program: Command, answer: (code: number) => void): void {
  addCommonOptions(program.command("diff"))
    .description("what changed between two captures: handshakes, principals, realms, sign-ins, findings")
    .argument("<before>", "the capture that was good")
    .argument("<after>", "the one to compare with it")
    .option("--realm <realm>", "the realm that is expected")
    .option("--metadata <file>", "STS metadata document with signing keys (repeatable)", many, [])
    .option("--auth-cert <file>", "Exchange auth certificate, PEM or DER (repeatable)", many, [])
    .option("--allow-truncated", "compare a cut file by what is whole instead of refusing it")
    .action(async (before, after, options) => {
      const { runDiff } = await import("../commands/diff.ts");
      answer(await runDiff([before, after], options));
    });
}
