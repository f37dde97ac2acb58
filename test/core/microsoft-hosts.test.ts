import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import {
  isExchangeOnline,
  type MicrosoftService,
  microsoftClouds,
  microsoftHost,
  microsoftHostOfUrl,
} from "../../src/core/microsoft-hosts.ts";
import { wellKnownApplications } from "../../src/core/well-known-applications.ts";
import { wellKnownClient } from "../../src/core/well-known-clients.ts";

// CSS-Exchange, Get-CloudServiceEndpoint, and "Office 365 URLs and IP address ranges" by cloud
test.each([
  ["login.microsoftonline.com", "global", "token-service"],
  ["accounts.accesscontrol.windows.net", "global", "token-service"],
  ["LOGIN.MicrosoftOnline.us:443", "us-government", "token-service"],
  ["login.partner.microsoftonline.cn", "china", "token-service"],
  ["login.sovcloud-identity.fr", "sovereign-fr", "token-service"],
  ["login.sovcloud-identity.de", "sovereign-de", "token-service"],
  ["graph.microsoft.com", "global", "graph"],
  ["dod-graph.microsoft.us", "us-government", "graph"],
  ["microsoftgraph.chinacloudapi.cn", "china", "graph"],
  ["outlook.office365.com.", "global", "exchange-online"],
  ["outlook.cloud.microsoft", "global", "exchange-online"],
  ["autodiscover-s-dod.office365.us", "us-government", "exchange-online"],
  ["webmail.apps.mil", "us-government", "exchange-online"],
  ["partner.outlook.cn", "china", "exchange-online"],
  ["autodiscover-s.outlook.sovcloud.de", "sovereign-de", "exchange-online"],
  ["outlook.office.com", "global", "exchange-online"],
  ["outlook.office365.us", "us-government", "exchange-online"],
  ["outlook-dod.office365.us", "us-government", "exchange-online"],
  ["outlook.sovcloud.fr", "sovereign-fr", "exchange-online"],
  ["graph.microsoft.us", "us-government", "graph"],
  ["graph.svc.sovcloud.fr", "sovereign-fr", "graph"],
  ["graph.svc.sovcloud.de", "sovereign-de", "graph"],
  ["webdir.online.lync.com", "global", "skype"],
  ["online.lync.com", "global", "skype"],
  ["api.skype.com", "global", "skype"],
] as const)("%s", (host, cloud, service) => {
  expect(microsoftHost(host)).toEqual({ cloud, service });
  expect(microsoftHostOfUrl(`https://${host}/x`)).toEqual({ cloud, service });
});

test.each([
  "",
  "mail.contoso.com",
  "outlook.office365.com.contoso.com",
  "xoutlook.office365.com.evil",
  "evil-outlook.office365.com",
  "apps.mil",
  "microsoft.com",
  `${"a".repeat(300)}.apps.mil`,
])("%s is none of them", (host) => {
  expect(microsoftHost(host)).toBeNull();
  expect(isExchangeOnline(host)).toBe(false);
});

test.each(["graph.microsoft.com", "https://user@graph.microsoft.com/", "ftp://graph.microsoft.com/"])(
  "%s is no URL of them",
  (url) => {
    expect(microsoftHostOfUrl(url)).toBeNull();
  },
);

const serviceColumns: readonly (readonly [MicrosoftService, string])[] = [
  ["token-service", "Token service"],
  ["graph", "Microsoft Graph"],
  ["exchange-online", "Exchange Online and its Autodiscover"],
  ["skype", "Skype for Business Online"],
];

test("docs/proxy.md lists the hosts of the table, by cloud and service", () => {
  const page = readFileSync("docs/proxy.md", "utf8");
  const head = `| Cloud | ${serviceColumns.map(([, title]) => title).join(" | ")} |`;
  const rows = page.slice(page.indexOf(head)).split("\n\n")[0]?.split("\n") ?? [];
  expect(rows[0]).toBe(head);
  expect(rows.slice(2)).toEqual(
    microsoftClouds.map(({ title, hosts }) => {
      const cells = serviceColumns.map(([service]) => hosts[service].map((host) => `\`${host}\``).join(" "));
      return `| ${[title, ...cells].join(" | ")} |`.replaceAll("  ", " ");
    }),
  );
});

// Each cloud has one sign-in host and at least one host of Graph and of Exchange Online: `provision` takes them from here.
test.each(microsoftClouds)("$title has every service that a set-up needs", ({ name, hosts, setups }) => {
  expect(Object.values(setups).map(({ graph }) => graph)).toEqual(hosts.graph);
  for (const { graph, exchangeOnline } of Object.values(setups)) {
    expect(microsoftHost(graph)).toEqual({ cloud: name, service: "graph" });
    expect(hosts["exchange-online"]).toContain(exchangeOnline);
  }
  expect(hosts["token-service"][0]).toMatch(/^login\./);
});

test("a person's program is never a service's application", () => {
  expect(wellKnownClient("d3590ed6-52b3-4102-aeff-aad2292ab01c")).toContain("Outlook");
  for (const { id, role } of wellKnownApplications)
    if (role === "sts" || role === "exchange" || role === "caller") expect(wellKnownClient(id)).toBeUndefined();
});
