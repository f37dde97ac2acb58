// Remedies that depend on caller, server and cloud. Texts on the wire are published ones; ids and hosts are those of Microsoft's
// scripts and pages.
import type { Headers } from "../../../src/core/headers.ts";
import {
  actorToken,
  assertion,
  diagnostics,
  type Exchanged,
  exchange,
  jwt,
  mail,
  offersAll,
  otherTenant,
  scheduler,
  skype,
  startSeconds,
  tenant,
  tokenRequest,
} from "../story.ts";
import type { FindingCase } from "./finding-case.ts";

const online = "outlook.office365.com";
const october = Date.UTC(2025, 9, 30, 23, 59, 59);

/** A token of Entra (v1) for an application of the tenant. */
function entraToken(claims: Readonly<Record<string, unknown>> = {}): string {
  return jwt(
    { typ: "JWT", alg: "RS256", x5t: "XqrnFEfsS55_vMBpHvF0pTnqeaM" },
    {
      aud: `https://${online}`,
      iss: `https://sts.windows.net/${tenant}/`,
      appid: otherTenant,
      roles: ["full_access_as_app"],
      tid: tenant,
      ver: "1.0",
      exp: startSeconds + 3_600,
      ...claims,
    },
  );
}

/** A call of such an application to Exchange Online. */
export const asApplication = (more: Exchanged = {}): Exchanged => ({
  host: online,
  agent: "ExchangeServicesClient/15.20.0.0",
  authorization: `Bearer ${entraToken()}`,
  ...more,
});
const shared = (host: string, more: Exchanged = {}): Exchanged => ({
  host,
  agent: "ASProxy/CrossForest/EmailDomain",
  authorization: `Bearer ${actorToken({ caller: exchange, host })}`,
  ...more,
});
const policy = (text: string): Headers => [["X-EWS-Policy-Reason", text]];
const gate: readonly FindingCase[] = [
  {
    name: "Exchange Online says that EWS is disabled",
    story: [asApplication({ status: 403, answer: policy("EWS is disabled for this user or tenant") })],
    shows: ["EWS_OFF_FOR_TENANT"],
    severity: "error",
    never: ["EWS_BLOCKED_BY_POLICY", "FORBIDDEN_WITHOUT_REASON", "DEVICE_IN_FRONT"],
    says: "Get-OrganizationConfig -RetrieveEwsOperationAccessPolicy | Format-List EwsEnabled,EwsAllowedAppIDs",
  },
  {
    name: "Exchange Online blocks an application by policy",
    story: [asApplication({ status: 403, answer: policy("EWS is blocked by policy for this user or tenant") })],
    shows: ["EWS_APP_NOT_ALLOWED"],
    severity: "error",
    says: `+ '${otherTenant}') -join ',')`,
  },
  {
    name: "the same text of a server on premises is that server's list",
    story: [
      {
        authorization: `Bearer ${actorToken()}`,
        status: 403,
        answer: policy("EWS is blocked by policy for this user or tenant"),
      },
    ],
    shows: ["EWS_BLOCKED_BY_POLICY"],
    never: ["EWS_APP_NOT_ALLOWED"],
    says: "EwsAllowList",
  },
  {
    name: "a bare 403 of EWS on premises sends to the allow list first",
    story: [{ authorization: `Bearer ${actorToken({ caller: scheduler })}`, status: 403 }],
    shows: ["FORBIDDEN_WITHOUT_REASON"],
    says: "First the lists of EWS: Get-OrganizationConfig",
  },
  {
    name: "a bare 403 of Exchange Online blames no device",
    story: [asApplication({ status: 403, answer: [["Server", "BigIP"]] })],
    shows: ["FORBIDDEN_WITHOUT_REASON"],
    never: ["DEVICE_IN_FRONT", "EWS_OFF_FOR_TENANT", "EWS_APP_NOT_ALLOWED"],
    says: "roles in its token",
  },
];

// Hosts of Exchange Online and its Autodiscover, by cloud.
const onlineHosts = [
  online,
  "outlook.office.com",
  "outlook.cloud.microsoft",
  "autodiscover-s.outlook.com",
  "outlook.office365.us",
  "webmail.apps.mil",
  "outlook.office365-net.us",
  "partner.outlook.cn",
  "autodiscover-s.outlook.sovcloud.fr",
];

