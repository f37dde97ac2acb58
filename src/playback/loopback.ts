import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { ToolError } from "../core/tool-error.ts";

/** The addresses of a host name; an address is returned as it is. Throws ToolError `no-such-host`. */
async function addressesOf(host: string): Promise<readonly string[]> {
  if (isIP(host) !== 0) return [host];
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address);
  } catch (cause) {
    throw new ToolError("no-such-host", `There is no address for ${JSON.stringify(host.slice(0, 80))}.`, {
      hint: "Name a host with an address, or the address itself.",
      cause,
    });
  }
}

function isLoopback(address: string): boolean {
  return address === "::1" || /^(?:::ffff:)?127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/i.test(address);
}

/** Resolves to the address to use. Throws ToolError `beyond-loopback` for a host on another machine unless `mayLeave`. */
export async function requireLoopback(host: string, mayLeave: boolean): Promise<string> {
  const [first, ...more] = await addressesOf(host);
  if (first === undefined)
    throw new ToolError("no-such-host", `There is no address for ${host}.`, { hint: "Name another host." });
  if (mayLeave || [first, ...more].every(isLoopback)) return first;
  throw new ToolError("beyond-loopback", `${JSON.stringify(host.slice(0, 80))} is not on this machine.`, {
    hint: "Saved traffic stays on this machine; --beyond-loopback lets it leave.",
  });
}
