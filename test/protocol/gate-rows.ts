// Facts of Microsoft's hosts by cloud, of the gate of EWS in Exchange Online, and of the first leg of Teams.
import { type ProtocolRow, section } from "./protocol-row.ts";

const findings = "diagnosis/findings";
const hostTest = "core/microsoft-hosts";
const hostFile = "core/microsoft-hosts";
const gateTest = "diagnosis/ews-online";
const policyFile = "handshake/ews-policy";
const answerFile = "diagnosis/catalogue/answer";

/** Get-CloudServiceEndpoint of Microsoft's scripts for Exchange, and "Office 365 URLs and IP address ranges" by cloud. */
const hostRows = section("Hosts by cloud", [
  [
    "P",
    "Sign-in hosts: login.microsoftonline.com, .us, login.partner.microsoftonline.cn, login.sovcloud-identity.fr and .de",
    hostTest,
    "login.sovcloud-identity.fr",
    [hostFile, '"token-service": ["login.sovcloud-identity.fr"]', '"token-service": ["login.sovcloud.fr"]'],
  ],
  [
    "P",
    "Graph: graph.microsoft.com, graph.microsoft.us, dod-graph.microsoft.us, microsoftgraph.chinacloudapi.cn, graph.svc.sovcloud.fr and .de",
    hostTest,
    "dod-graph.microsoft.us",
    [hostFile, '"graph.microsoft.us", "dod-graph.microsoft.us"', '"graph.microsoft.us"'],
  ],
  [
    "P",
    "Autodiscover: autodiscover-s.outlook.com, -s and -s-dod.office365.us, -s.partner.outlook.cn, -s.outlook.sovcloud.fr and .de",
    hostTest,
    "autodiscover-s-dod.office365.us",
    [hostFile, '        "autodiscover-s-dod.office365.us",\n', ""],
  ],
  [
    "P",
    "Exchange Online: outlook.office365.com, outlook.office.com, outlook.cloud.microsoft, outlook.office365.us, *.apps.mil, partner.outlook.cn",
    hostTest,
    "outlook.cloud.microsoft",
    [hostFile, '        "outlook.cloud.microsoft",\n', ""],
  ],
  [
    "P",
    "*.apps.mil belongs to the Exchange Online of the DoD",
    hostTest,
    "webmail.apps.mil",
    [hostFile, '        "*.apps.mil",\n', ""],
  ],
  [
    "P",
    "Exchange Online of Bleu and Delos: outlook.sovcloud.fr and .de",
    hostTest,
    "outlook.sovcloud.fr",
    [hostFile, '"exchange-online": ["outlook.sovcloud.fr", ', '"exchange-online": ['],
  ],
  [
    "P",
    "GCC High and DoD have a Graph and an Exchange Online of their own and one sign-in host",
    "provisioning/clouds",
    "--cloud usgov-l5",
    [hostFile, 'exchangeOnline: "outlook-dod.office365.us"', 'exchangeOnline: "outlook.office365.us"'],
  ],
]);

/** "EWS access in Exchange Online" and its announcement: the two texts of X-EWS-Policy-Reason, and what must be allowed. */
const gateOnlyRows = section("The gate of EWS", [
  [
    "P",
    'X-EWS-Policy-Reason "EWS is disabled for this user or tenant" is EwsEnabled',
    findings,
    "Exchange Online says that EWS is disabled",
    [policyFile, "/^ews is disabled\\b/i.test(reason)", "false"],
  ],
  [
    "P",
    'X-EWS-Policy-Reason "EWS is blocked by policy for this user or tenant" is a list, of applications or of User-Agents',
    findings,
    "Exchange Online blocks an application by policy",
    [policyFile, "/^ews is blocked by policy\\b/i.test(reason)", "false"],
  ],
  [
    "P",
    "A bare 403 of Exchange Online proves neither",
    findings,
    "a bare 403 of Exchange Online blames no device",
    [
      "diagnosis/rules/judge-answer",
      '  if (policyReason !== "")\n    return [named',
      "  if (isExchangeOnline(host))\n    return [named",
    ],
  ],
  [
    "P",
    "EwsAllowedAppIDs is returned only with -RetrieveEwsOperationAccessPolicy",
    findings,
    "Exchange Online says that EWS is disabled",
    [
      "diagnosis/catalogue/commands",
      "Get-OrganizationConfig -RetrieveEwsOperationAccessPolicy |",
      "Get-OrganizationConfig |",
    ],
  ],
  [
    "P",
    "The lists on premises must let SchedulingService in for the delegate check of Teams",
    findings,
    "the delegate check of Teams, blocked by a policy on premises",
    [answerFile, ",'*SchedulingService*'", ""],
  ],
  [
    "P",
    "The gate refuses the call, not the token: it confirms nothing and refuses no trust",
    gateTest,
    "a gate that closed is no confirmation",
    ["diagnosis/verdict", 'handshake.policy === "online-not-allowed"', "false"],
  ],
  [
    "P",
    "EWS answers errors about the mailbox with a SOAP fault and status 500",
    gateTest,
    "a SOAP fault ErrorNonExistentMailbox of EWS with status 500: oauth-confirmed",
    [
      "handshake/signals",
      'if (status !== 500 || facts.endpoint !== "ews"',
      'if (status !== 499 || facts.endpoint !== "ews"',
    ],
  ],
]);

/** "Resolve interaction issues between Teams and Exchange Server". */
const firstLegRows = section("The first leg of Teams", [
  [
    "P",
    "Teams begins with GET /autodiscover/autodiscover.json?Email=…&Protocol=EWS, without sign-in",
    "handshake/correlate-discovery",
    "a look-up, a probe and a call of one client are one handshake, the look-up first",
    [
      "handshake/role",
      'facts.discovery !== undefined && facts.isCloudUserAgent ? "discovery" : "anonymous"',
      '"anonymous"',
    ],
  ],
  [
    "P",
    "The answer is JSON with Protocol and Url",
    "decoders/messages/discovery",
    "an address",
    ["decoders/messages/discovery", "Url: url", "url: url"],
  ],
  [
    "P",
    "The User-Agent of the look-up is Teams, that of the delegate check contains SchedulingService",
    "decoders/messages/decode-transaction",
    "SchedulingService: true",
    ["core/well-known-clients", "|SchedulingService|", "|"],
  ],
  [
    "P",
    "A device must pass the look-up without pre-authentication",
    findings,
    "the look-up that a device answers with 401",
    ["diagnosis/rules/judge-answer", "status === 401 || status === 403 || status === 407", "status === 407"],
  ],
]);

export const gateRows: readonly ProtocolRow[] = [...hostRows, ...gateOnlyRows, ...firstLegRows];
