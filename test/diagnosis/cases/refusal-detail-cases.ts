// Exchange's finer errors as their messages appear on the wire. The numbers in the names are those of the errors inside Exchange
// (observed); they are not on the wire. Except for the published ones, the texts are our paraphrase of each error.
import type { FindingCode } from "../../../src/diagnosis/catalogue/finding.ts";
import { actorToken, diagnostics, outerToken, probe } from "../story.ts";
import type { FindingCase } from "./finding-case.ts";

const asUser = { authorization: `Bearer ${outerToken()}` };

const errors: readonly (readonly [
  error: string,
  code: string,
  category: string,
  reason: string,
  shows: FindingCode,
  says: string,
])[] = [
  // Published: "Resolve free/busy errors"
  [
    "1001",
    "2000000",
    "invalid_signature",
    "The token has an invalid signature.",
    "REFUSED_SIGNATURE",
    "-RefreshAuthMetadata",
  ],
  [
    "2001",
    "2000001",
    "invalid_token",
    "The outer token must not be signed.",
    "REFUSED_TOKEN",
    "the outer token is signed",
  ],
  [
    "2002",
    "2000001",
    "invalid_token",
    "The actor token is not signed.",
    "REFUSED_TOKEN",
    "the actor token is not signed",
  ],
  ["2003", "2000001", "invalid_token", "There is no issuer in the token.", "REFUSED_TOKEN", "names no issuer"],
  ["2005", "2000001", "invalid_token", "The claim 'exp' is missing.", "REFUSED_TOKEN", "a claim is missing"],
  ["2006", "2000001", "invalid_token", "The issuer has a wrong format.", "REFUSED_TOKEN", "the form id@realm"],
  ["2007", "2000001", "invalid_token", "The issuer is malformed.", "REFUSED_TOKEN", "the form id@realm"],
  ["2008", "2000001", "invalid_token", "The issuer 'x@y' is unknown.", "REFUSED_ISSUER", "Get-AuthServer"],
  ["2009", "2000001", "invalid_token", "The nameid claim value is wrong.", "REFUSED_TOKEN", "nameid does not name"],
  [
    "2010",
    "2000003",
    "invalid_resource",
    "The audience claim value is wrong.",
    "REFUSED_AUDIENCE",
    "ServicePrincipalNames",
  ],
  [
    "2011",
    "2000001",
    "invalid_token",
    "The audience's realm is different than the issuer's.",
    "REFUSED_REALM",
    "Get-AuthConfig",
  ],
  [
    "2015",
    "2000001",
    "invalid_token",
    "The issuer of the outer token does not match the nameid of the actor token.",
    "REFUSED_TOKEN",
    "is not the application of the actor token",
  ],
  ["2016", "2000004", "invalid_tenant", "The realm 'contoso.com' is wrong.", "REFUSED_TENANT", "Get-AcceptedDomain"],
  ["2017", "2000004", "invalid_tenant", "The realm is invalid.", "REFUSED_TENANT", "not one of its own"],
  ["2018", "2000001", "invalid_token", "The token has no user claims.", "REFUSED_TOKEN", "names no user"],
  [
    "2020",
    "2000001",
    "invalid_token",
    "The profile 'V1S2SAppOnly' is not applicable here.",
    "TOKEN_KIND_NOT_APPLICABLE",
    "V1S2SAppOnly",
  ],
  ["2022", "2000001", "invalid_token", "The token cannot be read.", "REFUSED_TOKEN", "could not read the token"],
  [
    "2023",
    "2000001",
    "invalid_token",
    "The token has neither: missing smtp and puid.",
    "REFUSED_TOKEN",
    "names no user",
  ],
  // Published under this number (an IIS log): never the category of the error's block
  [
    "2024",
    "2000008",
    "invalid_grant",
    "The token should have valid permissions or linked account associated with partner application 'x'.",
    "LINKED_ACCOUNT_MISSING",
    "-LinkedAccount",
  ],
  ["3001", "2000002", "token_expired", "The token has expired.", "REFUSED_EXPIRED", "w32tm"],
  ["4001", "2000003", "invalid_resource", "There is no realm in the audience.", "REFUSED_AUDIENCE", "names no realm"],
  [
    "4002",
    "2000003",
    "invalid_resource",
    "The hostname component of the audience claim value is invalid. Expected 'https://mail.contoso.com'. Actual 'https://owa.contoso.com'.",
    "REFUSED_AUDIENCE",
    "is not the host",
  ],
  [
    "4003",
    "2000003",
    "invalid_resource",
    "The audience does not match the endpoint.",
    "REFUSED_AUDIENCE",
    "is not the host",
  ],
  ["5001", "2000004", "invalid_tenant", "The tenant of the context was not found.", "REFUSED_TENANT", "Get-AuthServer"],
  // Published: Skype for Business and Exchange integration fails if wildcards are used in accepted domains
  [
    "5002",
    "2000004",
    "invalid_tenant",
    "The tenant for tenant guid 'contoso.com' does not exist.",
    "REFUSED_TENANT",
    "wildcard domains are not supported",
  ],
  ["5003", "2000004", "invalid_tenant", "There is no tid in the token.", "REFUSED_TENANT", "names no tenant (tid)"],
  // Published: "Resolve free/busy errors", also the next
  [
    "6001",
    "2000005",
    "invalid_user",
    "The user specified by the user-context in the token does not exist.",
    "USER_NOT_FOUND",
    "Entra Connect",
  ],
  [
    "6002",
    "2000005",
    "invalid_user",
    "The user specified by the user-context in the token is ambiguous.",
    "USER_AMBIGUOUS",
    "Get-Recipient",
  ],
  ["6003", "2000005", "invalid_user", "The SID does not match the user's.", "REFUSED_USER", "Get-Mailbox"],
  [
    "6004",
    "2000005",
    "invalid_user",
    "The mailbox of the user has a version that is too old.",
    "REFUSED_USER",
    "New-MoveRequest",
  ],
  [
    "7001",
    "2000006",
    "invalid_client",
    "The application 'x' was not found.",
    "PARTNER_APPLICATION_UNKNOWN",
    "New-PartnerApplication",
  ],
  [
    "7002",
    "2000006",
    "invalid_client",
    "The nameid has another application.",
    "PARTNER_APPLICATION_UNKNOWN",
    "Get-PartnerApplication",
  ],
  [
    "8001",
    "2000007",
    "internal_error",
    "Active Directory failed.",
    "EXCHANGE_INTERNAL_ERROR",
    "Active Directory could not be asked",
  ],
  [
    "8002",
    "2000007",
    "internal_error",
    "Something unexpected happened.",
    "EXCHANGE_INTERNAL_ERROR",
    "Test-ServiceHealth",
  ],
  [
    "9004",
    "2000008",
    "invalid_grant",
    "There is no scope in the token.",
    "LINKED_ACCOUNT_MISSING",
    "full_access_as_app",
  ],
  [
    "9006",
    "2000008",
    "invalid_grant",
    "The scope of the token is not enough.",
    "LINKED_ACCOUNT_MISSING",
    "no scope or role that is enough",
  ],
  [
    "9007",
    "2000008",
    "invalid_grant",
    "The token gives its own mailbox only.",
    "LINKED_ACCOUNT_MISSING",
    "own user's mailbox only",
  ],
  [
    "10001",
    "2000009",
    "invalid_certificate",
    "The certificate referenced by x5t was not found.",
    "AUTH_CERTIFICATE_NOT_FOUND",
    "Get-ExchangeCertificate",
  ],
  // Published: use-hybrid-modern-auth
  [
    "4002 by http",
    "2000003",
    "invalid_resource",
    "The hostname component of the audience claim value is invalid. Expected 'https://mail.contoso.com'. Actual 'http://mail.contoso.com'.",
    "TLS_OFFLOADED",
    "TLS offload",
  ],
];

