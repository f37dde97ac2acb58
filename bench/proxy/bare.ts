// http-mitm-proxy as its README starts it, with kept-alive upstream connections and no hooks, for the proxy benchmark.

import { Agent } from "node:https";
import type { LookupFunction } from "node:net";
import { Proxy as MitmProxy } from "http-mitm-proxy";

/** Resolves the benchmark's host names, which no name server knows. */
const lookup: LookupFunction = (_, options, callback) => {
  if (options.all === true) callback(null, [{ address: "127.0.0.1", family: 4 }]);
  else callback(null, "127.0.0.1", 4);
};

process.on("message", ({ folder, ca }: { folder: string; ca: string }) => {
  const proxy = new MitmProxy();
  // The package prints every host and every closed connection.
  console.error = () => undefined;
  console.debug = () => undefined;
  proxy.onError(() => undefined);
  const httpsAgent = new Agent({ keepAlive: true, ca, lookup });
  proxy.listen({ host: "127.0.0.1", port: 0, keepAlive: true, sslCaDir: folder, httpsAgent }, () => {
    process.send?.({ port: proxy.httpPort });
  });
});
process.on("disconnect", () => process.exit(0));
