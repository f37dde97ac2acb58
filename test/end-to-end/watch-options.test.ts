// `watch` as it is started in the field: the server's own certificate as PFX, and a kept CA whose time has come.
import { X509Certificate } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import forge from "node-forge";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createAuthority, saveAuthority } from "../../src/proxy/certificates/certificate-authority.ts";
import { buildTestCertificate } from "../support/proxy-certificates.ts";
import { openThrough, openTls, readUntil } from "../support/proxy-client.ts";
import { startHttpsOrigin } from "../support/proxy-origin.ts";
import { collect, runCli, startCli } from "../support/run-cli.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "realmscope-watch-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Event {
  readonly event?: string;
  readonly port?: number;
  readonly text?: string;
}

/** Starts `watch --json`; gives its events as they come, and ends it in an orderly way. */
function startWatch(args: readonly string[], environment: Readonly<Record<string, string>>) {
  const child = startCli(["watch", "--json", ...args], { environment, folder });
  const ended = collect(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (accepts: (event: Event) => boolean): Promise<Event> => {
    for (let line = await lines.next(); line.done !== true; line = await lines.next()) {
      const event: Event = JSON.parse(line.value);
      if (accepts(event)) return event;
    }
    throw new Error(`watch ended: ${(await ended).stderr}`);
  };
  const stop = async (): Promise<number | null> => {
    child.kill("SIGTERM");
    return (await ended).code;
  };
  return { next, stop };
}

test("the server's own certificate, given as PFX, is what clients see", async () => {
  const origin = await startHttpsOrigin(["origin.test"], (_, response) => response.end("hello"));
  const own = buildTestCertificate({ hosts: ["origin.test"] });
  const [key, certificate] = [forge.pki.privateKeyFromPem(own.key), forge.pki.certificateFromPem(own.cert)];
  const asn1 = forge.pkcs12.toPkcs12Asn1(key, certificate, "open sesame", { algorithm: "aes256" });
  const [pfx, root] = [join(folder, "own.pfx"), join(folder, "root.pem")];
  writeFileSync(pfx, Buffer.from(forge.asn1.toDer(asn1).getBytes(), "binary"));
  writeFileSync(root, origin.rootPem);
  const { next, stop } = startWatch(
    [
      ...["--reverse", "0=https://origin.test", "--pfx", pfx, "--upstream-ca", root, "--limit", "connections=10"],
      ...["--connect-to", `origin.test:443=127.0.0.1:${origin.port}`],
    ],
    { REALMSCOPE_HOME: join(folder, "home"), REALMSCOPE_PFX_PASSPHRASE: "open sesame" },
  );
  const { port = 0 } = await next(({ event }) => event === "ready");
  const client = await openTls({ address: "127.0.0.1", port }, { ca: own.rootPem, servername: "origin.test" });
  expect(client.getPeerX509Certificate()?.fingerprint256).toBe(new X509Certificate(own.cert).fingerprint256);
  client.write("GET / HTTP/1.1\r\nHost: origin.test\r\n\r\n");
  await readUntil(client, "hello");
  await next(({ event }) => event === "transaction");
  client.destroy();
  expect(await stop()).toBe(143);
});

test.each([
  [
    "has ended is renewed for the same hosts",
    10,
    /^The inspection CA expired at .* It was renewed for the same hosts until /,
  ],
  ["ends soon is announced", 0, /^The inspection CA expires in 3 days, at .* ca create --force/],
])("a kept CA that %s", async (name, daysAgo, notice) => {
  const home = join(folder, name.slice(0, 3) + daysAgo);
  const now = Date.now() - daysAgo * 86_400_000;
  saveAuthority(await createAuthority({ hosts: ["origin.test"], days: 3, now }), join(home, "ca"), {});
  const { next, stop } = startWatch(["--forward", "0", "--host", "origin.test"], { REALMSCOPE_HOME: home });
  const told = await next(({ event, text }) => event === "notice" && text?.startsWith("The inspection CA") === true);
  expect(told.text).toMatch(notice);
  expect(await stop()).toBe(143);
});

test("a kept CA that covers one of two hosts signs for it, and a CA of the run for the other, which the start says", async () => {
  const home = join(folder, "two-authorities");
  const kept = await createAuthority({ hosts: ["origin.test"] });
  saveAuthority(kept, join(home, "ca"), {});
  const origin = await startHttpsOrigin(["origin.test", "login.test"], (_, response) => response.end("hello"));
  const root = join(folder, "two.pem");
  writeFileSync(root, origin.rootPem);
  const route = ["origin.test", "login.test"].flatMap((host) => [
    ...["--host", host, "--connect-to", `${host}:443=127.0.0.1:${origin.port}`],
  ]);
  const { next, stop } = startWatch(["--forward", "0", "--upstream-ca", root, ...route], { REALMSCOPE_HOME: home });
  const { port = 0 } = await next(({ event }) => event === "ready");
  const { text = "" } = await next(
    ({ event, text: told }) => event === "notice" && told?.includes("made for") === true,
  );
  expect(text).toMatch(/^The inspection CA does not cover login\.test; .* Clients of origin\.test see the kept CA/);
  const made = readFileSync(/ is in (\S+\.pem)\./.exec(text)?.[1] ?? "", "utf8");
  for (const [host, ca] of [
    ["origin.test", kept.certificatePem],
    ["login.test", made],
  ] as const) {
    const client = await openThrough({ address: "127.0.0.1", port }, `${host}:443`, { ca });
    client.write(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    await readUntil(client, "hello");
    client.destroy();
  }
  expect(readdirSync(join(home, "run")).filter((name) => name.endsWith(".pem"))).toHaveLength(1);
  expect(await stop()).toBe(143);
  expect(readdirSync(join(home, "run"))).toEqual([]);
});

test("a wrong --upstream-proxy is refused before a CA is made for the run", async () => {
  const home = join(folder, "no-authority");
  const { code, stderr } = await runCli(["watch", "--forward", "0", "--upstream-proxy", "https://proxy.test:3128"], {
    environment: { REALMSCOPE_HOME: home },
    folder,
  });
  expect(code).toBe(2);
  expect(stderr).toContain("--upstream-proxy is not an http:// URL.");
  expect(existsSync(home)).toBe(false);
});
