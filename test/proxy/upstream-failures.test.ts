// Targets that cannot be reached, or not over TLS: what the capture says of them, and what the client gets.
import { expect, test } from "vitest";
import { openTcp, readAll, sendConnect } from "../support/proxy-client.ts";
import { startTestProxy } from "../support/proxy-start.ts";

test.each([
  ["origin.test", {}],
  ["clients2.browser.test", { isOutOfScope: true }],
])("a failure to reach %s says whether the host is watched, for CONNECT, requests and upgrades", async (host, mark) => {
  const nowhere = { host: "127.0.0.1", port: 1 };
  const { forward, seen, event } = await startTestProxy({
    scope: ["origin.test"],
    resolve: new Map([443, 80].map((port) => [`${host}:${port}`, nowhere] as const)),
  });
  expect((await sendConnect(forward, `${host}:443`)).answer).toMatch(/^HTTP\/1.1 502 /);
  const offer = "Connection: Upgrade, close\r\nUpgrade: websocket\r\n";
  for (const fields of ["Connection: close\r\n", offer]) {
    const client = await openTcp(forward);
    client.write(`GET http://${host}/ HTTP/1.1\r\nHost: ${host}\r\n${fields}\r\n`);
    expect((await readAll(client)).toString("latin1")).toMatch(/^HTTP\/1.1 502 /);
  }
  const failures = (): readonly unknown[] => seen.filter(({ kind }) => kind === "upstream-failed");
  await event(() => failures().length === 3);
  const reason = "the target refused the connection (ECONNREFUSED)";
  const expected = (port: number) => ({
    ...{ kind: "upstream-failed", at: expect.any(Number), client: expect.any(String), host, port, reason },
    ...mark,
  });
  expect(failures()).toEqual([expected(443), expected(80), expected(80)]);
});
