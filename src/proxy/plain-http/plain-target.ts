import { type Decoded, decodedValue, decodeProblem } from "../../core/decoded.ts";
import { type HostPort, parseHostPort } from "../connections/host-and-port.ts";

/** The target of an `http://` request to a forward proxy. */
export interface PlainTarget {
  readonly place: HostPort;
  /** The origin-form sent to the target (RFC 9112 3.2.1). */
  readonly path: string;
}

/**
 * Reads the absolute form strictly (RFC 9112 3.2.2). In other forms the Host field would choose the target, and could
 * loop.
 */
export function readPlainTarget(target: string): Decoded<PlainTarget> {
  if (/^https:/i.test(target)) return decodeProblem("https:// is served by CONNECT only");
  const match = /^http:\/\/([^/?#]*)([^#]*)/i.exec(target);
  if (match === null) return decodeProblem("this is a proxy: the request needs a whole http:// address");
  const [, authority = "", rest = ""] = match;
  if (authority.includes("@")) return decodeProblem("a user name in the address is not accepted");
  const place = parseHostPort(authority, 80);
  if (!place.ok) return decodeProblem(`the address is ${place.problem}`);
  return decodedValue({ place: place.value, path: rest.startsWith("/") ? rest : `/${rest}` });
}

/** Pairs from a flat list of names and values, Node's form of raw headers. */
export function headerPairs(flat: readonly string[]): (readonly [string, string])[] {
  return flat.flatMap((name, index) => (index % 2 === 0 ? [[name, flat[index + 1] ?? ""] as const] : []));
}

const hopByHop = ["connection", "keep-alive", "proxy-connection", "proxy-authorization", "te", "upgrade"];

/** The fields to forward (RFC 9110 7.6.1): without those listed in Connection, and those known to be for one hop. */
export function endToEnd(fields: readonly (readonly [string, string])[]): (readonly [string, string])[] {
  const named = fields
    .filter(([name]) => name.toLowerCase() === "connection")
    .flatMap(([, value]) => value.toLowerCase().split(","))
    .map((name) => name.trim());
  const dropped = new Set([...hopByHop, ...named]);
  // A Connection field must not be able to remove the framing or the host. Proxy-Support (RFC 4559 section 6) says that a log-on
  // of a connection works through an upstream proxy, and it works through this one.
  for (const kept of ["content-length", "transfer-encoding", "host", "proxy-support"]) dropped.delete(kept);
  return fields.filter(([name]) => !dropped.has(name.toLowerCase()));
}
