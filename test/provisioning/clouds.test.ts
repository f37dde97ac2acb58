import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { clouds } from "../../src/provisioning/model/clouds.ts";
import { readSettings } from "../../src/provisioning/model/settings.ts";

// CSS-Exchange, Get-CloudServiceEndpoint: Graph, sign-in and Exchange Online by cloud. The script names outlook.office.com for the
// global cloud; Microsoft's page of the procedure tests against outlook.office365.com.
test.each([
  ["global", "https://graph.microsoft.com", "https://login.microsoftonline.com", "outlook.office365.com"],
  ["usgov-l4", "https://graph.microsoft.us", "https://login.microsoftonline.us", "outlook.office365.us"],
  ["usgov-l5", "https://dod-graph.microsoft.us", "https://login.microsoftonline.us", "outlook-dod.office365.us"],
  [
    "china",
    "https://microsoftgraph.chinacloudapi.cn",
    "https://login.partner.microsoftonline.cn",
    "partner.outlook.cn",
  ],
  ["bleu", "https://graph.svc.sovcloud.fr", "https://login.sovcloud-identity.fr", "outlook.sovcloud.fr"],
  ["delos", "https://graph.svc.sovcloud.de", "https://login.sovcloud-identity.de", "outlook.sovcloud.de"],
])("--cloud %s", (cloud, graph, login, exchangeOnline) => {
  const input = { domain: "contoso.com", dc: "dc1.contoso.com", tenant: "3b1f8d52-6c0e-4a77-9f21-5e8d0c4b7a16" };
  expect(readSettings({ ...input, cloud }).cloud).toEqual({ name: cloud, graph, login, exchangeOnline });
});

test("the help of --cloud names every cloud of the table", () => {
  const names = clouds.map(({ name }) => name).join(", ");
  expect(readFileSync("src/cli/program/provision.ts", "utf8")).toContain(`"--cloud <name>", "${names}, or custom"`);
});

test.each(["graph", "http://graph.example", "https://a:b@graph.example", "ftp://graph.example"])(
  "the address %s of a custom cloud is refused by the name of its flag",
  (graphUrl) => {
    const answers = { domain: "contoso.com", dc: "dc1.contoso.com", tenant: "7f3c1e2a-9b14-4c0d-8a55-0d2b6f1e90aa" };
    expect(() => readSettings({ ...answers, graphUrl, loginUrl: "https://login.example" })).toThrow(
      /^--graph-url needs /,
    );
  },
);
