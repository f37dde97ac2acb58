// The commands that write captures for other people, and the one that reads names back.
import { type Command, Option } from "@commander-js/extra-typings";
import { exportFormats } from "../../app/hand-over/export-formats.ts";
import { addCommonOptions } from "../options/common-options.ts";

/** Adds export, ticket and pseudonym. */
export function addHandOverCommands(program: Command, answer: (code: number) => void): void {
  const key = (): Option<"--key <file>"> =>
    new Option(
      "--key <file>",
      "the key of the pseudonyms, made when it is not there (default: the one beside the captures)",
    );
  const hideDomains = (): Option<"--hide-domains"> =>
    new Option("--hide-domains", "replace the domains of mail addresses and accounts, too");
  const together = (): Option<"--together"> =>
    new Option("--together", "judge all captures as one, merged by time; without it each is judged by itself");
  addCommonOptions(program.command("export"))
    .description("write captures in another format or as a report, made safe")
    .argument("<file...>", "captures, known by their content, or folders of them")
    .addOption(new Option("--to <format>", "what to write").choices(exportFormats).makeOptionMandatory())
    .requiredOption("-o, --output <file>", "the file to write; it must not exist")
    .option("--realm <realm>", "the realm that is expected")
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
    .argument("<file...>", "captures, known by their content, or folders of them")
    .requiredOption("-o, --output <file>", "the ZIP file to write; it must not exist")
    .option("--realm <realm>", "the realm that is expected")
    .addOption(key())
    .addOption(hideDomains())
    .addOption(together())
    .action(async (files, options) => {
      const { runTicket } = await import("../commands/ticket.ts");
      answer(await runTicket(files, options));
    });
  program
    .command("pseudonym")
    .description("say under which name an account or a client's address stands in a ticket")
    .argument("<value...>", "accounts (anna, CONTOSO\\anna, anna@contoso.com) or addresses (10.0.0.7)")
    .requiredOption("--key <file>", "the key that was written beside the original")
    .option("--json", "machine output")
    .action(async (values, options) => {
      const { runPseudonym } = await import("../commands/pseudonym.ts");
      answer(runPseudonym(values, options));
    });
}
