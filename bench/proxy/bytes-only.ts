// Our proxy relaying bytes only, for the proxy benchmark: it terminates TLS on both sides and reads no copy.

import { createAuthority } from "../../src/proxy/certificates/certificate-authority.ts";
import type { HostPort } from "../../src/proxy/connections/host-and-port.ts";
import { startProxy } from "../../src/proxy/start-proxy.ts";

process.on("message", async ({ hosts, ca, origin }: { hosts: readonly string[]; ca: string; origin: HostPort }) => {
  const authority = await createAuthority({ hosts: ["bench.test"] });
  const proxy = await startProxy({
    forward: [{ host: "127.0.0.1", port: 0 }],
    reverse: [],
    scope: ["*.bench.test"],
    deny: [],
    authority,
    upstreamCa: [ca],
    resolve: new Map(hosts.map((host): [string, HostPort] => [`${host}:${origin.port}`, origin])),
    insecureUpstream: [],
    autoPassthrough: false,
    // Every copy exceeds this limit, so every tap gives up at its first byte.
    limits: { tapQueueBytes: 0 },
  });
  process.send?.({ port: proxy.listeners[0]?.port, trust: authority.certificatePem });
  for await (const _ of proxy.events);
});
process.on("disconnect", () => process.exit(0));
