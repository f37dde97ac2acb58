// Ctrl-C on a terminal reaches every process of its group. The shell must not be one of them: a call that is cut off has an
// unknown effect.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { expect, onTestFinished, test } from "vitest";
import { makeDirectory } from "./lab-shell.ts";

const shellModule = new URL("../../../dist/provisioning/exchange/start-shell.js", import.meta.url).href;
const labModule = new URL("../../../dist/lab/exchange-shell/lab-directory.js", import.meta.url).href;

const script = `
import { startExchangeShell } from ${JSON.stringify(shellModule)};
import { labShell } from ${JSON.stringify(labModule)};
const shell = await startExchangeShell({ target: { kind: "program", ...labShell(process.argv[1]) } });
process.on("SIGINT", async () => {
  const answer = await shell.call("New-MailUser", { Name: "after", ExternalEmailAddress: "after@contoso.example" });
  console.log(answer.ok ? "made" : answer.error.type);
  await shell.stop();
  process.exit(0);
});
console.log("ready");
setInterval(() => undefined, 60_000);
`;

test.skipIf(process.platform === "win32")("Ctrl-C reaches the program, not its shell", async () => {
  const child = spawn(process.execPath, ["--input-type=module", "--eval", script, makeDirectory()], {
    // A group of its own, as a terminal gives one.
    detached: true,
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on("line", (line) => {
    lines.push(line);
    if (line === "ready" && child.pid !== undefined) process.kill(-child.pid, "SIGINT");
  });
  const [code] = await once(child, "close");
  expect([code, lines]).toEqual([0, ["ready", "made"]]);
});
