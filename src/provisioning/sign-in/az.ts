// A token from the Azure command line: `az` holds the sign-in and issues the token.
import { win32 } from "node:path";
import { type Environment, systemProgram } from "../../programs/environment.ts";
import { findProgram } from "../../programs/find-program.ts";
import { type ProgramAnswer, runProgram } from "../../programs/start-program.ts";
import { hideTokens } from "../exchange/wire-json.ts";
import { readProperty } from "../graph/graph-client.ts";
import { type Reason, Stop } from "../model/stop.ts";

export interface AzOptions {
  readonly tenant: string;
  readonly graph: string;
  /** The program, default `az`. */
  readonly program?: string;
}

const limitMs = 120_000;

/** Runs `az account get-access-token` without a shell. Throws Stop, whose message names why there is no token. */
export async function fetchAzToken({ tenant, graph, program = "az" }: AzOptions): Promise<string> {
  const found = findProgram(program);
  if (found.kind === "missing")
    throw failed("it is not installed", "Install the Azure CLI, or choose another --sign-in.");
  if (found.kind === "refused")
    throw failed(
      `${JSON.stringify(found.path)} ${found.why}, so it is not started`,
      "Run this from another folder, or name the folder of the Azure CLI in PATH first.",
    );
  const args = ["account", "get-access-token", "--resource", graph, "--tenant", tenant, "-o", "json"];
  const command = azCommand(found.path, args);
  if (command === null)
    throw failed(
      `cmd.exe cannot be given ${JSON.stringify(found.path)} and its arguments safely`,
      "Install the Azure CLI in a folder without special characters, or choose another --sign-in.",
    );
  const answer = await runProgram(command.path, command.arguments, {
    kind: "az",
    limitMs,
    ...(command.isVerbatim ? { isVerbatim: true, folder: win32.dirname(command.path) } : {}),
  });
  if (answer.code !== 0) throw new Stop(whyAzFailed(answer, tenant));
  const token = readProperty(parse(answer.output), "accessToken");
  if (typeof token !== "string") throw failed("its answer holds no token", loginHint(tenant));
  return token;
}

export interface AzCommand {
  readonly path: string;
  readonly arguments: readonly string[];
  /** The arguments are one command line that is quoted for cmd.exe already. */
  readonly isVerbatim: boolean;
}

/**
 * The command that starts `az`. On Windows `az` is a batch file, which only cmd.exe runs: null where its path or an argument
 * holds a character that cmd.exe could interpret.
 */
export function azCommand(
  path: string,
  args: readonly string[],
  {
    platform,
    environment,
  }: { readonly platform: NodeJS.Platform; readonly environment: Environment } = process.platform === "win32"
    ? { platform: "win32", environment: process.env }
    : { platform: process.platform, environment: {} },
): AzCommand | null {
  if (platform !== "win32" || !/\.(?:cmd|bat)$/i.test(path)) return { path, arguments: args, isVerbatim: false };
  // A tenant and an origin hold nothing else; the path is in quotes, in which cmd.exe still reads % and (with /v) !.
  if (args.some((one) => !/^[A-Za-z0-9.:/_-]+$/.test(one)) || /["%!\r\n]/.test(path)) return null;
  const line = `"${path}" ${args.join(" ")}`;
  // /d: no AutoRun of the registry. /s: exactly the outer quotes are removed. /v:off: no delayed expansion.
  const cmd = systemProgram(environment, "cmd.exe");
  return { path: cmd, arguments: ["/d", "/v:off", "/s", "/c", `"${line}"`], isVerbatim: true };
}

/** Codes and words in the answers of `az` and of the token issuer, in the order in which they count. */
const causes: readonly (readonly [RegExp, string, (tenant: string) => string])[] = [
  [
    /AADSTS(?:53000|53001|53002|53003|53004|530003|530004|50105|50005|65001|90094|50158|500133)\b|conditional access|access has been blocked/i,
    "a policy of the tenant blocks the sign-in",
    () => "Ask who administers Conditional Access there, or choose --sign-in device-code on an allowed device.",
  ],
  [
    /AADSTS(?:90002|50020|50034|90072|900023|50128|50059|51004|500011|700016)\b|specified tenant|tenant .{0,80}(?:not found|does not exist|invalid)/i,
    "the account that is signed in does not belong to that tenant",
    (tenant) => `Run \`az login --tenant ${tenant}\` with an account of that tenant, and compare --tenant.`,
  ],
  [
    /certificate verify failed|SSLError|ProxyError|Max retries exceeded|Failed to establish|Connection (?:refused|reset|aborted)|getaddrinfo|Name or service not known|timed? ?out/i,
    "it cannot reach the token issuer",
    () => "Check HTTPS_PROXY and REQUESTS_CA_BUNDLE for the Azure CLI, or choose another --sign-in.",
  ],
  [
    /az login|AADSTS(?:700082|70043|70044|50173|50078|50079|50076|50074|70008|700084|50132|65002)\b|interactive authentication|not logged in|no subscription found/i,
    "it is not signed in to that tenant, or its sign-in has ended",
    (tenant) => loginHint(tenant),
  ],
];

/** Why `az` gave no token, from what it printed; texts differ between its versions, so codes count first. */
export function whyAzFailed(answer: ProgramAnswer, tenant: string): Reason {
  if (answer.failure === "ENOENT")
    return reason("it is not installed", "Install the Azure CLI, or choose another --sign-in.");
  if (answer.failure !== null)
    return reason(
      `this machine does not let it start (${answer.failure})`,
      "Ask for a policy that allows the Azure CLI, or choose another --sign-in.",
    );
  if (answer.isOverLimit)
    return reason(`it did not answer within ${limitMs / 1000} s`, "Run `az account show` by hand first.");
  const text = `${answer.errors}\n${answer.output}`;
  const cause = causes.find(([pattern]) => pattern.test(text));
  const detail = lastLine(answer.errors);
  if (cause !== undefined) {
    const [, why, hint] = cause;
    return reason(detail === "" ? why : `${why} (${detail})`, hint(tenant));
  }
  const end = `it ended with ${answer.code === null ? "a signal" : `code ${answer.code}`}`;
  return reason(
    detail === "" ? `${end} and no message; is it not signed in?` : `${end} (${detail})`,
    loginHint(tenant),
  );
}

function lastLine(text: string): string {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
  const telling = lines.findLast((line) => /ERROR|AADSTS|not recognized/i.test(line)) ?? lines.at(-1) ?? "";
  return hideTokens(telling.trim()).slice(0, 300);
}

function loginHint(tenant: string): string {
  return `Run \`az login --tenant ${tenant}\` first, or choose another --sign-in.`;
}

function parse(output: string): unknown {
  try {
    return JSON.parse(output);
  } catch {
    return null;
  }
}

function reason(why: string, hint: string): Reason {
  return { code: "graph-unauthorized", message: `The Azure command line gave no token: ${why}.`, hint };
}

function failed(why: string, hint: string): Stop {
  return new Stop(reason(why, hint));
}
