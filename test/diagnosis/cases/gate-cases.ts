// The gate of EWS in Exchange Online, the lists on premises, and the end of EWS in Exchange Online. The two texts of the header and
// the operations are published by Microsoft; the faults are those of learn.microsoft.com (Dynamics 365, "The SMTP address has no
// mailbox associated with it").
import type { Headers } from "../../../src/core/headers.ts";
import {
  actorToken,
  type Exchanged,
  exchange,
  jwt,
  otherTenant,
  outerToken,
  scheduler,
  startSeconds,
  tenant,
} from "../story.ts";
import { asApplication } from "./advice-cases.ts";
import type { FindingCase } from "./finding-case.ts";

const off: Headers = [["X-EWS-Policy-Reason", "EWS is disabled for this user or tenant"]];
const blocked: Headers = [["X-EWS-Policy-Reason", "EWS is blocked by policy for this user or tenant"]];
const online = "outlook.office365.com";

/** An EWS request body with an operation. */
export function soap(operation: string): Exchanged {
  return {
    headers: [["Content-Type", "text/xml; charset=utf-8"]],
    body: `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><m:${operation} xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages"/></s:Body></s:Envelope>`,
  };
}

/** A SOAP fault of EWS with a response code. */
export function ewsFault(code: string): string {
  return `<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault><faultcode xmlns:a="http://schemas.microsoft.com/exchange/services/2006/types">a:${code}</faultcode><faultstring xml:lang="en-US">x</faultstring><detail><e:ResponseCode xmlns:e="http://schemas.microsoft.com/exchange/services/2006/errors">${code}</e:ResponseCode></detail></s:Fault></s:Body></s:Envelope>`;
}

/** The token of a person for Exchange Online, requested by Outlook. */
const personsToken = jwt(
  { typ: "JWT", alg: "RS256", x5t: "XqrnFEfsS55_vMBpHvF0pTnqeaM" },
  {
    aud: `https://${online}`,
    iss: `https://sts.windows.net/${tenant}/`,
    appid: "d3590ed6-52b3-4102-aeff-aad2292ab01c",
    scp: "EWS.AccessAsUser.All",
    tid: tenant,
    ver: "1.0",
    exp: startSeconds + 3_600,
  },
);
const outlook = "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.5000; Pro)";
const asTeams: Exchanged = {
  agent: "SkypeSpaces/1.0a$*+",
  authorization: `Bearer ${outerToken({ caller: scheduler })}`,
};
const delegateCheck: Exchanged = {
  ...asTeams,
  agent: "MicrosoftNinja/1.0 Teams/1.0 (ExchangeServicesClient/15.20.0.0) SchedulingService/1.0",
  authorization: `Bearer ${actorToken({ caller: scheduler })}`,
};

export const gateCases: readonly FindingCase[] = [
  {
    name: "an accepted call of an application to EWS of Exchange Online",
    story: [asApplication(soap("GetUserAvailabilityRequest")), asApplication(soap("GetFolder"))],
    shows: ["EWS_ONLINE_ENDS"],
    severity: "info",
    says: `The application ${otherTenant} calls EWS of Exchange Online (GetUserAvailabilityRequest, GetFolder), which ends for good on 1 April 2027 as far as public sources say; EWS of Exchange Server stays.`,
  },
  {
    name: "a call to EWS of Exchange Online after its end",
    story: [asApplication({ ...soap("GetFolder"), at: Date.UTC(2027, 3, 1), status: 403, answer: off })],
    shows: ["EWS_ONLINE_ENDS"],
    says: "ended for good on 1 April 2027 as far as public sources say",
  },
  {
    name: "a call to EWS of Exchange Online in the last second before its end",
    story: [asApplication({ at: Date.UTC(2027, 2, 31, 23, 59, 59) })],
    shows: ["EWS_ONLINE_ENDS"],
    says: "which ends for good",
  },
  {
    name: "EWS of Exchange Server does not end",
    story: [{ ...asTeams, ...soap("GetFolder") }],
    never: ["EWS_ONLINE_ENDS"],
  },
  {
    name: "a probe and the challenge of Exchange Online are no call",
    story: [{ host: online, authorization: "Bearer", status: 401 }],
    never: ["EWS_ONLINE_ENDS"],
  },
  {
    name: "a person's program that calls EWS of Exchange Online",
    story: [{ host: online, agent: outlook, authorization: `Bearer ${personsToken}`, ...soap("FindItem") }],
    shows: ["EWS_ONLINE_ENDS"],
    says: "A person's program Microsoft Office (Outlook) (d3590ed6-52b3-4102-aeff-aad2292ab01c) calls EWS",
  },
  {
    name: "the gate that refuses a person's program is a warning",
    story: [{ host: online, agent: outlook, authorization: `Bearer ${personsToken}`, status: 403, answer: blocked }],
    shows: ["EWS_APP_NOT_ALLOWED"],
    severity: "warning",
  },
  {
    name: "the gate is named where an exporter removed the token",
    story: [{ host: online, agent: "ExchangeServicesClient/15.20.0.0", status: 403, answer: off }],
    shows: ["EWS_OFF_FOR_TENANT"],
    severity: "error",
    never: ["DEVICE_IN_FRONT", "CHALLENGE_MISSING"],
  },
  {
    name: "the gate is closed to the shared principal: no list lets it in",
    story: [
      {
        host: online,
        agent: "ASProxy/CrossForest/EmailDomain",
        authorization: `Bearer ${actorToken({ caller: exchange, host: online })}`,
        status: 403,
        answer: blocked,
      },
    ],
    shows: ["EWS_APP_NOT_ALLOWED", "SHARED_SERVICE_PRINCIPAL"],
    says: "No list lets the shared service principal in",
  },
  {
    name: "a list on premises is no device, whatever wrote the Server field",
    story: [{ ...asTeams, status: 403, answer: [["Server", "BigIP"], ...blocked] }],
    shows: ["EWS_BLOCKED_BY_POLICY"],
    severity: "warning",
    never: ["DEVICE_IN_FRONT", "EWS_APP_NOT_ALLOWED", "EWS_ONLINE_ENDS"],
    says: "EwsAllowList",
  },
  {
    name: "the delegate check of Teams, forbidden by the lists on premises",
    story: [{ ...delegateCheck, ...soap("GetDelegate"), status: 403 }],
    shows: ["FORBIDDEN_WITHOUT_REASON"],
    says: "the delegate check of Teams (SchedulingService) with 403",
  },
  {
    name: "the delegate check of Teams, blocked by a policy on premises",
    story: [{ ...delegateCheck, ...soap("GetDelegate"), status: 403, answer: blocked }],
    shows: ["EWS_BLOCKED_BY_POLICY"],
    says: "'*SchedulingService*'",
  },
  {
    name: "EWS reports a missing mailbox with status 500: the token passed",
    story: [{ ...asTeams, status: 500, answerBody: ewsFault("ErrorNonExistentMailbox") }],
    shows: ["CALL_FAILED"],
    says: "ErrorNonExistentMailbox: no mailbox has that address",
    never: ["DEVICE_IN_FRONT"],
  },
];
