// What a connected shell reports about itself, and which shells are refused because of it.
import { ToolError } from "../../core/tool-error.ts";
import { allowedCmdlets } from "./allowed-cmdlets.ts";
import type { ShellTarget } from "./shell-command.ts";
import { decodeReply, parseObject } from "./wire-json.ts";

/** What the shell reported when it had connected. */
export interface ShellFacts {
  readonly version: string;
  readonly edition: string;
  /** The user of the shell, `DOMAIN\user` as its machine names them. */
  readonly actor: string;
  /** Undefined on a system without elevation. */
  readonly isElevated: boolean | undefined;
  readonly is64Bit: boolean;
  /** Cmdlets (`New-PartnerApplication`) and parameters (`New-MailUser -DomainController`) that this account does not have. */
  readonly hidden: readonly string[];
  /** The machine that the shell runs on, with the file version of its ExSetup.exe; null when it has none. */
  readonly machine: { readonly name: string; readonly setupVersion: string } | null;
}

/** Reads the reply to the connect request. Throws ToolError with the reason when this shell must not or cannot be used. */
export function readShellFacts(text: string, kind: ShellTarget["kind"]): ShellFacts {
  const reply = parseObject(text);
  if (reply?.ok !== true) {
    const answer = decodeReply(text);
    const reason = answer.ok ? "" : ` (${answer.error.type}, ${answer.error.id})`;
    throw refusal("shell-no-connection", `No session with Exchange can be opened${reason}.`);
  }
  const textOf = (name: string): string => (typeof reply[name] === "string" ? reply[name] : "");
  const facts: ShellFacts = {
    version: textOf("version"),
    edition: textOf("edition"),
    actor: textOf("actor"),
    isElevated: typeof reply.isElevated === "boolean" ? reply.isElevated : undefined,
    is64Bit: reply.is64Bit === true,
    hidden: Array.isArray(reply.hidden) ? reply.hidden.filter((one) => typeof one === "string") : [],
    machine: textOf("setupVersion") === "" ? null : { name: textOf("machine"), setupVersion: textOf("setupVersion") },
  };
  refuseUnfit(facts, { kind, connection: textOf("connection"), hasOnlineModule: reply.hasOnlineModule === true });
  return facts;
}

function refuseUnfit(
  facts: ShellFacts,
  more: { readonly kind: ShellTarget["kind"]; readonly connection: string; readonly hasOnlineModule: boolean },
): void {
  // Both sets of cmdlets have the same names: a change meant for the server could reach the cloud.
  if (more.hasOnlineModule) {
    throw refusal(
      "shell-online-module",
      "The shell has the cmdlets of Exchange Online loaded beside those of the server.",
    );
  }
  if (more.kind !== "program" && facts.edition === "Core") {
    throw refusal("shell-core-edition", `PowerShell ${facts.version} cannot load the Exchange Management Shell.`);
  }
  if (
    more.connection === "no-exchange" ||
    [...allowedCmdlets.keys()].every((cmdlet) => facts.hidden.includes(cmdlet))
  ) {
    throw refusal("shell-no-exchange", "The Exchange Management Shell is not installed there.");
  }
  if (more.kind === "local" && !facts.is64Bit) {
    throw refusal(
      "shell-32-bit",
      "This PowerShell is a 32-bit process, which cannot load the Exchange Management Shell.",
    );
  }
  if (more.kind === "local" && facts.isElevated === false) {
    throw refusal("shell-not-elevated", "The Exchange Management Shell needs an elevated process.");
  }
}

function refusal(code: string, message: string): ToolError {
  return new ToolError(code, message, {
    hint: "Use `realmscope provision script` and run the files in the Exchange Management Shell.",
  });
}
