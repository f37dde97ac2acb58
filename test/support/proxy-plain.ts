import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** An `http://` origin on loopback. */
export async function startHttpOrigin(serve: RequestListener): Promise<{ host: string; port: number }> {
  const server = createServer(serve);
  // Node 26 refuses what is over its count of fields, where Node 20 drops it.
  server.maxHeadersCount = 0;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { host: "127.0.0.1", port: (server.address() as AddressInfo).port };
}
