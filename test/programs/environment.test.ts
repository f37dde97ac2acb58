// What other programs get of the environment, by what a real child sees and by the sources: nothing starts a program elsewhere.
import { chmodSync, closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { environmentOf, type ProgramKind, systemProgram } from "../../src/programs/environment.ts";
import { runProgram } from "../../src/programs/start-program.ts";
import { labAnswers } from "../support/provisioning-answers.ts";
import { startProvisioningLab } from "../support/provisioning-lab.ts";
import { runCli } from "../support/run-cli.ts";

const kinds: readonly ProgramKind[] = ["powershell", "ssh", "az", "tshark", "clipboard", "system", "screen"];

const secrets = {
  REALMSCOPE_CLIENT_SECRET: "canary-1",
  REALMSCOPE_GRAPH_TOKEN: "canary-2",
  REALMSCOPE_PFX_PASSPHRASE: "canary-3",
  REALMSCOPE_UPSTREAM_PROXY_AUTH: "canary-4",
  REALMSCOPE_ANYTHING_NEW: "canary-5",
  AWS_SECRET_ACCESS_KEY: "canary-6",
  NODE_OPTIONS: "--canary-7",
  realmscope_graph_token: "canary-8",
};

test.each(kinds)("%s gets its list and no secret, on each system", (kind) => {
  for (const platform of ["linux", "darwin", "win32"] as const) {
    const given = {
      ...secrets,
      Path: "C:\\Windows;tools;;\\x;C:y",
      PATH: "/bin:.::rel",
      HOME: "/h",
      SYSTEMROOT: "C:\\Windows",
    };
    const kept = environmentOf(kind, given, platform);
    expect(JSON.stringify(kept), platform).not.toContain("canary");
    expect(kept, platform).toMatchObject(
      platform === "win32" ? { Path: "C:\\Windows", SYSTEMROOT: "C:\\Windows" } : { PATH: "/bin", HOME: "/h" },
    );
  }
});

test("each kind has what its program needs", () => {
  expect(environmentOf("ssh", { SSH_AUTH_SOCK: "s" }, "linux")).toEqual({ SSH_AUTH_SOCK: "s" });
  expect(environmentOf("az", { HTTPS_PROXY: "p", SSH_AUTH_SOCK: "s" }, "linux")).toEqual({ HTTPS_PROXY: "p" });
  expect(environmentOf("powershell", { exchangeinstallpath: "X" }, "win32")).toMatchObject({
    exchangeinstallpath: "X",
  });
  expect(environmentOf("powershell", {}, "win32")).toEqual({ NoDefaultCurrentDirectoryInExePath: "1" });
});

test("a tool of Windows is named by its full path, whatever SystemRoot holds", () => {
  expect(systemProgram({ SYSTEMROOT: "D:\\Win" }, "taskkill.exe")).toBe("D:\\Win\\System32\\taskkill.exe");
  for (const bad of ["", "Windows", "\\Windows", "..\\x"])
    expect(systemProgram({ SystemRoot: bad }, "reg.exe")).toBe("C:\\Windows\\System32\\reg.exe");
});

test("a started program gets no handle of this process, and a bare name is not started", async () => {
  const folder = mkdtempSync(join(tmpdir(), "realmscope-programs-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const held = openSync(join(folder, "held-open"), "w");
  onTestFinished(() => closeSync(held));
  const ls = await runProgram("/bin/ls", ["-l", "/proc/self/fd"], { kind: "system", limitMs: 5000 });
  expect(ls.output).toMatch(/ 1 -> (?:pipe|socket):/);
  expect(ls.output).not.toContain("held-open");
  expect(await runProgram("ls", [], { kind: "system", limitMs: 5000 })).toMatchObject({ code: null, failure: "error" });
  expect(await runProgram("/nowhere/x", [], { kind: "system", limitMs: 5000 })).toMatchObject({ failure: "ENOENT" });
  const slow = await runProgram("/bin/sleep", ["60"], { kind: "system", limitMs: 100 });
  expect(slow).toMatchObject({ code: null, isOverLimit: true });
});

test("the shell of a plan and az see no secret of this program", { timeout: 60_000 }, async () => {
  const lab = await startProvisioningLab();
  const folder = mkdtempSync(join(tmpdir(), "realmscope-programs-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const write = (name: string): string => {
    const path = join(folder, name);
    writeFileSync(path, `#!/bin/sh\ncat /proc/$$/environ > "${path}.environ"\nexit 3\n`);
    chmodSync(path, 0o700);
    return path;
  };
  const [powershell, az] = [write("powershell"), write("az")];
  const answers = labAnswers(lab).filter((_, index, all) => all[index] !== "--lab" && all[index - 1] !== "--lab");
  const environment = {
    ...secrets,
    REALMSCOPE_HOME: folder,
    PATH: `${folder}:${process.env.PATH ?? ""}`,
    NODE_OPTIONS: "",
  };
  await runCli(["provision", "plan", ...answers, "--powershell", powershell], { environment });
  await runCli(["provision", "plan", ...answers, "--only", "cloud", "--auth-cert", "x.cer", "--sign-in", "az"], {
    environment,
  });
  const certificate = join(folder, "auth.cer");
  writeFileSync(certificate, lab.certificate);
  const cloud = ["--only", "cloud", "--auth-cert", certificate, "--sign-in", "az"];
  await runCli(["provision", "plan", ...answers, ...cloud], { environment });
  for (const program of [powershell, az]) {
    const seen = readFileSync(`${program}.environ`, "utf8");
    expect(seen).toContain("PATH=");
    expect(seen).not.toMatch(/canary|REALMSCOPE_/i);
  }
});

test("only one module starts programs", () => {
  const files = readdirSync("src", { recursive: true, encoding: "utf8" }).filter((file) => /\.tsx?$/.test(file));
  // Types alone start nothing.
  const starters = files.filter((file) =>
    /(?:^|\n)import (?!type )[^;]*["'](?:node:)?(?:child_process|cluster)["']|(?:require|import)\(\s*["'](?:node:)?(?:child_process|cluster)|process\.binding|getBuiltinModule/.test(
      readFileSync(join("src", file), "utf8"),
    ),
  );
  expect(starters).toEqual([join("programs", "start-program.ts")]);
});
