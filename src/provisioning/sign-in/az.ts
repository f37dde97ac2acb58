// A token from the Azure command line: `az` holds the sign-in and issues the token.
import { execFile } from "node:child_process";
import { readProperty } from "../graph/graph-client.ts";
import { Stop } from "../model/stop.ts";

export interface AzOptions {
  readonly tenant: string;
  readonly graph: string;
  /** The program, default `az`. */
  readonly program?: string;
}

/** Runs `az account get-access-token` without a shell. Throws Stop when it is missing or not signed in. */
export async function fetchAzToken({ tenant, graph, program = "az" }: AzOptions): Promise<string> {
  const output = await new Promise<string>((resolve, reject) => {
    const args = ["account", "get-access-token", "--resource", graph, "--tenant", tenant, "-o", "json"];
    const { file, prefix } = command(program);
    execFile(
      file,
      [...prefix, ...args],
      { timeout: 120_000, maxBuffer: 1_000_000, windowsHide: true },
      (error, stdout) => {
        if (error === null) resolve(stdout);
        else
          reject(
            new Stop(azFailed(error.code === "ENOENT" ? "it is not installed" : "it is not signed in to that tenant")),
          );
      },
    );
  });
  const token = readProperty(parse(output), "accessToken");
  if (typeof token !== "string") throw new Stop(azFailed("its answer holds no token"));
  return token;
}

/**
 * On Windows `az` is a batch file, which only cmd.exe runs. Tenant and origin are checked before: they hold only letters,
 * digits and `-.:/`, so cmd.exe cannot interpret them.
 */
function command(program: string): { readonly file: string; readonly prefix: readonly string[] } {
  if (process.platform !== "win32" || program !== "az") return { file: program, prefix: [] };
  return { file: process.env.ComSpec ?? "cmd.exe", prefix: ["/d", "/c", "az"] };
}

function parse(output: string): unknown {
  try {
    return JSON.parse(output);
  } catch {
    return null;
  }
}

function azFailed(why: string) {
  return {
    code: "graph-unauthorized",
    message: `The Azure command line gave no token: ${why}.`,
    hint: "Run `az login --tenant …` first, or choose another --sign-in.",
  } as const;
}
