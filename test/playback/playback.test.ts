// Saved traces on real sockets: the built program serves and sends; clients, servers and the lab are real.
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request } from "node:http";
import { request as requestHttps } from "node:https";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { startLab } from "../../src/lab/start-lab.ts";
import { buildTestCertificate } from "../support/proxy-certificates.ts";
import { startHttpsOrigin } from "../support/proxy-origin.ts";
import { type CliChild, type CliResult, collect, lastJson, runCli, startCli } from "../support/run-cli.ts";
import { findSecret } from "../support/secret-search.ts";

const works = resolve("captures/trust-works.ndjson");
let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "realmscope-playback-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Serving {
  readonly port: number;
  readonly ended: Promise<CliResult>;
  readonly child: CliChild;
}

async function serve(file: string, ...options: readonly string[]): Promise<Serving> {
  const child = startCli(["replay", file, "--serve", "0", "--json", ...options], { folder });
  onTestFinished(() => void child.kill("SIGKILL"));
  const ended = collect(child);
  let said = "";
  const port = await new Promise<number>((found, failed) => {
    child.stdout.on("data", (chunk: Buffer) => {
      said += chunk.toString("utf8");
      const ready = /"event":"ready".*?"port":(\d+)/.exec(said)?.[1];
      if (ready !== undefined) found(Number(ready));
    });
    child.once("exit", (code) => failed(new Error(`ended with ${code}`)));
  });
  return { port, ended, child };
}

