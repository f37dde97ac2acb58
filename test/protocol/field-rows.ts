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
    "every permission is there",
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
    "diagnosis/hybrid-app",
    "the same, by its id is wrong",
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
    ["diagnosis/rules/judge-issuer", 'tenantApplication(token, host) !== ""', 'tenantApplication(token, host) === ""'],
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

const graphCalls = "decoders/messages/graph-call";
const graphAnswers = "decoders/messages/graph-answer";
const graphOutcomes = "handshake/graph-outcome";
const graphCopies = "sanitising/graph-body";
const permissionList = "diagnosis/catalogue/graph-permissions";

/**
 * "Microsoft Graph error responses and resource types", "Resolve Microsoft Graph authorization errors", "Combine multiple HTTP requests
 * using JSON batching", the Graph reference, and ConfigureExchangeHybridApplication.ps1; W: answers in issues of microsoft-graph-docs.
 */
export const graphRows: readonly ProtocolRow[] = section("Microsoft Graph", [
  [
    "P",
    "free/busy is getSchedule of users/{id} and of me, in v1.0 and beta",
    graphCalls,
    "/beta/users/anna@contoso.com/calendar/getSchedule is free-busy",
    [graphCalls, "|beta)$/", "|alpha)$/"],
  ],
  [
    "P",
    "MailTips are getMailTips",
    graphCalls,
    "/beta/me/getMailTips is mail-tips",
    [graphCalls, 'case "getmailtips":', 'case "mailtips":'],
  ],
  [
    "P",
    "mailboxSettings has settings below it",
    graphCalls,
    "/v1.0/me/mailboxSettings/automaticRepliesSetting is mailbox-settings",
    [graphCalls, 'first === "mailboxsettings"', 'segments.at(-1) === "mailboxsettings"'],
  ],
  [
    "P",
    "a photo is photo/$value, or one of photos/{size}",
    graphCalls,
    "/beta/me/photos/48x48/$value is photo",
    [graphCalls, '|| first === "photos"', ""],
  ],
  [
    "P",
    "OData: a key in parentheses and an action with its namespace name the same",
    graphCalls,
    "microsoft.graph.getSchedule is free-busy",
    [graphCalls, ".replace(/^microsoft\\.graph\\./,", ".replace(/^microsoft\\.grave\\./,"],
  ],
  [
    "P",
    "an error is error.code and error.message; innererror objects hold more detailed codes",
    graphAnswers,
    "the most detailed code decides, however deep and spelt",
    [graphAnswers, "[...innerCodes.toReversed(), named]", "[named]"],
  ],
  [
    "P",
    "401 InvalidAuthenticationToken: the token is not taken",
    graphAnswers,
    "InvalidAuthenticationToken: Access token validation failure.",
    [graphAnswers, '"InvalidAuthenticationToken Expired', '"InvalidToken Expired'],
  ],
  [
    "P",
    "403 accessDenied: the application has no permission for it",
    graphOutcomes,
    "403 ErrorAccessDenied",
    ["handshake/graph-outcome", "status === 403 || status === 400", "status === 400"],
  ],
  [
    "W",
    "Authorization_RequestDenied is a permission, too",
    graphAnswers,
    "Authorization_RequestDenied: Insufficient privileges to complete the operation.",
    [graphAnswers, "Authorization_RequestDenied Forbidden", "Authorization_Denied Forbidden"],
  ],
  [
    "P",
    "Access to OData is disabled: an application access policy keeps the application out",
    graphAnswers,
    "ErrorAccessDenied: Access to OData is disabled.",
    [graphAnswers, "OData is disabled\\b", "OData is enabled\\b"],
  ],
  [
    "W",
    "404 MailboxNotEnabledForRESTAPI: the mailbox is on premises, inactive or soft-deleted, and the token was taken",
    graphOutcomes,
    "404 MailboxNotEnabledForRESTAPI",
    ["handshake/graph-outcome", 'return status === 404 ? "accepted"', 'return status === 405 ? "accepted"'],
  ],
  [
    "P",
    "404 without an error of Graph proves nothing",
    graphOutcomes,
    "404 with a page",
    ["handshake/graph-outcome", 'if (error === null) return "undecided";', 'if (error === null) return "accepted";'],
  ],
  [
    "P",
    "404 of a photo that does not exist",
    findings,
    "no photo, which is ordinary",
    ["diagnosis/rules/judge-graph", "return status === 404 || status === 0", "return status === 405 || status === 0"],
  ],
  [
    "P",
    "429 and 5xx say nothing about the token",
    graphOutcomes,
    "503",
    ["handshake/graph-outcome", 'return status === 404 ? "accepted"', 'return status !== 405 ? "accepted"'],
  ],
  [
    "W",
    "a text names why a token is refused: Invalid audience",
    graphAnswers,
    "InvalidAuthenticationToken: Access token validation failure. Invalid audience.",
    [graphAnswers, "invalid audience", "wrong audience"],
  ],
  [
    "W",
    "a text names why a token is refused: the token is expired",
    graphAnswers,
    "InvalidAuthenticationToken: Lifetime validation failed, the token is expired.",
    [graphAnswers, "\\bexpired\\b|", ""],
  ],
  [
    "P",
    "a schedule can hold an error (responseCode) inside a 200",
    graphAnswers,
    "errors for single mailboxes",
    [graphAnswers, "error.responseCode ?? error.code", "error.code"],
  ],
  [
    "P",
    "the 200 of a batch does not say that a call inside it succeeded",
    graphOutcomes,
    "a batch in which all are denied",
    [
      "handshake/graph-outcome",
      'family === "batch" ? batchOutcome(batch)',
      'family === "unknown" ? batchOutcome(batch)',
    ],
  ],
  [
    "P",
    "answers of a batch come in any order; ids are not case-sensitive",
    graphAnswers,
    "the answers of a batch have the family of their request",
    [graphAnswers, "id.slice(0, 128).toLowerCase()", "id.slice(0, 128)"],
  ],
  [
    "P",
    "the schema of Graph ($metadata) needs no token",
    graphOutcomes,
    "200 of the schema, which is public",
    ["handshake/signals", "return !isPublicOfGraph(requestPath(transaction));", "return true;"],
  ],
  [
    "P",
    "the four permissions of the dedicated application, each with its feature",
    permissionList,
    "the permissions are those of Microsoft's script, each for one family",
    [
      "diagnosis/catalogue/graph-permissions",
      'permission: "MailTips.ReadBasic.All"',
      'permission: "MailTips.Read.All"',
    ],
  ],
  [
    "P",
    "getSchedule needs Calendars.Read; the roles of the token tell whether it is there",
    findings,
    "getSchedule without Calendars.Read",
    ["diagnosis/catalogue/graph-permissions", 'family: "free-busy"', 'family: "unknown"'],
  ],
  [
    "P",
    "Calendars.ReadBasic is enough for getSchedule",
    permissionList,
    "free-busy with Calendars.ReadBasic: true",
    ["diagnosis/catalogue/graph-permissions", '"Calendars.ReadBasic", ', ""],
  ],
  [
    "P",
    "a support case needs request-id and client-request-id of innerError",
    graphCopies,
    "code, ids and date stay; of the text the words of servers",
    ["sanitising/safe-graph-body", 'case "client-request-id":', 'case "client-id":'],
  ],
]);

