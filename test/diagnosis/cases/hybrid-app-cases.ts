// The tenant's own application as the caller of the cloud. Permissions: "Deploy dedicated Exchange hybrid app" and
// ConfigureExchangeHybridApplication.ps1; claims: "Access token claims reference" of the Microsoft identity platform.
import { actorToken, assertion, type Exchanged, exchange, jwt, otherTenant, startSeconds, tenant } from "../story.ts";
import type { FindingCase } from "./finding-case.ts";

const online = "outlook.office365.com";
const graph = "graph.microsoft.com";
/** The dedicated hybrid application, and another application of the tenant. */
export const ours = "5d1c0e4b-3a17-4f0e-9a53-2f7d0f8a6c11";
export const another = "b2f0f7c2-54a1-4d6f-9a63-0c4a5f6e7d8c";
const everyGraphRole = ["Calendars.Read", "MailboxSettings.Read", "MailTips.ReadBasic.All", "ProfilePhoto.Read.All"];
const header = { typ: "JWT", alg: "RS256", x5t: "XqrnFEfsS55_vMBpHvF0pTnqeaM" };
const life = { nbf: startSeconds - 60, exp: startSeconds + 3_600, tid: tenant, idtyp: "app" };

type Claims = Readonly<Record<string, unknown>>;

export function v1(claims: Claims = {}): string {
  const issuer = { iss: `https://sts.windows.net/${tenant}/`, ver: "1.0", appid: ours };
  return jwt(header, { ...life, ...issuer, aud: `https://${online}`, roles: ["full_access_as_app"], ...claims });
}

export function v2(claims: Claims = {}): string {
  const issuer = { iss: `https://login.microsoftonline.com/${tenant}/v2.0`, ver: "2.0", azp: ours };
  return jwt(header, { ...life, ...issuer, aud: `https://${graph}`, roles: everyGraphRole, ...claims });
}

/** A call of Exchange Server to Exchange Online. */
export const toOnline = (token: string, more: Exchanged = {}): Exchanged => ({
  ...{ host: online, client: "10.0.0.7:51000", agent: "ASProxy/CrossForest/EmailDomain" },
  ...{ authorization: `Bearer ${token}`, ...more },
});

/** A call of Exchange Server to Microsoft Graph. */
export const toGraph = (token: string, more: Exchanged = {}): Exchanged => ({
  ...{ host: graph, client: "10.0.0.7:51000", agent: "ASProxy/CrossForest/EmailDomain" },
  ...{ path: "/v1.0/users/anna%40contoso.com/calendar/getSchedule", authorization: `Bearer ${token}`, ...more },
});

/** A token request with a client assertion, as v1 (`resource`) or v2 (`scope`). */
export function request(options: {
  readonly caller?: string;
  readonly resource: Readonly<Record<string, string>>;
  readonly issued?: string;
  readonly error?: string;
}): Exchanged {
  const { caller = ours, resource, issued } = options;
  const aud = `https://login.microsoftonline.com/${tenant}/oauth2/v2.0/token`;
  const form = {
    ...{ grant_type: "client_credentials", client_id: caller },
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    client_assertion: jwt(
      { typ: "JWT", alg: "PS256", "x5t#S256": "kS8Bw0mU1yqvF2b9C0u4xW3mG7hT5nJ6pL8rD2sE1fA" },
      { aud, iss: caller, sub: caller, jti: "a1", nbf: startSeconds, exp: startSeconds + 600 },
    ),
    ...resource,
  };
  const refusal = { error: "invalid_client", error_description: `${options.error ?? "AADSTS700027"}: refused` };
  return {
    ...{ host: "login.microsoftonline.com", client: "10.0.0.7:51001", connection: "sts1", agent: "" },
    path: `/${tenant}/oauth2/v2.0/token`,
    headers: [["Content-Type", "application/x-www-form-urlencoded"]],
    body: new URLSearchParams(form).toString(),
    status: issued === undefined ? 401 : 200,
    answer: [["Content-Type", "application/json"]],
    answerBody: JSON.stringify(
      issued === undefined ? refusal : { token_type: "Bearer", expires_in: 3599, access_token: issued },
    ),
  };
}

const withoutPhotos = everyGraphRole.filter((role) => role !== "ProfilePhoto.Read.All");

