import { firstHeader } from "../../core/headers.ts";
import { microsoftHost } from "../../core/microsoft-hosts.ts";
import type { Rule } from "./rule.ts";

/** A refusal that IIS did not write. Only for a service's requests, and only when the answer has a Server field. */
export const judgeDevice: Rule = ({ transaction, facts, correlation, host }) => {
  const { response } = transaction;
  if (response === null || response.status < 400 || correlation.handshake === null) return [];
  if (correlation.role === "token-request" || facts.diagnostics !== null) return [];
  // A SOAP answer or a policy of EWS is Exchange's own.
  if (facts.policyReason !== "" || correlation.outcome === "accepted") return [];
  // Microsoft's own services set any Server field.
  if (microsoftHost(host) !== null) return [];
  const server = firstHeader(response.headers, "server") ?? "";
  if (server === "" || /^microsoft-iis\b/i.test(server)) return [];
  return [{ code: "DEVICE_IN_FRONT", host, server: server.slice(0, 60), status: response.status }];
};
