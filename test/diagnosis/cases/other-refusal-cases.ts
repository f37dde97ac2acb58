// Refusals of a person's token, or of a token that the capture does not show.
import {
  diagnostics,
  type Exchanged,
  exchange,
  jwt,
  mail,
  offersAll,
  otherTenant,
  startSeconds,
  tenant,
} from "../story.ts";
import type { FindingCase } from "./finding-case.ts";

const outlook = "d3590ed6-52b3-4102-aeff-aad2292ab01c";
// exovoice, "Free/Busy troubleshooting": the text of an answer of OWA.
const reportedRefusal = JSON.stringify({
  MessageText:
    'Proxy web request failed. , inner exception: The request failed with HTTP status 401: Unauthorized diagnostics: 2000005;reason="The user specified by the user-context in the token does not exist.";error_category="invalid_user" LID: 43532',
});
const personsToken = (claims: object = {}): string =>
  jwt(
    { alg: "RS256", kid: "k" },
    {
      ver: "1.0",
      iss: `https://sts.windows.net/${tenant}/`,
      aud: "https://outlook.office.com",
      exp: startSeconds + 3600,
      tid: tenant,
      appid: outlook,
      scp: "EWS.AccessAsUser.All",
      upn: "anna@contoso.com",
      ...claims,
    },
  );
const wrongAudience = diagnostics(
  "2000003",
  "invalid_resource",
  `The hostname component of the audience claim value is invalid. Expected 'https://${mail}'. Actual 'https://outlook.office.com'.`,
);
const sent = (token: string, more: Exchanged = {}): Exchanged => ({
  agent: "exchangelib/4.9.0",
  authorization: `Bearer ${token}`,
  status: 401,
  answer: [...offersAll, wrongAudience],
  ...more,
});
const errorAlone: Exchanged = {
  agent: "x/1",
  status: 401,
  answer: [["WWW-Authenticate", `Bearer client_id="${exchange}", trusted_issuers="", error="invalid_token"`]],
};

export const otherRefusalCases: readonly FindingCase[] = [
  {
    name: "a person's token for another audience",
    story: [sent(personsToken())],
    shows: ["USER_TOKEN_REFUSED"],
    never: ["CALLER_UNKNOWN", "REFUSED_AUDIENCE"],
    says: `Microsoft Office (Outlook), application ${outlook}), not of a service (401, 2000003 invalid_resource): see REFUSED_AUDIENCE`,
  },
  {
    name: "a token of a person's program that nobody knows",
    story: [sent(personsToken({ appid: otherTenant }))],
    shows: ["USER_TOKEN_REFUSED"],
    never: ["CALLER_UNKNOWN"],
    says: `a user's program (application ${otherTenant})`,
  },
  {
    name: "a person's token that was refused without a word",
    story: [sent(personsToken(), { answer: offersAll })],
    shows: ["USER_TOKEN_REFUSED"],
    says: "see REFUSED_WITHOUT_REASON",
  },
  {
    name: "an opaque value that was refused",
    story: [sent("2YotnFZFEjr1zCsicMWpAA")],
    shows: ["USER_TOKEN_REFUSED", "TOKEN_UNREADABLE"],
    says: "a user's program, not of a service",
  },
  {
    name: "a person's token that was accepted",
    story: [sent(personsToken(), { status: 200, answer: [] })],
    never: ["USER_TOKEN_REFUSED", "CALLER_UNKNOWN"],
  },
  {
    name: "a version 2 token of Outlook's own application",
    story: [
      sent(
        personsToken({
          ver: "2.0",
          iss: `https://login.microsoftonline.com/${tenant}/v2.0`,
          appid: undefined,
          azp: outlook,
        }),
      ),
    ],
    shows: ["USER_TOKEN_REFUSED"],
    never: ["CALLER_UNKNOWN", "ISSUER_SEEN"],
  },
  {
    name: "error=invalid_token alone, to a request that shows no token",
    story: [errorAlone],
    shows: ["UNSEEN_TOKEN_REFUSED"],
    says: "401, error invalid_token",
  },
  {
    name: "diagnostics of a refusal where the token was masked",
    story: [sent("x", { authorization: "Bearer [REDACTED]" })],
    shows: ["UNSEEN_TOKEN_REFUSED", "CREDENTIALS_REMOVED"],
    says: "see REFUSED_AUDIENCE",
  },
  {
    name: "an answer of Outlook on the web that tells of a refusal by Exchange Server",
    story: [
      {
        host: "outlook.office.com",
        path: "/owa/service.svc?action=GetUserAvailabilityInternal",
        status: 200,
        answer: [["Content-Type", "application/json; charset=utf-8"]],
        answerBody: reportedRefusal,
      },
    ],
    shows: ["REFUSAL_REPORTED"],
    says: "2000005 invalid_user): see USER_NOT_FOUND",
  },
  {
    name: "an answer of Outlook on the web without one",
    story: [{ host: "outlook.office.com", path: "/owa/service.svc", status: 200, answerBody: "{}" }],
    never: ["REFUSAL_REPORTED"],
  },
  {
    name: "an ordinary challenge refuses nothing",
    story: [{ status: 401 }],
    never: ["UNSEEN_TOKEN_REFUSED"],
  },
];
