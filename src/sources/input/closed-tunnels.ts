// Connections whose HTTPS a capture holds only closed: counted, and told when there is nothing else in it.

const hostLimit = 8;

export const closedMark = "HTTPS was not decrypted: ";

export interface ClosedTunnels {
  /** Counts one; the host as captured. */
  note(host: string): void;
  /** One line with their number and hosts; null when there were none. */
  text(): string | null;
}

/** Starts counting tunnels (`CONNECT`) or TLS connections. */
export function countClosed(what: "tunnels (CONNECT)" | "TLS connections"): ClosedTunnels {
  const hosts = new Set<string>();
  let count = 0;
  let hasMore = false;
  return {
    note(host) {
      count += 1;
      const name = host.toLowerCase().slice(0, 255);
      if (hosts.size < hostLimit) hosts.add(name);
      else if (!hosts.has(name)) hasMore = true;
    },
    text() {
      if (count === 0) return null;
      const one = count === 1 ? what.replace(/s(?= |$)/, "") : what;
      return `${closedMark}${count} ${one} to ${[...hosts].join(", ")}${hasMore ? " and others" : ""}`;
    },
  };
}
