// `provision apply --tui` of the built program on a real terminal, against Exchange's shell process and Graph's server.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { readDirectory } from "../../src/lab/exchange-shell/directory-state.ts";
import { changeLab } from "../../src/lab/exchange-shell/lab-directory.ts";
import { labPlace, makeHome } from "../support/provisioning-answers.ts";
import { appIds, type ProvisioningLab, startProvisioningLab } from "../support/provisioning-lab.ts";
import { hasTmux, startTmux, type Tmux } from "../support/tmux.ts";

const program = new URL("../../dist/cli/main.js", import.meta.url).pathname;

const apply = "apply --tui --yes --profile skype-online";

interface Desk {
  readonly lab: ProvisioningLab;
  /** Types `provision VERB` into a terminal of its own, all answers given; the token for Graph has these permissions. */
  type(verb: string, permissions?: string): Promise<Tmux>;
}

async function openDesk(): Promise<Desk> {
  const lab = await startProvisioningLab();
  const home = makeHome();
  const answers = labPlace(lab);
  return {
    lab,
    async type(verb, permissions = "Application.ReadWrite.All") {
      const token = await lab.cloud.token({ permissions });
      const script = join(lab.folder, "provision.sh");
      const lines = [
        "trap : INT",
        `export REALMSCOPE_HOME='${home}' REALMSCOPE_GRAPH_TOKEN='${token}'`,
        `'${process.execPath}' '${program}' provision ${verb} ${answers.map((answer) => `'${answer}'`).join(" ")}`,
        'echo "left with $?"',
      ];
      writeFileSync(script, `${lines.join("\n")}\n`, { mode: 0o600 });
      const terminal = startTmux(`sh '${script}'`, { columns: 120, rows: 36 });
      onTestFinished(() => terminal.end());
      return terminal;
    },
  };
}

const changesIn = ({ lab }: Desk): readonly string[] =>
  readDirectory(lab.directory)
    .calls.map(({ cmdlet }) => cmdlet)
    .filter((cmdlet) => !/^(?:Get|Test)-/.test(cmdlet));

describe.skipIf(!hasTmux)("on a terminal", () => {
  test("every step is seen to end well; the result is told below the terminal that is given back", async () => {
    const desk = await openDesk();
    const terminal = await desk.type(apply);
    const isWhole = (text: string): boolean => (text.match(/\[OK\] +\d\. .* done \d/g) ?? []).length === 6;
    // Both: the terminal may be read while a frame is half drawn.
    const screen = await terminal.screen((text) => /provision apply: 6 of 6 steps done/.test(text) && isWhole(text));
    expect(await terminal.value("alternate_on")).toBe("1");
    expect(screen).not.toContain("FAILED");
    await terminal.keys("q");
    const after = await terminal.screen((text) => text.includes("left with 0"));
    expect(after).toContain("Verified: ok");
    expect(await terminal.value("alternate_on")).toBe("0");
    expect(await terminal.value("cursor_flag")).toBe("1");
    expect(desk.lab.cloud.store.now(appIds.skype)?.keyCredentials.map(({ key }) => key)).toEqual([
      desk.lab.certificate.toString("base64"),
    ]);
    expect(changesIn(desk)).toContain("New-MailUser");
  }, 120_000);

  test("a step that fails says why in the screen; resume does what is left", async () => {
    const desk = await openDesk();
    const terminal = await desk.type(apply, "Application.Read.All");
    const screen = await terminal.screen(
      (text) => /5 of 6 steps done, 1 FAILED/.test(text) && /\[XX\] +6\./.test(text),
    );
    expect(screen).toMatch(/\[XX\] +6\. add the certificate .*FAILED/);
    expect(screen).toMatch(/Microsoft Graph forbids this \(403\)/);
    await terminal.keys("q");
    await terminal.screen((text) => text.includes("left with 1"));
    expect(await terminal.value("alternate_on")).toBe("0");
    expect(desk.lab.cloud.store.now(appIds.skype)?.keyCredentials).toEqual([]);
    const resumed = await desk.type("resume --yes");
    await resumed.screen((text) => text.includes("left with 0"));
    expect(desk.lab.cloud.store.now(appIds.skype)?.keyCredentials).toHaveLength(1);
  }, 120_000);

  test("the screen's process is killed while a step runs: the terminal is given back, Ctrl-C ends the run", async () => {
    const desk = await openDesk();
    const { directory } = desk.lab;
    changeLab(directory, (state) => ({ ...state, faults: [{ cmdlet: "New-MailUser", kind: "hang-before" }] }));
    const terminal = await desk.type(apply);
    await terminal.screen((text) => /\[\.\.\] +\d\. .*running/.test(text));
    process.kill(screenProcessOf(Number(await terminal.value("pane_pid"))), "SIGKILL");
    await expect.poll(() => terminal.value("alternate_on"), { timeout: 20_000 }).toBe("0");
    expect(await terminal.value("cursor_flag")).toBe("1");
    await terminal.keys("C-c");
    await terminal.screen((text) => text.includes("Stopping after the call under way"));
    await terminal.keys("C-c");
    await terminal.screen((text) => text.includes("left with 130"));
    const resumed = await desk.type("resume --yes");
    await resumed.screen((text) => text.includes("left with 0"));
    expect(changesIn(desk)).toContain("New-MailUser");
  }, 120_000);
});

const childrenOf = (pid: number): readonly number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number);

/** The process that draws, below the program, the script and the terminal's shell. */
function screenProcessOf(shell: number): number {
  const below = childrenOf(shell).flatMap(childrenOf).flatMap(childrenOf);
  const found = below.find((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("screen-main"));
  if (found === undefined) throw new Error("there is no process of the screen");
  return found;
}
