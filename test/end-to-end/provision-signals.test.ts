// The ends of a run that are no Ctrl-C: the terminal or the connection goes away, a service manager ends the program, or the
// reader of its output closes the pipe. The call in flight is finished and has its receipt; resume does the rest.
import { once } from "node:events";
import { join } from "node:path";
import { expect, test } from "vitest";
import { labAnswers, makeHome } from "../support/provisioning-answers.ts";
import { startProvisioningLab } from "../support/provisioning-lab.ts";
import { runCli, startCli } from "../support/run-cli.ts";
import { listRunsOf } from "../support/runs-of.ts";

test.each([
  ["SIGTERM", ["SIGTERM"], 130],
  // The kernel and the shell both send it.
  ["a hang-up that comes twice, its output gone", ["SIGHUP", "SIGHUP"], 130],
  ["a reader that closes its pipe", [], 0],
] as const)(
  "%s: receipts are whole, and the run can be resumed",
  async (_name, signals, code) => {
    const lab = await startProvisioningLab();
    const home = makeHome();
    const environment = { REALMSCOPE_HOME: home, REALMSCOPE_GRAPH_TOKEN: await lab.cloud.token() };
    const child = startCli(["provision", "apply", ...labAnswers(lab), "--yes"], { environment, limitMs: 60_000 });
    child.stdin.end();
    let isSent = false;
    child.stdout.on("data", (chunk: Buffer) => {
      if (isSent || !chunk.toString().includes("[1/")) return;
      isSent = true;
      if (signals[0] !== "SIGTERM") {
        child.stdout.destroy();
        child.stderr.destroy();
      }
      for (const signal of signals) child.kill(signal);
    });
    const [ended] = await once(child, "exit");
    expect(ended).toBe(code);
    const entries = listRunsOf(join(home, "provisioning"))[0] ?? [];
    const count = (kind: string): number => entries.filter((entry) => entry.kind === kind).length;
    expect(count("intent")).toBeGreaterThan(0);
    expect(count("receipt")).toBe(count("intent"));
    expect(entries.findLast(({ kind }) => kind === "end")).toMatchObject({
      how: code === 0 ? "finished" : "interrupted",
    });
    if (code === 0) return;
    const resumed = await runCli(["provision", "resume", ...labAnswers(lab), "--yes"], {
      environment,
      limitMs: 60_000,
    });
    expect(resumed.code, resumed.stderr).toBe(0);
  },
  120_000,
);