const sharedPrincipal: readonly FindingCase[] = [
  ...onlineHosts.map(
    (host): FindingCase => ({
      name: `the shared service principal at ${host}`,
      story: [shared(host, { status: 403, answer: [["Server", "Kestrel"]] })],
      shows: ["SHARED_SERVICE_PRINCIPAL"],
      severity: "error",
      never: ["DEVICE_IN_FRONT", "CHALLENGE_MISSING"],
      says: "-ResetFirstPartyServicePrincipalKeyCredentials",
    }),
  ),
  {
    name: "a 401 to the shared service principal blames no device",
    story: [shared(online, { status: 401, answer: [["Server", "Kestrel"]] })],
    shows: ["REFUSED_WITHOUT_REASON", "SHARED_SERVICE_PRINCIPAL"],
    never: ["DEVICE_IN_FRONT", "CHALLENGE_MISSING"],
    says: "realmscope findings SHARED_SERVICE_PRINCIPAL",
  },
  {
    name: "the shared service principal a second before the block",
    story: [shared(online, { at: october })],
    shows: ["SHARED_SERVICE_PRINCIPAL"],
    severity: "warning",
    says: "after this capture",
  },
  {
    name: "the shared service principal in the moment of the block",
    story: [shared(online, { at: october + 1_000 })],
    shows: ["SHARED_SERVICE_PRINCIPAL"],
    severity: "error",
  },
  {
    name: "the shared service principal that asks for a token for Exchange Online",
    story: [
      tokenRequest({
        assertion: assertion({ caller: exchange }),
        resource: `${exchange}/${online}@${tenant}`,
        issued: actorToken({ caller: exchange, host: online }),
      }),
    ],
    shows: ["SHARED_SERVICE_PRINCIPAL"],
    severity: "error",
    says: "asks for or holds a token for outlook.office365.com",
  },
  {
    name: "Exchange Online that calls Exchange Server under the same id",
    story: [{ authorization: `Bearer ${actorToken({ caller: exchange })}` }],
    never: ["SHARED_SERVICE_PRINCIPAL"],
    shows: ["ISSUER_SEEN"],
  },
  {
    name: "the dedicated application at Exchange Online",
    story: [asApplication()],
    shows: ["ISSUER_SEEN"],
    never: ["SHARED_SERVICE_PRINCIPAL", "CALLER_UNKNOWN"],
    says: "an application of this tenant (dedicated hybrid application?)",
  },
];

const refused = (error: string, description: string, caller: string, resource?: string): Exchanged =>
  tokenRequest({
    error,
    description,
    assertion: assertion({ caller }),
    ...(resource === undefined ? {} : { resource }),
  });

const tokenService: readonly FindingCase[] = [
  {
    name: "a certificate of the shared service principal that is not known is not uploaded again",
    story: [refused("invalid_client", "AADSTS700027: x", exchange, `${exchange}/${online}@${tenant}`)],
    shows: ["STS_REFUSED_CERTIFICATE", "SHARED_SERVICE_PRINCIPAL"],
    says: "Upload nothing",
  },
  {
    name: "a certificate of the dedicated application that is not known",
    story: [refused("invalid_client", "AADSTS700027: x", otherTenant)],
    shows: ["STS_REFUSED_CERTIFICATE"],
    says: "ConfigureExchangeHybridApplication.ps1 -UpdateCertificate",
  },
  {
    name: "a certificate of an application of the procedure that is not known",
    story: [refused("invalid_client", "AADSTS700027: x", scheduler)],
    shows: ["STS_REFUSED_CERTIFICATE"],
    says: "realmscope provision plan",
  },
  {
    name: "a certificate of a client that the form alone names",
    story: [
      {
        ...refused("invalid_client", "AADSTS7000222: x", skype),
        body: `grant_type=client_credentials&client_id=${otherTenant}&client_secret=x&resource=https://${online}`,
      },
    ],
    shows: ["STS_REFUSED_CERTIFICATE"],
    says: `If ${otherTenant} is the dedicated hybrid application`,
  },
  {
    name: "a host of one's own that is not registered",
    story: [refused("invalid_resource", "AADSTS500011: x", skype, `${exchange}/owa.contoso.com@${tenant}`)],
    shows: ["STS_REFUSED_RESOURCE"],
    says: "($sp.ServicePrincipalNames + 'https://owa.contoso.com')",
  },
  {
    name: "a resource of Microsoft's is not registered anew",
    story: [refused("invalid_resource", "AADSTS500011: x", otherTenant, "https://graph.microsoft.us")],
    shows: ["STS_REFUSED_RESOURCE"],
    says: "nothing is to be registered for it",
  },
  {
    name: "Conditional Access for workload identities",
    story: [refused("invalid_grant", "AADSTS53003: Access has been blocked.", otherTenant)],
    shows: ["STS_REFUSED"],
    says: "the address that the request comes from",
  },
  {
    name: "an application of another cloud",
    story: [
      refused(
        "invalid_request",
        "AADSTS900382: Confidential Client is not supported in Cross Cloud request.",
        otherTenant,
      ),
    ],
    shows: ["STS_REFUSED_TENANT"],
    says: "login.partner.microsoftonline.cn",
  },
  {
    name: "a service that is not in the tenant",
    story: [refused("unauthorized_client", "AADSTS700016: x", scheduler)],
    shows: ["STS_REFUSED_CLIENT"],
    says: "--allow-create-service-principal",
  },
  {
    name: "a dedicated application that is not in the tenant",
    story: [refused("unauthorized_client", "AADSTS700016: x", otherTenant)],
    shows: ["STS_REFUSED_CLIENT"],
    says: "ApplicationIdentifier",
  },
];