const gateFacts = "provisioning/gates/gate-facts";
const overrideFile = "provisioning/gates/overrides";
const authServerFile = "provisioning/gates/auth-servers";
const applicationFile = "provisioning/gates/application";
const sharingFile = "provisioning/gates/sharing";

/** "Deploy dedicated Exchange hybrid app", ConfigureExchangeHybridApplication.ps1, the references of New-SettingOverride and Set-AuthServer. */
export const provisionRows: readonly ProtocolRow[] = section("What the dedicated hybrid application needs", [
  [
    "P",
    "the identity switch is the override Global/ExchangeOnpremAsThirdPartyAppId",
    gateFacts,
    "everything as Microsoft's script leaves it",
    [overrideFile, 'section: "ExchangeOnpremAsThirdPartyAppId",', 'section: "ExchangeOnPremAsApp",'],
  ],
  [
    "P",
    "the override must say Enabled=true",
    gateFacts,
    "an identity override that switches it off",
    [overrideFile, "enabledOf(one) !== true", "enabledOf(one) === null"],
  ],
  [
    "P",
    "the routing switch is the override SettingOverride/RouteThroughMSGraph",
    gateFacts,
    "everything as Microsoft's script leaves it",
    [overrideFile, 'component: "SettingOverride",', 'component: "Global",'],
  ],
  [
    "P",
    "the routing switch needs the identity switch",
    gateFacts,
    "the routing override without the identity override",
    [overrideFile, 'routing.state !== "ok" || state === "ok"', 'routing.state !== "ok" || state !== "ok"'],
  ],
  [
    "P",
    "an override with -Server is for the named servers alone",
    gateFacts,
    "an identity override of another server",
    [overrideFile, "if (names.length === 0) return true;", "if (names.length > 0) return true;"],
  ],
  [
    "P",
    "-Server of an override takes wildcards",
    gateFacts,
    "an identity override of its servers by a wildcard",
    [overrideFile, 'pattern.join("[^.]*")', 'pattern.join("[*]")'],
  ],
  [
    "P",
    "an override may be bound to versions",
    gateFacts,
    "an identity override for later versions only",
    [overrideFile, "compare(build.build, least) >= 0", "compare(build.build, least) <= 0"],
  ],
  [
    "P",
    "several EvoSTS auth servers are several tenants, by realm",
    gateFacts,
    "an EvoSTS auth server of another tenant does not count",
    [authServerFile, 'tenant === "" || isSameText(realmOf(server), tenant)', 'tenant === "" || realmOf(server) !== ""'],
  ],
  [
    "P",
    "EvoSTS has the domains of the ACS auth server",
    gateFacts,
    "EvoSTS without one of the domains of ACS",
    [authServerFile, "if (lacking.length === 0) {", "if (lacking.length < wanted.length) {"],
  ],
  [
    "P",
    "GraphBaseUrl is the Graph of the tenant's cloud",
    gateFacts,
    "EvoSTS with the Graph of another cloud",
    [authServerFile, "parsed.origin === origin &&", "parsed.origin !== origin &&"],
  ],
  [
    "P",
    "the certificates are keys of the application object, not of its service principal",
    gateFacts,
    "the keys are those of the application object",
    ["provisioning/gates/check-gates", "graphOf(ports).readApplication(named)", "graphOf(ports).read(named)"],
  ],
  [
    "P",
    "full_access_as_app of Exchange Online is the role dc890d15-9560-4a4c-9b7f-a736ec74ec40",
    gateFacts,
    "everything as Microsoft's script leaves it",
    [applicationFile, "dc890d15-9560", "dc890d15-9561"],
  ],
  [
    "P",
    "MailTips.ReadBasic.All is one of the four permissions of Microsoft Graph",
    gateFacts,
    "a cloud whose Graph does not offer MailTips",
    [applicationFile, '  ["MailTips.ReadBasic.All", "MailTips"],\n', ""],
  ],
  [
    "P",
    "the shared application of Exchange Online must have no keys",
    gateFacts,
    "a key on the shared application",
    [applicationFile, "found.keys.length === 0) return", "found.keys.length < 2) return"],
  ],
  [
    "P",
    "the pre-check wants a partner application of Exchange Online without a realm",
    gateFacts,
    "a partner application with a realm",
    [sharingFile, 'textProperty(one, "Realm") === ""', 'textProperty(one, "Name") !== ""'],
  ],
  [
    "P",
    "the pre-check wants an enabled IntraOrganizationConnector",
    gateFacts,
    "a disabled connector",
    [sharingFile, 'connectors.value.some((one) => isTrue(one, "Enabled"))', "connectors.value.length > 0"],
  ],
  [
    "P",
    "organization relationships whose Autodiscover is Microsoft's need a TargetSharingEpr",
    gateFacts,
    "a relationship with another organization",
    [
      sharingFile,
      'isTrue(one, "Enabled") && isMicrosoft(textProperty(one, "TargetAutodiscoverEpr"))',
      'isTrue(one, "Enabled")',
    ],
  ],
]);

