// Shells that are refused, and edge cases of the shell, at the command line.
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readDirectory } from "../../../src/lab/exchange-shell/directory-state.ts";
import { labControllers, labDomain, labShell } from "../../../src/lab/exchange-shell/lab-directory.ts";
import { tenant } from "../../../src/lab/names.ts";
import { runCli } from "../../support/run-cli.ts";
import { labFolder, makeDirectory } from "./lab-shell.ts";

const answers = ["--only", "exchange", "--domain", labDomain, "--dc", labControllers[0], "--tenant", tenant];

/** The lab's shell as a program called powershell.exe. */
function asPowerShell(directory: string): string {
  const { program, programArguments } = labShell(directory);
  const path = join(labFolder(), "powershell.exe");
  const words = [program, ...programArguments].map((word) => `"${word}"`).join(" ");
  writeFileSync(path, `#!/bin/sh\nexec ${words} "$@"\n`);
  chmodSync(path, 0o755);
  return path;
}

test.each([
  ["constrained language", { languageMode: "ConstrainedLanguage" }, "ConstrainedLanguage"],
  ["no management shell", { hasExchange: false }, "Management Shell is not installed there"],
  ["Exchange Online's cmdlets loaded", { hasOnlineModule: true }, "Exchange Online"],
  ["PowerShell 7 only", { edition: "Core" }, "PowerShell 7"],
] as const)("29: %s: nothing is called, exit 5, the reason, and the way by scripts", async (_name, manner, reason) => {
  const directory = makeDirectory({ manner });
  const way = ["--exchange", "local", "--powershell", asPowerShell(directory)];
  const folder = labFolder();
  const plan = await runCli(["provision", "plan", ...answers, ...way], { folder });
  expect(plan).toMatchObject({ code: 5, stdout: "" });
  expect(plan.stderr).toContain(reason);
  expect(plan.stderr).toContain("realmscope provision script");
  expect(readDirectory(directory).calls).toEqual([]);
  // What the hint names works there.
  const script = await runCli(["provision", "script", ...answers, "--out", join(folder, "scripts")], { folder });
  expect(script).toMatchObject({ code: 0, stderr: expect.not.stringContaining("realmscope:") });
});

test("30: host text that looks like a frame is ignored, in any language and in pieces", async () => {
  const manner = { isChatty: true, isRemote: true, language: "zh-TW" } as const;
  const directory = makeDirectory({ manner, tenant });
  const way = ["--exchange", "local", "--powershell", asPowerShell(directory)];
  const result = await runCli(["provision", "plan", ...answers, ...way, "--json"], { folder: labFolder() });
  expect(JSON.parse(result.stdout)).toHaveProperty("steps");
  expect(result.stdout).not.toContain("歡迎");
});

test("an SSH destination that is an option, and a server that is a path, are refused before anything is started", async () => {
  for (const [way, host] of [
    ["ssh", "-oProxyCommand=true"],
    ["remote", "ex1/../x"],
  ]) {
    const flags = ["--exchange", way ?? "", `--exchange-host=${host}`, "--powershell", "/nowhere/powershell.exe"];
    const result = await runCli(["provision", "plan", ...answers, ...flags], { folder: labFolder() });
    expect(result).toMatchObject({ code: 2, stdout: "" });
    expect(result.stderr).toContain("cannot be used as the ");
  }
});
