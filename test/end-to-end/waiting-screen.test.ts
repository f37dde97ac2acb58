// A request that hangs, seen on the built program's screen while it does, also from a terminal that comes later.
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { signal } from "../support/proxy-client.ts";
import { startTcpOrigin } from "../support/proxy-origin.ts";
import { runCli } from "../support/run-cli.ts";
import { hasTmux, startTmux, type Tmux } from "../support/tmux.ts";

const program = `${process.execPath} ${new URL("../../dist/cli/main.js", import.meta.url).pathname}`;

/** The screen soon says something else than where it listens. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

describe.skipIf(!hasTmux)("on a terminal", () => {
  test("what hangs stands below the rows, here and on a screen that is attached later, until it has ended", async () => {
    const folder = mkdtempSync(join(tmpdir(), "realmscope-waiting-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const start = (args: string): Tmux => {
      const size = { columns: 120, rows: 36 };
      const terminal = startTmux(
        `REALMSCOPE_HOME=${join(folder, "home")} ${program} ${args}; echo "left with $?"`,
        size,
      );
      onTestFinished(() => terminal.end());
      return terminal;
    };
    // Without a kept CA, `watch` reports for eight seconds that it made one, where the title is awaited below.
    const environment = { REALMSCOPE_HOME: join(folder, "home") };
    expect(await runCli(["ca", "create", "--host", "mail.contoso.example"], { environment })).toMatchObject({
      code: 0,
    });
    const answer = signal();
    const origin = await startTcpOrigin((socket) => {
      socket.once("data", () => void answer.given.then(() => socket.write("HTTP/1.1 204 No Content\r\n\r\n")));
    });
    const port = await freePort();
    const journal = join(folder, "watch.ndjson");
    const scope = `--host mail.contoso.example --connect-to mail.contoso.example:80=127.0.0.1:${origin.port}`;
    const terminal = start(`watch --forward ${port} ${scope} --save ${journal}`);
    await terminal.screen((text) => /^REC watch/m.test(text));
    const sent = request({
      host: "127.0.0.1",
      port,
      method: "POST",
      path: "http://mail.contoso.example/EWS/Exchange.asmx?secret=s3cr3t",
      headers: {
        Host: "mail.contoso.example",
        Authorization: `Basic ${Buffer.from("svc:Sommer26").toString("base64")}`,
      },
    });
    sent.on("error", () => undefined);
    sent.end();
    const hangs = (text: string): boolean =>
      /^ \. t1 .* POST \.\.\. BASIC .* no answer yet.* mail\.contoso\.example +\/EWS\/Exchange\.asmx/m.test(text);
    const screen = await terminal.screen(hangs);
    expect(screen).toMatch(/^REC watch .* 0 rows +1 not ended/m);
    expect(screen).not.toMatch(/s3cr3t|Sommer/);
    const attached = start("watch --attach");
    await attached.screen(hangs);
    // How long goes on without anything being told.
    await attached.screen((text) => hangs(text) && / [3-9]s$| \d\ds$/m.test(text));
    expect(readFileSync(journal, "utf8")).not.toContain("Exchange.asmx");
    answer.give();
    for (const each of [terminal, attached]) {
      const after = await each.screen((text) => /^>.* t1 .* POST 204 BASIC /m.test(text));
      expect(after).not.toContain("not ended");
      expect(after.match(/ t1 .* POST /g)).toHaveLength(1);
    }
    await terminal.keys("q", "s");
    await terminal.screen((text) => /left with \d/.test(text));
    const lines = readFileSync(journal, "utf8").split("\n");
    expect(lines.filter((line) => line.includes("Exchange.asmx"))).toHaveLength(1);
  }, 60_000);
});
