// Findings about the capture itself: what is missing from it, and what failed while it was made.
import type { FindingTexts } from "./finding-text.ts";

interface AtHost {
  readonly host: string;
}

export interface CaptureDetails {
  CLIENT_DISTRUSTS_CA: AtHost & { readonly client: string };
  CLIENT_TLS_FAILED: AtHost & { readonly client: string; readonly reason: string };
  UPSTREAM_TLS_FAILED: AtHost & { readonly reason: string };
  UPSTREAM_UNREACHABLE: AtHost & { readonly reason: string };
  REQUEST_REFUSED: { readonly reason: string };
  CAPTURE_GAP: { readonly reason: string };
  /** `masked`: markers replace the values; `missing`: the fields are absent. */
  CREDENTIALS_REMOVED: AtHost & { readonly how: "masked" | "missing" };
  NO_SERVICE_REQUEST: object;
  HANDSHAKES_FORGOTTEN: { readonly count: number };
}

export const captureTexts: FindingTexts<CaptureDetails> = {
  CLIENT_DISTRUSTS_CA: {
    severity: "warning",
    summary: "A client refused the certificate that realmscope showed it, so its traffic could not be read.",
    onTheWire: "The client ends the TLS handshake with an alert, or closes the connection, after our certificate.",
    remedy:
      "Install the inspection CA on that client (realmscope ca export -o ca.pem), or use a reverse listener with the server's own certificate (--cert, --key or --pfx).",
    step: "none",
    sentence: ({ client, host }) =>
      `${client === "" ? "A client" : `The client ${client}`} does not trust the inspection certificate for ${host}.`,
  },
  CLIENT_TLS_FAILED: {
    severity: "warning",
    summary: "The TLS handshake with a client failed, or the client left without a request.",
    onTheWire: "The client's TLS handshake ended early, for another reason than a certificate it said it distrusts.",
    remedy:
      "If it comes back: some programs refuse a certificate by closing the connection without an alert, so see CLIENT_DISTRUSTS_CA (realmscope ca export -o ca.pem); check the client's TLS versions and clock.",
    step: "none",
    sentence: ({ client, host, reason }) =>
      `TLS with ${client === "" ? "a client" : `the client ${client}`} for ${host} failed: ${reason}.`,
  },
  UPSTREAM_TLS_FAILED: {
    severity: "error",
    summary: "The target's TLS certificate or handshake failed.",
    onTheWire: "The TLS handshake with the target ended with an error.",
    remedy:
      "Check the certificate of the target (name, dates, chain); add its CA with --upstream-ca FILE when it is your own.",
    step: "none",
    sentence: ({ host, reason }) => `TLS with ${host} failed: ${reason}.`,
  },
  UPSTREAM_UNREACHABLE: {
    severity: "error",
    summary: "The target could not be reached.",
    onTheWire: "The connection to the target was refused, timed out, or its name has no address.",
    remedy: "Check name and port, firewalls, and whether the way out needs --upstream-proxy.",
    step: "none",
    sentence: ({ host, reason }) => `${host} could not be reached: ${reason}.`,
  },
  REQUEST_REFUSED: {
    severity: "info",
    summary: "realmscope itself refused a request: its target is denied or is its own listener.",
    onTheWire: "A CONNECT or request for a denied or link-local target, or a malformed one.",
    remedy: "See --deny, and do not point the proxy at itself.",
    step: "none",
    sentence: ({ reason }) => `A request was refused by realmscope: ${reason}.`,
  },
  CAPTURE_GAP: {
    severity: "warning",
    summary: "Part of the traffic went by without being recorded, so something may be missing here.",
    onTheWire: "The reader lost track of a connection, or a queue was full; the traffic itself went on.",
    remedy:
      "Capture again with fewer hosts (--host) or on a faster machine; keep in mind that absence proves nothing here.",
    step: "none",
    sentence: ({ reason }) => `The capture has a gap: ${reason}.`,
  },
  CREDENTIALS_REMOVED: {
    severity: "warning",
    summary:
      "The credentials are not in the capture: the program that exported it removed them, so whether OAuth or Basic was used cannot be seen.",
    onTheWire:
      "Authorization: REDACTED, Bearer [removed], *** and the like; or no Authorization field in any request to a host whose EWS, Autodiscover or REST answers need one.",
    remedy:
      'Export again with them: in the browser\'s developer tools choose "Export HAR (with sensitive data)" (Chrome and Edge leave Authorization and cookies out by default; the setting is "Allow to generate HAR with sensitive data"), elsewhere switch the scrubbing off. Then realmscope export FILE --to har makes it safe to hand on and keeps what is needed for the verdict.',
    step: "none",
    sentence: ({ host, how }) =>
      how === "masked"
        ? `The credentials of requests to ${host} were removed from the capture and markers stand in their place: neither a token nor whether Basic was used can be seen.`
        : `No request to ${host} has an Authorization field, although the answers are those to requests that have one: the program that exported the capture likely removed them, and whether Basic was used cannot be seen.`,
  },
  NO_SERVICE_REQUEST: {
    severity: "info",
    summary: "No service-to-service request was seen at all.",
    onTheWire: "Requests, but none with a service's token, probe or User-Agent.",
    remedy:
      "Make the service call (change a voicemail greeting, open the Teams calendar). If nothing arrives, open port 443 from the service's addresses to Autodiscover and EWS.",
    step: "verify-success",
    sentence: () => "No service-to-service request was seen.",
  },
  HANDSHAKES_FORGOTTEN: {
    severity: "info",
    summary: "There were more handshakes than are kept; the oldest are in the verdict but no longer in the list.",
    onTheWire: "More than 2000 different callers, clients or servers in one capture.",
    remedy: "Capture a shorter time or fewer hosts (--host).",
    step: "none",
    sentence: ({ count }) => `${count} handshakes are no longer in the list; the verdict counts them.`,
  },
};
