// The findings of one row of a log.
import type { LogRow } from "../../core/log-row.ts";
import { endpointOf } from "../../decoders/messages/endpoint.ts";
import { signInAnswer } from "../../handshake/reduce.ts";
import type { RowCorrelation } from "../../handshake/rows/correlate-rows.ts";
import { rowDiagnostics } from "../../handshake/rows/row-notes.ts";
import type { Finding } from "../catalogue/finding.ts";
import { explainPolicy } from "../rules/judge-answer.ts";
import { explainRefusal } from "../rules/judge-diagnostics.ts";
import { callerText, noFindings } from "../rules/rule.ts";

/** What one row shows. */
export function findInRow(row: LogRow, correlation: RowCorrelation): readonly Finding[] {
  const { reading, server: host } = correlation;
  switch (reading.role) {
    case "call":
    case "probe":
      return correlation.outcome === null ? noFindings : findInCall(row, correlation);
    case "password":
      return [passwordOf(row, correlation)];
    case "windows": {
      if (!correlation.isServiceSignIn) return noFindings;
      const scheme = row.signIn === "ntlm" ? "NTLM" : "Negotiate";
      return [{ code: "WINDOWS_AUTH_BY_SERVICE", host, answer: signInAnswer(row.status), scheme }];
    }
    default:
      return noFindings;
  }
}

function findInCall(row: LogRow, { reading, outcome, server: host }: RowCorrelation): readonly Finding[] {
  if (outcome === "refused") {
    const status = row.status ?? 0;
    const answered = { status, diagnostics: rowDiagnostics(row), demanded: null, error: "", host };
    const caller = reading.token === null ? (reading.caller?.asSeen ?? "the caller") : callerText(reading.token);
    return [explainRefusal(answered, caller, reading.token)];
  }
  if (row.failure === "") return noFindings;
  return /not allowed to access ews|blocked|disabled/i.test(row.failure)
    ? [explainPolicy(row.failure, host, reading.caller?.id ?? "", false)]
    : [{ code: "CALL_FAILED", host, operation: row.operation ?? "the call", error: String(row.status ?? "") }];
}

function passwordOf(row: LogRow, { fallback, server: host }: RowCorrelation): Finding {
  const endpoint = endpointOf(host, row.path);
  const place = { host, endpoint, answer: signInAnswer(row.status) };
  return fallback === null
    ? { code: "BASIC_USED", ...place, afterBearer: false }
    : { code: "BASIC_FALLBACK", ...place, why: fallback };
}
