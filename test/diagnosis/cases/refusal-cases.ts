// Headers as protocol pages and public threads show them; the irregular spellings are real.
import type { Headers } from "../../../src/core/headers.ts";
import type { FindingCode } from "../../../src/diagnosis/catalogue/finding.ts";
import {
  actorToken,
  diagnostics,
  type Exchanged,
  jwt,
  mail,
  offersAll,
  otherTenant,
  outerToken,
  probe,
  scheduler,
  startSeconds,
  sts,
  tenant,
  tokenRequest,
  voicemail,
} from "../story.ts";
import type { FindingCase } from "./finding-case.ts";

const send = (more: Exchanged = {}): Exchanged => ({ authorization: `Bearer ${actorToken()}`, ...more });
const withHeader = (header: Headers[number], status = 401): Exchanged =>
  send({ status, answer: [...offersAll, header] });

const diagnosed: readonly (readonly [header: Headers[number], code: FindingCode, says?: string])[] = [
  [
    diagnostics("2000000", "invalid_signature", "The token has invalid signature."),
    "REFUSED_SIGNATURE",
    "2000000 invalid_signature",
  ],
  [diagnostics("2000001", "invalid_token", "The token is malformed."), "REFUSED_TOKEN"],
  [diagnostics("2000001", "invalid_token", "The issuer of the token is unknown."), "REFUSED_ISSUER", "likely"],
  [
    diagnostics(
      "2000001",
      "invalid_token",
      "The token's profile 'S2SAppActAs' is not applicable for the current context.",
    ),
    "TOKEN_KIND_NOT_APPLICABLE",
    "S2SAppActAs",
  ],
  [
    diagnostics(
      "2000001",
      "invalid_token",
      "The token's profile 'V1S2SAppOnly' is not applicable for the current context.",
    ),
    "TOKEN_KIND_NOT_APPLICABLE",
    "V1S2SAppOnly",
  ],
  [diagnostics("2000002", "token_expired", "The token has expired."), "REFUSED_EXPIRED"],
  [diagnostics("2000003", "invalid_resource", "The audience is invalid."), "REFUSED_AUDIENCE"],
  [
    diagnostics(
      "2000003",
      "invalid_resource",
      "The hostname component of the audience claim value is invalid. Expected 'https://mail.contoso.com'. Actual 'http://mail.contoso.com'.",
    ),
    "TLS_OFFLOADED",
  ],
  [
    diagnostics(
      "2000003",
      "invalid_resource",
      "Expected 'https://mail.contoso.com'. Actual 'https://owa.contoso.com'.",
    ),
    "REFUSED_AUDIENCE",
  ],
  [diagnostics("2000004", "invalid_tenant", "The tenant is not known."), "REFUSED_TENANT"],
  [diagnostics("2000001", "invalid_token", "The audience's realm is different than the issuer's."), "REFUSED_REALM"],
  [
    diagnostics("2000005", "invalid_user", "The user specified by the user-context in the token does not exist."),
    "USER_NOT_FOUND",
  ],
  [
    [
      "x-ms-diagnostics",
      '2000005;reason= "The user specified by the user-context in the token is ambiguous." ;error_category="invalid_user"',
    ],
    "USER_AMBIGUOUS",
  ],
  [
    ["X-MS-Diagnostics", '2000005;reason="The+user+is+on+an+older+server";error_category="invalid_user"'],
    "REFUSED_USER",
  ],
  [
    diagnostics("2000006", "invalid_client", "No partner application; ask your administrator."),
    "PARTNER_APPLICATION_UNKNOWN",
    "New-PartnerApplication",
  ],
  [diagnostics("2000007", "internal_error", "x"), "EXCHANGE_INTERNAL_ERROR"],
  [
    diagnostics(
      "2000008",
      "invalid_grant",
      "The token contains no scope and no linked account for the partner application.",
    ),
    "LINKED_ACCOUNT_MISSING",
    "for it alone Set-PartnerApplication <its name> -LinkedAccount <account>",
  ],
  [diagnostics("2000009", "invalid_certificate", "x"), "AUTH_CERTIFICATE_NOT_FOUND"],
  [
    diagnostics("4000000", "oauth_not_available", "Flighting is not enabled for domain 'contoso.com'."),
    "OAUTH_NOT_AVAILABLE",
  ],
  [diagnostics("9999999", "something_new", "x"), "REFUSED_UNKNOWN"],
];

