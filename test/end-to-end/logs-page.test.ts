// docs/logs.md: every command on it is run, or taken apart where it needs a Windows server; every line of the program on it is printed
// by the program; its tables are those of captures/logs and of the catalogue.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { Language, type Node, Parser } from "web-tree-sitter";
import { tracingCommands } from "../../src/app/doctor/request-tracing.ts";
import { findingCatalogue } from "../../src/diagnosis/catalogue.ts";
import { logFolders } from "../support/log-folders/log-folders.ts";
import { supportPackage } from "../support/log-folders/write-log-folders.ts";
import { runCli } from "../support/run-cli.ts";

vi.setConfig({ testTimeout: 60_000 });

const page = readFileSync("docs/logs.md", "utf8");
const blocks = [...page.matchAll(/```(\w+)\n([\s\S]*?)```/g)].map(([, language = "", text = ""]) => ({
  language,
  text,
}));
const lines = blocks.flatMap(({ text }) => text.trimEnd().split("\n"));
const folder = resolve("captures/logs/application-accepted");

let work = "";
beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), "realmscope-logs-page-"));
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

/** Arguments as cmd and PowerShell both read them: blanks part them, double quotes keep them together. */
function argumentsOf(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
}

describe("commands of this program", () => {
  const commands = lines.filter((line) => line.startsWith("realmscope "));

  test("the page begins with three for the console of the server, then one for a workstation", () => {
    const [console = [], workstation = []] = blocks.map(({ text }) => text.trimEnd().split("\n"));
    expect(console.map((line) => line.split(" ").slice(0, 2).join(" "))).toEqual([
      "realmscope doctor",
      "realmscope watch",
      "realmscope replay",
    ]);
    expect(workstation).toHaveLength(1);
    expect(workstation[0]).toContain('"\\\\EX01\\c$\\');
  });

  test.each(commands)("%s means the same in cmd and in PowerShell", (line) => {
    // What one of the two shells would expand, escape or end a text at.
    expect(line).not.toMatch(/[%^&|<>`';(){}]|\\"|\$(?!\\)/);
  });

  // In their order: one makes the folder that the next reads.
  test("each runs, on a folder of this machine in place of one of Windows", async () => {
    for (const line of commands) {
      const [, ...given] = argumentsOf(line);
      const isOfWindows = given.some((argument) => argument.includes("\\"));
      const isDefaultFolder = given.at(-1) === "--logs";
      const all = given.map((argument) => (argument.includes("\\") ? folder : argument));
      if (given[0] === "watch") all.push("--for", "1");
      const { code, stderr } = await runCli(all, { folder: work, limitMs: 50_000 });
      if (isDefaultFolder)
        expect(stderr, line).toMatch(/--logs needs a folder on this machine, which is not a Windows server/);
      else expect([0, 1, 2, 3], `${line}: ${stderr}`).toContain(code);
      expect(stderr, line).not.toMatch(/unknown (?:option|command)/);
      if (!isDefaultFolder && !isOfWindows) expect(code, `${line}: ${stderr}`).toBe(0);
    }
    expect(existsSync(join(work, "case.zip"))).toBe(true);
  });
});

test("the line of the program is printed for the folder that it is from", async () => {
  const { stdout } = await runCli(["replay", "captures/logs/application-accepted"]);
  const [shown = ""] = lines.filter((line) => line.startsWith("[OK]"));
  expect(stdout.split("\n")).toContain(shown);
});

test("each folder of captures/logs is in the row of its verdict", () => {
  const rows = page.split("\n").filter((line) => line.startsWith("| "));
  for (const { name, expected } of [...logFolders, supportPackage]) {
    const row = rows.filter((line) => line.split("|").at(-2)?.includes(`\`${name}\``));
    expect(row, name).toHaveLength(1);
    const verdict = row[0]?.split("|").at(-3) ?? "";
    expect(verdict, name).toContain(name === "refused-by-trace" ? "as traffic" : `\`${expected.verdict}\``);
  }
});

test("the findings on the page are those of the catalogue", () => {
  const codes = new Set(findingCatalogue.map(({ code }): string => code));
  const named = [...page.matchAll(/`([A-Z]+(?:_[A-Z]+)+)`/g)].map(([, code = ""]) => code);
  expect(named.length).toBeGreaterThan(4);
  expect(named.filter((code) => !codes.has(code))).toEqual([]);
});

/** The calls of appcmd in commands for PowerShell, one for each application. */
function appcmdCalls(commands: readonly string[]): string[] {
  return commands.flatMap((command) => {
    const calls = [...command.matchAll(/appcmd\.exe (.*?)(?=; |(?: \})?$)/g)].map(([, call = ""]) =>
      call.replaceAll("'Default Web Site'", '"Default Web Site"'),
    );
    const ofApplications = ["EWS", "Autodiscover"].flatMap((application) =>
      calls
        .filter((call) => call.includes("$site/$_"))
        .map((call) => call.replace("$site/$_", `Default Web Site/${application}`)),
    );
    return [...calls.filter((call) => !call.includes("$site/$_")), ...ofApplications];
  });
}

test("the commands for failed-request traces are those that doctor --logs prints, and the same for cmd", () => {
  const { on, off } = tracingCommands("Default Web Site", "401");
  const ofPowerShell = lines.filter((line) => line.includes("$env:windir"));
  expect(ofPowerShell).toEqual([...on, ...off]);
  const ofCmd = lines.filter((line) => line.startsWith("%windir%"));
  expect(ofCmd).toEqual(appcmdCalls([...on, ...off]).map((call) => `%windir%\\System32\\inetsrv\\appcmd.exe ${call}`));
});

test("what is for PowerShell parses as PowerShell", async () => {
  const packageFolder = dirname(createRequire(import.meta.url).resolve("tree-sitter-powershell/package.json"));
  await Parser.init();
  const parser = new Parser();
  parser.setLanguage(await Language.load(join(packageFolder, "tree-sitter-powershell.wasm")));
  const texts = blocks.filter(({ language }) => language === "powershell").map(({ text }) => text);
  expect(texts.length).toBeGreaterThan(2);
  const faults = texts.flatMap((text) => errorsIn(parser.parse(text)?.rootNode));
  expect(faults).toEqual([]);
});

function errorsIn(node: Node | undefined): string[] {
  if (node === undefined) return ["no tree"];
  if (node.isError || node.isMissing) return [node.text];
  return node.hasError ? node.children.flatMap((child) => (child === null ? [] : errorsIn(child))) : [];
}
