// The findings of one row of a log.
import type { LogRow } from "../../core/log-row.ts";
import { wellKnownApplication } from "../../core/well-known-applications.ts";
import { endpointOf } from "../../decoders/messages/endpoint.ts";
import { signInAnswer } from "../../handshake/reduce.ts";
import type { RowCorrelation } from "../../handshake/rows/row-correlation.ts";
import { rowDiagnostics, stsCodeOf } from "../../handshake/rows/row-notes.ts";
import type { Finding } from "../catalogue/finding.ts";
import type { OutboundError } from "../catalogue/log-evidence.ts";
import { stsErrorOf } from "../catalogue/sts-errors.ts";
import { explainPolicy } from "../rules/judge-answer.ts";
import { explainRefusal } from "../rules/judge-diagnostics.ts";
import { callerText, noFindings } from "../rules/rule.ts";
import { logNames } from "./log-names.ts";

/** What one row shows. */
export function findInRow(row: LogRow, correlation: RowCorrelation): readonly Finding[] {
  return [...findByRole(row, correlation), ...findInAnyRow(row, correlation)];
}

function findInAnyRow(row: LogRow, { reading, contradiction, server: host }: RowCorrelation): readonly Finding[] {
  const findings: Finding[] = [];
  if (contradiction !== null) findings.push({ code: "LOG_CONTRADICTS_TRAFFIC", host, what: contradiction });
  if (reading.token !== null)
    findings.push({
      code: "LOG_HOLDS_TOKENS",
      host: row.server || (row.direction === "to-exchange" ? host : ""),
      log: logNames[row.log],
      isRaw: reading.isRawToken,
    });
  if (reading.isUnnamed) findings.push({ code: "LOG_CALLER_NOT_NAMED", host });
  if (row.log === "http-err") findings.push({ code: "CALL_NOT_REACHED", host, reason: row.refusal?.category ?? "" });
  return findings;
}

function findByRole(row: LogRow, correlation: RowCorrelation): readonly Finding[] {
  const { reading, server: host } = correlation;
  switch (reading.role) {
    case "call":
    case "probe":
      if (correlation.outcome !== "refused") return policyIn(row, correlation);
      // Where it has no cause itself, another row of its call has one, which is reported there.
      return row.refusal === null ? noFindings : [refusalOf(row, correlation)];
    case "password":
      return passwordIn(row, correlation);
    case "windows": {
      if (!correlation.isServiceSignIn) return noFindings;
      const scheme = row.signIn === "ntlm" ? "NTLM" : "Negotiate";
      return [{ code: "WINDOWS_AUTH_BY_SERVICE", host, answer: signInAnswer(row.status), scheme }];
    }
    case "token":
      return row.isTokenGiven === false ? tokenRefused(row, correlation) : noFindings;
    case "event":
      return eventOf(row, host);
    case "person":
      return personsRefusal(row, correlation);
    default:
      return noFindings;
  }
}

function refusalOf(row: LogRow, { reading, server: host }: RowCorrelation): Finding {
  const status = row.status ?? 0;
  const answered = { status, diagnostics: rowDiagnostics(row), demanded: null, error: "", host };
  const named = reading.caller?.name ?? reading.caller?.id ?? "the caller";
  return explainRefusal(answered, reading.token === null ? named : callerText(reading.token), reading.token);
}

/** A call that failed without a policy is reported at the end, as another of its rows may name one. */
function policyIn(row: LogRow, { reading, call, server: host }: RowCorrelation): readonly Finding[] {
  if (row.failure === "" || !call.isPolicy) return noFindings;
  return [explainPolicy(row.failure, host, reading.caller?.id ?? "", false)];
}

function passwordIn(row: LogRow, { fallback, isInTraffic, server: host }: RowCorrelation): readonly Finding[] {
  if (isInTraffic) return noFindings;
  const endpoint = endpointOf(host, row.path);
  const place = { host, endpoint, answer: signInAnswer(row.status) };
  return fallback === null
    ? [{ code: "BASIC_USED", ...place, afterBearer: false }]
    : [{ code: "BASIC_FALLBACK", ...place, why: fallback }];
}

