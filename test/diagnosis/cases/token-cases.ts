import {
  acs,
  actorToken,
  assertion,
  type Exchanged,
  exchange,
  jwt,
  mail,
  offersAll,
  otherTenant,
  outerToken,
  probe,
  scheduler,
  skype,
  start,
  startSeconds,
  tenant,
  tokenRequest,
} from "../story.ts";
import type { FindingCase } from "./finding-case.ts";

const send = (token: string, more: Exchanged = {}): Exchanged => ({ authorization: `Bearer ${token}`, ...more });
const refused = { status: 401 } as const;
const challenge = (parameters: string): Exchanged => ({
  ...probe,
  answer: [["WWW-Authenticate", `Bearer client_id="${exchange}", ${parameters}`]],
});

/** A finding about something that the server checks, too: an error where it refused, a warning where it accepted. */
function judgedByServer(
  one: Pick<FindingCase, "name" | "shows" | "says">,
  token: string,
  before: readonly Exchanged[] = [],
): FindingCase[] {
  return [
    { ...one, name: `${one.name}, refused`, story: [...before, send(token, refused)], severity: "error" },
    { ...one, name: `${one.name}, accepted all the same`, story: [...before, send(token)], severity: "warning" },
  ];
}

const callers: readonly FindingCase[] = [
  {
    name: "the caller in nameid of an actor token",
    story: [send(actorToken())],
    shows: ["ISSUER_SEEN"],
    says: `${skype}@${tenant} (Skype for Business Online) was seen as the caller, in nameid of the actor token`,
  },
  {
    name: "the caller in iss of an outer token",
    story: [send(outerToken({ caller: scheduler }))],
    shows: ["ISSUER_SEEN"],
    says: "Teams Scheduler) was seen as the caller, in iss of the outer token",
  },
  {
    name: "the caller in iss of a self-issued token",
    story: [tokenRequest({ assertion: assertion(), error: "x" })],
    shows: ["ISSUER_SEEN"],
    says: "in iss of the self-issued token",
  },
  {
    name: "the caller in iss of a direct-trust token, realm a SIP domain",
    story: [
      send(
        jwt(
          { alg: "RS256", x5t: "k" },
          {
            aud: `${exchange}/${mail}@contoso.com`,
            iss: `${skype}@contoso.com`,
            nameid: `${skype}@contoso.com`,
            exp: startSeconds + 3600,
          },
        ),
      ),
    ],
    shows: ["ISSUER_SEEN"],
    // Skype for Business Server has no newer id to move to.
    never: ["LEGACY_PRINCIPAL_ONLY"],
    says: "in iss of the direct-trust token",
  },
  {
    name: "the caller with a leading slash",
    story: [send(actorToken({ claims: { nameid: `/${skype}@${tenant}` } }))],
    shows: ["ISSUER_SEEN"],
    says: `/${skype}@${tenant}`,
  },
  {
    name: "the appid of an Entra token",
    story: [
      send(
        jwt(
          { alg: "RS256", kid: "k" },
          {
            ver: "1.0",
            iss: `https://sts.windows.net/${tenant}/`,
            aud: `https://${mail}/`,
            tid: tenant,
            appid: exchange,
            roles: ["full_access_as_app"],
            exp: startSeconds + 3600,
          },
        ),
      ),
    ],
    shows: ["ISSUER_SEEN"],
    says: "in appid of the token",
  },
  {
    name: "an application that nobody knows",
    story: [send(actorToken({ caller: otherTenant }))],
    shows: ["CALLER_UNKNOWN"],
    says: otherTenant,
  },
  {
    name: "a near miss of a known id",
    story: [send(actorToken({ caller: "00000004-0000-0ff1-ce00-000000000001" }))],
    shows: ["CALLER_UNKNOWN"],
    never: ["ISSUER_SEEN"],
  },
  {
    name: "a configured application is known",
    story: [send(actorToken({ caller: otherTenant }))],
    options: { applications: new Map([[otherTenant, "our hybrid application"]]) },
    shows: ["ISSUER_SEEN"],
    never: ["CALLER_UNKNOWN"],
    says: "our hybrid application",
  },
  {
    name: "capital letters in the caller's id",
    story: [send(actorToken({ caller: "00000004-0000-0FF1-CE00-000000000000" }))],
    shows: ["PRINCIPAL_MIXED_CASE"],
  },
  { name: "only the legacy caller", story: [send(actorToken())], shows: ["LEGACY_PRINCIPAL_ONLY"], says: tenant },
  {
    name: "the legacy caller beside a new one",
    story: [send(actorToken()), send(actorToken({ caller: scheduler }))],
    never: ["LEGACY_PRINCIPAL_ONLY"],
  },
  { name: "only new callers", story: [send(actorToken({ caller: scheduler }))], never: ["LEGACY_PRINCIPAL_ONLY"] },
  {
    name: "another realm than --realm, though accepted",
    story: [send(actorToken())],
    options: { realm: otherTenant },
    shows: ["REALM_MISMATCH"],
    severity: "error",
    says: tenant,
  },
  {
    name: "the realm of --realm in capital letters",
    story: [send(actorToken())],
    options: { realm: tenant.toUpperCase() },
    never: ["REALM_MISMATCH"],
  },
  ...judgedByServer(
    { name: "another realm than the challenge names", shows: ["CHALLENGE_REALM_MISMATCH"], says: otherTenant },
    actorToken(),
    [challenge(`realm="${otherTenant}", trusted_issuers="${acs}@*"`)],
  ),
  {
    name: "the realm that the challenge names",
    story: [challenge(`realm="${tenant}", trusted_issuers="${acs}@${tenant}"`), send(actorToken())],
    never: ["CHALLENGE_REALM_MISMATCH", "ISSUER_NOT_IN_CHALLENGE"],
  },
  ...judgedByServer(
    { name: "an issuer that the challenge does not name", shows: ["ISSUER_NOT_IN_CHALLENGE"], says: acs },
    actorToken(),
    [challenge(`trusted_issuers="${exchange}@contoso.com,${acs}@${otherTenant}"`)],
  ),
];

