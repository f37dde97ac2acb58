// `doctor --logs` on folders like those of a server.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { exchangeLog, httpProxyRow, iisRow, outboundRow, w3cLog } from "../../support/log-lines.ts";
import { lastJson, runCli } from "../../support/run-cli.ts";

interface Shown {
  readonly name: string;
  readonly status: string;
  readonly message: string;
  readonly remedy: string;
}

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "realmscope-doctor-logs-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): void {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

async function doctor(args: readonly string[] = []) {
  const home = join(folder, "home");
  const { code, stdout } = await runCli(["doctor", "--json", "--logs", join(folder, "Logging"), ...args], {
    environment: { REALMSCOPE_HOME: home },
  });
  const { schema, checks } = lastJson(stdout) as unknown as { schema: string; checks: readonly Shown[] };
  expect(schema).toBe("realmscope.doctor/1");
  return { code, checks, of: (name: string) => checks.filter((check) => check.name === name) };
}

/** The hour of a time, as names of logs have it. */
const hourOf = (at: number): string => new Date(at).toISOString().replaceAll(/\D/g, "").slice(0, 10);

test("a server with its logs on is well, and each log has the question that it answers", async () => {
  const now = Date.now();
  const time = new Date(now - 30_000).toISOString();
  const name = `${hourOf(now)}-1.LOG`;
  write(`Logging/HttpProxy/Ews/HttpProxy_${name}`, exchangeLog("http-proxy", [httpProxyRow({ DateTime: time })]));
  write(`Logging/OAuthOutbound/w3wp_${name}`, exchangeLog("oauth-outbound", [outboundRow({ "date-time": time })]));
  const [date = "", clock = ""] = time.slice(0, 19).split("T");
  write(
    `Logging/W3SVC1/u_ex${hourOf(now).slice(2, 8)}.log`,
    w3cLog("iis", [iisRow({ date, time: clock })], ["X-Forwarded-For"]),
  );
  write(
    "Logging/FailedReqLogFiles/fr000001.xml",
    '<?xml version="1.0"?>\n<failedRequest url="https://mail.contoso.com/EWS/"/>\n',
  );
  const before = readdirSync(folder, { recursive: true, encoding: "utf8" }).map((path) => [
    path,
    statSync(join(folder, path)).mtimeMs,
  ]);
  const { code, checks, of } = await doctor();
  expect(code).toBe(0);
  expect(checks.filter(({ status, name }) => status !== "ok" && name !== "disk")).toEqual([]);
  const [proxy] = of("log").filter(({ message }) => message.startsWith("HttpProxy"));
  expect(proxy?.message).toMatch(
    /: 1 file, newest row \d+ s old \(20.*Z\), 1 hour \(20.* UTC\); answers who called, how it signed in/,
  );
  expect(of("log-columns").map(({ message }) => message)).toContainEqual(
    expect.stringMatching(/custom fields: x-forwarded-for$/),
  );
  expect(of("failed-requests")[0]?.message).toMatch(/^1 traces? of failed requests in/);
  expect(of("log-rights")).toHaveLength(1);
  expect(of("disk")).toHaveLength(1);
  // No check of the proxy is made, and nothing is changed.
  expect(of("ca")).toEqual([]);
  const after = readdirSync(folder, { recursive: true, encoding: "utf8" }).map((path) => [
    path,
    statSync(join(folder, path)).mtimeMs,
  ]);
  expect(after.filter(([path]) => !String(path).startsWith("home"))).toEqual(before);
});

test("old rows, missing hours and missing logs are warnings with the next step", async () => {
  for (const hour of ["05", "06", "08"]) {
    const row = httpProxyRow({ DateTime: `2026-11-01T${hour}:30:00.000Z` });
    write(`Logging/HttpProxy_20261101${hour}-1.LOG`, exchangeLog("http-proxy", [row]));
  }
  const { code, of } = await doctor();
  expect(code).toBe(0);
  const [proxy, outbound] = of("log");
  expect(proxy).toMatchObject({ status: "warning", remedy: expect.stringContaining("make one call") });
  expect(proxy?.message).toContain("3 hours from 2026-11-01T05 to 2026-11-01T08 UTC, 1 hour missing (2026-11-01T07)");
  expect(outbound).toMatchObject({ status: "warning", message: expect.stringMatching(/^OAuthOutbound is not below/) });
  expect(of("failed-requests")).toMatchObject([{ status: "warning" }]);
});

test("a folder without a log fails, and names the logs of other kinds", async () => {
  write(
    "Logging/RCA_2026113008-1.LOG",
    "#Software: Microsoft Exchange\r\n#Log-type: RCA Logs\r\n#Fields: date-time,session\r\n",
  );
  const { code, of } = await doctor();
  expect(code).toBe(1);
  expect(of("log")).toMatchObject([{ status: "failed", message: expect.stringContaining("RCA Logs") }]);
});

test("beside listeners both are checked", async () => {
  write("Logging/x.txt", "");
  const { of } = await doctor(["--forward", "0"]);
  expect(of("port")).toHaveLength(1);
  expect(of("log")).toHaveLength(1);
});

test("a folder that does not exist is refused", async () => {
  const { code, stderr } = await runCli(["doctor", "--logs", join(folder, "nowhere")]);
  expect(code).toBe(2);
  expect(stderr).toContain("does not exist");
});
