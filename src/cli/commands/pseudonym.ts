import { exitCode } from "../../app/exit-codes.ts";
import { readKey } from "../../app/hand-over/hand-over-key.ts";
import { pseudonymsFromKey } from "../../app/pseudonyms.ts";
import { safeJson } from "../../core/safe-json.ts";
import { safe } from "../../core/safe-text.ts";
import { pseudonymOfUser, safeAddress } from "../../sanitising/redaction.ts";

interface PseudonymOptions {
  readonly key: string;
  readonly json?: true | undefined;
}

/** Prints the pseudonyms that accounts and addresses of clients have in a ticket. Gives the exit code; throws ToolError. */
export function runPseudonym(values: readonly string[], options: PseudonymOptions): number {
  const pseudonymise = pseudonymsFromKey(readKey(options.key));
  const names = values.map((value) => {
    const name = value.slice(value.indexOf("\\") + 1);
    const account = name.includes("@") ? safeAddress(name, pseudonymise) : pseudonymOfUser(name, pseudonymise);
    const client = `client-${pseudonymise("client", value)}`;
    return { value, account, client, tag: pseudonymise("value", value).slice(0, 4) };
  });
  if (options.json === true) {
    process.stdout.write(`${safeJson({ schema: "realmscope.pseudonyms/1", names })}\n`);
    return exitCode.trustShown;
  }
  for (const { value, account, client, tag } of names)
    process.stdout.write(`${safe(`${value}: as account ${account}, as client ${client}, as value tag=${tag}`)}\n`);
  return exitCode.trustShown;
}