const times: readonly FindingCase[] = [
  ...judgedByServer(
    {
      name: "a token past its exp at the time of the request",
      shows: ["TOKEN_EXPIRED"],
      says: "2026-01-15T11:59:50.000Z",
    },
    actorToken({ claims: { exp: startSeconds - 10 } }),
  ),
  {
    name: "exp as a string",
    story: [send(actorToken({ claims: { exp: String(startSeconds - 10) } }), refused)],
    shows: ["TOKEN_EXPIRED"],
  },
  {
    name: "a token that ends this very second",
    story: [send(actorToken({ claims: { exp: startSeconds } }), { at: start, ...refused })],
    shows: ["TOKEN_EXPIRED"],
  },
  {
    name: "a token that was valid at the time, though it is not today",
    story: [send(actorToken({ claims: { exp: startSeconds + 60 } }))],
    never: ["TOKEN_EXPIRED"],
  },
  {
    name: "an expired actor token inside a fresh outer one",
    story: [send(outerToken({ actor: actorToken({ claims: { exp: startSeconds - 1 } }) }), refused)],
    shows: ["TOKEN_EXPIRED"],
    says: "actor token",
  },
  {
    name: "an expired assertion",
    story: [tokenRequest({ assertion: assertion({ claims: { exp: startSeconds - 1 } }), error: "x" })],
    shows: ["TOKEN_EXPIRED"],
    says: "self-issued token",
  },
  ...judgedByServer(
    { name: "a token from the future", shows: ["TOKEN_NOT_YET_VALID"], says: "2026-01-15T12:10:00.000Z" },
    actorToken({ claims: { nbf: startSeconds + 600 } }),
  ),
  {
    name: "a token used in the second it was made, by a clock a second behind",
    story: [send(actorToken({ claims: { nbf: startSeconds + 2 } }))],
    never: ["TOKEN_NOT_YET_VALID"],
  },
  { name: "no exp", story: [send(actorToken({ claims: { exp: undefined } }))], shows: ["TOKEN_WITHOUT_EXPIRY"] },
  {
    name: "a server ten minutes behind",
    story: [send(actorToken(), { at: start, answer: [["Date", "Thu, 15 Jan 2026 11:50:00 GMT"]] })],
    shows: ["CLOCK_SKEW"],
    says: "10 min behind",
  },
  {
    name: "a server ten minutes ahead",
    story: [send(actorToken(), { at: start, answer: [["Date", "Thu, 15 Jan 2026 12:10:00 GMT"]] })],
    shows: ["CLOCK_SKEW"],
    says: "10 min ahead",
  },
  {
    name: "a server four minutes behind",
    story: [send(actorToken(), { at: start, answer: [["Date", "Thu, 15 Jan 2026 11:56:00 GMT"]] })],
    never: ["CLOCK_SKEW"],
  },
];