/** The refusal of a person's token says nothing about the trust between services. */
function personsRefusal(row: LogRow, { server: host }: RowCorrelation): readonly Finding[] {
  const diagnostics = rowDiagnostics(row);
  if (diagnostics === null) return noFindings;
  const status = row.status ?? 0;
  const { code } = explainRefusal({ status, diagnostics, demanded: null, error: "", host }, "", null);
  const answer = `${status === 0 ? "" : `${status}, `}${diagnostics.cause}`;
  return [{ code: "USER_TOKEN_REFUSED", host, program: "a user's program", answer, see: code }];
}

/** Names of errors of OAuthOutbound whose finding is one of answers, too. */
const certificateErrors = /^(?:MissingSigningCertificate|CertificatePrivateKeySizeTooSmall)$/;
const outboundErrors: ReadonlySet<string> = new Set<OutboundError>([
  ...(["MissingRealmInAuthServer", "EmptyClientId", "EmptyNameIdClaim", "NoMatchedTokenIssuer"] as const),
  "InvalidChallenge",
]);

function isOutboundError(name: string): name is OutboundError {
  return outboundErrors.has(name);
}

function tokenRefused(row: LogRow, { reading, server: host }: RowCorrelation): readonly Finding[] {
  const name = row.refusal?.category ?? "";
  const detail = { caller: "Exchange Server", answer: "", detail: null, source: `${name} in its log OAuthOutbound` };
  if (certificateErrors.test(name)) return [{ code: "AUTH_CERTIFICATE_NOT_FOUND", host: "Exchange Server", ...detail }];
  if (name === "OAuthConfigurationUnavailable")
    return [{ code: "OAUTH_CONFIGURATION_NOT_LOADED", host: "Exchange Server", ...detail }];
  if (isOutboundError(name)) return [{ code: "OUTBOUND_TOKEN_FAILED", host, error: name }];
  const errorCode = stsCodeOf(row);
  const error = /\b[a-z]{2,20}_[a-z_]{2,40}\b/.exec(`${name} ${row.refusal?.text ?? ""}`)?.[0] ?? "";
  if (errorCode === "" && error === "" && name !== "UnableToGetTokenFromACS")
    return [{ code: "OUTBOUND_TOKEN_FAILED", host, error: "unknown" }];
  const callerId = reading.caller?.id ?? "";
  const resourceHost = row.log === "oauth-outbound" ? row.host : resourceHostOf(row.operation);
  const sts = row.log === "oauth-outbound" ? "the token service" : host;
  const named = errorCode || error || "no code in the log";
  return [{ ...stsErrorOf(errorCode, error), callerId, resourceHost, host: sts, error: named }];
}

/** The host of the resource that a sign-in names by its id, in the global cloud; empty for any other. */
function resourceHostOf(resource: string | null): string {
  const name = resource === null ? undefined : wellKnownApplication(resource)?.name;
  if (name === "Microsoft Graph") return "graph.microsoft.com";
  return name === "Exchange" ? "outlook.office365.com" : "";
}

/** Events of `MSExchange OAuth` by their numbers, as their texts are in the server's language. */
function eventOf(row: LogRow, host: string): readonly Finding[] {
  const event = Number(row.operation);
  const detail = { host, caller: "", answer: "", detail: null, source: `event ${event} of MSExchange OAuth` };
  switch (event) {
    case 2001:
      return [{ code: "OAUTH_CONFIGURATION_NOT_LOADED", ...detail }];
    case 2004:
    case 2005:
      return [{ code: "AUTH_CERTIFICATE_NOT_FOUND", ...detail }];
    case 2003:
    case 2007:
      return [{ code: "STS_METADATA_FAILED", host, status: 0, event }];
    case 2002:
    case 2008:
    case 2009:
      return [{ code: "SERVER_EVENT", host, event }];
    case 4002:
      return [{ code: "PROXY_REQUEST_FAILED", host: row.host, server: row.server, status: row.status ?? 0 }];
    default:
      return noFindings;
  }
}