const roles: readonly FindingCase[] = [
  {
    name: "Exchange Online refuses a token without full_access_as_app",
    story: [toOnline(v1({ roles: [] }), { status: 403 })],
    shows: ["HYBRID_APP_ROLE_MISSING"],
    never: ["CALLER_UNKNOWN"],
    severity: "error",
    says: "lacks full_access_as_app",
  },
  {
    name: "Graph accepts a call, but photos will fail",
    story: [toGraph(v2({ roles: withoutPhotos }))],
    shows: ["HYBRID_APP_ROLE_MISSING"],
    severity: "warning",
    says: "lacks ProfilePhoto.Read.All: without it Exchange Server has no photos",
  },
  {
    name: "Graph refuses free/busy without Calendars.Read",
    story: [toGraph(v2({ roles: everyGraphRole.slice(1) }), { status: 403 })],
    shows: ["HYBRID_APP_ROLE_MISSING"],
    severity: "error",
    says: "Get-MgServicePrincipalAppRoleAssignment -ServicePrincipalId $sp.Id -All",
  },
  {
    name: "a permission that includes the needed one counts",
    story: [
      toGraph(
        v2({
          roles: [
            ...["Calendars.ReadWrite", "MailboxSettings.ReadWrite", "MailTips.ReadBasic.All"],
            "ProfilePhoto.ReadWrite.All",
          ],
        }),
      ),
    ],
    shows: ["ISSUER_SEEN"],
    never: ["HYBRID_APP_ROLE_MISSING"],
    says: "an application of this tenant (dedicated hybrid application?)) was seen as the caller, in azp of the token",
  },
  {
    name: "every permission is there",
    story: [toOnline(v1()), toGraph(v2())],
    never: ["HYBRID_APP_ROLE_MISSING", "CALLER_UNKNOWN"],
  },
  {
    name: "the application is named by its audience's id",
    story: [toOnline(v1({ aud: exchange, roles: undefined }), { status: 403 })],
    shows: ["HYBRID_APP_ROLE_MISSING"],
    severity: "error",
  },
  {
    name: "the Exchange Online of another cloud",
    story: [toOnline(v1({ aud: "https://outlook.office365.us", roles: [] }), { host: "outlook.office365.us" })],
    shows: ["HYBRID_APP_ROLE_MISSING"],
    severity: "warning",
  },
  {
    name: "a token that is issued without a permission",
    story: [request({ resource: { resource: `https://${online}` }, issued: v1({ roles: [] }) })],
    shows: ["HYBRID_APP_ROLE_MISSING"],
    severity: "warning",
  },
  {
    name: "the application calls with a token for another host",
    story: [toOnline(v1({ aud: "https://mail.contoso.com" }))],
    shows: ["AUDIENCE_HOST_MISMATCH", "ISSUER_SEEN"],
    severity: "warning",
    never: ["CALLER_UNKNOWN"],
  },
  {
    name: "the shared principal with a v1 token of Entra",
    story: [toOnline(v1({ appid: exchange }))],
    shows: ["SHARED_SERVICE_PRINCIPAL"],
    never: ["HYBRID_APP_ROLE_MISSING", "HYBRID_APP_OTHER_ID"],
  },
  {
    name: "the shared principal asks Entra for a token (v2)",
    story: [request({ caller: exchange, resource: { scope: `https://${online}/.default` } })],
    shows: ["SHARED_SERVICE_PRINCIPAL"],
  },
  {
    name: "a person's token says nothing about the application",
    story: [toGraph(v2({ idtyp: "user", scp: "Calendars.Read", roles: undefined }))],
    never: ["HYBRID_APP_ROLE_MISSING", "HYBRID_APP_OTHER_ID"],
  },
  {
    name: "a program for another interface of Exchange Online",
    story: [toOnline(v1({ roles: ["Exchange.ManageAsApp"] }))],
    never: ["HYBRID_APP_ROLE_MISSING"],
  },
  {
    name: "a program that does something else in Graph",
    story: [toGraph(v2({ roles: ["Group.Read.All"] }), { path: "/v1.0/groups" })],
    never: ["HYBRID_APP_ROLE_MISSING"],
  },
  {
    name: "an application that is not the one that was named",
    story: [toOnline(v1({ roles: [] }), { status: 403 })],
    options: { hybridApp: another },
    never: ["HYBRID_APP_ROLE_MISSING"],
  },
  {
    name: "an application of the tenant that calls Exchange Server",
    story: [{ authorization: `Bearer ${v1({ aud: "https://mail.contoso.com", roles: [] })}` }],
    shows: ["CALLER_UNKNOWN"],
    never: ["HYBRID_APP_ROLE_MISSING", "HYBRID_APP_OTHER_ID"],
  },
];

