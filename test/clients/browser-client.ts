// Chromium without a window. Its trust is a flag: its own store can only be written with tools of NSS.
import { createHash, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:http";
import { connect as connectTcp, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { chromium, type Page } from "playwright-core";
import { browserPath } from "../support/browser.ts";
import type { Answer, Failed, Run } from "./answers.ts";
import { type Client, versionOf, type Way } from "./client.ts";
import type { PlannedCall } from "./origins.ts";

/**
 * The certificates that this way shows, and shows when it passes through, if they are trusted: the flag wants the hashes
 * of their public keys. Asked from another address, because the proxy remembers what a client does by its address.
 */
async function trustedKeys({ base, proxy, trust }: Way): Promise<readonly string[]> {
  const { hostname, port, protocol } = new URL(base);
  if (protocol === "http:" || trust === null) return [];
  const sockets = [openTcp(Number(port))];
  if (proxy !== null) sockets.push(tunnel(proxy, `${hostname}:${port}`));
  const ca = readFileSync(trust);
  const keys = await Promise.all(sockets.map(async (socket) => keyOf(await socket, hostname, ca)));
  return keys.flatMap((key) => key ?? []);
}

async function keyOf(socket: Socket, servername: string, ca: Buffer): Promise<string | null> {
  const secure = connect({ socket, servername, ca, ALPNProtocols: ["http/1.1", "h2"] });
  try {
    await once(secure, "secureConnect");
    const { publicKey } = new X509Certificate(secure.getPeerCertificate().raw);
    return createHash("sha256")
      .update(publicKey.export({ type: "spki", format: "der" }))
      .digest("base64");
  } catch {
    return null;
  } finally {
    secure.destroy();
  }
}

async function openTcp(port: number): Promise<Socket> {
  const socket = connectTcp({ host: "127.0.0.1", port, localAddress: "127.0.0.2" });
  await once(socket, "connect");
  return socket;
}

async function tunnel(proxy: number, path: string): Promise<Socket> {
  const place = { host: "127.0.0.1", port: proxy, localAddress: "127.0.0.2" };
  const asked = request({ ...place, method: "CONNECT", path }).end();
  const [, socket] = (await once(asked, "connect")) as [unknown, Socket];
  return socket;
}

async function visit(page: Page, url: string): Promise<Answer | Failed> {
  try {
    const answer = await page.goto(url, { timeout: 15_000, waitUntil: "commit" });
    if (answer === null) return { error: "no answer" };
    const body = await answer.body();
    const sha256 = createHash("sha256").update(body).digest("hex");
    const fields = (await answer.headersArray()).map(({ name, value }) => [name, value] as const);
    const protocol = await page.evaluate("performance.getEntriesByType('navigation')[0].nextHopProtocol");
    const version = protocol === "h2" ? "2" : String(protocol).replace("http/", "");
    return { status: answer.status(), version, fields, sha256, length: body.length };
  } catch (error) {
    return { error: /net::(\w+)/.exec(String(error))?.[1] ?? String(error) };
  }
}

async function runBrowser(way: Way, calls: readonly PlannedCall[]): Promise<Run> {
  const keys = await trustedKeys(way);
  const profile = mkdtempSync(join(tmpdir(), "realmscope-browser-"));
  const begun = performance.now();
  const args = [
    ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
    ...["--disable-component-update", "--disable-sync", "--disable-features=HttpsUpgrades"],
    // Without this Chromium never uses a proxy for this machine.
    ...(way.proxy === null ? [] : [`--proxy-server=http://127.0.0.1:${way.proxy}`, "--proxy-bypass-list=<-loopback>"]),
    ...(keys.length === 0 ? [] : [`--ignore-certificate-errors-spki-list=${keys.join(",")}`]),
  ];
  const launched = { executablePath: browserPath ?? "", args, env: { HOME: profile } };
  const context = await chromium.launchPersistentContext(profile, launched);
  try {
    const answers: (Answer | Failed)[] = [];
    for (const { path } of calls) {
      // A page of its own: the page of an error goes on loading.
      const page = await context.newPage();
      answers.push(await visit(page, `${way.base}${path}`));
      await page.close();
    }
    return { exitCode: 0, answers, ms: performance.now() - begun };
  } finally {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  }
}

/** Pages that a browser shows: no POST and no HEAD. It follows the redirect. */
export async function browserClients(): Promise<readonly Client[]> {
  const version = browserPath === undefined ? null : await versionOf(browserPath, ["--version"], /([\d.]+)/);
  const facts = { name: "Chromium", tls: "BoringSSL", version, missing: "Chromium is not installed" };
  return [{ ...facts, protocol: "both", calls: ["GET", "gzip", "302", "404"], run: runBrowser }];
}
