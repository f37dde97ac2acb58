// Facts of 2025 and 2026: the dedicated hybrid application, Microsoft Graph, the gate of EWS in Exchange Online. One list for each
// subject.
import { type ProtocolRow, section } from "./protocol-row.ts";

const kinds = "decoders/tokens/s2s-token";
const services = "decoders/tokens/token-service";
const builds = "core/exchange-builds";
const findings = "diagnosis/findings";
const hybridRule = "diagnosis/rules/judge-hybrid-app";
const kindFile = "decoders/tokens/token-kind";
const tokenFile = "decoders/tokens/s2s-token";

/** "Access tokens in the Microsoft identity platform", "… certificate credentials", "Client credentials flow". */
const entraTokenRows = section("Tokens of Entra", [
  [
    "P",
    "E: Entra v2, ver 2.0",
    kinds,
    "Entra v2, an application",
    [kindFile, 'if (ver === "2.0") return "entra-v2";', 'if (ver === "2.1") return "entra-v2";'],
  ],
  [
    "P",
    "the application that calls is appid in v1 tokens and azp in v2 tokens",
    kinds,
    "version 2.0",
    [tokenFile, "claims.appid ?? claims.azp", "claims.appid ?? claims.azq"],
  ],
  [
    "P",
    "the issuer of v2 tokens is the sign-in host of the cloud, with the tenant and /v2.0",
    services,
    "a v2 issuer without a version",
    [kindFile, "\\/v2\\.0\\/?$/i.test(path) &&", "\\/v3\\.0\\/?$/i.test(path) &&"],
  ],
  [
    "P",
    "v1 tokens of 21Vianet are issued by sts.chinacloudapi.cn",
    services,
    "a v1 token of 21Vianet",
    [kindFile, "chinacloudapi\\.cn|microsoftonline\\.de)$/.test(host);", "microsoftonline\\.de)$/.test(host);"],
  ],
  [
    "P",
    "idtyp user marks the token of a person, also without scp",
    "handshake/role",
    "an Entra token that says it is a person's",
    ["handshake/role", 'claims.idtyp === "user"', 'claims.idtyp === "usex"'],
  ],
  [
    "P",
    "a client assertion names its certificate by x5t#S256, the SHA-256 thumbprint",
    "verification/verify-signatures",
    "a client assertion that names its certificate by x5t#S256, PS256",
    ["verification/signing-keys", '["sha1", "sha256"]', '["sha1"]'],
  ],
  [
    "P",
    "iss and sub of a client assertion are the application, aud is the token endpoint of its cloud",
    kinds,
    "a client assertion for https://login.microsoftonline.us",
    [kindFile, "return isOwnSubject && isTokenService(audience)", "return !isOwnSubject && isTokenService(audience)"],
  ],
  [
    "P",
    "a v2 token request names the resource in scope, before /.default",
    "decoders/messages/token-request",
    "the resource of Entra: v2, an id",
    ["decoders/messages/token-request", '.replace(/\\/\\.default$/i, "")', '.replace(/\\/default$/i, "")'],
  ],
]);

/** "Deploy dedicated Exchange hybrid app", Get-ExchangeBuildVersionInformation.ps1 and the pre-checks of Microsoft's script. */
const buildRows = section("Builds of Exchange Server", [
  [
    "P",
    "2016 CU23 supports the dedicated application from 15.1.2507.55",
    builds,
    "15.1.2507.44 is Exchange Server 2016 CU23",
    ["core/exchange-builds", "hybridApp: 55", "hybridApp: 44"],
  ],
  [
    "P",
    "2019 CU14 supports the dedicated application from 15.2.1544.25",
    builds,
    "15.2.1544.25 is Exchange Server 2019 CU14",
    ["core/exchange-builds", "hybridApp: 25", "hybridApp: 26"],
  ],
  [
    "P",
    "2019 CU15 supports the dedicated application from 15.2.1748.24",
    builds,
    "15.2.1748.24 is Exchange Server 2019 CU15",
    ["core/exchange-builds", "hybridApp: 24", "hybridApp: 25"],
  ],
  [
    "P",
    "the Subscription Edition supports it from the first build, 15.2.2562.17",
    builds,
    "15.2.2562.17 is Exchange Server SE RTM",
    ["core/exchange-builds", "hybridApp: 17", "hybridApp: 18"],
  ],
  [
    "P",
    "the Subscription Edition calls Microsoft Graph from 15.2.2562.41, no other version does",
    builds,
    "15.2.2562.37 is Exchange Server SE RTM",
    ["core/exchange-builds", "graph: 41", "graph: 37"],
  ],
]);

