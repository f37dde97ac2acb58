// The folders in which Exchange Server, IIS and HTTP.sys keep their logs on this machine.
import { stat } from "node:fs/promises";
import { win32 } from "node:path";
import { ToolError } from "../core/tool-error.ts";
import { systemProgram } from "../programs/environment.ts";
import { runProgram } from "../programs/start-program.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** What finding the folders needs of the machine. */
export interface LogMachine {
  readonly platform: NodeJS.Platform;
  readonly environment: Environment;
  /** The output of `reg query` with these arguments; null when it fails. */
  queryRegistry(args: readonly string[]): Promise<string | null>;
  isFolder(path: string): Promise<boolean>;
}

const setupKey = "HKLM\\SOFTWARE\\Microsoft\\ExchangeServer\\v15\\Setup";
const defaultInstall = "C:\\Program Files\\Microsoft\\Exchange Server\\V15\\";

/** Folders of `Logging` whose logs are read. */
const exchangeFolders = ["HttpProxy", "Ews", "Autodiscover", "OAuthOutbound"];

/** The folders of `--logs` without doubles; an empty text stands for the places of this server. Rejects with ToolError for one that cannot be read. */
export async function findLogFolders(
  given: readonly string[],
  machine: LogMachine = thisMachine,
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const folder of given) {
    if (folder === "") found.push(...(await defaultLogFolders(machine)));
    else found.push(await checkedFolder(folder));
  }
  return [...new Set(found)];
}

async function checkedFolder(folder: string): Promise<string> {
  const status = await stat(folder).catch((error: unknown) => {
    const code: unknown = error instanceof Error && "code" in error ? error.code : undefined;
    const why = code === "ENOENT" ? "does not exist" : `cannot be read (${typeof code === "string" ? code : "error"})`;
    throw new ToolError("unreadable", `--logs ${JSON.stringify(folder)} ${why}.`, {
      hint: "Check the path and its permissions; a share must be reachable when the command starts.",
      cause: error,
    });
  });
  if (status.isDirectory()) return folder;
  throw new ToolError("usage", `--logs ${JSON.stringify(folder)} is not a folder.`, {
    hint: "Give the folder in which the logs are written; a single file is read by realmscope replay FILE.",
  });
}

/** The folders that exist, those of Exchange Server first. Rejects with ToolError `usage` where there is none. */
async function defaultLogFolders(machine: LogMachine): Promise<readonly string[]> {
  if (machine.platform !== "win32") {
    throw new ToolError("usage", "--logs needs a folder on this machine, which is not a Windows server.", {
      hint: 'Give the folder, for example --logs LOGS; on a workstation with read rights --logs "\\\\SERVER\\c$\\Program Files\\Microsoft\\Exchange Server\\V15\\Logging".',
    });
  }
  const install = await installFolder(machine);
  const { environment } = machine;
  const system = environment.SystemRoot ?? "C:\\Windows";
  const drive = environment.SystemDrive ?? "C:";
  const places = [
    ...exchangeFolders.map((name) => win32.join(install, "Logging", name)),
    win32.join(`${drive}\\`, "inetpub", "logs", "LogFiles"),
    win32.join(`${drive}\\`, "inetpub", "logs", "FailedReqLogFiles"),
    win32.join(system, "System32", "LogFiles", "HTTPERR"),
  ];
  const found: string[] = [];
  for (const place of places) if (await machine.isFolder(place)) found.push(place);
  if (found.some((place) => place.startsWith(install))) return found;
  throw new ToolError("usage", `There are no logs of Exchange Server below ${JSON.stringify(install)}.`, {
    hint: 'Run this on the Exchange server, or give the folder: --logs "\\\\SERVER\\c$\\Program Files\\Microsoft\\Exchange Server\\V15\\Logging".',
  });
}

/** Where Exchange Server is installed, by its setup's registry value, its variable, or its default. */
async function installFolder({ environment, queryRegistry }: LogMachine): Promise<string> {
  const answer = await queryRegistry(["query", setupKey, "/v", "MsiInstallPath"]);
  const [, path] = /^\s+MsiInstallPath\s+REG_SZ\s+(\S[^\r\n]*?)\s*$/m.exec(answer ?? "") ?? [];
  const variable = environment.ExchangeInstallPath ?? "";
  return path ?? (variable === "" ? defaultInstall : variable);
}

const registryMs = 5000;

const thisMachine: LogMachine = {
  platform: process.platform,
  environment: process.env,
  async queryRegistry(args) {
    const program = systemProgram(process.env, "reg.exe");
    const answer = await runProgram(program, args, { kind: "system", limitMs: registryMs });
    return answer.code === 0 ? answer.output : null;
  },
  isFolder: (path) =>
    stat(path).then(
      (status) => status.isDirectory(),
      () => false,
    ),
};
