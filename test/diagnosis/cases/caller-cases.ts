// Calls whose signed part does not prove the caller: the server accepts each, and none confirms the trust.
import {
  acs,
  actorToken,
  type Exchanged,
  exchange,
  jwt,
  mail,
  otherTenant,
  outerToken,
  scheduler,
  skype,
  startSeconds,
  tenant,
} from "../story.ts";
import type { FindingCase } from "./finding-case.ts";

const send = (token: string): Exchanged => ({ authorization: `Bearer ${token}` });
const person = "10033fff80001234";

const entra = (claims: object): string =>
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
      ...claims,
    },
  );

/** An actor token with these claims, alone and inside the outer token of Teams Scheduler. */
function aloneAndInside(what: string, claims: object, says: string): FindingCase[] {
  const actor = actorToken({ caller: scheduler, claims: { ...claims } });
  return [
    { name: `a bare actor token ${what}`, story: [send(actor)], shows: ["CALLER_NOT_PROVEN"], says },
    {
      name: `an actor token ${what}, inside an outer token`,
      story: [send(outerToken({ caller: scheduler, actor }))],
      shows: ["CALLER_NOT_PROVEN"],
      says,
    },
  ];
}

const unproven: readonly FindingCase[] = [
  ...aloneAndInside("without nameid", { nameid: undefined }, "names no caller"),
  ...aloneAndInside("whose nameid is empty", { nameid: "" }, "names no application"),
  ...aloneAndInside("whose nameid is a person's id", { nameid: person }, "names no application"),
  ...aloneAndInside("whose nameid is a person's address", { nameid: "anna@contoso.com" }, "names no application"),
  ...aloneAndInside("whose caller has an empty realm", { nameid: `${scheduler}@` }, "names no realm"),
  ...aloneAndInside("whose caller has no realm at all", { nameid: scheduler }, "names no realm"),
  ...aloneAndInside("whose caller is of every realm", { nameid: `${scheduler}@*` }, "names no realm"),
  ...aloneAndInside("with a slash for the separator", { nameid: `${scheduler}/${tenant}` }, "names no realm"),
  ...aloneAndInside("with a colon for the separator", { nameid: `${scheduler}:${tenant}` }, "names no application"),
  ...aloneAndInside("whose caller is of another tenant", { nameid: `${scheduler}@${otherTenant}` }, "not the issuer's"),
  ...aloneAndInside("whose issuer has no realm", { iss: `${acs}@` }, "issuer's name has no realm"),
  ...aloneAndInside(
    "that spells the claim otherwise",
    { nameid: undefined, NameId: `${scheduler}@${tenant}` },
    "no caller",
  ),
  ...(
    [
      ["no issuer", { iss: undefined }, "names no application as its issuer"],
      ["a person for its issuer", { iss: "anna@contoso.com" }, "names no application as its issuer"],
      ["an issuer with an empty realm", { iss: `${skype}@` }, "issuer has no realm"],
      ["an issuer without realm", { iss: skype }, "issuer has no realm"],
    ] as const
  ).map(
    ([what, claims, says]): FindingCase => ({
      name: `an outer token with ${what}`,
      story: [send(outerToken({ claims }))],
      shows: ["CALLER_NOT_PROVEN"],
      says,
    }),
  ),
  {
    name: "direct trust whose issuer and caller are of two realms",
    story: [
      send(
        jwt(
          { alg: "RS256", x5t: "k" },
          {
            aud: `${exchange}/${mail}@contoso.com`,
            iss: `${skype}@contoso.com`,
            nameid: `${skype}@fabrikam.com`,
            exp: startSeconds + 3600,
          },
        ),
      ),
    ],
    shows: ["CALLER_NOT_PROVEN"],
    says: "not the issuer's",
  },
  {
    name: "an Entra token of an application that it does not name",
    story: [send(entra({ appid: "not-an-id" }))],
    shows: ["CALLER_NOT_PROVEN"],
    says: "names no application",
  },
];

const issuers: readonly FindingCase[] = [
  ...(
    [
      ["with the second group of the specification's samples", "00000001-0001-0000-c000-000000000000"],
      ["with one digit more", "00000001-0000-0000-c000-000000000001"],
      ["with the groups of Exchange", "00000001-0000-0ff1-ce00-000000000000"],
    ] as const
  ).flatMap(([what, id]): FindingCase[] => {
    const actor = actorToken({ claims: { iss: `${id}@${tenant}` } });
    return [
      {
        name: `an issuer like the token service's ${what}`,
        story: [send(actor)],
        shows: ["TOKEN_SERVICE_UNKNOWN"],
        says: id,
      },
      {
        name: `an issuer like the token service's ${what}, inside an outer token`,
        story: [send(outerToken({ actor }))],
        shows: ["TOKEN_SERVICE_UNKNOWN"],
        says: id,
      },
    ];
  }),
  {
    name: "an actor token that an application issued for another",
    story: [send(actorToken({ claims: { iss: `${scheduler}@${tenant}` } }))],
    shows: ["TOKEN_SERVICE_UNKNOWN"],
    says: scheduler,
  },
  {
    name: "an Entra token of a host that is like Entra's",
    story: [send(entra({ iss: `https://sts.windows.net.evil.example/${tenant}/` }))],
    shows: ["TOKEN_SERVICE_UNKNOWN"],
    says: "sts.windows.net.evil.example",
  },
];

/** Accepted by the server, but not proven. */
export const unprovenCases: readonly FindingCase[] = [...unproven, ...issuers];

export const callerCases: readonly FindingCase[] = [
  ...unprovenCases,
  {
    name: "a token service of the customer's own is known by its name",
    story: [send(actorToken({ claims: { iss: `${otherTenant}@${tenant}` } }))],
    options: { applications: new Map([[otherTenant, "our token service"]]) },
    shows: ["ISSUER_SEEN"],
    never: ["TOKEN_SERVICE_UNKNOWN", "CALLER_NOT_PROVEN"],
  },
  {
    name: "the application of --hybrid-app calls, and issues no actor token for another application",
    story: [send(actorToken({ claims: { iss: `${otherTenant}@${tenant}` } }))],
    options: { applications: new Map([[otherTenant, "your dedicated hybrid application"]]) },
    shows: ["TOKEN_SERVICE_UNKNOWN"],
  },
  {
    name: "tokens of Entra in the clouds of China and of Europe",
    story: ["sts.chinacloudapi.cn", "login.partner.microsoftonline.cn", "login.sovcloud-identity.de"].map((host) =>
      send(entra({ iss: `https://${host}/${tenant}/` })),
    ),
    never: ["TOKEN_SERVICE_UNKNOWN", "CALLER_NOT_PROVEN"],
  },
  {
    name: "a version 2 token of Entra names its application in azp",
    story: [
      send(
        entra({
          ver: "2.0",
          iss: `https://login.microsoftonline.com/${tenant}/v2.0`,
          appid: undefined,
          azp: exchange,
        }),
      ),
    ],
    shows: ["ISSUER_SEEN"],
    never: ["CALLER_NOT_PROVEN", "TOKEN_SERVICE_UNKNOWN"],
  },
];
