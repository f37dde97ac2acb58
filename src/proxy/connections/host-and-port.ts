import { isIP, isIPv4, isIPv6 } from "node:net";
import { type Decoded, decodedValue, decodeProblem } from "../../core/decoded.ts";

/** A host and a port; the host is a lower-case name or an address without brackets. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/**
 * Parses `host:port` of a CONNECT line (RFC 9110 9.3.6) strictly; anything else than a name or address and a port is a
 * problem.
 */
export function parseHostPort(text: string, defaultPort?: number): Decoded<HostPort> {
  const match = /^(\[[0-9A-Fa-f:.]{2,45}\]|[^:[\]]{1,254})(?::(\d{1,5}))?$/.exec(text);
  if (match === null) return decodeProblem("not a host and a port");
  const [, hostText = "", portText] = match;
  const port = portText === undefined ? defaultPort : Number(portText);
  if (port === undefined) return decodeProblem("no port");
  if (port < 1 || port > 65_535) return decodeProblem("a port that does not exist");
  const host = normalHost(hostText);
  return host === null ? decodeProblem("not a host name or address") : decodedValue({ host, port });
}

/**
 * One spelling for each host: lower case, no final dot, no brackets, addresses in their shortest form and IPv4 inside
 * IPv6 as IPv4. Null when the text is neither a DNS name nor an address; `127.1` and `2130706433` are neither.
 */
export function normalHost(text: string): string | null {
  const bare = text.startsWith("[") && text.endsWith("]") ? text.slice(1, -1) : text;
  if (isIP(bare) !== 0) return normalAddress(bare);
  if (bare !== text) return null;
  const name = bare.toLowerCase().replace(/\.$/, "");
  if (name.length > 253 || !/^[a-z0-9_](?:[a-z0-9_-]{0,62})(?:\.[a-z0-9_][a-z0-9_-]{0,62})*$/.test(name)) return null;
  // A last label of digits is read as a number form of an IPv4 address by many resolvers.
  return /(?:^|\.)(?:\d+|0x[0-9a-f]*)$/.test(name) ? null : name;
}

/** The shortest form of an address; `::ffff:127.0.0.1` becomes `127.0.0.1`. Zone identifiers are dropped. */
export function normalAddress(address: string): string {
  const plain = address.replace(/%.*$/, "");
  if (isIPv4(plain)) return plain;
  if (!isIPv6(plain)) return plain.toLowerCase();
  const shortest = new URL(`http://[${plain}]`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(shortest);
  if (mapped === null) return shortest;
  const bytes = [mapped[1], mapped[2]].map((group = "") => Number.parseInt(group, 16));
  return bytes.flatMap((group) => [group >> 8, group & 255]).join(".");
}

/** `host:port` as a map key or for messages; IPv6 in brackets. */
export function hostPortText({ host, port }: HostPort): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
