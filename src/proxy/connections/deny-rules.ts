import { isIPv4 } from "node:net";
import { networkInterfaces } from "node:os";
import { type HostPort, normalAddress } from "./host-and-port.ts";
import { embeddedAddresses, isReserved } from "./reserved-address.ts";
import { matchesPattern, parseHostPattern } from "./scope.ts";

/**
 * Targets that are never dialled: those the user denied, link-local and metadata addresses, and the program's own
 * listeners.
 */
export interface DenyRules {
  /** By the requested name, before it is resolved. */
  deniesTarget(target: HostPort): boolean;
  /** By the address to be dialled, or the peer that was reached: a name may resolve to another address at any time. */
  deniesAddress(address: string, port: number): boolean;
  /** Adds the address of one of the program's own listeners. */
  addOwnListener(listener: HostPort): void;
}

export function createDenyRules(patterns: readonly string[]): DenyRules {
  const denied = patterns.map(parseHostPattern);
  const own: HostPort[] = [];
  const isDenied = (host: string, port: number): boolean =>
    denied.some((pattern) => matchesPattern(pattern, host, port));
  return {
    deniesTarget: ({ host, port }) => isDenied(host, port),
    deniesAddress(address, port) {
      const normal = normalAddress(address);
      return [normal, ...embeddedAddresses(normal)].some(
        (candidate) =>
          isReserved(candidate) ||
          isDenied(candidate, port) ||
          own.some((listener) => listener.port === port && reaches(listener.host, candidate)),
      );
    },
    addOwnListener({ host, port }) {
      own.push({ host: normalAddress(host), port });
    },
  };
}

/** Whether a connection to `address` reaches a listener bound to `bound`. */
function reaches(bound: string, address: string): boolean {
  if (bound === address) return true;
  const isAny = bound === "0.0.0.0" || bound === "::";
  // The unspecified address as a target means this machine.
  if (address === "0.0.0.0" || address === "::") return isAny || isLoopback(bound);
  return isAny && (isLoopback(address) || isOwnAddress(address));
}

function isLoopback(address: string): boolean {
  return address === "::1" || (isIPv4(address) && address.startsWith("127."));
}

function isOwnAddress(address: string): boolean {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.some((candidate) => normalAddress(candidate.address) === address);
}
