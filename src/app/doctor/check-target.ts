import type { X509Certificate } from "node:crypto";
import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { TlsCause } from "../../core/capture-event.ts";
import type { Dial } from "../../proxy/connections/dial.ts";
import { DialError } from "../../proxy/connections/dial-error.ts";
import { type HostPort, hostPortText } from "../../proxy/connections/host-and-port.ts";
import { openTls, type TargetTls, wantsCertificate } from "../../proxy/interception/open-tls.ts";
import { type Check, failed, ok, warning } from "./check.ts";

export interface TargetOptions extends TargetTls {
  readonly dial: Dial;
  /** The certificate that a reverse listener shows; null for a leaf of the inspection CA; undefined for other targets. */
  readonly shown?: X509Certificate | null | undefined;
}

const dayMs = 86_400_000;

/** Connects as `watch` would, reads the certificate, and sends one request without credentials. */
export async function checkTarget(target: HostPort, options: TargetOptions): Promise<readonly Check[]> {
  const place = hostPortText(target);
  let tcp: Socket;
  try {
    tcp = await options.dial(target);
  } catch (error) {
    if (!(error instanceof DialError)) throw error;
    const remedy = "check name, port, route and firewall; behind another proxy give --upstream-proxy";
    return [failed("target", `${place} cannot be reached: ${error.reason}`, remedy)];
  }
  const socket = await openTls(options, tcp, target);
  if ("failure" in socket)
    return [failed("target", `${place}: ${socket.failure}`, remedies[socket.cause] ?? otherRemedy)];
  // Verified, or the handshake would have failed.
  const leaf = socket.getPeerX509Certificate();
  const certificate = leaf === undefined ? [] : [checkCertificate(place, leaf)];
  const answer = await sendRequest(socket, target, options.limits.handshakeMs);
  socket.destroy();
  if (answer === null) return [...certificate, await explainSilence(target, socket, options)];
  return [...certificate, checkClock(place, answer), ...checkBinding(place, answer, { shown: options.shown, leaf })];
}

const openedNot =
  "watch cannot read this host, and passes it through unread after the first failure: leave it out of --host";
const otherRemedy = "check name, port, route and what stands between: a firewall or another proxy may break TLS";

/** What helps, by the cause of the failure. */
const remedies: Partial<Record<TlsCause, string>> = {
  "unknown-ca": "name its CA with --upstream-ca; --insecure-upstream is the last resort",
  "intermediate-missing":
    "install the intermediate certificate on that server; until then give it with --upstream-ca (the clients of Windows download it, this program does not)",
  "self-signed": "where that certificate is the right one, give it with --upstream-ca",
  expired: "renew that server's certificate: its clients refuse it as well; or compare the clocks",
  "not-yet-valid": "compare the clocks of both machines",
  "wrong-name":
    "name the target as its certificate does, and where it is with --connect-to NAME:443=ADDRESS:443; --insecure-upstream is the last resort",
  revoked: "replace that server's certificate",
  "client-certificate-wanted": openedNot,
  "http2-only": openedNot,
  versions: "let that server offer TLS 1.2 or 1.3",
  ciphers: "let that server offer a cipher of TLS 1.2 or 1.3",
  "not-tls": "check that this is the right port",
};

/** Why a target with TLS does not answer a request. */
async function explainSilence(target: HostPort, socket: TLSSocket, options: TargetOptions): Promise<Check> {
  const place = hostPortText(target);
  if (wantsCertificate(socket)) return failed("target", `${place} requires a TLS client certificate`, openedNot);
  if (socket.alpnProtocol === false && (await chooses(target, options, "h2"))) {
    return failed("target", `${place} speaks HTTP/2 only`, openedNot);
  }
  return warning("target", `${place} does not answer HTTP/1.1`, "check that this is the right port");
}

/** Whether the target chooses this protocol where it is the only one that is offered. */
async function chooses(target: HostPort, options: TargetOptions, protocol: "h2"): Promise<boolean> {
  const tcp = await options.dial(target).catch(() => null);
  if (tcp === null) return false;
  const socket = await openTls(options, tcp, target, protocol);
  tcp.destroy();
  return !("failure" in socket) && socket.alpnProtocol === protocol;
}

function checkCertificate(place: string, { subject, issuer, validTo }: X509Certificate): Check {
  const days = Math.floor((Date.parse(validTo) - Date.now()) / dayMs);
  const nameOf = (text: string): string => /CN=([^\n]+)/.exec(text)?.[1] ?? text.replaceAll("\n", ", ");
  const message = `${place} proves itself: ${nameOf(subject)}, from ${nameOf(issuer)}, for ${days} days more`;
  return days < 14 ? warning("target", message, "renew that server's certificate") : ok("target", message);
}

/** Sends a request that Exchange answers with its challenges. Null when the answer is not HTTP. */
function sendRequest(
  socket: TLSSocket,
  { host, port }: HostPort,
  limitMs: number,
): Promise<IncomingHttpHeaders | null> {
  return new Promise((resolve) => {
    const name = host.includes(":") ? `[${host}]` : host;
    const request = httpRequest({
      createConnection: () => socket,
      method: "GET",
      path: "/EWS/Exchange.asmx",
      headers: {
        Host: port === 443 ? name : `${name}:${port}`,
        "User-Agent": "realmscope-doctor",
        Connection: "close",
      },
      timeout: limitMs,
    });
    request.once("response", (answer) => {
      answer.resume();
      resolve(answer.headers);
    });
    request.once("timeout", () => resolve(null));
    request.once("error", () => resolve(null));
    request.end();
  });
}

function checkClock(place: string, { date }: IncomingHttpHeaders): Check {
  const at = date === undefined ? Number.NaN : Date.parse(date);
  if (Number.isNaN(at)) return warning("clock", `${place} sends no Date field`, "compare the clocks by hand");
  const seconds = Math.round((at - Date.now()) / 1000);
  const message = `this clock and that of ${place} differ by ${Math.abs(seconds)} s`;
  const remedy = "set both by the same time server: tokens of a wrong clock are refused as too early or too late";
  // Token services and Exchange allow five minutes; the Date field counts whole seconds and takes time to arrive.
  if (Math.abs(seconds) >= 300) return failed("clock", message, remedy);
  return Math.abs(seconds) >= 60 ? warning("clock", message, remedy) : ok("clock", message);
}

/** RFC 5929 section 4.1: a log-on is bound to the hash of the server's certificate, so the client must see that certificate. */
function checkBinding(
  place: string,
  headers: IncomingHttpHeaders,
  { shown, leaf }: { readonly shown: TargetOptions["shown"]; readonly leaf: X509Certificate | undefined },
): readonly Check[] {
  const offers = /\b(?:Negotiate|NTLM)\b/i.test(headers["www-authenticate"] ?? "");
  if (shown === undefined || !offers) return [];
  if (shown !== null && shown.fingerprint256 === leaf?.fingerprint256) {
    return [
      ok("extended-protection", `clients of ${place} will see its own certificate, so Extended Protection stays whole`),
    ];
  }
  const what = shown === null ? "a certificate of the inspection CA" : "another certificate than the server's";
  return [
    warning(
      "extended-protection",
      `${place} offers Windows log-on, and clients will see ${what}: where Extended Protection is on (Exchange 2019 CU14 and later) such log-ons are refused; bearer tokens pass`,
      "give the listener the server's own certificate: --pfx, or --cert and --key",
    ),
  ];
}
