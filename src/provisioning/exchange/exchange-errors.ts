// What an Exchange error means, by type and id and never by its text: servers speak their administrator's language. The
// names are from documentation and field reports, few were seen on a server; a new one is one more row.
import type { WireError } from "../model/exchange-shell.ts";
import type { Reason } from "../model/stop.ts";

export type ErrorMeaning = "absent" | "exists" | "denied" | "no-cmdlet" | "unreachable" | "unusable" | "other";

const meanings: readonly (readonly [pattern: RegExp, meaning: ErrorMeaning])[] = [
  [/ManagementObjectNotFound/i, "absent"],
  [/ADNoSuchObject/i, "absent"],
  [/CouldNotFind/i, "absent"],
  [/ADObjectAlreadyExists|ObjectAlreadyExists/i, "exists"],
  [/ProxyAddressExists/i, "exists"],
  [/NameConflict|AlreadyExists/i, "exists"],
  [/ADInvalidCredential|AccessDenied|Unauthorized|CmdletAccessDenied|InsufficientAccess/i, "denied"],
  [/CommandNotFound/i, "no-cmdlet"],
  [/ParameterBinding|NamedParameterNotFound/i, "denied"],
  [
    /PSRemotingTransport|ADServerUnreachable|ADTransient|DomainControllerNotFound|SuitabilityDirectory|ADOperation/i,
    "unreachable",
  ],
  [/^Shell/i, "unusable"],
];

/** Looks a type and an id up in the table. */
export function meaningOf(error: WireError): ErrorMeaning {
  for (const text of [error.type, error.id]) {
    const row = meanings.find(([pattern]) => pattern.test(text));
    if (row !== undefined) return row[1];
  }
  return "other";
}

/** Role groups that may use a cmdlet (documentation of Exchange 2013, the same groups later). */
function roleGroupFor(cmdlet: string): string {
  if (/MailUser|Recipient|-User$/i.test(cmdlet)) return "Organization Management or Recipient Management";
  if (/Test-OAuth/i.test(cmdlet))
    return "Organization Management, Server Management or View-Only Organization Management";
  return "Organization Management";
}

/** The named reason of a cmdlet's failure. `message` is shown as it came, less secrets. */
export function reasonOf(cmdlet: string, error: WireError, domainController: string): Reason {
  const said = error.message === "" ? error.type : `${error.type}: ${error.message.slice(0, 300)}`;
  switch (meaningOf(error)) {
    case "denied":
    case "no-cmdlet":
      return {
        code: "rbac-denied",
        message: `${cmdlet} may not be run as this, or not with these parameters (${said}).`,
        hint: `Exchange hides what an account may not do: use one in ${roleGroupFor(cmdlet)}. A parameter may also be missing because this version of Exchange does not have it.`,
      };
    case "unreachable":
      return {
        code: "exchange-unreachable",
        message: `${cmdlet} could not reach the directory${domainController === "" ? "" : ` through ${domainController}`} (${said}).`,
        hint: "Run `realmscope provision resume` when it is back. Another domain controller needs --dc, and may lag behind this one.",
      };
    case "exists":
      return {
        code: "already-exists",
        message: `${cmdlet}: the name or the address is taken (${said}).`,
        hint: "Make a new plan: it shows what holds it.",
      };
    case "unusable":
      return {
        code: "shell-unusable",
        message: `The Exchange shell failed (${said}).`,
        hint: "Run `realmscope provision resume`; where no shell can run, `realmscope provision script` writes the steps for a person.",
      };
    default:
      return {
        code: "exchange-error",
        message: `${cmdlet} failed (${said}).`,
        hint: "Mend the cause and run `realmscope provision resume`, or plan again.",
      };
  }
}