const otherId: readonly FindingCase[] = [
  {
    name: "another application calls than the one that was named",
    story: [toOnline(v1())],
    options: { hybridApp: another },
    shows: ["HYBRID_APP_OTHER_ID"],
    says: `${ours} calls ${online}, not ${another}`,
  },
  {
    name: "another application calls Graph",
    story: [toGraph(v2())],
    options: { hybridApp: another },
    shows: ["HYBRID_APP_OTHER_ID"],
    says: "Get-AuthServer | Format-List Name,Type,Realm,ApplicationIdentifier,Enabled",
  },
  {
    name: "another application asks for a token and is refused (v2)",
    story: [request({ resource: { scope: `https://${graph}/.default` } })],
    options: { hybridApp: another },
    shows: ["HYBRID_APP_OTHER_ID"],
    says: graph,
  },
  {
    name: "another application asks for a token and gets it (v1)",
    story: [request({ resource: { resource: exchange }, issued: v1() })],
    options: { hybridApp: another },
    shows: ["HYBRID_APP_OTHER_ID"],
  },
  {
    name: "the application that was named",
    story: [
      request({ resource: { scope: `https://${graph}/.default` }, issued: v2() }),
      toGraph(v2()),
      request({ resource: { resource: `https://${online}` } }),
    ],
    options: { hybridApp: ours },
    never: ["HYBRID_APP_OTHER_ID", "CALLER_UNKNOWN"],
  },
  {
    name: "an application that the configuration names as another program",
    story: [toOnline(v1())],
    options: { hybridApp: another, applications: new Map([[ours, "Backup"]]) },
    never: ["HYBRID_APP_OTHER_ID"],
  },
  {
    name: "an application of another tenant than the expected one",
    story: [toOnline(v1({ tid: otherTenant, iss: `https://sts.windows.net/${otherTenant}/` }))],
    options: { hybridApp: another, realm: tenant },
    never: ["HYBRID_APP_OTHER_ID"],
  },
];

const shared = (client: string, more: Exchanged = {}): Exchanged =>
  toOnline(actorToken({ caller: exchange, host: online }), { client, connection: client, status: 403, ...more });
const moved = (client: string): Exchanged => toOnline(v1(), { client, connection: client });

const servers: readonly FindingCase[] = [
  {
    name: "one server still calls as the shared principal",
    story: [moved("10.0.0.7:1"), shared("10.0.0.8:1"), moved("10.0.0.9:1")],
    shows: ["SERVERS_STILL_SHARED"],
    never: ["SERVERS_DISAGREE"],
    says: "by client 10.0.0.8, while 2 other addresses use the dedicated hybrid application",
  },
  {
    name: "one server asks for its token as the shared principal",
    story: [
      moved("10.0.0.7:1"),
      {
        ...{ host: "accounts.accesscontrol.windows.net", client: "10.0.0.8:1", connection: "sts2", agent: "" },
        path: `/${tenant}/tokens/OAuth/2`,
        headers: [["Content-Type", "application/x-www-form-urlencoded"]],
        body: new URLSearchParams({
          grant_type: "http://oauth.net/grant_type/jwt/1.0/bearer",
          assertion: assertion({ caller: exchange }),
          resource: `${exchange}/${online}@${tenant}`,
        }).toString(),
        status: 400,
        answerBody: '{"error":"invalid_client","error_description":"ACS50012: refused"}',
      },
    ],
    shows: ["SERVERS_STILL_SHARED"],
    says: "by client 10.0.0.8, while 1 other address uses",
  },
  {
    name: "both identities behind one address",
    story: [shared("10.0.0.7:1"), moved("10.0.0.7:2"), shared("10.0.0.7:3")],
    shows: ["SERVERS_STILL_SHARED"],
    says: "by client 10.0.0.7 (both in turn: several servers behind one address?).",
  },
  {
    name: "a server that moved during the capture",
    story: [shared("10.0.0.7:1"), moved("10.0.0.7:2"), moved("10.0.0.8:1")],
    never: ["SERVERS_STILL_SHARED"],
  },
  {
    name: "no server has moved",
    story: [shared("10.0.0.7:1"), shared("10.0.0.8:1")],
    shows: ["SHARED_SERVICE_PRINCIPAL"],
    never: ["SERVERS_STILL_SHARED"],
  },
  {
    name: "another program of the tenant is not a server that moved",
    story: [moved("10.0.0.7:1"), shared("10.0.0.8:1")],
    options: { hybridApp: another },
    never: ["SERVERS_STILL_SHARED"],
  },
];

const build = (version: string, more: Exchanged = {}): Exchanged => ({
  authorization: `Bearer ${actorToken()}`,
  answer: [["X-OWA-Version", version]],
  ...more,
});