const callers: readonly FindingCase[] = [
  {
    name: "Outlook's own application",
    story: [
      {
        authorization: `Bearer ${entraToken({ aud: `https://${mail}/`, appid: "d3590ed6-52b3-4102-aeff-aad2292ab01c" })}`,
      },
    ],
    shows: ["USER_CLIENT_SEEN"],
    never: ["CALLER_UNKNOWN", "ISSUER_SEEN"],
    says: "Outlook",
  },
  {
    name: "a token for Azure AD Graph at Exchange",
    story: [
      {
        authorization: `Bearer ${entraToken({ aud: "00000002-0000-0000-c000-000000000000" })}`,
        status: 401,
        answer: [
          ...offersAll,
          diagnostics("2000003", "invalid_resource", "The audience claim value is invalid 'aud'."),
        ],
      },
    ],
    shows: ["AUDIENCE_NOT_EXCHANGE"],
    severity: "error",
    says: "Azure AD Graph",
  },
  {
    name: "a token for Microsoft Graph at Exchange",
    story: [
      asApplication({ authorization: `Bearer ${entraToken({ aud: "https://graph.microsoft.com" })}`, status: 401 }),
    ],
    shows: ["AUDIENCE_NOT_EXCHANGE"],
    never: ["AUDIENCE_HOST_MISMATCH"],
    says: "Microsoft Graph",
  },
  {
    name: "a token for Microsoft Graph at Microsoft Graph",
    story: [
      asApplication({
        host: "graph.microsoft.com",
        path: "/v1.0/users/x/calendar/getSchedule",
        authorization: `Bearer ${entraToken({ aud: "https://graph.microsoft.com" })}`,
      }),
    ],
    never: ["AUDIENCE_NOT_EXCHANGE", "AUDIENCE_HOST_MISMATCH"],
  },
  {
    name: "a token for Exchange Online at Exchange Server is asked for anew, not registered",
    story: [{ authorization: `Bearer ${entraToken()}`, status: 401 }],
    shows: ["AUDIENCE_HOST_MISMATCH"],
    says: `resource https://${mail} in its token request`,
  },
  {
    name: "federation towards Exchange Online",
    story: [{ host: online, agent: "ASProxy/CrossForest/EmailDomain", path: "/EWS/Exchange.asmx/WSSecurity" }],
    shows: ["FEDERATION_USED"],
    severity: "warning",
    says: "1 April 2027",
  },
  {
    name: "federation between two servers",
    story: [{ agent: "ASProxy/CrossForest/EmailDomain", path: "/EWS/Exchange.asmx/WSSecurity" }],
    shows: ["FEDERATION_USED"],
    severity: "info",
  },
  {
    name: "an error of EWS in Exchange Online asks for a permission, not for a partner application",
    story: [
      asApplication({
        headers: [["Content-Type", "text/xml; charset=utf-8"]],
        body: "<s:Envelope><s:Body><m:GetFolder/></s:Body></s:Envelope>",
        answerBody:
          '<s:Envelope><s:Body><m:GetFolderResponse><m:ResponseMessages><m:GetFolderResponseMessage ResponseClass="Error"><m:ResponseCode>ErrorAccessDenied</m:ResponseCode></m:GetFolderResponseMessage></m:ResponseMessages></m:GetFolderResponse></s:Body></s:Envelope>',
      }),
    ],
    shows: ["CALL_FAILED"],
    says: "full_access_as_app",
  },
];

export const adviceCases: readonly FindingCase[] = [...gate, ...sharedPrincipal, ...tokenService, ...callers];
