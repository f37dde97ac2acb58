// The addresses of each Microsoft cloud. Those of `bleu` and `delos` are known only from Microsoft's scripts.

export interface Cloud {
  readonly name: string;
  /** Origin of Microsoft Graph, without a trailing slash. */
  readonly graph: string;
  /** Origin that issues tokens. */
  readonly login: string;
}

export const clouds: readonly Cloud[] = [
  { name: "global", graph: "https://graph.microsoft.com", login: "https://login.microsoftonline.com" },
  { name: "usgov-l4", graph: "https://graph.microsoft.us", login: "https://login.microsoftonline.us" },
  { name: "usgov-l5", graph: "https://dod-graph.microsoft.us", login: "https://login.microsoftonline.us" },
  {
    name: "china",
    graph: "https://microsoftgraph.chinacloudapi.cn",
    login: "https://login.partner.microsoftonline.cn",
  },
  { name: "bleu", graph: "https://graph.svc.sovcloud.fr", login: "https://login.sovcloud-identity.fr" },
  { name: "delos", graph: "https://graph.svc.sovcloud.de", login: "https://login.sovcloud-identity.de" },
];

/** The hosts where a cloud's hybrid auth servers publish their metadata, as the procedure's pages give them. */
export function metadataLogin(cloud: Cloud): { readonly acs: string; readonly evoSts: string } {
  // Government clouds use one host for both.
  if (cloud.name.startsWith("usgov")) return { acs: cloud.login, evoSts: cloud.login };
  return { acs: "https://accounts.accesscontrol.windows.net", evoSts: "https://login.windows.net" };
}