const getFolder: Exchanged = {
  headers: [["Content-Type", "text/xml; charset=utf-8"]],
  body: '<s:Envelope><s:Body><m:GetFolder><m:FolderIds><t:DistinguishedFolderId Id="conversationhistory"/></m:FolderIds></m:GetFolder></s:Body></s:Envelope>',
};
const ewsError = (code: string): string =>
  `<s:Envelope><s:Body><m:GetFolderResponse><m:ResponseMessages><m:GetFolderResponseMessage ResponseClass="Error"><m:ResponseCode>${code}</m:ResponseCode></m:GetFolderResponseMessage></m:ResponseMessages></m:GetFolderResponse></s:Body></s:Envelope>`;

const refusals: readonly FindingCase[] = [
  ...diagnosed.map(([header, code, says]): FindingCase => {
    const name = `${header[1].slice(0, 60)} is ${code}`;
    const never = (code === "REFUSED_WITHOUT_REASON" ? [] : ["REFUSED_WITHOUT_REASON"]) satisfies FindingCode[];
    return {
      name,
      story: [withHeader(header)],
      shows: [code],
      severity: "error",
      never,
      ...(says === undefined ? {} : { says }),
    };
  }),
  { name: "a 401 to a token that says nothing", story: [send({ status: 401 })], shows: ["REFUSED_WITHOUT_REASON"] },
  {
    name: "403 with invalid_token",
    story: [withHeader(diagnostics("2000001", "invalid_token", "x"), 403)],
    shows: ["PARTNER_ACCOUNT_BAD"],
    says: "likely",
    never: ["FORBIDDEN_WITHOUT_REASON"],
  },
  {
    name: "403 with a cause of its own says that cause",
    story: [withHeader(diagnostics("2000008", "invalid_grant", "x"), 403)],
    shows: ["LINKED_ACCOUNT_MISSING"],
    never: ["PARTNER_ACCOUNT_BAD"],
  },
  {
    name: "403 with error=invalid_token in the challenge",
    story: [send({ status: 403, answer: [["WWW-Authenticate", 'Bearer error="invalid_token"']] })],
    shows: ["PARTNER_ACCOUNT_BAD"],
  },
  {
    name: "500 with invalid_token",
    story: [withHeader(diagnostics("2000001", "invalid_token", "x"), 500)],
    shows: ["OAUTH_CONFIGURATION_NOT_LOADED"],
  },
  {
    name: "the remedy names the application that is missing",
    story: [
      {
        authorization: `Bearer ${actorToken({ caller: scheduler })}`,
        status: 401,
        answer: [diagnostics("2000006", "invalid_client", "x")],
      },
    ],
    shows: ["PARTNER_APPLICATION_UNKNOWN"],
    says: `New-PartnerApplication -Name TeamsScheduler -ApplicationIdentifier ${scheduler} -Enabled $true -LinkedAccount <account>`,
  },
  {
    name: "Cloud Voicemail's partner application is made without a linked account",
    story: [
      {
        authorization: `Bearer ${actorToken({ caller: voicemail })}`,
        status: 401,
        answer: [diagnostics("2000006", "invalid_client", "x")],
      },
    ],
    shows: ["PARTNER_APPLICATION_UNKNOWN"],
    says: `-ApplicationIdentifier ${voicemail} -Enabled $true;`,
  },
  {
    name: "a refusal of Cloud Voicemail for its permissions does not ask for a linked account",
    story: [
      send({
        authorization: `Bearer ${actorToken({ caller: voicemail })}`,
        status: 401,
        answer: [diagnostics("2000008", "invalid_grant", "x")],
      }),
    ],
    shows: ["LINKED_ACCOUNT_MISSING"],
    says: "without a linked account",
  },
  {
    name: "Teams Scheduler's account needs GetDelegate alone",
    story: [
      send({
        authorization: `Bearer ${actorToken({ caller: scheduler })}`,
        status: 401,
        answer: [diagnostics("2000008", "invalid_grant", "x")],
      }),
    ],
    shows: ["LINKED_ACCOUNT_MISSING"],
    says: "GetDelegate",
  },
  {
    name: "the organisation's own Entra application, refused",
    story: [
      {
        authorization: `Bearer ${jwt({ alg: "RS256", kid: "k" }, { ver: "1.0", iss: `https://sts.windows.net/${tenant}/`, aud: `https://${mail}/`, tid: tenant, appid: otherTenant, roles: ["full_access_as_app"], exp: startSeconds + 3600 })}`,
        status: 401,
        answer: [...offersAll, diagnostics("2000006", "invalid_client", "x")],
      },
    ],
    shows: ["DEDICATED_APP_REFUSED"],
    says: "60 minutes",
  },
  {
    name: "a refusal that a Web Application Proxy wrote",
    story: [send({ status: 403, answer: [["Server", "Microsoft-HTTPAPI/2.0"]] })],
    shows: ["FORBIDDEN_WITHOUT_REASON", "DEVICE_IN_FRONT"],
  },
  {
    name: "a policy's 403 is no refusal of the token",
    story: [
      send({ status: 403, answer: [["X-EWS-Policy-Reason", "EWS is blocked by policy for this user or tenant"]] }),
    ],
    shows: ["EWS_BLOCKED_BY_POLICY"],
    says: "blocked by policy",
    never: ["FORBIDDEN_WITHOUT_REASON", "REFUSED_WITHOUT_REASON", "PARTNER_ACCOUNT_BAD"],
  },
  {
    name: "a policy's 403 is none either when its challenge says invalid_token",
    story: [
      send({
        status: 403,
        answer: [
          ["X-EWS-Policy-Reason", "EWS is blocked by policy for this user or tenant"],
          ["WWW-Authenticate", 'Bearer client_id="x", error="invalid_token"'],
        ],
      }),
    ],
    shows: ["EWS_BLOCKED_BY_POLICY"],
    never: ["PARTNER_ACCOUNT_BAD"],
  },
  {
    name: "EWS that is disabled",
    story: [send({ status: 403, answer: [["X-EWS-Policy-Reason", "EWS is disabled for this user or tenant"]] })],
    shows: ["EWS_BLOCKED_BY_POLICY"],
    says: "disabled",
  },
  {
    name: "an unheard reason of a policy is not repeated",
    story: [send({ status: 403, answer: [["X-EWS-Policy-Reason", "\u001b[2Janna@contoso.com"]] })],
    shows: ["EWS_BLOCKED_BY_POLICY"],
    says: "in the capture",
  },
  {
    name: "REST on an Exchange that has none",
    story: [send({ status: 404, path: "/api/v2.0/users('x')/calendarview" })],
    shows: ["REST_NOT_FOUND"],
  },
  {
    name: "the build of such an Exchange is named",
    story: [send({ status: 404, path: "/api/v2.0/me/calendarview", answer: [["X-OWA-Version", "15.1.466.34"]] })],
    shows: ["REST_NOT_FOUND"],
    says: "Exchange build 15.1.466.34",
  },
  {
    name: "a call whose token was taken and that EWS then refuses",
    story: [send({ ...getFolder, answerBody: ewsError("ErrorAccessDenied") })],
    shows: ["CALL_FAILED"],
    never: ["REFUSED_WITHOUT_REASON"],
    says: "Get-ManagementRoleAssignment",
  },
  {
    name: "Autodiscover that knows no such user",
    story: [
      send({
        path: "/autodiscover/autodiscover.svc",
        headers: [["Content-Type", "text/xml; charset=utf-8"]],
        body: "<s:Envelope><s:Body><a:GetUserSettingsRequestMessage/></s:Body></s:Envelope>",
        answerBody:
          "<s:Envelope><s:Body><GetUserSettingsResponseMessage><ErrorCode>NoError</ErrorCode><ErrorCode>InvalidUser</ErrorCode></GetUserSettingsResponseMessage></s:Body></s:Envelope>",
      }),
    ],
    shows: ["CALL_FAILED"],
    says: "Get-Recipient",
  },
  {
    name: "an everyday error of EWS is nothing to mend",
    story: [send({ ...getFolder, answerBody: ewsError("ErrorItemNotFound") })],
    never: ["CALL_FAILED"],
  },
  { name: "a call without an answer", story: [send({ status: null })], shows: ["CALL_UNANSWERED"] },
  {
    name: "one of two servers behind a name refuses what the other accepted",
    story: [
      send({ answer: [["X-FEServer", "EXCH1"]] }),
      send({
        status: 401,
        answer: [...offersAll, ["X-FEServer", "EXCH2"], diagnostics("2000000", "invalid_signature", "x")],
      }),
    ],
    shows: ["SERVERS_DISAGREE"],
    says: "EXCH2",
  },
  {
    name: "the same, refused first",
    story: [send({ status: 401, answer: [["X-FEServer", "EXCH2"]] }), send({ answer: [["X-FEServer", "EXCH1"]] })],
    shows: ["SERVERS_DISAGREE"],
    says: "EXCH2",
  },
  {
    name: "the same with an actor token of its own for each call",
    story: [
      send({ answer: [["X-FEServer", "EXCH1"]] }),
      {
        authorization: `Bearer ${actorToken({ claims: { jti: "2" } })}`,
        status: 401,
        answer: [...offersAll, ["X-FEServer", "EXCH2"], diagnostics("2000009", "invalid_certificate", "x")],
      },
      { authorization: `Bearer ${actorToken({ claims: { jti: "3" } })}`, answer: [["X-FEServer", "EXCH1"]] },
    ],
    shows: ["SERVERS_DISAGREE"],
    says: "EXCH2",
  },
  {
    name: "a server that refused and accepts later is mended",
    story: [
      send({ status: 401, answer: [["X-FEServer", "EXCH2"], diagnostics("2000009", "invalid_certificate", "x")] }),
      send({ answer: [["X-FEServer", "EXCH1"]] }),
      send({ answer: [["X-FEServer", "EXCH2"]] }),
    ],
    shows: ["SERVERS_DISAGREE"],
    severity: "warning",
  },
  {
    name: "an expired token tells no server from another",
    story: [
      send({ answer: [["X-FEServer", "EXCH1"]] }),
      send({ status: 401, answer: [["X-FEServer", "EXCH2"], diagnostics("2000002", "token_expired", "x")] }),
    ],
    never: ["SERVERS_DISAGREE"],
  },
  {
    name: "an unknown user tells no server from another",
    story: [
      { authorization: `Bearer ${outerToken()}`, answer: [["X-FEServer", "EXCH1"]] },
      {
        authorization: `Bearer ${outerToken()}`,
        status: 401,
        answer: [["X-FEServer", "EXCH2"], diagnostics("2000005", "invalid_user", "x")],
      },
    ],
    never: ["SERVERS_DISAGREE"],
  },
  {
    name: "a device that answers in Exchange's place",
    story: [
      {
        ...probe,
        answer: [
          ["Server", "BigIP"],
          ["WWW-Authenticate", "Basic realm=x"],
        ],
      },
    ],
    shows: ["DEVICE_IN_FRONT"],
    says: "BigIP",
  },
];

