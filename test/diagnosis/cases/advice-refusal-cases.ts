// Remedies for challenges and refusals, by the cloud of the server, the kind of token and the answering service.
import {
  acs,
  actorToken,
  diagnostics,
  type Exchanged,
  exchange,
  mail,
  offersAll,
  otherTenant,
  outlookAgent,
  skype,
} from "../story.ts";
import { asApplication } from "./advice-cases.ts";
import type { FindingCase } from "./finding-case.ts";

const graph = "00000003-0000-0000-c000-000000000000";
// Microsoft Learn, "Claims challenges, claims requests and client capabilities": { access_token: { nbf: … } }
const demanded = Buffer.from('{"access_token":{"nbf":{"essential":true,"value":"1768478390"}}}').toString("base64");

const challenged = (parameters: string): Exchanged => ({
  authorization: "Bearer",
  status: 401,
  answer: [["WWW-Authenticate", `Bearer ${parameters}`]],
});

const challenges: readonly FindingCase[] = [
  {
    name: "a person's program that probes is told nothing about the trust",
    story: [{ ...challenged(`client_id="${otherTenant}"`), agent: outlookAgent }],
    never: ["CHALLENGE_OF_ANOTHER_APPLICATION"],
  },
  {
    name: "a challenge of another application",
    story: [
      challenged(
        `client_id="${otherTenant}", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize"`,
      ),
    ],
    shows: ["CHALLENGE_OF_ANOTHER_APPLICATION"],
    never: ["TRUSTED_ISSUERS_UNKNOWN"],
    says: otherTenant,
  },
  {
    name: "a challenge that names no application",
    story: [challenged('realm="intranet", error="invalid_token"')],
    shows: ["CHALLENGE_OF_ANOTHER_APPLICATION"],
    never: ["TRUSTED_ISSUERS_UNKNOWN"],
    says: "names no application, not Exchange",
  },
  {
    name: "a challenge of Skype for Business Server that trusts nobody",
    story: [challenged(`client_id="${skype}", trusted_issuers=""`)],
    shows: ["CHALLENGE_OF_ANOTHER_APPLICATION"],
    never: ["TRUSTED_ISSUERS_UNKNOWN", "AUTHORIZATION_URI_MISSING"],
    says: "Skype for Business Online",
  },
  {
    name: "a challenge of Exchange that sends people to AD FS",
    story: [
      challenged(
        `client_id="${exchange}", trusted_issuers="", authorization_uri="https://adfs.contoso.com/adfs/oauth2/authorize", issuer_kind="ADFS"`,
      ),
    ],
    shows: ["TRUSTED_ISSUERS_UNKNOWN"],
    says: "nothing is to be switched on",
  },
  ...(
    [
      ["https://login.partner.microsoftonline.cn/common/oauth2/authorize", "21Vianet"],
      ["https://login.microsoftonline.us/common/oauth2/authorize", "must name login.microsoftonline.us"],
      ["https://login.sovcloud-identity.fr/common/oauth2/authorize", "Bleu"],
      ["https://login.sovcloud-identity.de/common/oauth2/authorize", "Delos"],
      ["https://login.windows.net/common/oauth2/authorize", "of Type MicrosoftACS"],
    ] as const
  ).map(
    ([uri, says]): FindingCase => ({
      name: `a challenge of Exchange in the cloud of ${uri}`,
      story: [challenged(`client_id="${exchange}", trusted_issuers="", authorization_uri="${uri}"`)],
      shows: ["TRUSTED_ISSUERS_UNKNOWN"],
      says,
    }),
  ),
];

const refusals: readonly FindingCase[] = [
  {
    name: "a token without permissions",
    story: [
      asApplication({
        status: 401,
        answer: [
          ...offersAll,
          diagnostics(
            "2000008",
            "invalid_grant",
            "The token contains no permissions, or permissions can not be understood.",
          ),
        ],
      }),
    ],
    shows: ["REFUSED_PERMISSIONS"],
    never: ["LINKED_ACCOUNT_MISSING"],
    says: "full_access_as_app",
  },
  {
    name: "an application that signed in with a secret",
    story: [
      asApplication({
        status: 401,
        answer: [
          ...offersAll,
          diagnostics(
            "2000010",
            "insufficient_auth_strength",
            "The access token is acquired using an authentication method that is too weak. Presented auth strength was 1, required is 2.",
          ),
        ],
      }),
    ],
    shows: ["CLIENT_CERTIFICATE_REQUIRED"],
    never: ["REFUSED_UNKNOWN", "DEDICATED_APP_REFUSED"],
    says: "with a certificate",
  },
  {
    name: "a claims challenge of continuous access evaluation",
    story: [
      asApplication({
        status: 401,
        answer: [
          [
            "WWW-Authenticate",
            `Bearer client_id="${exchange}", trusted_issuers="${acs}@*", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", error="insufficient_claims", claims="${demanded}"`,
          ],
        ],
      }),
    ],
    shows: ["CLAIMS_CHALLENGE"],
    never: ["REFUSED_WITHOUT_REASON", "DEDICATED_APP_REFUSED", "DEVICE_IN_FRONT"],
    says: "a new token issued after 2026-01-15T11:59:50.000Z",
  },
  {
    name: "a claims challenge that cannot be opened",
    story: [
      asApplication({
        status: 401,
        answer: [["WWW-Authenticate", 'Bearer error="insufficient_claims", claims="???"']],
      }),
    ],
    shows: ["CLAIMS_CHALLENGE"],
    says: "asks for a new token (insufficient_claims)",
  },
  {
    name: "tenant restrictions of the network",
    story: [
      asApplication({
        status: 401,
        answer: [
          ...offersAll,
          diagnostics(
            "2000020",
            "insufficient_claims",
            "xms_trpid claim was not present but sec-tenant-restriction-access-policy header was in requires",
          ),
        ],
      }),
    ],
    shows: ["TENANT_RESTRICTED"],
    never: ["REFUSED_UNKNOWN", "CLAIMS_CHALLENGE"],
  },
  {
    name: "the one partner application that the reason names",
    story: [
      {
        authorization: `Bearer ${actorToken()}`,
        status: 401,
        answer: [
          diagnostics(
            "2000008",
            "invalid_grant",
            `The token should have valid permissions or linked account associated with partner application '${graph}'.`,
          ),
        ],
      },
    ],
    shows: ["LINKED_ACCOUNT_MISSING"],
    says: `the partner application ${graph} (Microsoft Graph)`,
  },
  {
    name: "a refusal of Exchange Online advises nothing for Exchange Server",
    story: [asApplication({ status: 401, answer: [...offersAll, diagnostics("2000006", "invalid_client", "x")] })],
    shows: ["PARTNER_APPLICATION_UNKNOWN", "DEDICATED_APP_REFUSED"],
    says: "it does not let this application in",
  },
  {
    name: "the dedicated application under the name of the configuration, refused",
    options: { applications: new Map([[otherTenant, "our hybrid application"]]) },
    story: [
      asApplication({ host: mail, status: 401, answer: [...offersAll, diagnostics("2000001", "invalid_token", "x")] }),
    ],
    shows: ["DEDICATED_APP_REFUSED"],
    says: "Get-ExchangeDiagnosticInfo",
  },
  {
    name: "an expired token of the dedicated application is no question of waiting",
    story: [asApplication({ status: 401, answer: [...offersAll, diagnostics("2000002", "token_expired", "x")] })],
    shows: ["REFUSED_EXPIRED"],
    never: ["DEDICATED_APP_REFUSED"],
  },
];

export const adviceRefusalCases: readonly FindingCase[] = [...challenges, ...refusals];
