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
