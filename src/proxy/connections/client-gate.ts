// Which machines may connect to the listeners: told by their address, before a byte of them is read.
import { BlockList, isIP } from "node:net";
import { ToolError } from "../../core/tool-error.ts";
import { normalAddress } from "./host-and-port.ts";

/** Whether connections from an address are taken. */
export type AdmitsClient = (address: string) => boolean;

/** Admits the named addresses and networks, and this machine (127.0.0.1, ::1); everybody when none is named. Throws ToolError. */
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

const tellEveryMs = 60_000;

/** Tells of refused clients at once, then once a minute with how many more there were: who knocks often fills no journal. */
export class RefusedClients {
  readonly #tell: (client: string, reason: string) => void;
  #untold = 0;
  #last = "";
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(tell: (client: string, reason: string) => void) {
    this.#tell = tell;
  }

  add(client: string, now: number): void {
    this.#last = client;
    if (now - this.#toldAt < tellEveryMs) this.#untold += 1;
    else this.#say(now);
  }

  /** Tells what was not told yet. */
  end(): void {
    if (this.#untold > 0) this.#say(0);
  }

  #say(now: number): void {
    const more = this.#untold === 0 ? "" : `; ${this.#untold} more such connections were refused before`;
    this.#tell(this.#last, `the address of the client is not allowed${more}`);
    this.#untold = 0;
    this.#toldAt = now;
  }
}
