// A load balancer that checks a listener all the time: one counted line, in the journal and for people.
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { collect, runCli, startCli } from "../support/run-cli.ts";
import { type Origins, originName, startOrigins } from "./origins.ts";

let origins: Origins;
beforeAll(async () => {
  origins = await startOrigins();
});
afterAll(() => origins.stop());

/** Connects and closes, as a check of a port does. */
async function checkPort(port: number): Promise<void> {
  const socket = connect({ host: "127.0.0.1", port });
  await once(socket, "connect");
  socket.end().resume();
  await once(socket, "close");
}

/** Finishes a handshake whose certificate it does not look at, and closes, as a check of TLS does. */
async function checkTls(port: number): Promise<void> {
  const socket = connectTls({ host: "127.0.0.1", port, servername: originName, rejectUnauthorized: false });
  await once(socket, "secureConnect");
  socket.end().resume();
  await once(socket, "close");
}

const checks = { "of the port": checkPort, "of TLS": checkTls };
const cases = Object.entries(checks).flatMap(([name, check]) =>
  [true, false].map((isOwn) => ({
    name,
    check,
    isOwn,
    shown: isOwn ? "its own certificate" : "a leaf of the inspection CA",
  })),
);

test.each(cases)(
  "sixty checks $name of a listener that shows $shown are one record and one line",
  async ({ check, isOwn, name }) => {
    const folder = mkdtempSync(join(tmpdir(), "realmscope-probes-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const { cert, key, rootPem } = origins.certificate;
    for (const [file, pem] of Object.entries({ "own.pem": cert, "own.key": key, "root.pem": rootPem })) {
      writeFileSync(join(folder, file), pem, { mode: 0o600 });
    }
    const [port] = origins.ports.http1;
    const journal = join(folder, "probes.ndjson");
    const child = startCli(
      [
        ...[
          "watch",
          "--plain",
          "--reverse",
          `0=https://${originName}:${port}`,
          "--upstream-ca",
          join(folder, "root.pem"),
        ],
        ...["--connect-to", `${originName}:${port}=127.0.0.1:${port}`, "--save", journal],
        ...(isOwn ? ["--cert", join(folder, "own.pem"), "--key", join(folder, "own.key")] : []),
      ],
      { environment: { REALMSCOPE_HOME: folder } },
    );
    onTestFinished(() => void child.kill("SIGKILL"));
    const ended = collect(child);
    const listening = await new Promise<number>((resolve) => {
      let text = "";
      const look = (bytes: Buffer): void => {
        text += bytes.toString();
        const found = /127\.0\.0\.1:(\d+)/.exec(text)?.[1];
        if (found !== undefined) resolve(Number(found));
      };
      child.stdout.on("data", look);
      child.stderr.on("data", look);
    });
    // Every second for a minute; a test does not wait for the clock.
    for (let time = 0; time < 60; time += 1) await check(listening);
    await origins.whenIdle();
    child.kill("SIGTERM");
    const { stdout, stderr } = await ended;
    const records = readFileSync(journal, "utf8")
      .trimEnd()
      .split("\n")
      .map((line): Record<string, unknown> => JSON.parse(line));
    expect(records.map(({ k }) => k)).toEqual(["head", "probes", "end"]);
    const counted = name === "of TLS" ? { connects: 0, handshakes: 60 } : { connects: 60, handshakes: 0 };
    expect(records[1]).toMatchObject({ client: "127.0.0.1", host: originName, ...counted });
    const text = `${stdout}${stderr}`;
    expect(text.split("\n").filter((line) => /\b60\b/.test(line))).toHaveLength(1);
    expect(text).not.toMatch(/TLS failed|CLIENT_|refused our certificate/);
    const replayed = await runCli(["replay", journal]);
    expect(replayed.stdout + replayed.stderr).not.toMatch(/CLIENT_|TLS failed/);
  },
);
