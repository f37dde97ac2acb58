// The dedicated hybrid application of the tenant: `--hybrid-app ID`, else the key hybridApp of the configuration file.
import { isGuid } from "../core/principals.ts";
import { ToolError } from "../core/tool-error.ts";
import { hybridAppName, wellKnownApplication } from "../core/well-known-applications.ts";
import { wellKnownClient } from "../core/well-known-clients.ts";
import type { ReadinessOptions } from "../diagnosis/readiness/answer.ts";

/** The applications that a configuration knows. */
interface Known {
  /** Names by application id in lower case. */
  readonly applications: ReadonlyMap<string, string>;
  readonly hybridApp: string | null;
}

/** As options of an analysis. */
export interface KnownApplications {
  readonly applications: ReadonlyMap<string, string>;
  readonly hybridApp?: string;
}

export const hybridAppHint =
  "Give the application id that Get-AuthServer | Format-List Name,Type,ApplicationIdentifier shows for the EvoSts server on Exchange Server.";

/** Why a value is not the id of a dedicated hybrid application, as the end of a sentence; null when it can be one. */
export function hybridAppProblem(value: unknown): string | null {
  if (typeof value !== "string" || !isGuid(value)) return "is not an application id (a GUID)";
  const id = value.toLowerCase();
  const name = wellKnownApplication(id)?.name ?? wellKnownClient(id);
  return name === undefined ? null : `is ${name}, an application of Microsoft's and not one of your tenant`;
}

/** The configuration with the application of `--hybrid-app`, which gets a name. Throws ToolError `bad-hybrid-app`. */
export function withHybridApp<Configuration extends Known>(
  configuration: Configuration,
  option: string | undefined,
): Configuration {
  const problem = option === undefined ? null : hybridAppProblem(option);
  if (problem !== null)
    throw new ToolError("bad-hybrid-app", `--hybrid-app ${JSON.stringify(option)} ${problem}.`, {
      hint: hybridAppHint,
    });
  const hybridApp = option?.toLowerCase() ?? configuration.hybridApp;
  if (hybridApp === null) return configuration;
  const { applications } = configuration;
  const named = applications.has(hybridApp) ? applications : new Map([...applications, [hybridApp, hybridAppName]]);
  return { ...configuration, hybridApp, applications: named };
}

/** The options of an analysis that say which applications are known. */
export function knownApplications({ applications, hybridApp }: Known): KnownApplications {
  return hybridApp === null ? { applications } : { applications, hybridApp };
}

/** The options of the answers of `readiness`, for a report: certificates are named on the command line of `readiness` alone. */
export function readinessOptions({ applications, hybridApp }: Known): ReadinessOptions {
  return { applications, hybridApp, certificates: [] };
}
