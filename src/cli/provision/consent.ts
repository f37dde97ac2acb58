// Consent to changes: by an answer on a terminal, by a flag elsewhere. Nothing is changed without one of the two.
import confirm from "@inquirer/confirm";
import input from "@inquirer/input";
import { safe } from "../../core/safe-text.ts";
import type { Consent } from "../../provisioning/model/step.ts";
import { Stop } from "../../provisioning/model/stop.ts";

/** True when standard input and output are a terminal, so that questions can be asked. */
export function isTerminal(): boolean {
  return process.stdin.isTTY === true && process.stdout.isTTY === true;
}

/** Asks whether to continue. Throws Stop `not-allowed` without a terminal and without `--yes`. */
export async function askToContinue(question: string, yes: boolean): Promise<boolean> {
  if (yes) return true;
  if (isTerminal()) return confirm({ message: safe(question), default: false });
  throw new Stop({
    code: "not-allowed",
    message: "Nothing was changed: there is no terminal to ask on, and --yes was not given.",
    hint: "Read the plan above, then run again with --yes.",
  });
}

/** What a person types in full to consent. */
const words: Readonly<Record<Consent, string>> = {
  destructive: "delete the account",
  "create-service-principal": "create it",
  "remove-legacy": "delete the legacy application",
};

/** The consents given by flags, and on a terminal those that a person types. */
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
