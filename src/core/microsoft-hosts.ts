// Host names of Microsoft's clouds, from the scripts that Microsoft publishes for hybrid organisations. A name does not prove who
// answers.

import { memoize } from "./memoize.ts";

/** `sovereign-fr` is Bleu, `sovereign-de` is Delos; `us-government` holds GCC High and DoD. */
export type CloudName = "global" | "us-government" | "china" | "sovereign-fr" | "sovereign-de";

export type MicrosoftService = "token-service" | "graph" | "exchange-online";

export interface MicrosoftHost {
  readonly cloud: CloudName;
  readonly service: MicrosoftService;
}

/** Autodiscover hosts count as Exchange Online. A leading `*.` matches every name below, not the name itself. */
const hosts: Readonly<Record<CloudName, Readonly<Record<MicrosoftService, string>>>> = {
  global: {
    "token-service":
      "login.microsoftonline.com login.windows.net sts.windows.net accounts.accesscontrol.windows.net *.accesscontrol.windows.net sts.office365.microsoft.com",
    graph: "graph.microsoft.com",
    "exchange-online":
      "outlook.office365.com *.outlook.office365.com outlook.office.com outlook.cloud.microsoft autodiscover-s.outlook.com",
  },
  "us-government": {
    "token-service": "login.microsoftonline.us *.accesscontrol.windows.us",
    graph: "graph.microsoft.us dod-graph.microsoft.us",
    "exchange-online":
      "outlook.office365.us *.outlook.office365.us outlook-dod.office365.us outlook.office365-net.us *.apps.mil autodiscover-s.office365.us autodiscover-s-dod.office365.us",
  },
  china: {
    "token-service": "login.partner.microsoftonline.cn login.chinacloudapi.cn *.accesscontrol.chinacloudapi.cn",
    graph: "microsoftgraph.chinacloudapi.cn",
    "exchange-online": "partner.outlook.cn autodiscover-s.partner.outlook.cn",
  },
  "sovereign-fr": {
    "token-service": "login.sovcloud-identity.fr",
    graph: "graph.svc.sovcloud.fr",
    "exchange-online": "autodiscover-s.outlook.sovcloud.fr",
  },
  "sovereign-de": {
    "token-service": "login.sovcloud-identity.de",
    graph: "graph.svc.sovcloud.de",
    "exchange-online": "autodiscover-s.outlook.sovcloud.de",
  },
};

const byName = new Map<string, MicrosoftHost>();
const bySuffix: (readonly [suffix: string, host: MicrosoftHost])[] = [];
for (const [cloud, services] of Object.entries(hosts) as [CloudName, Readonly<Record<MicrosoftService, string>>][])
  for (const [service, names] of Object.entries(services) as [MicrosoftService, string][])
    for (const name of names.split(" ")) {
      if (name.startsWith("*")) bySuffix.push([name.slice(1), { cloud, service }]);
      else byName.set(name, { cloud, service });
    }

/** The Microsoft service of a host (any letter case, with or without port); null for every other host. */
export const microsoftHost: (host: string) => MicrosoftHost | null = memoize(256, (host) => {
  if (host.length > 260) return null;
  const name = host
    .toLowerCase()
    .replace(/:\d{1,5}$/, "")
    .replace(/\.$/, "");
  return byName.get(name) ?? bySuffix.find(([suffix]) => name.endsWith(suffix))?.[1] ?? null;
});

/** As `microsoftHost`, for a URL; null when the text is not a URL. */
export function microsoftHostOfUrl(url: string): MicrosoftHost | null {
  const host = /^https?:\/\/([^/?#\\@]{1,260})(?:[/?#]|$)/i.exec(url)?.[1];
  return host === undefined ? null : microsoftHost(host);
}

/** True for Exchange Online, including its Autodiscover. */
export function isExchangeOnline(host: string): boolean {
  return microsoftHost(host)?.service === "exchange-online";
}