// Builds: microsoft/CSS-Exchange, Shared/Get-ExchangeBuildVersionInformation.ps1.
const builds: readonly FindingCase[] = [
  {
    name: "a build before the hotfix update of April 2025",
    story: [build("15.2.1748.10")],
    shows: ["EXCHANGE_BUILD_TOO_OLD"],
    says: "mail.contoso.com is Exchange Server 2019 CU15, build 15.2.1748.10, which cannot use the dedicated hybrid application (from 15.2.1748.24); out of support since 2025-10-14",
  },
  {
    name: "a cumulative update that never got it",
    story: [build("15.2.1258.39")],
    shows: ["EXCHANGE_BUILD_TOO_OLD"],
    says: "Exchange Server 2019 CU13, build 15.2.1258.39, which cannot use the dedicated hybrid application; out",
  },
  ...["15.2.1748.24", "15.2.1544.25", "15.1.2507.55", "15.2.2562.17", "15.20.9000.12"].map(
    (version): FindingCase => ({
      name: `the build ${version}`,
      story: [build(version)],
      never: ["EXCHANGE_BUILD_TOO_OLD"],
    }),
  ),
  {
    name: "an old build before the block",
    story: [build("15.2.1258.39", { at: Date.UTC(2025, 0, 15) })],
    never: ["EXCHANGE_BUILD_TOO_OLD"],
  },
];

/** An error of Graph ("Microsoft Graph error responses"). */
const graphError = (code: string): Exchanged => ({
  answer: [["Content-Type", "application/json"]],
  answerBody: JSON.stringify({ error: { code, message: "x", innerError: { date: "2026-01-15T12:00:00" } } }),
});

const refusals: readonly FindingCase[] = [
  {
    name: "Graph refuses the token of the dedicated application",
    story: [toGraph(v2(), { status: 401, ...graphError("InvalidAuthenticationToken") })],
    options: { hybridApp: ours },
    shows: ["DEDICATED_APP_REFUSED"],
    says: "ProfilePhoto.Read.All) with admin consent",
  },
  {
    name: "Exchange Online refuses a v2 token of the dedicated application without a reason",
    story: [toOnline(v2({ aud: exchange, roles: ["full_access_as_app"] }), { status: 401 })],
    shows: ["DEDICATED_APP_REFUSED"],
    says: "usual for up to 60 minutes",
  },
  {
    name: "a refusal of another application than the one that was named",
    story: [toOnline(v1(), { status: 401 })],
    options: { hybridApp: another },
    shows: ["REFUSED_WITHOUT_REASON"],
    never: ["DEDICATED_APP_REFUSED"],
  },
  {
    name: "Entra does not know the certificate of the dedicated application",
    story: [request({ resource: { resource: `https://${online}` }, error: "AADSTS700027" })],
    shows: ["STS_REFUSED_CERTIFICATE"],
    says: "ConfigureExchangeHybridApplication.ps1 -UpdateCertificate, which uploads",
  },
  {
    name: "Entra does not know the dedicated application",
    story: [request({ resource: { resource: `https://${online}` }, error: "AADSTS700016" })],
    shows: ["STS_REFUSED_CLIENT"],
    says: "-FullyConfigureExchangeHybridApplication",
  },
  {
    name: "the dedicated application is disabled",
    story: [request({ resource: { resource: `https://${online}` }, error: "AADSTS7000112" })],
    shows: ["STS_REFUSED_CLIENT"],
    never: ["STS_REFUSED_CERTIFICATE"],
    says: "Enabled for users to sign-in",
  },
  {
    name: "nobody has consented for Exchange Online",
    story: [request({ resource: { resource: exchange }, error: "AADSTS65001" })],
    shows: ["STS_REFUSED"],
    says: "it needs full_access_as_app on Office 365 Exchange Online",
  },
  {
    name: "nobody has consented for Graph",
    story: [request({ resource: { scope: `https://${graph}/.default` }, error: "AADSTS65001" })],
    shows: ["STS_REFUSED"],
    says: "it needs Calendars.Read, MailboxSettings.Read, MailTips.ReadBasic.All, ProfilePhoto.Read.All on Microsoft Graph",
  },
  {
    name: "an assertion of an application whose client id differs only in letter case",
    story: [request({ caller: ours.toUpperCase(), resource: { resource: exchange }, issued: v1() })],
    options: { hybridApp: ours },
    never: ["HYBRID_APP_OTHER_ID"],
  },
];

export const hybridAppCases: readonly FindingCase[] = [...roles, ...otherId, ...servers, ...builds, ...refusals];
