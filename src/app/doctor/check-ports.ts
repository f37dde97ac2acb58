import { createServer } from "node:net";
import { ToolError } from "../../core/tool-error.ts";
import { bind } from "../../proxy/connections/bind.ts";
import { type HostPort, hostPortText } from "../../proxy/connections/host-and-port.ts";
import { guardServer } from "../../sockets/guard.ts";
import { type Check, failed, ok } from "./check.ts";

/** Binds each address for a moment, as `watch` would. */
export async function checkPorts(places: readonly HostPort[]): Promise<readonly Check[]> {
  const checks: Check[] = [];
  for (const place of places) checks.push(await checkPort(place));
  return checks;
}

async function checkPort(place: HostPort): Promise<Check> {
  const server = guardServer(createServer());
  try {
    await bind(server, place);
    await new Promise((resolve) => server.close(resolve));
    return ok("port", `${hostPortText(place)} is free`);
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return failed("port", error.message, error.hint);
  }
}
