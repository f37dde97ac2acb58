// Findings about the dedicated hybrid application: the tenant's own application with which Exchange Server calls the cloud.
import { isGuid } from "../../core/principals.ts";
import { sampleApplicationId } from "./application-kind.ts";
import { listAuthServers } from "./commands.ts";
import type { FindingTexts } from "./finding-text.ts";
import { graphPermissions } from "./graph-permissions.ts";

export interface HybridAppDetails {
  HYBRID_APP_ROLE_MISSING: {
    readonly caller: string;
    readonly callerId: string;
    readonly resource: "exchange-online" | "graph";
    /** The permissions that its roles lack, in the order of the catalogue. */
    readonly missing: string;
    /** What Exchange Server loses without them. */
    readonly features: string;
    /** The token was pasted, so no answer to it is known. */
    readonly isPasted: boolean;
  };
  /** `seen` and `expected` are application ids. */
  HYBRID_APP_OTHER_ID: { readonly seen: string; readonly expected: string; readonly host: string };
  /** Addresses of servers, each with its build where it is known; `more` counts those that are not listed. */
  SERVERS_STILL_SHARED: { readonly servers: string; readonly more: number; readonly movedCount: number };
  EXCHANGE_BUILD_TOO_OLD: {
    readonly host: string;
    readonly build: string;
    readonly name: string;
    /** The first build of the same cumulative update that can do it; empty when none can. */
    readonly from: string;
    /** Day on which support ended, or empty. */
    readonly outOfSupportSince: string;
  };
}

const serviceNames = {
  "exchange-online": { api: "Office 365 Exchange Online", words: "Exchange Online" },
  graph: { api: "Microsoft Graph", words: "Microsoft Graph" },
} as const;

function roleRemedy({ callerId, resource, missing }: HybridAppDetails["HYBRID_APP_ROLE_MISSING"]): string {
  const id = isGuid(callerId) ? callerId : "<application id>";
  const { api } = serviceNames[resource];
  return `Read what it has: $sp = Get-MgServicePrincipal -Filter "appId eq '${id}'", then Get-MgServicePrincipalAppRoleAssignment -ServicePrincipalId $sp.Id -All. Under its API permissions in Entra add ${missing} as application permission of ${api}, leave the others, and grant admin consent (ConfigureExchangeHybridApplication.ps1 -FullyConfigureExchangeHybridApplication checks both, too). Tokens that were issued before keep their roles until they expire: realmscope decode shows the roles of one.`;
}

const graphList = graphPermissions.map(({ permission, feature }) => `${permission} (${feature})`).join(", ");

export const hybridAppTexts: FindingTexts<HybridAppDetails> = {
  HYBRID_APP_ROLE_MISSING: {
    severity: "error",
    summary: "The dedicated hybrid application's token lacks a permission that Exchange Server's calls need.",
    onTheWire: `A token of Entra for the tenant's own application (no scp) for Exchange Online without full_access_as_app in roles, or for Microsoft Graph without one of ${graphList}. A permission that includes the one that is needed counts. A warning where no call was refused for it.`,
    remedy:
      "Add the permission to the application in Entra, as application permission of Office 365 Exchange Online or Microsoft Graph, leave the others, and grant admin consent. Tokens that were issued before keep their roles until they expire: realmscope decode shows the roles of one.",
    step: "none",
    isServersToJudge: true,
    // A success of another call does not need the same permission.
    outlivesRecovery: true,
    severityFor: ({ isPasted }) => (isPasted ? "warning" : undefined),
    sentence: ({ caller, resource, missing, features }) =>
      `The token of ${caller} for ${serviceNames[resource].words} lacks ${missing}: without it Exchange Server has no ${features}.`,
    remedyFor: roleRemedy,
    examples: [
      [
        "the token is for Exchange Online",
        { callerId: sampleApplicationId, resource: "exchange-online", missing: "full_access_as_app" },
      ],
      [
        "the token is for Microsoft Graph",
        { callerId: sampleApplicationId, resource: "graph", missing: "Calendars.Read" },
      ],
    ],
  },
  HYBRID_APP_OTHER_ID: {
    severity: "warning",
    summary: "Another application of the tenant calls the cloud than the dedicated hybrid application that was named.",
    onTheWire:
      "A call to Exchange Online or Microsoft Graph, or a token request for them, by an application id that is neither known nor the one of --hybrid-app (hybridApp in the configuration).",
    remedy: `On the server that called: ${listAuthServers}; the EvoSts server must name the application that you expect. Where it names the other one, ConfigureExchangeHybridApplication.ps1 -ConfigureAuthServer sets it. If the other one is right, give its id with --hybrid-app; if it belongs to another program on this network, name it in realmscope.config.json: "applications": { "<id>": "<name>" }.`,
    step: "oauth-exchange",
    sentence: ({ seen, expected, host }) =>
      `${seen} calls ${host}, not ${expected}, which was named as the dedicated hybrid application.`,
  },
  SERVERS_STILL_SHARED: {
    severity: "error",
    summary:
      "Some servers still call Exchange Online as the shared service principal while others use the dedicated hybrid application.",
    onTheWire:
      "In one capture, calls to Exchange Online or token requests for it as 00000002-0000-0ff1-ce00-000000000000 from one address, and as the tenant's own application from another.",
    remedy: `Its share of the calls fails, so users see an error that comes and goes. On each of these servers: (Get-Command ExSetup.exe).FileVersionInfo.FileVersion shows its build: 15.1.2507.55 (2016 CU23), 15.2.1544.25 (2019 CU14), 15.2.1748.24 (2019 CU15) or later, or the Subscription Edition. Update an older one; on a newer one let it read the setting at once with Get-ExchangeDiagnosticInfo -Process Microsoft.Exchange.Directory.TopologyService -Component VariantConfiguration -Argument Refresh, and look whether the setting override applies to it: Get-SettingOverride | Format-List Name,SectionName,Parameters,Server,MinVersion,MaxVersion.`,
    step: "oauth-exchange",
    sentence: ({ servers, more, movedCount }) =>
      `Exchange Online is still called as the shared service principal by ${servers}${more === 0 ? "" : ` and ${more} more`}${movedCount === 0 ? "" : `, while ${movedCount} other ${movedCount === 1 ? "address uses" : "addresses use"} the dedicated hybrid application`}.`,
  },
  EXCHANGE_BUILD_TOO_OLD: {
    severity: "warning",
    summary: "A server of Exchange has a build that cannot use the dedicated hybrid application.",
    onTheWire:
      "X-OWA-Version below 15.1.2507.55 (2016 CU23), 15.2.1544.25 (2019 CU14) or 15.2.1748.24 (2019 CU15), or of another cumulative update or version.",
    remedy:
      "(Get-Command ExSetup.exe).FileVersionInfo.FileVersion on the server shows its build. Update it: before that it calls Exchange Online as the shared service principal, which is refused since 31 October 2025. Exchange Server Subscription Edition has it in every build; 2016 and 2019 are out of support since 14 October 2025.",
    step: "oauth-exchange",
    sentence: ({ host, build, name, from, outOfSupportSince }) =>
      `${host} is ${name}, build ${build}, which cannot use the dedicated hybrid application${from === "" ? "" : ` (from ${from})`}${outOfSupportSince === "" ? "" : `; out of support since ${outOfSupportSince}`}.`,
  },
};
