// How a PowerShell with the Exchange cmdlets is reached, as a command line.
import { ToolError } from "../../core/tool-error.ts";
import { loaderScript } from "./bootstrap.ts";

export type ShellTarget =
  /** The management shell of this Exchange server. */
  | { readonly kind: "local"; readonly powershell?: string }
  /** A session on an Exchange server, made by the PowerShell of this Windows machine. */
  | { readonly kind: "remote"; readonly server: string; readonly powershell?: string }
  /** The management shell of an Exchange server (or, with `server`, a session on another) at the end of an SSH connection. */
  | {
      readonly kind: "ssh";
      readonly destination: string;
      readonly server?: string;
      readonly ssh?: string;
      readonly sshArguments?: readonly string[];
    }
  /** A program that takes PowerShell's flags and has the cmdlets without connecting: the lab's. */
  | { readonly kind: "program"; readonly program: string; readonly programArguments: readonly string[] };

export interface ShellCommand {
  readonly program: string;
  readonly programArguments: readonly string[];
  /** What the bootstrap is told of the way to Exchange. */
  readonly connect: { readonly way: "auto" | "session" | "none"; readonly uri: string };
}

/** The command that starts the shell. Throws ToolError where this machine has none, and for names that are none. */
export function shellCommand(target: ShellTarget): ShellCommand {
  switch (target.kind) {
    case "local":
      return { program: target.powershell ?? windowsPowerShell(), programArguments: flags(), connect: auto };
    case "remote":
      return {
        program: target.powershell ?? windowsPowerShell(),
        programArguments: flags(),
        connect: session(target.server),
      };
    case "ssh":
      return {
        program: target.ssh ?? "ssh",
        // No terminal at the other end: it would echo and wrap. No questions either: there is nobody to answer.
        programArguments: [
          ...["-T", "-o", "BatchMode=yes", ...(target.sshArguments ?? []), "--", destination(target.destination)],
          ...["powershell.exe", ...flags()],
        ],
        connect: target.server === undefined ? auto : session(target.server),
      };
    case "program":
      return {
        program: target.program,
        programArguments: [...target.programArguments, ...flags()],
        connect: { way: "none", uri: "" },
      };
  }
}

const auto = { way: "auto", uri: "" } as const;

/**
 * -InputFormat None: else PowerShell itself reads the redirected stdin, as input of the command, and takes the lines
 * that are meant for the bootstrap.
 */
function flags(): readonly string[] {
  const encoded = Buffer.from(loaderScript(), "utf16le").toString("base64");
  const quiet = ["-NoLogo", "-NoProfile", "-NonInteractive", "-InputFormat", "None", "-ExecutionPolicy", "Bypass"];
  return [...quiet, "-EncodedCommand", encoded];
}

/** http, since Kerberos encrypts what is inside; https is refused by many servers for this name. */
function session(server: string): ShellCommand["connect"] {
  if (!/^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252})$/.test(server)) throw badName("server", server);
  return { way: "session", uri: `http://${server}/PowerShell/` };
}

function destination(text: string): string {
  if (!/^[A-Za-z0-9_](?:[A-Za-z0-9._@\\-]{0,252})$/.test(text)) throw badName("SSH destination", text);
  return text;
}

function badName(what: string, text: string): ToolError {
  return new ToolError("bad-name", `${JSON.stringify(text)} is no ${what}.`, { hint: "Give a plain host name." });
}

/** By its full path: whatever else is named powershell.exe on the search path stays out of it. */
function windowsPowerShell(): string {
  if (process.platform === "win32") {
    return `${process.env.SystemRoot ?? "C:\\Windows"}\\System32\\WindowsPowerShell\\v1.0\\powershell.exe`;
  }
  throw new ToolError("shell-not-found", "Exchange can only be reached from Windows, or through SSH.", {
    hint: "Give an SSH destination, or use `realmscope provision script` and run the files where the shell is.",
  });
}
