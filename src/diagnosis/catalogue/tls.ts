// Findings about TLS with clients and targets, and about targets that cannot be reached.
import type { ShownCertificate, TlsCause, TlsProgram } from "../../core/capture-event.ts";
import type { FindingTexts } from "./finding-text.ts";

interface AtHost {
  readonly host: string;
  /** Null in captures that do not name it. */
  readonly port: number | null;
}

interface OfClient extends AtHost {
  /** An address without a port; empty when unknown. */
  readonly client: string;
  /** Null in older captures. */
  readonly certificate: ShownCertificate | null;
  /** What the ClientHello looks like; null when unknown. */
  readonly program: TlsProgram | null;
}

export interface TlsDetails {
  /** `alert`: it says so. `trial`: it leaves without a word, and speaks over the target's own certificate. */
  CLIENT_DISTRUSTS_CA: OfClient & { readonly evidence: "alert" | "trial" };
  CLIENT_NEEDS_HTTP2: OfClient;
  CLIENT_TLS_FAILED: OfClient & { readonly reason: string; readonly cause: TlsCause };
  UPSTREAM_TLS_FAILED: AtHost & { readonly reason: string; readonly cause: TlsCause };
  UPSTREAM_UNREACHABLE: AtHost & { readonly reason: string; readonly isOutOfScope: boolean };
}

export const programNames: Readonly<Record<TlsProgram, string>> = {
  schannel: "a program of Windows (SChannel; unproven)",
  "dotnet-openssl": ".NET on Linux",
  openssl: "a program with OpenSSL, such as curl or Python",
  node: "Node.js",
  java: "Java",
  go: "a program in Go",
  gnutls: "a program with GnuTLS, such as wget",
  chromium: "Chromium or Edge",
  firefox: "Firefox",
};

/** `The client 10.0.0.5 (looks like Java)`. */
function clientName({ client, program }: OfClient, start: "The" | "the"): string {
  const name = client === "" ? `${start === "The" ? "A" : "a"} client` : `${start} client ${client}`;
  return program === null ? name : `${name} (looks like ${programNames[program]})`;
}

function place({ host, port }: AtHost): string {
  return port === null || port === 443 ? host : `${host}:${port}`;
}

const bundle = "SSL_CERT_FILE names a file with the inspection CA and all roots that the program needs";
const machineStore =
  "Services of Exchange Server read the machine's store (Cert:\\LocalMachine\\Root) alone: that an administrator's browser or PowerShell accepts the certificate proves nothing for them.";

/** Where a program looks for CAs (docs/inspection-ca.md). */
const trustPlaces: Readonly<Record<TlsProgram, string>> = {
  schannel: machineStore,
  "dotnet-openssl": `.NET on Linux: ${bundle}.`,
  openssl: `curl has --cacert, Python requests REQUESTS_CA_BUNDLE; other programs with OpenSSL: ${bundle}.`,
  node: "Node.js: NODE_EXTRA_CA_CERTS names the file.",
  java: "Java has a trust store of its own: keytool -importcert, see docs/inspection-ca.md.",
  go: `A program in Go: ${bundle}.`,
  gnutls: "GnuTLS reads the system's store (update-ca-certificates); wget has --ca-certificate.",
  chromium: "Chromium and Edge read the user's and the machine's store, on Linux that of NSS.",
  firefox: "Firefox has a store of its own, unless it is set to read that of Windows.",
};

/** The programs that do not read the machine's store of Windows alone. */
const ownStores = ["dotnet-openssl", "openssl", "node", "java", "go", "gnutls", "chromium", "firefox"] as const;

const ownCertificate =
  "The client was shown the server's own certificate, and no inspection CA has a part in it: check name, dates and chain with realmscope doctor and the same --reverse, --pfx or --cert, and what else the client expects of it.";
const untilThen =
  "After three failures its connections to this host pass through unread for ten minutes, so that its calls work (not with --no-auto-passthrough).";

function trustRemedy({ certificate, program }: Pick<OfClient, "certificate" | "program">): string {
  if (certificate === "own") return ownCertificate;
  const install =
    certificate === "run-ca"
      ? "Install the inspection CA of this run on that client: watch names its file at the start. One that stays is made by realmscope ca create --host <host>."
      : "Install the inspection CA on that client (realmscope ca export -o ca.pem), or use a reverse listener with the server's own certificate (--cert, --key or --pfx).";
  return `${install} ${program === null ? machineStore : trustPlaces[program]} ${untilThen}`;
}

