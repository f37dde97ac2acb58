import type { X509Certificate } from "node:crypto";
import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { isIP, type Socket } from "node:net";
import { connect, type SecureContext, type TLSSocket } from "node:tls";
import type { Dial } from "../../proxy/connections/dial.ts";
import { DialError } from "../../proxy/connections/dial-error.ts";
import { type HostPort, hostPortText } from "../../proxy/connections/host-and-port.ts";
import { upstreamTlsProblem } from "../../proxy/connections/upstream-tls-problems.ts";
import { guard } from "../../sockets/guard.ts";
import { type Check, failed, ok, warning } from "./check.ts";

export interface TargetOptions {
  readonly dial: Dial;
  readonly trust: SecureContext;
  readonly limitMs: number;
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
  const opened = await openTls(tcp, target, options);
  if ("problem" in opened) {
    tcp.destroy();
    const remedy =
      "if the certificate is right, name its CA with --upstream-ca; --insecure-upstream is the last resort";
    return [failed("target", `${place}: ${opened.problem}`, remedy)];
  }
  const certificate = checkCertificate(place, opened.certificate);
  const answer = await sendRequest(opened.socket, target, options.limitMs);
  opened.socket.destroy();
  if (answer === null) {
    return [certificate, warning("target", `${place} does not answer HTTP/1.1`, "check that this is the right port")];
  }
  return [certificate, checkClock(place, answer), ...checkBinding(place, answer, { ...options, opened })];
}

interface Opened {
  readonly socket: TLSSocket;
  readonly certificate: X509Certificate;
}

function openTls(
  tcp: Socket,
  { host }: HostPort,
  { trust, limitMs }: TargetOptions,
): Promise<Opened | { readonly problem: string }> {
  return new Promise((resolve) => {
    const servername = isIP(host) === 0 ? host : "";
    const socket = guard(connect({ socket: tcp, host, servername, secureContext: trust, ALPNProtocols: ["http/1.1"] }));
    const give = (code: string): void => resolve({ problem: upstreamTlsProblem({ code }).failure });
    const timer = setTimeout(() => give("ETIMEDOUT"), limitMs);
    socket.on("error", (error: NodeJS.ErrnoException) => give(error.code ?? "UNSPECIFIED"));
    socket.once("close", () => {
      clearTimeout(timer);
      give("ECONNRESET");
    });
    socket.once("secureConnect", () => {
      clearTimeout(timer);
      const certificate = socket.getPeerX509Certificate();
      if (certificate === undefined) give("UNSPECIFIED");
      else resolve({ socket, certificate });
    });
  });
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
  { shown, opened }: TargetOptions & { readonly opened: Opened },
): readonly Check[] {
  const offers = /\b(?:Negotiate|NTLM)\b/i.test(headers["www-authenticate"] ?? "");
  if (shown === undefined || !offers) return [];
  if (shown !== null && shown.fingerprint256 === opened.certificate.fingerprint256) {
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
