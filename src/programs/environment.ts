// The environment variables that a started program gets: a named list for each kind of program. Everything else stays here,
// since the environment of this process may hold secrets (REALMSCOPE_CLIENT_SECRET, REALMSCOPE_GRAPH_TOKEN, those of others).
import { posix, win32 } from "node:path";

export type Environment = Readonly<Record<string, string | undefined>>;

/** Kinds of programs that this program starts. `system`: a tool of Windows itself, for example taskkill.exe. */
export type ProgramKind = "powershell" | "ssh" | "az" | "tshark" | "clipboard" | "system" | "screen";

const common = "PATH HOME USER LOGNAME LANG LANGUAGE LC_ALL LC_CTYPE LC_MESSAGES TZ TMPDIR XDG_RUNTIME_DIR";

/** Without these Windows programs do not start, or do not find their libraries and the profile of the user. */
const windows = [
  "SystemRoot windir SystemDrive ComSpec PATH PATHEXT TEMP TMP OS NUMBER_OF_PROCESSORS PROCESSOR_ARCHITECTURE",
  "COMPUTERNAME USERNAME USERDOMAIN USERDNSDOMAIN LOGONSERVER SESSIONNAME USERPROFILE HOMEDRIVE HOMEPATH APPDATA LOCALAPPDATA",
  "ProgramData ALLUSERSPROFILE PUBLIC ProgramFiles ProgramFiles(x86) ProgramW6432",
  "CommonProgramFiles CommonProgramFiles(x86) CommonProgramW6432",
].join(" ");

const proxies = "HTTP_PROXY HTTPS_PROXY NO_PROXY ALL_PROXY http_proxy https_proxy no_proxy all_proxy";
const display = "DISPLAY XAUTHORITY WAYLAND_DISPLAY WSL_INTEROP WSL_DISTRO_NAME";

const own: Readonly<Record<ProgramKind, string>> = {
  powershell: "PSModulePath ExchangeInstallPath KRB5CCNAME KRB5_CONFIG DOTNET_ROOT DOTNET_CLI_HOME",
  ssh: "SSH_AUTH_SOCK KRB5CCNAME KRB5_CONFIG",
  // REQUESTS_CA_BUNDLE: the roots that Python trusts behind a proxy that opens TLS.
  az: `AZURE_CONFIG_DIR AZURE_EXTENSION_DIR REQUESTS_CA_BUNDLE SSL_CERT_FILE SSL_CERT_DIR CURL_CA_BUNDLE ${proxies}`,
  tshark: "XDG_CONFIG_HOME XDG_DATA_HOME WIRESHARK_CONFIG_DIR WIRESHARK_PLUGIN_DIR",
  clipboard: display,
  system: "",
  // This program's own screen in a second process.
  screen: [
    "TERM COLORTERM TERM_PROGRAM TERM_PROGRAM_VERSION NO_COLOR FORCE_COLOR COLUMNS LINES WT_SESSION ConEmuANSI",
    "TMUX STY SSH_CONNECTION SSH_CLIENT SSH_TTY REALMSCOPE_HOME XDG_DATA_HOME NODE_V8_COVERAGE",
    display,
  ].join(" "),
};

/**
 * The variables of `from` that a program of this kind gets. PATH loses its relative and empty entries, which stand for the
 * working folder. Names are compared without case on Windows, as Windows does.
 */
export function environmentOf(
  kind: ProgramKind,
  from: Environment = process.env,
  platform: NodeJS.Platform = process.platform,
): Record<string, string> {
  const names = [common, platform === "win32" ? windows : "", own[kind]].join(" ").split(" ");
  const wanted = new Set(names.map((name) => (platform === "win32" ? name.toUpperCase() : name)));
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(from)) {
    if (value === undefined || !wanted.has(platform === "win32" ? name.toUpperCase() : name)) continue;
    const isPath = (platform === "win32" ? name.toUpperCase() : name) === "PATH";
    kept[name] = isPath ? absolutePath(value, platform) : value;
  }
  // cmd.exe and CreateProcess look into the working folder first, except with this variable.
  return platform === "win32" ? { ...kept, NoDefaultCurrentDirectoryInExePath: "1" } : kept;
}

/** A variable by its name, which Windows compares without case. */
export function variable(from: Environment, name: string, platform: NodeJS.Platform): string {
  if (platform !== "win32") return from[name] ?? "";
  const found = Object.keys(from).find((one) => one.toUpperCase() === name.toUpperCase());
  return (found === undefined ? undefined : from[found]) ?? "";
}

/** The absolute folders of PATH, in order. */
export function pathFolders(from: Environment, platform: NodeJS.Platform): readonly string[] {
  const text = variable(from, "PATH", platform);
  if (platform !== "win32") return text.split(posix.delimiter).filter((folder) => posix.isAbsolute(folder));
  const folders = text.split(win32.delimiter).map((folder) => folder.replace(/^"(.*)"$/, "$1"));
  // `\tools` and `C:tools` depend on the current drive and folder.
  return folders.filter((folder) => /^(?:[A-Za-z]:[\\/]|\\\\)/.test(folder));
}

function absolutePath(value: string, platform: NodeJS.Platform): string {
  return pathFolders({ PATH: value }, platform).join(platform === "win32" ? win32.delimiter : posix.delimiter);
}

/** The folder of Windows itself. A relative value would lead to the working folder. */
export function systemFolder(from: Environment): string {
  const root = variable(from, "SystemRoot", "win32");
  return win32.join(/^[A-Za-z]:\\/.test(root) ? root : "C:\\Windows", "System32");
}

/** The full path of a program of Windows itself, below System32. */
export function systemProgram(from: Environment, ...names: readonly string[]): string {
  return win32.join(systemFolder(from), ...names);
}
