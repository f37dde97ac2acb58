import type { Command } from "@commander-js/extra-typings";

const many = (value: string, earlier: readonly string[]): readonly string[] => [...earlier, value];

/** Adds the `doctor` command; its options are those of `watch` that it can check. */
export function addDoctor(program: Command, answer: (code: number) => void): void {
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
