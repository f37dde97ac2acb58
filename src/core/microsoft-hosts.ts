// Host names of Microsoft's clouds: the one table that the scope of `watch`, the findings, `provision --cloud` and docs/proxy.md
// read. Sources: Get-CloudServiceEndpoint of the scripts that Microsoft publishes for Exchange (CSS-Exchange), and "Office 365 URLs
// and IP address ranges" by cloud. A name does not prove who answers.

import { memoize } from "./memoize.ts";

/** `sovereign-fr` is Bleu, `sovereign-de` is Delos; `us-government` holds GCC High and DoD. */
export type CloudName = "global" | "us-government" | "china" | "sovereign-fr" | "sovereign-de";

/** `exchange-online` includes its Autodiscover; `skype` is Skype for Business Online. */
export type MicrosoftService = "token-service" | "graph" | "exchange-online" | "skype";

export interface MicrosoftHost {
  readonly cloud: CloudName;
  readonly service: MicrosoftService;
}

export interface SetupHosts {
  readonly graph: string;
  readonly exchangeOnline: string;
}

export interface MicrosoftCloud {
  readonly name: CloudName;
  /** Name for people. */
  readonly title: string;
  /** A leading `*.` matches every name below it, not the name itself. The first token service is the sign-in host of Entra. */
  readonly hosts: Readonly<Record<MicrosoftService, readonly string[]>>;
  /** The names of `provision --cloud`, each with the hosts that a set-up calls. */
  readonly setups: Readonly<Record<string, SetupHosts>>;
}

export const microsoftClouds: readonly MicrosoftCloud[] = [
  {
    name: "global",
    title: "Global",
    hosts: {
      "token-service": [
        "login.microsoftonline.com",
        "login.windows.net",
        "sts.windows.net",
        "accounts.accesscontrol.windows.net",
        "*.accesscontrol.windows.net",
        "sts.office365.microsoft.com",
      ],
      graph: ["graph.microsoft.com"],
      "exchange-online": [
        "outlook.office365.com",
        "*.outlook.office365.com",
        "outlook.office.com",
        "outlook.cloud.microsoft",
        "autodiscover-s.outlook.com",
      ],
      skype: ["online.lync.com", "*.lync.com", "*.infra.lync.com", "*.skype.com"],
    },
    setups: { global: { graph: "graph.microsoft.com", exchangeOnline: "outlook.office365.com" } },
  },
  {
    name: "us-government",
    title: "US government (GCC High, DoD)",
    hosts: {
      "token-service": ["login.microsoftonline.us", "*.accesscontrol.windows.us"],
      graph: ["graph.microsoft.us", "dod-graph.microsoft.us"],
      "exchange-online": [
        "outlook.office365.us",
        "*.outlook.office365.us",
        "outlook-dod.office365.us",
        "outlook.office365-net.us",
        "*.apps.mil",
        "autodiscover-s.office365.us",
        "autodiscover-s-dod.office365.us",
      ],
      skype: [],
    },
    setups: {
      "usgov-l4": { graph: "graph.microsoft.us", exchangeOnline: "outlook.office365.us" },
      "usgov-l5": { graph: "dod-graph.microsoft.us", exchangeOnline: "outlook-dod.office365.us" },
    },
  },
  {
    name: "china",
    title: "China (21Vianet)",
    hosts: {
      "token-service": [
        "login.partner.microsoftonline.cn",
        "login.chinacloudapi.cn",
        "*.accesscontrol.chinacloudapi.cn",
      ],
      graph: ["microsoftgraph.chinacloudapi.cn"],
      "exchange-online": ["partner.outlook.cn", "autodiscover-s.partner.outlook.cn"],
      skype: [],
    },
    setups: { china: { graph: "microsoftgraph.chinacloudapi.cn", exchangeOnline: "partner.outlook.cn" } },
  },
  {
    name: "sovereign-fr",
    title: "Bleu (France)",
    hosts: {
      "token-service": ["login.sovcloud-identity.fr"],
      graph: ["graph.svc.sovcloud.fr"],
      "exchange-online": ["outlook.sovcloud.fr", "autodiscover-s.outlook.sovcloud.fr"],
      skype: [],
    },
    setups: { bleu: { graph: "graph.svc.sovcloud.fr", exchangeOnline: "outlook.sovcloud.fr" } },
  },
  {
    name: "sovereign-de",
    title: "Delos (Germany)",
    hosts: {
      "token-service": ["login.sovcloud-identity.de"],
      graph: ["graph.svc.sovcloud.de"],
      "exchange-online": ["outlook.sovcloud.de", "autodiscover-s.outlook.sovcloud.de"],
      skype: [],
    },
    setups: { delos: { graph: "graph.svc.sovcloud.de", exchangeOnline: "outlook.sovcloud.de" } },
  },
];

/** Every host pattern of the table. */
export const microsoftHostPatterns: readonly string[] = microsoftClouds.flatMap(({ hosts }) =>
  Object.values(hosts).flat(),
);

const byName = new Map<string, MicrosoftHost>();
const bySuffix: (readonly [suffix: string, host: MicrosoftHost])[] = [];
for (const { name: cloud, hosts } of microsoftClouds)
  for (const [service, names] of Object.entries(hosts) as [MicrosoftService, readonly string[]][])
    for (const name of names) {
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
