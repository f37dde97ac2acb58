// Which machines may connect to the listeners, by their address, before any byte of theirs is read.
import { BlockList, isIP } from "node:net";
import { ToolError } from "../../core/tool-error.ts";
import { normalAddress } from "./host-and-port.ts";

/** Whether connections from an address are accepted. */
export type AdmitsClient = (address: string) => boolean;

/**
 * Admits the given addresses and networks, and this machine (127.0.0.1, ::1); everyone when none is given. Throws
 * ToolError `usage`.
 */
export function createClientGate(networks: readonly string[]): AdmitsClient {
  if (networks.length === 0) return () => true;
  const admitted = new BlockList();
  for (const network of ["127.0.0.1", "::1", ...networks]) addNetwork(admitted, network);
  return (address) => {
    // A link-local address may come with the name of its interface.
    const normal = normalAddress(address).split("%", 1)[0] ?? "";
    return isIP(normal) !== 0 && admitted.check(normal, familyOf(normal));
  };
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIP(address) === 4 ? "ipv4" : "ipv6";
}

function addNetwork(admitted: BlockList, text: string): void {
  const [, address = "", digits] = /^([0-9a-f.:]{2,45})(?:\/(\d{1,3}))?$/i.exec(text) ?? [];
  const most = isIP(address) === 4 ? 32 : 128;
  const prefix = digits === undefined ? most : Number(digits);
  if (isIP(address) === 0 || prefix > most) {
    throw new ToolError("usage", `${JSON.stringify(text.slice(0, 60))} is neither an address nor a network.`, {
      hint: "For example --allow-client 10.1.2.3, --allow-client 10.1.0.0/16 or --allow-client 2001:db8::/32.",
    });
  }
  admitted.addSubnet(address, prefix, familyOf(address));
}

const reportIntervalMs = 60_000;

/**
 * Reports the first refused client at once, then a count once a minute: repeated attempts must not fill the journal.
 */
export class RefusedClients {
  readonly #report: (client: string, reason: string) => void;
  #unreported = 0;
  #lastClient = "";
  #reportedAt = Number.NEGATIVE_INFINITY;

  constructor(report: (client: string, reason: string) => void) {
    this.#report = report;
  }

  add(client: string, now: number): void {
    this.#lastClient = client;
    if (now - this.#reportedAt < reportIntervalMs) this.#unreported += 1;
    else this.#reportNow(now);
  }

  /** Reports what is not reported yet. */
  end(): void {
    if (this.#unreported > 0) this.#reportNow(0);
  }

  #reportNow(now: number): void {
    const more = this.#unreported === 0 ? "" : `; ${this.#unreported} more such connections were refused before`;
    this.#report(this.#lastClient, `the address of the client is not allowed${more}`);
    this.#unreported = 0;
    this.#reportedAt = now;
  }
}