const answers = "diagnosis/readiness/answers";
const room = "diagnosis/readiness";

/** "Dedicated hybrid application", "Control access to EWS in Exchange Online", AADSTS codes, KB 3082946. */
export const readinessRows: readonly ProtocolRow[] = section("Answers of readiness", [
  [
    "W",
    "the User-Agent of a free/busy call ends with the build of the server that calls",
    answers,
    "the build at the end of the User-Agent is the caller's (KB 3082946)",
    [`${room}/collector`, "/^AS(?:Proxy|AutoDiscover)", "/^AX(?:Proxy|AutoDiscover)"],
  ],
  [
    "P",
    "Exchange Online calls Exchange Server under 00000002, too: only a call to the cloud is one of the shared principal",
    answers,
    "Exchange Online calls Exchange Server under the same id",
    [
      `${room}/collector`,
      "const service = cloudServiceOf(input.host);",
      'const service = cloudServiceOf(input.host) ?? "exchange-online";',
    ],
  ],
  [
    "P",
    "the shared service principal is blocked since 31 October 2025, not before",
    answers,
    "a call of the shared principal before the block of October 2025",
    ["diagnosis/rules/judge-shared-principal", "Date.UTC(2025, 9, 31)", "Date.UTC(2025, 7, 31)"],
  ],
  [
    "P",
    "the header of the gate tells EWS that is off from an application that is not on the list",
    answers,
    "EWS is off",
    [`${room}/answer-routes`, 'policy === "online-off"', 'policy === "online-not-allowed"'],
  ],
  [
    "P",
    "a 403 without the header of the gate does not prove the gate",
    answers,
    "a bare 403 does not name the gate",
    [`${room}/answer-routes`, 'state: "attention", text: `refused (', 'state: "problem", text: `refused ('],
  ],
  [
    "P",
    "AADSTS700027 refuses the certificate, AADSTS700016 does not",
    answers,
    "refused for another reason than the certificate",
    [`${room}/answer-certificates`, '=== "STS_REFUSED_CERTIFICATE"', '!== ""'],
  ],
  [
    "P",
    "a token request names its certificate by x5t#S256 alone, too",
    answers,
    "by SHA-256 alone",
    [`${room}/collect-requests`, 'assertion?.header["x5t#S256"]', 'assertion?.header["x5t#S384"]'],
  ],
  [
    "P",
    "Teams calls as 7557eb47-c689-4224-abcf-aef9bd7573df, Cloud Voicemail as db7de2b5-2149-435e-8043-e080dd50afae",
    answers,
    "Teams alone",
    [`${room}/answer-inbound`, '"db7de2b5-2149-435e-8043-e080dd50afae"', '"7557eb47-c689-4224-abcf-aef9bd7573df"'],
  ],
]);
