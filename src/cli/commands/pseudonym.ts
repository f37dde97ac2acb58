import { pseudonymOfUser, safeAddress } from "../../sanitising/redaction.ts";
import { pseudonymsOf } from "../../sinks/pseudonyms.ts";
import { safe } from "../../tui/safe-text.ts";
import { exitCode } from "../exit-codes.ts";
import { readKey } from "../hand-over-key.ts";

/** Says under which name an account or a client's address stands in a ticket. Gives the exit code; throws ToolError. */
export function runPseudonym(values: readonly string[], options: { readonly key: string }): number {
  const pseudonymise = pseudonymsOf(readKey(options.key));
  for (const value of values) {
    const name = value.slice(value.indexOf("\\") + 1);
    const account = name.includes("@") ? safeAddress(name, pseudonymise) : pseudonymOfUser(name, pseudonymise);
    const tag = pseudonymise("value", value).slice(0, 4);
    const names = [`as account ${account}`, `as client client-${pseudonymise("client", value)}`, `as value tag=${tag}`];
    process.stdout.write(`${safe(`${value}: ${names.join(", ")}`)}\n`);
  }
  return exitCode.trustShown;
}