const leaving =
  "One such connection proves nothing: health checks and browsers leave like this, and so do programs that refuse a certificate without an alert. If calls of that client fail, see CLIENT_DISTRUSTS_CA.";

function clientRemedy({ cause, certificate }: Pick<TlsDetails["CLIENT_TLS_FAILED"], "cause" | "certificate">): string {
  switch (cause) {
    case "left-in-handshake":
    case "left-without-request":
      return certificate === "own" ? `${leaving} ${ownCertificate}` : `${leaving} ${untilThen}`;
    case "certificate-expired":
      return "Compare the clock of the client with that of this machine; w32tm /query /status shows it on Windows.";
    case "certificate-unusable":
      return certificate === "own"
        ? ownCertificate
        : `The client refuses this kind of certificate or its name: use a reverse listener with the server's own certificate (--cert, --key or --pfx), or leave the host out of --host. ${untilThen}`;
    case "versions":
      return `Only TLS 1.2 and 1.3 are served here: let the client use TLS 1.2, or leave the host out of --host. ${untilThen}`;
    case "ciphers":
      return `Let the client use a cipher suite and a signature algorithm of today (ECDHE with AES-GCM, SHA-256), or leave the host out of --host. ${untilThen}`;
    case "not-tls":
      return "The client sends something other than TLS to a port for TLS: check its URL (https://) and port.";
    case "timeout":
      return "The client began the handshake and did not go on: look for a device in between that drops packets, or for a port scan.";
    default:
      return `If calls of that client fail, leave the host out of --host, or compare its TLS settings with what is served here (TLS 1.2 and 1.3). ${untilThen}`;
  }
}

const passesLater =
  "Later connections to this target pass through unread and the client verifies it by its own rules (not with --no-auto-passthrough).";

function targetRemedy(cause: TlsCause): string {
  switch (cause) {
    case "expired":
      return `Renew the certificate of the target: every client that verifies it refuses it. Compare the clock of this machine first. ${passesLater}`;
    case "not-yet-valid":
      return `Compare the clock of this machine with that of the target (w32tm /query /status): its certificate is not valid yet. ${passesLater}`;
    case "wrong-name":
      return `Name the target as its certificate does (--reverse …=https://<name of the certificate>, with --connect-to where DNS does not lead there), or give the target a certificate with this name. ${passesLater}`;
    case "intermediate-missing":
      return `The server does not send its intermediate certificate. Install the chain on the server; until then watch --upstream-ca FILE with the intermediate makes it readable here. Windows fetches such a certificate itself, so direct calls may work. ${passesLater}`;
    case "unknown-ca":
    case "self-signed":
      return `When it is your own: watch --upstream-ca FILE with its CA. Otherwise a device in between opens TLS, or the wrong server answers. ${passesLater}`;
    case "client-certificate-wanted":
      return `TLS client certificates cannot pass a proxy that opens TLS: leave this host out of --host. ${passesLater}`;
    case "http2-only":
      return `HTTP/2 is not opened: leave this host out of --host, or let the target speak HTTP/1.1, too. ${passesLater}`;
    case "versions":
    case "ciphers":
    case "refused":
      return `TLS 1.2 and 1.3 are spoken here: compare with the target's TLS settings, or leave the host out of --host. ${passesLater}`;
    case "revoked":
      return `Give the target a new certificate: its CA has revoked this one. ${passesLater}`;
    case "not-tls":
      return "The target does not speak TLS on this port: check the port, and http:// or https:// of --reverse.";
    case "left":
    case "timeout":
      return "Check the port, firewalls and devices between this machine and the target, and whether the target is overloaded.";
    default:
      return "Check the certificate of the target (name, dates, chain); add its CA with --upstream-ca FILE when it is your own.";
  }
}

const kept = { certificate: "kept-ca", program: null } as const;

