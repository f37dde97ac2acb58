// The 403 with X-EWS-Policy-Reason: who closed EWS, as far as the header says.
import { isExchangeOnline } from "../core/microsoft-hosts.ts";

/**
 * `online-off`: Exchange Online has EWS switched off for the user or tenant. `online-not-allowed`: its list of applications or of
 * User-Agents does not let the call in. `other`: a list on premises, or a text that is not published.
 */
export type EwsPolicy = "online-off" | "online-not-allowed" | "other";

/** The policy that a reason names. `host` is empty for an answer that was pasted without its request. */
export function ewsPolicyOf(reason: string, host: string): EwsPolicy {
  if (host !== "" && !isExchangeOnline(host)) return "other";
  if (/^ews is disabled\b/i.test(reason)) return "online-off";
  return /^ews is blocked by policy\b/i.test(reason) ? "online-not-allowed" : "other";
}
