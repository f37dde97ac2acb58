// Findings about rows of server logs, and about what they cannot show.
import type { CaptureEvent } from "../../../src/core/capture-event.ts";
import type { LogFileReport } from "../../../src/core/log-row.ts";
import {
  appRow,
  backRow,
  eventRow,
  outboundRow,
  outlookAgent,
  probeRow,
  proxyRow,
  refusedRow,
  rowEvents,
  signInRow,
  start,
} from "../log-rows.ts";
import { actorToken } from "../story.ts";
import type { FindingCase } from "./finding-case.ts";

const hour = 3_600_000;
const printed =
  '{"typ":"JWT","alg":"RS256","x5t":"a"}.{"iss":"00000001-0000-0000-c000-000000000000@x","nameid":"00000004-0000-0ff1-ce00-000000000000@7a2b4c60-9d1e-4f3a-8b5c-6d7e8f901234"}';
const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const raw = `${part({ typ: "JWT", alg: "RS256", x5t: "abc" })}.${part({ iss: "00000001-0000-0000-c000-000000000000@x", nameid: "00000004-0000-0ff1-ce00-000000000000@x" })}.${"c2ln".repeat(16)}`;

function file(changes: Partial<LogFileReport>): CaptureEvent {
  const report: LogFileReport = {
    ...{ file: "HttpProxy/Ews/HttpProxy_2026113008-1.LOG", log: "http-proxy", at: start, server: "EX01" },
    ...{ kept: 0, dropped: 5, unreadable: 0, firstAt: start, lastAt: start + hour - 1, missingColumns: [] },
    ...changes,
  };
  return { kind: "log-file", report };
}

const failed = (category: string, text = "") =>
  rowEvents([outboundRow({ isTokenGiven: false, refusal: { code: null, category, text } })]);

const id = "5c0f3a52-0000-4000-8000-000000000091";
const call = { authorization: `Bearer ${actorToken()}`, requestId: id };

