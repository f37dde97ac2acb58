// Federation towards Microsoft's cloud: WS-Security at Exchange Online, and the token of the federation gateway before it ([MS-OXWSADISC],
// "Understanding federated delegation"; the gateway is login.microsoftonline.com/extSTS.srf).
import type { Headers } from "../../../src/core/headers.ts";
import type { Exchanged } from "../story.ts";
import type { FindingCase } from "./finding-case.ts";

const gateway = "login.microsoftonline.com";
const xml: Headers = [["Content-Type", "application/soap+xml; charset=utf-8"]];

/** A WS-Trust request for a security token, with the parts of its security header. */
function tokenOfGateway(security: string): Exchanged {
  return {
    host: gateway,
    path: "/extSTS.srf",
    agent: "",
    headers: xml,
    body: `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Header><o:Security xmlns:o="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd">${security}</o:Security></s:Header><s:Body><t:RequestSecurityToken xmlns:t="http://schemas.xmlsoap.org/ws/2005/02/trust"/></s:Body></s:Envelope>`,
  };
}

const hosts = [
  "outlook.office365.com",
  "autodiscover-s.outlook.com",
  "outlook.office365.us",
  "autodiscover-s-dod.office365.us",
  "webmail.apps.mil",
  "partner.outlook.cn",
  "outlook.sovcloud.de",
];

export const federationCases: readonly FindingCase[] = [
  ...hosts.flatMap((host): FindingCase[] => [
    {
      name: `EWS of ${host} by WS-Security`,
      story: [{ host, agent: "ASProxy/CrossForest/EmailDomain", path: "/EWS/Exchange.asmx/WSSecurity" }],
      shows: ["FEDERATION_USED", "EWS_ONLINE_ENDS"],
      severity: "warning",
      says: "Get-IntraOrganizationConnector",
    },
    {
      name: `Autodiscover of ${host} by WS-Security`,
      story: [
        {
          host,
          agent: "ASAutoDiscover/CrossForest/EmailDomain",
          path: "/autodiscover/autodiscover.svc/WSSecurity",
          status: 401,
        },
      ],
      shows: ["FEDERATION_USED"],
      severity: "warning",
      says: "and was refused",
      never: ["EWS_ONLINE_ENDS", "CHALLENGE_MISSING"],
    },
  ]),
  {
    name: "a service requests a token of the federation gateway",
    story: [tokenOfGateway('<d:Signature xmlns:d="http://www.w3.org/2000/09/xmldsig#"/>')],
    shows: ["FEDERATION_USED"],
    severity: "warning",
    says: `A service requested a token of Microsoft's federation gateway at ${gateway} (WS-Security, not OAuth).`,
  },
  {
    name: "a person's sign-in by name and password at the same address is no federation",
    story: [tokenOfGateway("<o:UsernameToken><o:Username>anna@contoso.com</o:Username></o:UsernameToken>")],
    never: ["FEDERATION_USED"],
  },
];
