// The addresses of each Microsoft cloud that a set-up needs, from the one table of hosts.
import { microsoftClouds } from "../../core/microsoft-hosts.ts";

export interface Cloud {
  readonly name: string;
  /** Origin of Microsoft Graph, without a trailing slash. */
  readonly graph: string;
  /** Origin that issues tokens. */
  readonly login: string;
  /** Host of Exchange Online. */
  readonly exchangeOnline: string;
}

export const clouds: readonly Cloud[] = microsoftClouds.flatMap(({ hosts, setups }) =>
  Object.entries(setups).map(([name, { graph, exchangeOnline }]) => ({
    name,
    graph: `https://${graph}`,
    login: `https://${hosts["token-service"][0] ?? ""}`,
    exchangeOnline,
  })),
);

/** A cloud outside of the table (`--cloud custom`), by its two origins; its Exchange Online is taken to be the global one. */
export function customCloud(graph: string, login: string): Cloud {
  return { name: "custom", graph, login, exchangeOnline: clouds[0]?.exchangeOnline ?? "" };
}

/** The hosts where a cloud's hybrid auth servers publish their metadata, as the procedure's pages give them. */
export function metadataLogin(cloud: Cloud): { readonly acs: string; readonly evoSts: string } {
  // Government clouds use one host for both.
  if (cloud.name.startsWith("usgov")) return { acs: cloud.login, evoSts: cloud.login };
  return { acs: "https://accounts.accesscontrol.windows.net", evoSts: "https://login.windows.net" };
}

const initialDomains: Readonly<Record<string, string>> = {
  global: "contoso.onmicrosoft.com",
  "usgov-l4": "contoso.onmicrosoft.us",
  "usgov-l5": "contoso.onmicrosoft.us",
  china: "contoso.partner.onmschina.cn",
};

/** A placeholder for the initial domain of the tenant, as the procedure's pages want it in the metadata addresses. */
export function initialDomain({ name }: Cloud): string {
  const example = initialDomains[name];
  return `<the tenant's initial domain${example === undefined ? "" : `, such as ${example}`}>`;
}

const environments: Readonly<Record<string, string>> = {
  global: "",
  "usgov-l4": " -ExchangeEnvironmentName O365USGovGCCHigh",
  "usgov-l5": " -ExchangeEnvironmentName O365USGovDoD",
  china: " -ExchangeEnvironmentName O365China",
};

/** The command that connects Exchange Online PowerShell to a cloud; of the newest clouds no name of an environment is known here. */
export function connectExchangeOnline({ name }: Cloud): string {
  return `Connect-ExchangeOnline${environments[name] ?? " -ExchangeEnvironmentName <that of the cloud>"}`;
}

/** The script's names of the clouds that it knows; the global one is its default. */
const scriptEnvironments: Readonly<Record<string, string>> = {
  "usgov-l4": "USGovernmentL4",
  "usgov-l5": "USGovernmentL5",
  china: "ChinaCloud",
};

/** Microsoft's script, which sets up the application, with a switch, for a cloud. */
export function hybridScript(switchName: string, { name }: Pick<Cloud, "name">): string {
  const environment = scriptEnvironments[name];
  const where = environment === undefined ? "" : ` -AzureEnvironment ${environment}`;
  return `.\\ConfigureExchangeHybridApplication.ps1 -${switchName}${where}`;
}
