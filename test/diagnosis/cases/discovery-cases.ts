// The first leg of Teams. Request and answers: "Resolve interaction issues between Teams and Exchange Server" (learn.microsoft.com).
import type { Headers } from "../../../src/core/headers.ts";
import { type Exchanged, mail } from "../story.ts";
import type { FindingCase } from "./finding-case.ts";

const json: Headers = [["Content-Type", "application/json; charset=utf-8"]];
const page: Headers = [["Content-Type", "text/html"]];

/** The look-up of EWS by Teams, answered with an address. */
export function lookUp(more: Exchanged = {}, host = mail): Exchanged {
  return {
    method: "GET",
    path: "/autodiscover/autodiscover.json?Email=anna@contoso.com&Protocol=EWS",
    agent: "Teams",
    answer: [...json, ["X-FEServer", "EX01"]],
    answerBody: JSON.stringify({ Protocol: "EWS", Url: `https://${host}/EWS/Exchange.asmx` }),
    ...more,
  };
}

const device: Headers = [["Server", "BigIP"], ...page];

export const discoveryCases: readonly FindingCase[] = [
  {
    name: "the look-up that is answered with an address of the same host",
    story: [lookUp()],
    never: [
      "NO_SERVICE_REQUEST",
      "DISCOVERY_REFUSED",
      "DISCOVERY_NOT_FOUND",
      "DISCOVERY_FAILED",
      "DISCOVERY_ELSEWHERE",
    ],
  },
  {
    name: "the look-up that a device answers with 401",
    story: [
      lookUp({
        status: 401,
        answer: [
          ["Server", "BigIP"],
          ["WWW-Authenticate", 'Basic realm="x"'],
        ],
        answerBody: "",
      }),
    ],
    shows: ["DISCOVERY_REFUSED"],
    says: "without pre-authentication",
    never: ["NO_SERVICE_REQUEST", "CHALLENGE_MISSING"],
  },
  {
    name: "the look-up that a device sends to its sign-in page",
    story: [lookUp({ status: 302, answer: [["Location", "https://sso.contoso.com/my.policy"]], answerBody: "" })],
    shows: ["DISCOVERY_REFUSED"],
    says: "redirects to a page",
  },
  {
    name: "the look-up that is answered with a web page",
    story: [lookUp({ answer: device, answerBody: "<html><body>Sign in</body></html>" })],
    shows: ["DISCOVERY_REFUSED"],
    says: "gives a web page",
  },
  {
    name: "the look-up for which Exchange itself wants a sign-in",
    story: [
      lookUp({
        status: 401,
        answer: [
          ["X-FEServer", "EX01"],
          ["WWW-Authenticate", "Negotiate"],
        ],
        answerBody: "",
      }),
    ],
    shows: ["DISCOVERY_REFUSED"],
    says: "Anonymous authentication must be on",
    never: ["CHALLENGE_MISSING", "BEARER_NOT_OFFERED"],
  },
  {
    name: "the look-up that an old build does not have",
    story: [lookUp({ status: 404, answer: [["X-OWA-Version", "15.1.396.30"], ...page], answerBody: "<html></html>" })],
    shows: ["DISCOVERY_NOT_FOUND"],
    says: "(Exchange build 15.1.396.30)",
  },
  {
    name: "the look-up that Exchange answers with an error",
    story: [
      lookUp({
        status: 400,
        answerBody: JSON.stringify({ ErrorCode: "InvalidProtocol", ErrorMessage: "anna@contoso.com is not known" }),
      }),
    ],
    shows: ["DISCOVERY_FAILED"],
    says: "answered 400 InvalidProtocol to the look-up",
  },
  {
    name: "the look-up without an answer",
    story: [lookUp({ status: null })],
    shows: ["DISCOVERY_FAILED"],
    says: "did not answer the look-up",
  },
  {
    name: "a 500 to the look-up",
    story: [lookUp({ status: 500, answer: [], answerBody: "" })],
    shows: ["DISCOVERY_FAILED"],
    says: "answered 500 to",
  },
  {
    name: "autodiscover.contoso.com names mail.contoso.com",
    story: [lookUp({ host: "autodiscover.contoso.com" })],
    shows: ["DISCOVERY_ELSEWHERE"],
    severity: "info",
    says: `autodiscover.contoso.com gives Teams ${mail} as the host of EWS.`,
  },
  {
    name: "an address that only the own network knows",
    story: [lookUp({}, "ex01.contoso.local")],
    shows: ["DISCOVERY_ELSEWHERE"],
    severity: "error",
    says: "ExternalUrl",
  },
  {
    name: "a mailbox in the cloud: sent on to Exchange Online",
    story: [
      lookUp({
        status: 302,
        answer: [
          [
            "Location",
            "https://outlook.office365.com/autodiscover/autodiscover.json?Email=anna%40contoso.com&Protocol=EWS",
          ],
        ],
        answerBody: "",
      }),
    ],
    shows: ["DISCOVERY_ELSEWHERE"],
    severity: "info",
    says: "the mailbox is likely in Exchange Online",
  },
  {
    name: "the same look-up by a person's program",
    story: [lookUp({ agent: "Outlook-iOS/2.0", status: 401 })],
    shows: ["NO_SERVICE_REQUEST"],
    never: ["DISCOVERY_REFUSED"],
  },
];
