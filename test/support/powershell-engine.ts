// The PowerShells of this machine that the tests can run scripts on: a host around the engine's own package, built with
// the .NET SDK where there is one, and pwsh or powershell.exe where they are installed.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const sources = new URL("powershell-host/", import.meta.url).pathname;
const cache = new URL("../../node_modules/.cache/realmscope-powershell-host/", import.meta.url).pathname;

export interface Engine {
  readonly name: string;
  readonly program: string;
  /** Before PowerShell's own flags. */
  readonly programArguments: readonly string[];
  /** Only the host can be given commands before it starts, put under a restriction, and asked for a syntax tree. */
  readonly isHost: boolean;
}

/** The engines, and why the host is not among them when it is not. */
export async function findEngines(): Promise<{
  readonly engines: readonly Engine[];
  readonly noHost: string | undefined;
}> {
  const host = await buildHost();
  const installed = await Promise.all(
    ["pwsh", "powershell.exe"].map(async (program) => {
      const version = await answerOf(program, ["-NoProfile", "-Command", "$PSVersionTable.PSVersion.ToString()"]);
      return version === undefined
        ? []
        : [{ name: `${program} ${version}`, program, programArguments: [], isHost: false }];
    }),
  );
  const engines = installed.flat();
  return typeof host === "string" ? { engines, noHost: host } : { engines: [host, ...engines], noHost: undefined };
}

/** The syntax trees of files, as the engine's own parser makes them: see SyntaxReport.cs. */
export async function parseWith(host: Engine, files: readonly string[]): Promise<readonly SyntaxTree[]> {
  const { stdout } = await run(host.program, [...host.programArguments, "--parse", ...files], { maxBuffer: 1 << 26 });
  return JSON.parse(stdout) as readonly SyntaxTree[];
}

export interface SyntaxTree {
  readonly file: string;
  readonly errors: readonly string[];
  readonly commands: readonly { readonly name: string | null; readonly text: string; readonly call: string }[];
  readonly functions: readonly string[];
  readonly types: readonly string[];
  readonly methods: readonly string[];
  readonly texts: readonly string[];
}

/** Built once for each state of its sources; in a folder of its own first, so that two builds do not meet. */
async function buildHost(): Promise<Engine | string> {
  const files = readdirSync(sources).sort();
  const sum = createHash("sha256");
  for (const file of files) sum.update(readFileSync(join(sources, file)));
  const folder = join(cache, sum.digest("hex").slice(0, 16));
  const host = {
    name: "the engine's package",
    program: "dotnet",
    programArguments: [join(folder, "out", "powershell-host.dll")],
    isHost: true,
  };
  const version = await answerOf("dotnet", ["--version"]);
  if (version === undefined) return "the .NET SDK is not installed";
  if (!(Number.parseInt(version, 10) >= 10)) return `the .NET SDK ${version} is older than 10`;
  if (existsSync(folder)) return host;
  mkdirSync(cache, { recursive: true });
  const draft = mkdtempSync(join(cache, "draft-"));
  try {
    for (const file of files) cpSync(join(sources, file), join(draft, file));
    await run("dotnet", ["build", "--configuration", "Release", "--output", "out", "--nologo"], {
      cwd: draft,
      timeout: 300_000,
      // The build must not leave servers behind that outlive the tests.
      env: { ...process.env, MSBUILDDISABLENODEREUSE: "1", DOTNET_CLI_TELEMETRY_OPTOUT: "1", DOTNET_NOLOGO: "1" },
    });
    if (!existsSync(folder)) renameSync(draft, folder);
    return host;
  } catch (error) {
    // Another test file was faster.
    if (existsSync(folder)) return host;
    const { stdout = "" } = error as { readonly stdout?: string };
    // Without the packages (offline) the tests are skipped; code that does not compile is a failure.
    if (/error CS\d/.test(stdout)) throw error;
    const reason = /error (?:NU|NETSDK)\d+[^\r\n[]*/.exec(stdout)?.[0] ?? "dotnet build failed";
    return `the host cannot be built: ${reason.trim()}`;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** What a program prints, or undefined when it is not there. */
async function answerOf(program: string, programArguments: readonly string[]): Promise<string | undefined> {
  try {
    const { stdout } = await run(program, [...programArguments], { timeout: 60_000 });
    return stdout.trim();
  } catch {
    return undefined;
  }
}