const audiences: readonly FindingCase[] = [
  ...judgedByServer(
    { name: "another host", shows: ["AUDIENCE_HOST_MISMATCH"], says: "owa.contoso.com" },
    actorToken({ host: "owa.contoso.com" }),
  ),
  {
    name: "the host in capital letters",
    story: [send(actorToken({ host: "MAIL.Contoso.com" }))],
    never: ["AUDIENCE_HOST_MISMATCH"],
  },
  {
    name: "a port that counts",
    story: [send(actorToken({ host: `${mail}:444` }), refused)],
    shows: ["AUDIENCE_HOST_MISMATCH"],
  },
  {
    name: "the default port on one side only",
    story: [send(actorToken({ host: `${mail}:443` }))],
    never: ["AUDIENCE_HOST_MISMATCH"],
  },
  {
    name: "an Entra token for another host",
    story: [
      send(
        jwt(
          { alg: "RS256", kid: "k" },
          {
            ver: "1.0",
            iss: `https://sts.windows.net/${tenant}/`,
            aud: "https://other.contoso.com/",
            tid: tenant,
            appid: exchange,
            exp: startSeconds + 3600,
          },
        ),
        refused,
      ),
    ],
    shows: ["AUDIENCE_HOST_MISMATCH"],
  },
  ...judgedByServer(
    { name: "another realm in aud than in iss", shows: ["AUDIENCE_REALM_MISMATCH"], says: "contoso.com" },
    actorToken({ claims: { aud: `${exchange}/${mail}@contoso.com` } }),
  ),
  ...judgedByServer(
    { name: "no realm in aud", shows: ["AUDIENCE_WITHOUT_REALM"] },
    actorToken({ claims: { aud: `${exchange}/${mail}` } }),
  ),
];

const layers: readonly FindingCase[] = [
  {
    name: "an unsigned outer token around a signed actor token is right",
    story: [send(outerToken())],
    never: ["OUTER_SIGNED", "UNSIGNED_TOKEN", "ACTOR_UNSIGNED", "ALG_UNEXPECTED"],
  },
  ...judgedByServer(
    { name: "a signed outer token", shows: ["OUTER_SIGNED"] },
    outerToken({ header: { alg: "RS256" }, signature: "c2ln" }),
  ),
  ...(
    [
      ["refused", refused],
      ["accepted all the same", {}],
    ] as const
  ).map(
    ([what, answer]): FindingCase => ({
      name: `another application outside than inside, ${what}`,
      story: [send(outerToken({ actor: actorToken({ caller: scheduler }) }), answer)],
      shows: ["ISSUER_IS_NOT_ACTOR"],
      says: scheduler,
    }),
  ),
  {
    name: "the same application with a slash outside",
    story: [send(outerToken({ claims: { iss: `/${skype}@${tenant}` } }))],
    shows: ["ISSUER_SPELLED_OTHERWISE"],
    never: ["ISSUER_IS_NOT_ACTOR"],
  },
  {
    name: "the same application in another realm's name (a domain may be the same organisation)",
    story: [send(outerToken({ claims: { iss: `${skype}@contoso.com` } }))],
    shows: ["ISSUER_SPELLED_OTHERWISE"],
    never: ["ISSUER_IS_NOT_ACTOR", "CROSS_TENANT_ACTOR"],
  },
  ...judgedByServer(
    { name: "no user in an outer token", shows: ["USER_MISSING"] },
    outerToken({ claims: { nameid: undefined, smtp: undefined } }),
  ),
  {
    name: "an actor token without trustedfordelegation inside an outer one",
    story: [send(outerToken({ actor: actorToken({ claims: { trustedfordelegation: undefined } }) }))],
    shows: ["DELEGATION_MISSING"],
  },
  {
    name: "an unsigned actor token",
    story: [send(outerToken({ actor: actorToken({ header: { alg: "none" }, signature: "" }) }), refused)],
    shows: ["ACTOR_UNSIGNED"],
    never: ["UNSIGNED_TOKEN_ACCEPTED"],
  },
  {
    name: "an unsigned actor token that is accepted",
    story: [send(outerToken({ actor: actorToken({ header: { alg: "none" }, signature: "" }) }))],
    shows: ["UNSIGNED_TOKEN_ACCEPTED", "ACTOR_UNSIGNED"],
  },
  {
    name: "an actor token that cannot be read",
    story: [send(outerToken({ actor: "e30.e30" }), refused)],
    shows: ["ACTOR_UNREADABLE"],
  },
  {
    name: "a bare token without signature",
    story: [send(actorToken({ header: { alg: "none" }, signature: "" }), refused)],
    shows: ["UNSIGNED_TOKEN"],
  },
  {
    name: "a bare token without signature that is accepted",
    story: [send(actorToken({ header: { alg: "none" }, signature: "" }))],
    shows: ["UNSIGNED_TOKEN_ACCEPTED"],
  },
  {
    name: "a shared secret's algorithm, an error also where it is accepted",
    story: [send(actorToken({ header: { alg: "HS256" } }))],
    shows: ["ALG_UNEXPECTED"],
    severity: "error",
    says: "HS256",
  },
  {
    name: "none in other letters",
    story: [send(outerToken({ header: { alg: "nOnE" } }), refused)],
    shows: ["ALG_UNEXPECTED"],
    says: "nOnE",
  },
  {
    name: "alg none with a signature",
    story: [send(actorToken({ header: { alg: "none" } }), refused)],
    shows: ["ALG_UNEXPECTED"],
  },
  {
    name: "a key that the token brings along",
    story: [send(actorToken({ header: { jku: "https://evil.example/keys", x5c: ["x"] } }))],
    shows: ["KEY_FROM_TOKEN"],
    says: "jku, x5c",
  },
  {
    name: "a critical extension",
    story: [send(actorToken({ header: { crit: ["exp"] } }))],
    shows: ["CRITICAL_HEADER"],
  },
  {
    name: "a claim that is there twice",
    story: [
      send(
        `${Buffer.from('{"alg":"RS256","x5t":"k"}').toString("base64url")}.${Buffer.from(`{"aud":"${exchange}/${mail}@${tenant}","iss":"${acs}@${tenant}","nameid":"${skype}@${tenant}","nameid":"${scheduler}@${tenant}","exp":${startSeconds + 3600}}`).toString("base64url")}.c2ln`,
      ),
    ],
    shows: ["DUPLICATE_CLAIMS"],
    says: "nameid",
  },
  {
    name: "a sanitised signature is no missing one",
    story: [send(actorToken({ signature: "<sig:9f3a>" }))],
    never: ["UNSIGNED_TOKEN", "ALG_UNEXPECTED"],
    shows: ["ISSUER_SEEN"],
  },
];