interface Got {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

function ask(
  port: number,
  asked: { method?: string; path: string; host?: string; body?: string; ca?: string },
): Promise<Got> {
  const { method = "POST", path, host = "mail.contoso.example", body = "", ca } = asked;
  const options = { host: "127.0.0.1", port, method, path, headers: { Host: host }, agent: false };
  return new Promise((answered, failed) => {
    const outgoing = ca === undefined ? request(options) : requestHttps({ ...options, ca, servername: host });
    outgoing.once("error", failed);
    outgoing.once("response", (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => {
        text += chunk.toString("utf8");
      });
      response.once("end", () => answered({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
    });
    outgoing.end(body);
  });
}

describe("--serve", () => {
  test("plays the saved handshake to a client, in its order", async () => {
    const { port, ended, child } = await serve(works);
    const probe = await ask(port, { path: "/autodiscover/autodiscover.svc" });
    expect(probe.status).toBe(401);
    expect(probe.headers["www-authenticate"]).toContain("trusted_issuers=");
    expect(probe.headers["x-realmscope-match"]).toBe("exact");
    const token = await ask(port, {
      path: "/7f3c1e2a-9b14-4c0d-8a55-0d2b6f1e90aa/tokens/OAuth/2",
      host: "accounts.accesscontrol.windows.net",
      body: "grant_type=x",
    });
    expect(token.status).toBe(200);
    expect(JSON.parse(token.body)).toMatchObject({ token_type: expect.any(String) });
    // The saved body was sanitised, so the client's body differs, which is reported.
    const call = await ask(port, { path: "/autodiscover/autodiscover.svc", body: "<a/>" });
    expect([call.status, call.headers["x-realmscope-match"]]).toEqual([200, "body-differs"]);
    expect((await ask(port, { path: "/nowhere" })).status).toBe(404);
    expect((await ask(port, { path: "/autodiscover/autodiscover.svc", host: "other.example" })).status).toBe(404);
    expect((await ask(port, { path: "/EWS/Exchange.asmx", host: "127.0.0.1", body: "x" })).status).toBe(200);
    child.kill("SIGINT");
    const { code, stdout } = await ended;
    expect(code).toBe(130);
    const events = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(events.filter(({ event }) => event === "served")).toHaveLength(6);
    expect(events.at(-1)).toMatchObject({ event: "ended", saved: 10, unused: 6 });
  });

  test("answers over https with a given certificate, strictly with --strict, and ends with 143 on SIGTERM", async () => {
    const { cert, key, rootPem } = buildTestCertificate({ hosts: ["mail.contoso.example"] });
    writeFileSync(join(folder, "cert.pem"), cert);
    writeFileSync(join(folder, "key.pem"), key);
    const { port, ended, child } = await serve(works, "--cert", "cert.pem", "--key", "key.pem", "--strict");
    const path = "/autodiscover/autodiscover.svc";
    expect((await ask(port, { path, ca: rootPem })).status).toBe(401);
    expect((await ask(port, { path, ca: rootPem, body: "<a/>" })).status).toBe(404);
    child.kill("SIGTERM");
    expect((await ended).code).toBe(143);
  });

  test("takes the saved time with --keep-times", async () => {
    const lines = readFileSync(works, "utf8").split("\n");
    const slow = (lines[1] ?? "").replace(/"time":\d+/, '"time":700');
    writeFileSync(join(folder, "slow.ndjson"), `${lines[0]}\n${slow}\n`);
    const { port } = await serve("slow.ndjson", "--keep-times");
    const start = performance.now();
    expect((await ask(port, { path: "/autodiscover/autodiscover.svc" })).status).toBe(401);
    expect(performance.now() - start).toBeGreaterThan(650);
  });

  test("closes the connection where the trace has no answer either", async () => {
    const { port } = await serve(resolve("captures/findings/CALL_UNANSWERED.ndjson"));
    const entry = readFileSync("captures/findings/CALL_UNANSWERED.ndjson", "utf8");
    const [, path = ""] = /"url":"https:\/\/[^/]+([^"]+)".*?"status":0/.exec(entry) ?? [];
    expect(path).not.toBe("");
    await expect(ask(port, { path, host: "127.0.0.1" })).rejects.toThrow();
  });

  test.each([
    ["an address beyond this machine", ["--serve", "0.0.0.0:0"]],
    ["a target without --send", ["--reverse", "https://127.0.0.1:1"]],
    ["checks beside it", ["--serve", "0", "--expect", "oauth-only"]],
    ["sending at the same time", ["--serve", "0", "--send", "--reverse", "https://127.0.0.1:1"]],
    ["a certificate without its key", ["--serve", "0", "--cert", "x.pem"]],
    ["a port that is none", ["--serve", "99999"]],
  ])("refuses %s with 2", async (_name, options) => {
    const result = await runCli(["replay", works, ...options], { folder });
    expect(result.code).toBe(2);
    expect(result.stdout).toBe("");
    expect(result.stderr).toMatch(/^realmscope: .+\n$/);
  });
});

describe("--send", () => {
  test("sends the requests of a trace to a server of the same trace, and gets its answers", async () => {
    const { port } = await serve(works, "--strict");
    const target = `http://127.0.0.1:${port}`;
    const sent = await runCli(["replay", works, "--send", "--reverse", target, "--save", "again.ndjson", "--json"], {
      folder,
    });
    expect(sent.stderr).toBe("");
    expect(lastJson(sent.stdout)).toMatchObject({ event: "ended", sent: 10, answered: 10, same: 10 });
    expect(sent.code).toBe(0);
    // The new answers are judged like the saved ones.
    const judged = lastJson((await runCli(["replay", "again.ndjson", "--json"], { folder })).stdout);
    expect(judged).toMatchObject({ verdict: "oauth-confirmed", counts: { transactions: 10 } });
    expect((await runCli(["diff", works, "again.ndjson"], { folder })).code).toBe(0);
  });

  test("reports when no lock can be made for --save", async () => {
    const { port } = await serve(works, "--strict");
    // The longest name that Linux allows, so that of its lock is too long.
    const saved = "s".repeat(255);
    const target = `http://127.0.0.1:${port}`;
    const sent = await runCli(["replay", works, "--send", "--reverse", target, "--save", saved, "--quiet"], { folder });
    expect(sent.code).toBe(0);
    expect(sent.stderr).toBe(
      `realmscope: No lock can be made for the journal (ENAMETOOLONG: "${saved}.lock"). It is written anyway; make sure that no other capture writes it.\n`,
    );
    expect(readFileSync(join(folder, saved), "utf8").match(/^\{"k":"entry"/gm)).toHaveLength(10);
  });

  test("sends the saved requests to the lab's Exchange, which refuses the placeholders", async () => {
    const lab = await startLab({ scenario: "trust-works" });
    onTestFinished(() => lab.stop());
    writeFileSync(join(folder, "lab.pem"), lab.certificatePem);
    const options = [
      "--reverse",
      `https://127.0.0.1:${lab.exchange.port}`,
      "--upstream-ca",
      "lab.pem",
      "--host",
      lab.exchange.name,
    ];
    const sent = await runCli(["replay", works, "--send", ...options, "--json"], { folder });
    expect(sent.stderr).toBe("");
    expect(sent.code).toBe(0);
    const events = sent.stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    const answers = events.filter(({ event }) => event === "sent");
    expect(answers.length).toBe(5);
    // The probe is challenged as before; a token without its signature is refused.
    expect(answers[0]).toMatchObject({ saved: 401, now: 401 });
    expect(answers.slice(1).every(({ now }) => now === 401)).toBe(true);
    // No request is sent to a server with an untrusted certificate.
    const untrusted = await runCli(
      ["replay", works, "--send", ...options.filter((_, index) => index !== 2 && index !== 3)],
      { folder },
    );
    expect(untrusted.code).toBe(1);
    expect(untrusted.stdout).toContain("no answer (");
  });

  test("replaces every credential of an unsanitised trace by a placeholder", async () => {
    const password = "Winter-in-Redmond-7!";
    const cookie = "0123456789abcdef0123456789";
    const signature = Buffer.alloc(48, 9).toString("base64url");
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
    const token = `${part({ alg: "RS256", typ: "JWT" })}.${part({ iss: "00000001-0000-0000-c000-000000000000@contoso.com", aud: "x", nbf: 1, exp: 2 })}.${signature}`;
    const entries = [
      { Authorization: `Basic ${Buffer.from(`CONTOSO\\svc:${password}`).toString("base64")}` },
      { Authorization: `Bearer ${token}`, Cookie: `session=${cookie}` },
    ].map((headers) => ({
      startedDateTime: "2026-11-24T05:00:00.000Z",
      time: 1,
      request: {
        method: "POST",
        url: "https://mail.contoso.example/EWS/Exchange.asmx",
        httpVersion: "HTTP/1.1",
        headers: Object.entries(headers).map(([name, value]) => ({ name, value })),
        postData: { mimeType: "application/x-www-form-urlencoded", text: `grant_type=x&client_secret=${cookie}` },
      },
      response: { status: 200, statusText: "OK", httpVersion: "HTTP/1.1", headers: [], content: { size: 0 } },
    }));
    writeFileSync(
      join(folder, "unsafe.har"),
      JSON.stringify({ log: { version: "1.2", creator: { name: "t", version: "1" }, entries } }),
    );
    const received: Buffer[] = [];
    const origin = await startHttpsOrigin(["mail.contoso.example"], (incoming, response) => {
      received.push(Buffer.from(incoming.rawHeaders.join("\n")));
      incoming.on("data", (chunk: Buffer) => received.push(chunk));
      incoming.once("end", () => response.end("ok"));
    });
    writeFileSync(join(folder, "origin.pem"), origin.rootPem);
    const target = ["--reverse", `https://127.0.0.1:${origin.port}`, "--upstream-ca", "origin.pem"];
    const sent = await runCli(["replay", "unsafe.har", "--send", ...target], { folder });
    expect(sent.code, sent.stderr).toBe(0);
    const bytes = Buffer.concat(received);
    for (const secret of [password, cookie, signature]) expect(findSecret(bytes, secret)).toBeNull();
    expect(bytes.toString("latin1")).toMatch(/Bearer eyJ[\w-]+\.eyJ[\w-]+\.<sig/);
    expect(Buffer.from(/Basic (\S+)/.exec(bytes.toString("latin1"))?.[1] ?? "", "base64").toString()).toMatch(
      /:<password>$/,
    );
  });

  test("reports requests without an answer, and exits with 1", async () => {
    const silent = createServer((incoming) => incoming.socket.destroy());
    silent.listen(0, "127.0.0.1");
    await once(silent, "listening");
    onTestFinished(() => void silent.close());
    const address = silent.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const sent = await runCli(["replay", works, "--send", "--reverse", `http://127.0.0.1:${port}`], { folder });
    expect(sent.code).toBe(1);
    expect(sent.stdout).toContain("no answer (ECONNRESET)");
    expect(sent.stdout.trimEnd().split("\n").at(-1)).toBe("0 of 10 requests were answered, 0 with the saved status");
  });

  test.each([
    ["no target", ["--send"]],
    ["a target with a path", ["--send", "--reverse", "https://127.0.0.1/ews"]],
    ["a target beyond this machine", ["--send", "--reverse", "https://192.0.2.1"]],
    ["a host that is not in the trace", ["--send", "--reverse", "https://127.0.0.1:1", "--host", "nobody.example"]],
  ])("refuses %s with 2", async (_name, options) => {
    const result = await runCli(["replay", works, ...options], { folder });
    expect(result.code).toBe(2);
    expect(result.stderr).toMatch(/^realmscope: .+\n$/);
  });
});
