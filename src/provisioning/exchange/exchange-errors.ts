// Maps an Exchange error to its meaning by type and id, never by its message: servers use their administrator's language.
// The names come from documentation and field reports; few were seen on a server. A new one is one more row.
import type { WireError } from "../model/exchange-shell.ts";
import type { Reason } from "../model/stop.ts";
import { allowedCmdlets, optionalParameters } from "./allowed-cmdlets.ts";

export type ErrorMeaning =
  | "absent"
  | "exists"
  | "denied"
  | "no-cmdlet"
  | "no-parameter"
  | "unbound"
  | "unreachable"
  | "unusable"
  | "other";

/** Meanings that prove that the cmdlet did not run. */
export const notRun: readonly ErrorMeaning[] = ["denied", "no-cmdlet", "no-parameter", "unbound"];

const meanings: readonly (readonly [pattern: RegExp, meaning: ErrorMeaning])[] = [
  [/ManagementObjectNotFound/i, "absent"],
  [/ADNoSuchObject/i, "absent"],
  [/CouldNotFind/i, "absent"],
  [/ADObjectAlreadyExists|ObjectAlreadyExists/i, "exists"],
  [/ProxyAddressExists/i, "exists"],
  [/NameConflict|AlreadyExists/i, "exists"],
  [/ADInvalidCredential|AccessDenied|Unauthorized|CmdletAccessDenied|InsufficientAccess/i, "denied"],
  [/CommandNotFound/i, "no-cmdlet"],
  // The id comes first: the type is the same for a parameter that does not exist and for a value that does not fit.
  [/NamedParameterNotFound/i, "no-parameter"],
  [/ParameterBinding|ParameterArgument|AmbiguousParameterSet|MissingMandatoryParameter/i, "unbound"],
  [
    /PSRemotingTransport|ADServerUnreachable|ADTransient|DomainControllerNotFound|SuitabilityDirectory|ADOperation/i,
    "unreachable",
  ],
  [/^Shell/i, "unusable"],
];

/** The meaning of an error; `other` when the table has no row for it. */
export function meaningOf(error: WireError): ErrorMeaning {
  const found = [error.type, error.id].map((text) => meanings.find(([pattern]) => pattern.test(text))?.[1]);
  const [byType, byId] = found;
  return (byType === "unbound" ? byId : byType) ?? byId ?? byType ?? "other";
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
      return {
        code: "rbac-denied",
        message: `This account may not run ${cmdlet} (${detail}).`,
        hint: `Take an account in ${roleGroupFor(cmdlet)}.`,
      };
    case "no-cmdlet":
      return missingReason(cmdlet, null, detail);
    case "no-parameter":
      return missingReason(cmdlet, parameterIn(error.message), detail);
    case "unbound":
      return {
        code: "exchange-error",
        message: `${cmdlet} did not take a value that it was given (${detail}).`,
        hint: "Nothing was changed. Check the answer that the message names, and make a new plan.",
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

/** The name of a parameter in a message of PowerShell: the name is not translated, the words around it are. */
function parameterIn(message: string): string | null {
  const known = new Set([...allowedCmdlets.values()].flatMap(({ parameters }) => parameters));
  return message.match(/[A-Za-z]+/g)?.find((word) => known.has(word)) ?? null;
}

/** Cmdlets that some supported version of Exchange Server does not have. */
const newerCmdlets: readonly string[] = ["Get-ClientAccessService"];

/**
 * The reason for a cmdlet or a parameter that the shell does not have. Three kinds, told apart by evidence: the reference does not list
 * the parameter (nobody has it), a version of Exchange lacks the cmdlet, or role-based access hides it from the account.
 */
export function missingReason(cmdlet: string, parameter: string | null, detail = ""): Reason {
  const name = parameter === null ? cmdlet : `${cmdlet} -${parameter}`;
  const shown = detail === "" ? "" : ` (${detail})`;
  if (parameter !== null && optionalParameters.includes(name))
    return {
      code: "parameter-missing",
      message: `This shell does not know ${name}${shown}.`,
      hint: "Microsoft's page names it, the reference of the cmdlet does not, so no other account helps. Make a new plan: it leaves the parameter out.",
    };
  if (newerCmdlets.includes(cmdlet))
    return {
      code: "cmdlet-missing",
      message: `This shell has no ${name}${shown}.`,
      hint: `Exchange 2013 does not have it; later versions hide it from an account without the right: take an account in ${roleGroupFor(cmdlet)}.`,
    };
  return {
    code: "rbac-denied",
    message: `This shell has no ${name}${shown}, which the reference of Exchange Server documents.`,
    hint: `Exchange hides what an account may not use: take an account in ${roleGroupFor(cmdlet)}.`,
  };
}
