// `--print-loader` prints what a stand-in for PowerShell is really given: its arguments and its standard input.
import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { labPlace, makeHome } from "../../support/provisioning-answers.ts";
import { startProvisioningLab } from "../../support/provisioning-lab.ts";
import { lastJson, runCli } from "../../support/run-cli.ts";

function write(program: string, bytes: number): void {
  const keep = `printf '%s\\n' "$@" > "$0.arguments"; head -c ${bytes} > "$0.input"`;
  writeFileSync(program, `#!/bin/sh\n${keep}\n`);
  chmodSync(program, 0o755);
}

/** A program that keeps its arguments, one a line, and the first bytes of its input. */
function standIn(name: string): { readonly program: string; readonly given: (what: "arguments" | "input") => string } {
  const folder = join(makeHome(), "bin");
  mkdirSync(folder, { mode: 0o755 });
  const program = join(folder, name);
  write(program, 1);
  return { program, given: (what) => readFileSync(`${program}.${what}`, "utf8") };
}

test.skipIf(process.platform === "win32")("what is printed is what is started", { timeout: 60_000 }, async () => {
  const lab = await startProvisioningLab();
  const { program, given } = standIn("powershell.exe");
  const place = labPlace(lab).filter((_, index, all) => all[index] !== "--lab" && all[index - 1] !== "--lab");
  const line = ["provision", "plan", ...place, "--profile", "teams", "--only", "exchange", "--powershell", program];
  const environment = { REALMSCOPE_HOME: makeHome() };
  const printed = await runCli([...line, "--print-loader", "--json"], { environment });
  expect(printed).toMatchObject({ code: 0, stderr: "" });
  expect(existsSync(`${program}.arguments`)).toBe(false);
  const document = lastJson(printed.stdout) as Readonly<Record<string, string>> & {
    readonly arguments: readonly string[];
  };
  const text = await runCli([...line, "--print-loader"], { environment });
  expect(text.stdout).toContain(document.standardInput);
  for (const one of document.arguments) expect(text.stdout).toContain(`\n  ${one}\n`);
  write(program, (document.standardInput ?? "").length);
  const real = await runCli(line, { environment, limitMs: 50_000 });
  expect(real.code).toBe(5);
  expect(document.program).toBe(program);
  expect(given("arguments")).toBe(`${document.arguments.join("\n")}\n`);
  expect(given("input").startsWith(document.standardInput ?? "x")).toBe(true);
  // Readable: no base64, no double quote, nothing that cmd.exe expands, and the hash of the script that follows.
  const loader = document.arguments.at(-1) ?? "";
  expect(document.arguments).not.toContain("-EncodedCommand");
  expect(document.arguments).not.toContain("Bypass");
  expect(loader).not.toMatch(/FromBase64|["%\n]/);
  const [, end = ""] = /-cne '([^']+)'/.exec(loader) ?? [];
  const script = (document.standardInput ?? "").slice(0, -(end.length + 1));
  expect(loader).toContain(createHash("sha256").update(script).digest("hex").toUpperCase());
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII, whatever the code page of the console is
  expect(document.standardInput).toMatch(/^[\x09\x0a\x20-\x7e]*$/);
});

test("over SSH the encoded form is the same loader", async () => {
  const line = ["provision", "plan", "--exchange", "ssh", "--exchange-host", "admin@ex1.contoso.example"];
  const { program } = standIn("ssh");
  const environment = { REALMSCOPE_HOME: makeHome(), PATH: `${join(program, "..")}:/usr/bin:/bin` };
  const printed = await runCli([...line, "--print-loader", "--json"], { environment });
  const document = lastJson(printed.stdout) as Readonly<Record<string, string>> & {
    readonly arguments: readonly string[];
  };
  expect(document.program).toBe(program);
  expect(Buffer.from(document.arguments.at(-1) ?? "", "base64").toString("utf16le")).toBe(document.loader);
  expect(document.arguments.join(" ").length).toBeLessThan(8000);
});
