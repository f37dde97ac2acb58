// The command line that starts a PowerShell with the Exchange cmdlets, for each target.
import { ToolError } from "../../core/tool-error.ts";
import { systemProgram } from "../../programs/environment.ts";
import { findProgram, refusedProgram } from "../../programs/find-program.ts";
import { loaderScript } from "./bootstrap.ts";

export type ShellTarget =
  /** The management shell of this Exchange server. */
  | { readonly kind: "local"; readonly powershell?: string }
  /** A session on an Exchange server, opened by the PowerShell of this Windows machine. */
  | { readonly kind: "remote"; readonly server: string; readonly powershell?: string }
  /** The management shell of an Exchange server (or, with `server`, a session on another) at the end of an SSH connection. */
  | {
      readonly kind: "ssh";
      readonly destination: string;
      readonly server?: string;
      readonly ssh?: string;
      readonly sshArguments?: readonly string[];
    }
  /** A program that takes PowerShell's flags and has the cmdlets without connecting: the lab's shell. */
  | { readonly kind: "program"; readonly program: string; readonly programArguments: readonly string[] };

export interface ShellCommand {
  /** Full path. */
  readonly program: string;
  /** Decides which environment variables it gets. */
  readonly kind: "powershell" | "ssh";
  readonly programArguments: readonly string[];
  /** How the bootstrap connects to Exchange. */
  readonly connect: { readonly way: "auto" | "session" | "none"; readonly uri: string };
}

/**
 * The command that starts the shell. Throws ToolError when this machine has none or it must not be started, and for a bad
 * server name or destination.
 */
export function shellCommand(target: ShellTarget): ShellCommand {
  switch (target.kind) {
    case "local":
      return { ...powerShell(target.powershell), programArguments: flags(), connect: auto };
    case "remote": {
      const connect = session(target.server);
      return { ...powerShell(target.powershell), programArguments: flags(), connect };
    }
    case "ssh": {
      const name = destination(target.destination);
      return {
        kind: "ssh",
        program: fullPathOf(target.ssh ?? "ssh"),
        // No terminal at the other end: it would echo and wrap. No questions: nobody is there to answer.
        programArguments: [
          ...["-T", "-o", "BatchMode=yes", ...(target.sshArguments ?? []), "--", name],
          ...["powershell.exe", ...remoteFlags()],
        ],
        connect: target.server === undefined ? auto : session(target.server),
      };
    }
    case "program":
      return {
        kind: "powershell",
        program: fullPathOf(target.program),
        programArguments: [...target.programArguments, ...flags()],
        connect: { way: "none", uri: "" },
      };
  }
}

const auto = { way: "auto", uri: "" } as const;

/**
 * Without -InputFormat None PowerShell itself reads the redirected stdin as input of the command, and consumes the lines
 * that the bootstrap must read.
 */
const quiet = ["-NoLogo", "-NoProfile", "-NonInteractive", "-InputFormat", "None"];

/**
 * RemoteSigned: Microsoft's RemoteExchange.ps1 and the module that Import-PSSession writes are files of this machine. The
 * loader itself is not a file and needs no policy. It is readable on the command line, so that whoever watches process creation
 * sees what runs.
 */
function flags(): readonly string[] {
  return [...quiet, "-ExecutionPolicy", "RemoteSigned", "-Command", loaderScript()];
}

/**
 * Behind an SSH server the command line goes through a shell that cannot be known: cmd.exe or PowerShell, which quote
 * differently. Base64 is the only form that both leave alone.
 */
function remoteFlags(): readonly string[] {
  const encoded = Buffer.from(loaderScript(), "utf16le").toString("base64");
  return [...quiet, "-ExecutionPolicy", "RemoteSigned", "-EncodedCommand", encoded];
}

/** http: Kerberos encrypts the content, and many servers refuse https for this name. */
function session(server: string): ShellCommand["connect"] {
  if (!/^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252})$/.test(server)) throw badName("server name", server);
  return { way: "session", uri: `http://${server}/PowerShell/` };
}

function destination(text: string): string {
  if (!/^[A-Za-z0-9_](?:[A-Za-z0-9._@\\-]{0,252})$/.test(text)) throw badName("SSH destination", text);
  return text;
}

function badName(what: string, text: string): ToolError {
  return new ToolError("bad-name", `${JSON.stringify(text)} cannot be used as the ${what}.`, {
    hint: "Give a plain host name.",
  });
}

/** Windows PowerShell by its full path, except where the person names another program. */
function powerShell(chosen: string | undefined): Pick<ShellCommand, "kind" | "program"> {
  return { kind: "powershell", program: chosen === undefined ? windowsPowerShell() : fullPathOf(chosen) };
}

function fullPathOf(name: string): string {
  const found = findProgram(name);
  if (found.kind === "found") return found.path;
  if (found.kind === "refused") throw refusedProgram(name, found, "shell-refused");
  throw new ToolError("shell-not-found", `${JSON.stringify(name)} is not a program of this machine.`, {
    hint: "Use `realmscope provision script` and run the files where the Exchange Management Shell is.",
  });
}

function windowsPowerShell(): string {
  if (process.platform === "win32") return systemProgram(process.env, "WindowsPowerShell", "v1.0", "powershell.exe");
  throw new ToolError("shell-not-found", "Exchange can be reached only from Windows or through SSH.", {
    hint: "Give an SSH destination, or use `realmscope provision script` and run the files where the shell is.",
  });
}
