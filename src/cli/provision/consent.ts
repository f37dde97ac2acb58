// Agreeing to changes: on a terminal by answer, elsewhere by flag. Nothing is changed without one of the two.
import confirm from "@inquirer/confirm";
import input from "@inquirer/input";
import { safe } from "../../core/safe-text.ts";
import type { Consent } from "../../provisioning/model/step.ts";
import { Stop } from "../../provisioning/model/stop.ts";

/** True where a person can be asked. */
export function isTerminal(): boolean {
  return process.stdin.isTTY === true && process.stdout.isTTY === true;
}

/** Asks whether to go on. Throws Stop `not-allowed` where nobody can be asked and `--yes` is missing. */
export async function askToGoOn(question: string, yes: boolean): Promise<boolean> {
  if (yes) return true;
  if (isTerminal()) return confirm({ message: safe(question), default: false });
  throw new Stop({
    code: "not-allowed",
    message: "Nothing was changed: this is no terminal, and --yes was not given.",
    hint: "Look at the plan above, then run again with --yes.",
  });
}

/** Each of these needs its own word typed in full. */
const words: Readonly<Record<Consent, string>> = {
  destructive: "delete the account",
  "create-service-principal": "create it",
  "remove-legacy": "delete the legacy application",
};

/** Consents given by flags, and on a terminal by typing the words for what is asked. */
export async function gatherConsents(
  asked: readonly { readonly consent: Consent | null; readonly title: string }[],
  given: ReadonlySet<Consent>,
): Promise<ReadonlySet<Consent>> {
  const consents = new Set(given);
  if (!isTerminal()) return consents;
  for (const { consent, title } of asked) {
    if (consent === null || consents.has(consent)) continue;
    const typed = await input({
      message: `${safe(title)}\n  Type "${words[consent]}" to agree, anything else to leave it:`,
    });
    if (typed.trim().toLowerCase() === words[consent]) consents.add(consent);
  }
  return consents;
}
