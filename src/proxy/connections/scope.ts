import { isIP } from "node:net";
import { microsoftHostPatterns } from "../../core/microsoft-hosts.ts";
import { ToolError } from "../../core/tool-error.ts";
import { normalAddress, normalHost } from "./host-and-port.ts";

/** `subdomains` is `*.name`: every name below it, not the name itself. `port` null means every port. */
export interface HostPattern {
  readonly kind: "name" | "subdomains" | "address";
  readonly host: string;
  readonly port: number | null;
}

/** The hosts of Exchange Online, Microsoft Graph, Skype for Business Online and their token services, in every cloud. */
export const defaultScope: readonly string[] = microsoftHostPatterns;

/**
 * Parses `name`, `*.name` or an address (IPv6 with or without brackets), each with an optional `:port`. Throws
 * ToolError `host-pattern`.
 */
export function parseHostPattern(text: string): HostPattern {
  const pattern = readHostPattern(text.trim());
  if (pattern !== null) return pattern;
  throw new ToolError("host-pattern", `${JSON.stringify(text.slice(0, 80))} is not a host pattern.`, {
    hint: "Write a name (mail.contoso.com), all names below one (*.contoso.com) or an IP address.",
  });
}

/** As `parseHostPattern`; null for text that is not a pattern. */
export function readHostPattern(text: string): HostPattern | null {
  if (isIP(text) === 6) return { kind: "address", host: normalAddress(text), port: null };
  const match = /^(\*\.)?(\[[^\]]+\]|[^:[\]*]+)(?::(\d{1,5}))?$/.exec(text);
  if (match === null) return null;
  const [, star, hostText = "", portText] = match;
  const host = normalHost(hostText);
  const port = portText === undefined ? null : Number(portText);
  if (host === null || (port !== null && (port < 1 || port > 65_535))) return null;
  if (isIP(host) === 0) return { kind: star === undefined ? "name" : "subdomains", host, port };
  return star === undefined ? { kind: "address", host, port } : null;
}

/** Whether a pattern matches this host (in its normal form) and port. */
export function matchesPattern(pattern: HostPattern, host: string, port: number): boolean {
  if (pattern.port !== null && pattern.port !== port) return false;
  return pattern.kind === "subdomains" ? host.endsWith(`.${pattern.host}`) : host === pattern.host;
}

/** The hosts whose connections are read; all others pass through unread. */
export interface Scope {
  covers(host: string, port: number): boolean;
}

export function createScope(patterns: readonly string[]): Scope {
  const parsed = patterns.map(parseHostPattern);
  return { covers: (host, port) => parsed.some((pattern) => matchesPattern(pattern, host, port)) };
}
