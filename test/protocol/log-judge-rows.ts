// What rows of logs prove, and what they do not.
import { type ProtocolRow, section } from "./protocol-row.ts";

const verdicts = "diagnosis/log-verdicts";
const findings = "diagnosis/findings";
const joined = "handshake/log-traffic";
const reading = "handshake/rows/read-row";
const ofRow = "diagnosis/logs/row-findings";
const record = "diagnosis/logs/log-record";

/** Published rows of HttpProxy, and the pages of Microsoft Learn about free/busy, HTTP.sys, sign-in logs and the event log. */
export const logJudgeRows: readonly ProtocolRow[] = section("Verdicts from rows of logs", [
  [
    "W",
    "Bearer with IsAuthenticated true and 200 of both ends is an accepted OAuth call",
    verdicts,
    "an application alone that was let in",
    [reading, 'const isShown = row.log === "http-proxy"', 'const isShown = row.log === "ews"'],
  ],
  [
    "W",
    "Outlook with hybrid modern authentication signs in with Bearer, too: a person, no service",
    findings,
    "a refused token of a person's program",
    [reading, "return actsAs === null && (isProgram || isPerson);", "return actsAs === null && isPerson;"],
  ],
  [
    "D",
    "the empty Bearer of a first call is logged with 401, no user and no error",
    verdicts,
    "a probe",
    [
      reading,
      '? { ...other, role: "probe" } : other;',
      '? { role: "call", outcome: "refused", isUnnamed: false } : other;',
    ],
  ],
  [
    "D",
    "ActAsUserVerified is in rows of calls that act as a user, and in no others",
    verdicts,
    "act-as, not named, without ActAsUserVerified",
    [reading, "const isVerified = isActing && row.actsAs?.isVerified !== null;", "const isVerified = isActing;"],
  ],
  [
    "W",
    "a list of EWS shows as 403 with 'User not allowed to access EWS' on the back end: no refusal of the token",
    findings,
    "a policy that only the back end names, in either order",
    ["handshake/rows/log-changes", "/not allowed to access ews|", "/not permitted to access ews|"],
  ],
  [
    "D",
    "rows of front end and back end with one RequestId are one call",
    joined,
    "a front-end row and its back-end row are one call, in either order, by either id",
    ["handshake/rows/row-calls", "if (named !== undefined && named.ended[side] === undefined) return named;", ""],
  ],
  [
    "D",
    "event 2006 has the client-request-id of the request whose token was refused",
    joined,
    "event 2006 is the refusal of the row that looks like a probe, in either order",
    [
      "handshake/rows/row-calls",
      'if (side === "event") return row !== undefined',
      'if (side === "event") return row === undefined',
    ],
  ],
  [
    "D",
    "result-code ok of OAuthOutbound says that a token is held, and not what the cloud answered",
    verdicts,
    "a token held",
    ["handshake/rows/log-changes", '[isGiven ? "token-issued" : "token-denied"]', '["token-denied"]'],
  ],
  [
    "P",
    "IIS and HTTP.sys log no scheme of sign-in",
    findings,
    "IIS alone",
    [record, 'if (!kinds.includes("iis") ||', 'if (kinds.includes("iis") ||'],
  ],
  [
    "P",
    "a row of HTTPERR is a request that HTTP.sys answered, with the reason as a word",
    findings,
    "a call that HTTP.sys answered",
    [ofRow, 'reason: row.refusal?.category ?? ""', 'reason: ""'],
  ],
  [
    "P",
    "status.errorCode of a service principal's sign-in is the number of AADSTS",
    findings,
    "a refusal that Entra lists",
    ["handshake/rows/row-notes", ": `AADSTS$", ": `ACS$"],
  ],
  [
    "W",
    "event 2004 of MSExchange OAuth: the signing certificate is missing",
    findings,
    "event 2004",
    [ofRow, "    case 2004:\n", ""],
  ],
  [
    "P",
    "event 4002 of MSExchange Availability: a free/busy request to another organisation failed",
    findings,
    "event 4002",
    [ofRow, "case 4002:", "case 4003:"],
  ],
]);