const tenants: readonly FindingCase[] = [
  {
    name: "an actor token of another tenant",
    story: [send(outerToken({ actor: actorToken({ realm: otherTenant }) }), refused)],
    shows: ["CROSS_TENANT_ACTOR"],
    says: `An actor token of tenant ${otherTenant} is used in the name of tenant ${tenant}`,
  },
  {
    name: "an actor token for Azure AD Graph",
    story: [
      send(actorToken({ claims: { aud: `00000002-0000-0000-c000-000000000000/graph.windows.net@${tenant}` } }), {
        host: "graph.windows.net",
        path: "/x",
        ...refused,
      }),
    ],
    shows: ["ACTOR_TOKEN_FOR_GRAPH"],
  },
  {
    name: "the Graph that has a similar id is not it",
    story: [
      send(
        actorToken({ claims: { aud: `00000003-0000-0000-c000-000000000000/graph.microsoft.com@${tenant}` } }),
        refused,
      ),
    ],
    never: ["ACTOR_TOKEN_FOR_GRAPH"],
  },
  {
    name: "a user of another tenant",
    story: [send(outerToken({ claims: { tid: otherTenant } }), refused)],
    shows: ["USER_OF_OTHER_TENANT"],
  },
  {
    name: "a user of the same tenant",
    story: [send(outerToken({ claims: { tid: tenant.toUpperCase() } }))],
    never: ["USER_OF_OTHER_TENANT", "CROSS_TENANT_ACTOR"],
  },
  {
    name: "Exchange Server at Exchange Online as the shared service principal",
    story: [
      send(actorToken({ caller: exchange, host: "outlook.office365.com" }), {
        host: "outlook.office365.com",
        agent: "x/1",
      }),
    ],
    shows: ["SHARED_SERVICE_PRINCIPAL"],
  },
  {
    name: "another application at Exchange Online",
    story: [send(actorToken({ caller: scheduler, host: "outlook.office365.com" }), { host: "outlook.office365.com" })],
    never: ["SHARED_SERVICE_PRINCIPAL"],
  },
  {
    name: "an Exchange identity token",
    story: [
      send(
        jwt(
          { alg: "RS256", x5t: "x" },
          {
            aud: "https://add-in.contoso.com/",
            iss: `${exchange}@${mail}`,
            appctx: '{"version":"ExIdTok.V1"}',
            exp: startSeconds + 3600,
          },
        ),
        { host: "add-in.contoso.com", path: "/" },
      ),
    ],
    shows: ["EXCHANGE_IDENTITY_TOKEN"],
    never: ["ISSUER_SEEN"],
  },
  {
    name: "a Bearer value that is no token",
    story: [send("opaque-value"), { ...send("a.b"), answer: offersAll, status: 401 }],
    shows: ["TOKEN_UNREADABLE"],
  },
];

export const tokenCases: readonly FindingCase[] = [...callers, ...times, ...audiences, ...layers, ...tenants];
