// Maps an Exchange error to its meaning by type and id, never by its message: servers use their administrator's language.
// The names come from documentation and field reports; few were seen on a server. A new one is one more row.
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

/** The meaning of an error; `other` when the table has no row for it. */
export function meaningOf(error: WireError): ErrorMeaning {
  for (const text of [error.type, error.id]) {
    const row = meanings.find(([pattern]) => pattern.test(text));
    if (row !== undefined) return row[1];
  }
  return "other";
}

/** Role groups that may use a cmdlet, by the documentation of Exchange 2013; later versions have the same groups. */
function roleGroupFor(cmdlet: string): string {
  if (/MailUser|Recipient|-User$/i.test(cmdlet)) return "Organization Management or Recipient Management";
  if (/Test-OAuth/i.test(cmdlet))
    return "Organization Management, Server Management or View-Only Organization Management";
  return "Organization Management";
}

/** The named reason of a cmdlet's failure. It quotes the server's message, at most 300 characters of it. */
export function reasonOf(cmdlet: string, error: WireError, domainController: string): Reason {
  const detail = error.message === "" ? error.type : `${error.type}: ${error.message.slice(0, 300)}`;
  switch (meaningOf(error)) {
    case "denied":
    case "no-cmdlet":
      return {
        code: "rbac-denied",
        message: `This account may not run ${cmdlet}, or not with these parameters (${detail}).`,
        hint: `Exchange hides what an account may not use: take an account in ${roleGroupFor(cmdlet)}. A parameter may also be missing because this version of Exchange does not have it.`,
      };
    case "unreachable":
      return {
        code: "exchange-unreachable",
        message: `${cmdlet} could not reach the directory${domainController === "" ? "" : ` through ${domainController}`} (${detail}).`,
        hint: "Run `realmscope provision resume` when it is available again. For another domain controller give --dc; it may lag behind this one.",
      };
    case "exists":
      return {
        code: "already-exists",
        message: `${cmdlet}: the name or the address is already in use (${detail}).`,
        hint: "Make a new plan: it shows which object has it.",
      };
    case "unusable":
      return {
        code: "shell-unusable",
        message: `The Exchange shell failed (${detail}).`,
        hint: "Run `realmscope provision resume`; where no shell can run, `realmscope provision script` writes the steps for a person.",
      };
    default:
      return {
        code: "exchange-error",
        message: `${cmdlet} failed (${detail}).`,
        hint: "Fix the cause and run `realmscope provision resume`, or make a new plan.",
      };
  }
}