export const tlsTexts: FindingTexts<TlsDetails> = {
  CLIENT_DISTRUSTS_CA: {
    severity: "warning",
    summary: "A client refused the certificate that realmscope showed it, so its traffic could not be read.",
    onTheWire:
      "An alert that names the certificate or its CA; or several connections left without a request, and then a request over the target's own certificate.",
    remedy: trustRemedy(kept),
    step: "none",
    remedyFor: trustRemedy,
    examples: [
      ["the listener shows the server's own certificate", { certificate: "own", program: null }],
      ["the CA was made for the run", { certificate: "run-ca", program: null }],
      ...ownStores.map((program) => [`the client looks like ${programNames[program]}`, { ...kept, program }] as const),
    ],
    sentence: (details) =>
      details.evidence === "alert"
        ? `${clientName(details, "The")} does not trust ${shown(details)} for ${place(details)}.`
        : `${clientName(details, "The")} leaves without a request when it is shown ${shown(details)} for ${place(details)}, and sent one when it was shown the target's: it likely does not accept ours.`,
  },
  CLIENT_NEEDS_HTTP2: {
    severity: "warning",
    summary: "A client speaks HTTP/2 only, which realmscope does not open; its traffic passes through unread.",
    onTheWire: "A ClientHello whose ALPN has h2 and not http/1.1, or a client that refuses HTTP/1.1.",
    remedy:
      "Leave this host out of --host when its calls are not the ones to watch, or let the client speak HTTP/1.1: .NET with RequestVersionOrLower, curl with --http1.1. With --no-auto-passthrough its calls fail.",
    step: "none",
    sentence: (details) =>
      `${clientName(details, "The")} speaks HTTP/2 only to ${place(details)}, which is not opened here: its calls are not in the capture.`,
  },
  CLIENT_TLS_FAILED: {
    severity: "warning",
    summary: "The TLS handshake with a client failed, or the client left without a request.",
    onTheWire: "The handshake with the client ended early, and no alert names the certificate.",
    remedy: clientRemedy({ cause: "other", certificate: null }),
    step: "none",
    remedyFor: clientRemedy,
    examples: [
      ["the client left", { cause: "left-in-handshake", certificate: "kept-ca" }],
      [
        "the client left, and was shown the server's own certificate",
        { cause: "left-in-handshake", certificate: "own" },
      ],
      ["its TLS versions are too old", { cause: "versions" }],
      ["there is no cipher in common", { cause: "ciphers" }],
      ["it does not speak TLS", { cause: "not-tls" }],
      ["it took too long", { cause: "timeout" }],
      ["it finds the certificate expired", { cause: "certificate-expired" }],
      ["it cannot use the certificate", { cause: "certificate-unusable", certificate: "kept-ca" }],
    ],
    sentence: (details) => `TLS with ${clientName(details, "the")} for ${place(details)} failed: ${details.reason}.`,
  },
  UPSTREAM_TLS_FAILED: {
    severity: "error",
    summary: "The target's TLS certificate or handshake failed.",
    onTheWire: "The TLS handshake with the target ended with an error, or the target ended the connection after it.",
    remedy: targetRemedy("other"),
    step: "none",
    // Nothing is wrong with such a target: it cannot be read, and its traffic goes on.
    severityFor: ({ cause }) =>
      cause === "http2-only" || cause === "client-certificate-wanted" ? "warning" : undefined,
    remedyFor: ({ cause }) => targetRemedy(cause),
    examples: [
      ["the certificate has expired", { cause: "expired" }],
      ["the certificate is not valid yet", { cause: "not-yet-valid" }],
      ["the certificate has another name", { cause: "wrong-name" }],
      ["an intermediate certificate is missing", { cause: "intermediate-missing" }],
      ["the CA is not known here", { cause: "unknown-ca" }],
      ["the certificate was revoked", { cause: "revoked" }],
      ["the target asks for a client certificate", { cause: "client-certificate-wanted" }],
      ["the target speaks HTTP/2 only", { cause: "http2-only" }],
      ["there is no TLS version or cipher in common", { cause: "versions" }],
      ["the target does not speak TLS", { cause: "not-tls" }],
      ["the target left or took too long", { cause: "left" }],
    ],
    sentence: (details) => `TLS with ${place(details)} failed: ${details.reason}.`,
  },
  UPSTREAM_UNREACHABLE: {
    severity: "error",
    summary: "The target could not be reached.",
    onTheWire: "The connection to the target was refused, timed out, or its name has no address.",
    remedy: "Check name and port, firewalls, and whether the way out needs --upstream-proxy.",
    step: "none",
    severityFor: ({ isOutOfScope }) => (isOutOfScope ? "info" : undefined),
    remedyFor: ({ isOutOfScope }) =>
      isOutOfScope
        ? "The host is not among the watched ones (--host), so this says nothing about OAuth. If it matters: check name and port, firewalls, and whether the way out needs --upstream-proxy."
        : undefined,
    examples: [["the host is not watched", { isOutOfScope: true }]],
    sentence: ({ host, port, reason, isOutOfScope }) =>
      `${place({ host, port })}${isOutOfScope ? ", which is not watched," : ""} could not be reached: ${reason}.`,
  },
};

function shown({ certificate }: OfClient): string {
  return certificate === "own" ? "the server's own certificate" : "the inspection certificate";
}