/** "Deploy dedicated Exchange hybrid app" and ConfigureExchangeHybridApplication.ps1. */
const hybridAppRows = section("The dedicated hybrid application", [
  [
    "P",
    "EWS in Exchange Online needs full_access_as_app",
    findings,
    "Exchange Online refuses a token without full_access_as_app",
    [hybridRule, 'permission: "full_access_as_app"', 'permission: "full_access_as_user"'],
  ],
  [
    "P",
    "Calendars.Read serves free/busy in Graph",
    findings,
    "Graph refuses free/busy without Calendars.Read",
    ["diagnosis/catalogue/graph-permissions", 'permission: "Calendars.Read",', 'permission: "Calendars.Reed",'],
  ],
  [
    "P",
    "ProfilePhoto.Read.All serves photos in Graph",
    findings,
    "Graph accepts a call, but photos will fail",
    [
      "diagnosis/catalogue/graph-permissions",
      'permission: "ProfilePhoto.Read.All",',
      'permission: "MailTips.ReadBasic.All",',
    ],
  ],
  [
    "P",
    "an audience may be the application id of the resource",
    findings,
    "the application is named by its audience's id",
    [
      "diagnosis/catalogue/application-kind",
      "if (id === exchangeId) return { service",
      "if (id === skypeId) return { service",
    ],
  ],
  [
    "P",
    "the dedicated application is the tenant's own and known to no table",
    findings,
    "every permission is there",
    ["diagnosis/rules/judge-issuer", 'tenantApplication(token) !== ""', 'tenantApplication(token) === ""'],
  ],
  [
    "P",
    "ApplicationIdentifier of the EvoSts auth server names the application that Exchange Server uses",
    findings,
    "another application calls Graph",
    [hybridRule, "hybridApp !== null && caller?.id !== hybridApp", "hybridApp !== null && caller?.id === hybridApp"],
  ],
  [
    "P",
    "v2 tokens of the dedicated application are refused for up to an hour, too",
    findings,
    "Exchange Online refuses a v2 token of the dedicated application without a reason",
    ["diagnosis/rules/judge-diagnostics", '|| tokenKind === "entra-v2"', '|| tokenKind === "adfs"'],
  ],
  [
    "P",
    "AADSTS7000112: the application is disabled",
    findings,
    "the dedicated application is disabled",
    ["diagnosis/catalogue/sts-errors", '"AADSTS7000112", client', '"AADSTS7000112", other'],
  ],
  [
    "P",
    "every permission needs the consent of an administrator, on the resource that is asked for",
    findings,
    "nobody has consented for Graph",
    ["diagnosis/catalogue/sts-remedies", '?.service === "graph";', '?.service === "skype";'],
  ],
  [
    "D",
    "servers below the builds of April 2025 still call as the shared principal",
    findings,
    "one server still calls as the shared principal",
    ["diagnosis/server-identities", "return lastShared > firstOwn;", "return firstOwn > lastShared;"],
  ],
]);

export const entraRows: readonly ProtocolRow[] = [...entraTokenRows, ...buildRows, ...hybridAppRows];

/** github.com/justinlettau/azure-ad-verify-token/issues/5, github.com/MicrosoftDocs/azure-docs/issues/80018. */
export const signatureRows: readonly ProtocolRow[] = section("Signatures of Entra", [
  [
    "D",
    "a token for Microsoft Graph with a nonce in its header is signed over the SHA-256 digest of the nonce",
    "verification/verify-signatures",
    "is verified over the digest of the nonce",
    ["verification/signed-tokens", 'createHash("sha256").update(nonce)', 'createHash("sha512").update(nonce)'],
  ],
]);