const tokenService: readonly FindingCase[] = [
  ...(
    [
      ["invalid_client", "ACS50012: Authentication failed.", "STS_REFUSED_CERTIFICATE", "ACS50012"],
      [
        "invalid_client",
        "ACS50016: X509Certificate with subject does not match any configured certificate.",
        "STS_REFUSED_CERTIFICATE",
        "ACS50016",
      ],
      ["invalid_client", "ACS50027: JWT token is invalid.", "STS_REFUSED_CERTIFICATE", "ACS50027"],
      [
        "invalid_client",
        "AADSTS700027: Client assertion failed signature validation.",
        "STS_REFUSED_CERTIFICATE",
        "AADSTS700027",
      ],
      [
        "unauthorized_client",
        "AADSTS700016: Application not found in the directory.",
        "STS_REFUSED_CLIENT",
        "AADSTS700016",
      ],
      ["invalid_client", "", "STS_REFUSED_CLIENT", "invalid_client"],
      [
        "invalid_resource",
        "AADSTS500011: The resource principal was not found in the tenant.",
        "STS_REFUSED_RESOURCE",
        "AADSTS500011",
      ],
      [
        "invalid_resource",
        "AADSTS50001: The resource is disabled or does not exist.",
        "STS_REFUSED_RESOURCE",
        "AADSTS50001",
      ],
      ["invalid_request", "AADSTS90002: Tenant not found.", "STS_REFUSED_TENANT", "AADSTS90002"],
      [
        "invalid_client",
        "AADSTS700024: Client assertion is not within its valid time range.",
        "STS_REFUSED_TIME",
        "AADSTS700024",
      ],
      ["invalid_request", "ACS90014: a field is missing", "STS_REFUSED", "ACS90014"],
      // Published: the key of the assertion is not on the service principal
      [
        "invalid_client",
        "AADSTS70002: Error validating credentials. AADSTS50012: Client assertion contains an invalid signature.",
        "STS_REFUSED_CERTIFICATE",
        "AADSTS50012",
      ],
      // Published: a system clock that is more than 15 minutes wrong
      ["invalid_client", "ACS50008: SAML token is invalid.", "STS_REFUSED_TIME", "ACS50008: the token is not valid"],
      [
        "invalid_client",
        "AADSTS7000222: The provided client secret keys are expired.",
        "STS_REFUSED_CERTIFICATE",
        "the application's keys have expired",
      ],
      ["invalid_request", "AADSTS90022: principal name format", "STS_REFUSED_RESOURCE", "name/host@realm"],
      ["invalid_grant", "AADSTS53003: blocked", "STS_REFUSED", "Conditional Access"],
      ["access_denied", "", "STS_REFUSED", "access_denied"],
    ] as const
  ).map(
    ([error, description, code, says]): FindingCase => ({
      name: `${says} is ${code}`,
      story: [tokenRequest({ error, description })],
      shows: [code],
      says,
      severity: "error",
    }),
  ),
  {
    name: "a token service in trouble",
    story: [tokenRequest({ status: 503 })],
    shows: ["STS_FAILED"],
    never: ["STS_REFUSED", "STS_REFUSED_CLIENT"],
  },
  { name: "a token service that is too busy", story: [tokenRequest({ status: 429 })], shows: ["STS_FAILED"] },
  {
    name: "a token service without an answer",
    story: [{ ...tokenRequest({}), status: null }],
    shows: ["CALL_UNANSWERED"],
  },
  {
    name: "a metadata document that is not to be had",
    story: [{ host: sts, method: "GET", path: `/${tenant}/metadata/json/1`, status: 404, agent: "" }],
    shows: ["STS_METADATA_FAILED"],
  },
];

export const refusalCases: readonly FindingCase[] = [...refusals, ...tokenService];