export const logCases: readonly FindingCase[] = [
  {
    name: "a row that contradicts the captured request",
    story: [{ ...call, status: 401 }, ...rowEvents([appRow({ clientRequestId: id })])],
    shows: ["LOG_CONTRADICTS_TRAFFIC"],
    says: "one shows that the token was accepted and the other that it was refused",
  },
  {
    name: "a row that agrees with the captured request",
    story: [call, ...rowEvents([appRow({ clientRequestId: id })])],
    never: ["LOG_CONTRADICTS_TRAFFIC", "LOG_EVIDENCE_ONLY"],
  },
  { name: "a verdict from rows", story: rowEvents([appRow()]), shows: ["LOG_EVIDENCE_ONLY"] },
  { name: "rows without a verdict", story: rowEvents([outboundRow()]), never: ["LOG_EVIDENCE_ONLY"] },
  {
    name: "act-as without the application",
    story: rowEvents([proxyRow({ actsAs: { keys: ["smtp"], isVerified: null } })]),
    shows: ["LOG_CALLER_NOT_NAMED"],
  },
  { name: "an application that is named", story: rowEvents([appRow()]), never: ["LOG_CALLER_NOT_NAMED"] },
  {
    name: "IIS alone",
    story: rowEvents([proxyRow({ log: "iis", signIn: "unknown" }), proxyRow({ log: "http-err", signIn: "unknown" })]),
    shows: ["LOG_WITHOUT_SIGN_IN_FIELD"],
    never: ["LOG_NO_SIGN_IN"],
    says: "1 row of",
  },
  {
    name: "IIS beside HttpProxy",
    story: rowEvents([proxyRow({ log: "iis", signIn: "unknown" }), probeRow()]),
    shows: ["LOG_NO_SIGN_IN"],
    never: ["LOG_WITHOUT_SIGN_IN_FIELD"],
    says: "2 rows were read (IIS, HttpProxy), and none is a service's sign-in.",
  },
  {
    name: "health checks of the back end alone",
    story: [file({ log: "ews", dropped: 7 })],
    shows: ["LOG_NO_SIGN_IN"],
    says: "7 rows were read (Ews), and none is a service's sign-in; rows of HttpProxy are missing.",
  },
  {
    name: "a missing hour",
    story: [file({}), file({ firstAt: start + 3 * hour, lastAt: start + 4 * hour - 1 })],
    shows: ["LOG_GAP"],
    says: "2 hours are missing in the HttpProxy log of EX01, the first at 2026-11-30T09:00:00.000Z.",
  },
  {
    name: "hours that follow each other, and another server that has none of one of them",
    story: [file({}), file({ firstAt: start + hour, lastAt: start + hour }), file({ server: "EX02" })],
    never: ["LOG_GAP"],
  },
  {
    name: "columns that are switched off",
    story: [file({ missingColumns: ["GenericInfo", "AuthenticatedUser"] })],
    shows: ["LOG_GAP"],
    says: "AuthenticatedUser, GenericInfo",
  },
  {
    name: "torn lines",
    story: [file({ unreadable: 2 }), file({ unreadable: 1 })],
    shows: ["LOG_GAP"],
    says: "3 lines of the HttpProxy log of EX01 could not be read.",
  },
  {
    name: "a log that has ended while IIS goes on",
    story: [file({}), file({ log: "iis", file: "W3SVC1/u_ex261130.log", server: "", lastAt: start + 3 * hour })],
    shows: ["LOG_STALE"],
    says: "ends at 2026-11-30T08:59:59.999Z, but its IIS log continues until 2026-11-30T11:00:00.000Z",
  },
  {
    name: "a log that has ended on another server than that of IIS",
    story: [
      file({}),
      file({ server: "EX02", lastAt: start + 3 * hour, firstAt: start + 2 * hour }),
      file({ log: "iis", server: "ex02.contoso.com", lastAt: start + 3 * hour }),
    ],
    never: ["LOG_STALE"],
  },
  {
    name: "a token as Exchange prints it",
    story: rowEvents([proxyRow({ printedToken: printed })]),
    shows: ["LOG_HOLDS_TOKENS"],
    says: "without their signatures",
  },
  {
    name: "a whole token in event 2006",
    story: rowEvents([eventRow("2006", { printedToken: raw })]),
    shows: ["LOG_HOLDS_TOKENS"],
    severity: "alarm",
    says: "the application log of EX01 holds tokens whole".slice(4),
  },
  {
    name: "a probe that nothing follows",
    story: rowEvents([probeRow(), appRow({ at: 61_000, host: "other.contoso.com" })]),
    shows: ["LOG_PROBE_UNFOLLOWED"],
  },
  {
    name: "a probe that a call follows",
    story: rowEvents([probeRow(), appRow({ at: 59_000 }), appRow({ at: 200_000 })]),
    never: ["LOG_PROBE_UNFOLLOWED"],
  },
  {
    name: "a probe at the end of the log, and one of a person's program",
    story: rowEvents([probeRow({ userAgent: outlookAgent }), probeRow({ at: 90_000 })]),
    never: ["LOG_PROBE_UNFOLLOWED"],
  },
  {
    name: "a call that HTTP.sys answered",
    story: rowEvents([
      proxyRow({
        log: "http-err",
        signIn: "unknown",
        host: "",
        server: "",
        refusal: { code: null, category: "AppOffline", text: "AppOffline" },
      }),
    ]),
    shows: ["CALL_NOT_REACHED"],
    says: "(AppOffline)",
  },
  {
    name: "a certificate that Exchange lacks",
    story: failed("MissingSigningCertificate"),
    shows: ["AUTH_CERTIFICATE_NOT_FOUND"],
  },
  {
    name: "a key that is too short",
    story: failed("CertificatePrivateKeySizeTooSmall"),
    shows: ["AUTH_CERTIFICATE_NOT_FOUND"],
  },
  {
    name: "a configuration that is not loaded",
    story: failed("OAuthConfigurationUnavailable"),
    shows: ["OAUTH_CONFIGURATION_NOT_LOADED"],
  },
  ...(
    [
      "MissingRealmInAuthServer",
      "EmptyClientId",
      "EmptyNameIdClaim",
      "NoMatchedTokenIssuer",
      "InvalidChallenge",
    ] as const
  ).map((error): FindingCase => ({ name: error, story: failed(error), shows: ["OUTBOUND_TOKEN_FAILED"] })),
  {
    name: "an error that is not known",
    story: failed("Whatever"),
    shows: ["OUTBOUND_TOKEN_FAILED"],
    says: "no cause that is known here",
  },
  {
    name: "a refusal by the token service",
    story: rowEvents([
      outboundRow({
        isTokenGiven: false,
        refusal: { code: 700027, category: "UnableToGetTokenFromACS", text: "AADSTS700027" },
      }),
    ]),
    shows: ["STS_REFUSED_CERTIFICATE"],
  },
  {
    name: "a refusal with the error of OAuth alone",
    story: failed("UnableToGetTokenFromACS", "UnableToGetTokenFromACS invalid_client"),
    shows: ["STS_REFUSED_CLIENT"],
  },
  {
    name: "a refusal that Entra lists",
    story: rowEvents([signInRow({ isTokenGiven: false, refusal: { code: 7000222, category: null, text: "" } })]),
    shows: ["STS_REFUSED_CERTIFICATE"],
    says: "AADSTS7000222",
  },
  { name: "event 2001", story: rowEvents([eventRow("2001")]), shows: ["OAUTH_CONFIGURATION_NOT_LOADED"] },
  ...(["2002", "2009"] as const).map(
    (number): FindingCase => ({
      name: `event ${number}`,
      story: rowEvents([eventRow(number)]),
      shows: ["SERVER_EVENT"],
    }),
  ),
  {
    name: "event 2008",
    story: rowEvents([eventRow("2008", { refusal: null })]),
    shows: ["SERVER_EVENT"],
    severity: "info",
  },
  ...(["2003", "2007"] as const).map(
    (number): FindingCase => ({
      name: `event ${number}`,
      story: rowEvents([eventRow(number)]),
      shows: ["STS_METADATA_FAILED"],
      says: `event ${number} of MSExchange OAuth`,
    }),
  ),
  ...(["2004", "2005"] as const).map(
    (number): FindingCase => ({
      name: `event ${number}`,
      story: rowEvents([eventRow(number)]),
      shows: ["AUTH_CERTIFICATE_NOT_FOUND"],
      says: `EX01 has event ${number} of MSExchange OAuth: it does not find a certificate it needs.`,
    }),
  ),
  {
    name: "event 4002",
    story: rowEvents([eventRow("4002", { host: "outlook.office365.com", status: 401, refusal: null })]),
    shows: ["PROXY_REQUEST_FAILED"],
    says: "EX01 asked outlook.office365.com for free/busy and was answered 401.",
  },
  {
    name: "a call that failed after its sign-in",
    story: rowEvents([appRow({ status: 500, backEndStatus: 500, failure: "ProtocolError" })]),
    shows: ["CALL_FAILED"],
    says: "answered the call with 500",
  },
  {
    name: "a policy that only the back end names, in either order",
    story: rowEvents([
      appRow({ requestId: "r1", status: 403, backEndStatus: 403, failure: "ProtocolError" }),
      backRow({ requestId: "r1", status: 403, failure: "User not allowed to access EWS", caller: appRow().caller }),
    ]),
    shows: ["EWS_BLOCKED_BY_POLICY"],
    never: ["CALL_FAILED"],
  },
  {
    name: "a refused token with its category and number",
    story: rowEvents([refusedRow({ refusal: { code: 2000006, category: "InvalidClient", text: "" } })]),
    shows: ["PARTNER_APPLICATION_UNKNOWN"],
    says: "2000006 invalid_client",
  },
  {
    name: "a refused token of a person's program",
    story: rowEvents([refusedRow({ userAgent: outlookAgent })]),
    shows: ["USER_TOKEN_REFUSED"],
  },
  { name: "a service's password", story: rowEvents([proxyRow({ signIn: "basic" })]), shows: ["BASIC_FALLBACK"] },
  {
    name: "an unknown program's password",
    story: rowEvents([proxyRow({ signIn: "basic", userAgent: "App/1" })]),
    shows: ["BASIC_USED"],
    never: ["BASIC_FALLBACK"],
  },
  { name: "NTLM of a service", story: rowEvents([proxyRow({ signIn: "ntlm" })]), shows: ["WINDOWS_AUTH_BY_SERVICE"] },
];
