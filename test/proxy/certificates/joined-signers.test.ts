// Two CAs behind one proxy, seen by real clients that trust one of them.
import { describe, expect, test } from "vitest";
import { createAuthority } from "../../../src/proxy/certificates/certificate-authority.ts";
import { joinSigners, noSigner } from "../../../src/proxy/certificates/joined-signers.ts";
import { startProxy } from "../../../src/proxy/start-proxy.ts";
import { openThrough, readUntil, sendConnect } from "../../support/proxy-client.ts";
import { startHttpsOrigin } from "../../support/proxy-origin.ts";

describe("two CAs as one", async () => {
  const [kept, made] = await Promise.all([
    createAuthority({ hosts: ["mail.contoso.test", "*.first.test"] }),
    createAuthority({ hosts: ["*.contoso.test", "login.windows.test"] }),
  ]);
  const both = joinSigners({ ...kept, issuerOf: () => "kept-ca" }, made);

  test.each([
    ["mail.contoso.test", "kept-ca", true],
    ["a.first.test", "kept-ca", true],
    ["login.windows.test", "run-ca", true],
    ["autodiscover.contoso.test", "run-ca", true],
    ["elsewhere.test", "run-ca", false],
  ] as const)("%s is signed by the %s", (host, issuer, isCovered) => {
    expect(both.covers(host)).toBe(isCovered);
    if (isCovered) expect(both.issuerOf(host)).toBe(issuer);
    else expect(() => both.leafContext(host)).toThrow(expect.objectContaining({ code: "host-outside-ca" }));
  });

  test("each client works that trusts the CA of its host", async () => {
    const hosts = ["mail.contoso.test", "login.windows.test"];
    const origin = await startHttpsOrigin(hosts, (_, response) => response.end("hello"));
    const proxy = await startProxy({
      ...{ forward: [{ host: "127.0.0.1", port: 0 }], reverse: [], scope: hosts, deny: [], authority: both },
      ...{ upstreamCa: [origin.rootPem], insecureUpstream: [], autoPassthrough: false },
      resolve: new Map(hosts.map((host) => [`${host}:443`, origin])),
    });
    const [entrance] = proxy.listeners;
    if (entrance === undefined) throw new Error("the proxy has no listener");
    for (const [host, { certificatePem }] of [
      ["mail.contoso.test", kept],
      ["login.windows.test", made],
    ] as const) {
      const client = await openThrough(entrance, `${host}:443`, { ca: certificatePem });
      client.write(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
      expect(await readUntil(client, "hello")).toMatch(/^HTTP\/1.1 200 /);
    }
    await proxy.stop();
  });
});

test("without a CA nothing is opened", async () => {
  expect(noSigner.covers("mail.contoso.test")).toBe(false);
  const origin = await startHttpsOrigin(["mail.contoso.test"], (_, response) => response.end("hello"));
  const proxy = await startProxy({
    ...{ forward: [{ host: "127.0.0.1", port: 0 }], reverse: [], scope: ["mail.contoso.test"], deny: [] },
    ...{ authority: noSigner, upstreamCa: [], insecureUpstream: [], autoPassthrough: false },
    resolve: new Map([["mail.contoso.test:443", origin]]),
  });
  const [entrance] = proxy.listeners;
  if (entrance === undefined) throw new Error("the proxy has no listener");
  expect((await sendConnect(entrance, "mail.contoso.test:443")).answer).toMatch(/^HTTP\/1.1 200 /);
  await proxy.stop();
});