export const refusalDetailCases: readonly FindingCase[] = [
  ...errors.map(
    ([error, code, category, reason, shows, says]): FindingCase => ({
      name: `error ${error} inside Exchange, by its message`,
      story: [{ ...asUser, status: 401, answer: [diagnostics(code, category, reason)] }],
      shows: [shows],
      says,
      severity: "error",
    }),
  ),
  {
    name: "a reason in another language leaves the number's meaning",
    story: [
      {
        authorization: `Bearer ${actorToken()}`,
        status: 401,
        answer: [diagnostics("2000001", "invalid_token", "Das Token kann nicht gelesen werden.")],
      },
    ],
    shows: ["REFUSED_TOKEN"],
    says: "Test-OAuthConnectivity",
  },
  {
    name: "a probe that is told that OAuth is not switched on for the domain",
    story: [
      {
        ...probe,
        headers: [["X-User-Identity", "anna@contoso.com"]],
        answer: [
          ["WWW-Authenticate", "Basic realm=x"],
          diagnostics("4000000", "oauth_not_available", "Flighting is not enabled for domain 'contoso.com'."),
        ],
      },
    ],
    shows: ["OAUTH_NOT_AVAILABLE"],
    says: "a Bearer probe",
  },
  {
    name: "the same to a person's program is that person's sign-in",
    story: [
      {
        ...probe,
        agent: "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.5000; Pro)",
        answer: [diagnostics("4000000", "oauth_not_available", "Flighting is not enabled for domain 'contoso.com'.")],
      },
    ],
    never: ["OAUTH_NOT_AVAILABLE"],
  },
];
