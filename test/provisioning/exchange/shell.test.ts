import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readDirectory } from "../../../src/lab/exchange-shell/directory-state.ts";
import { labControllers, labShell } from "../../../src/lab/exchange-shell/lab-directory.ts";
import type { ShellTarget } from "../../../src/provisioning/exchange/shell-command.ts";
import { startExchangeShell } from "../../../src/provisioning/exchange/start-shell.ts";
import { labFolder, makeDirectory, openLabShell } from "./lab-shell.ts";

const [dc] = labControllers;
const account = { Name: "Account", ExternalEmailAddress: "account@contoso.example", DomainController: dc };

test("a call is sent to the shell and its objects come back as data", async () => {
  const { shell } = await openLabShell(makeDirectory());
  expect(shell.facts).toMatchObject({ edition: "Desktop", is64Bit: true, isElevated: true, hidden: [] });
  const made = await shell.call("New-MailUser", account);
  expect(made).toMatchObject({ ok: true, warnings: [], objects: [{ Name: "Account", RecipientType: "MailUser" }] });
  const found = await shell.call("Get-MailUser", { Identity: "Account", DomainController: dc });
  expect(found).toEqual(made);
});

test("chatter, frames in pieces, CLIXML and frames of more than 64 KB leave the answers whole", async () => {
  const manner = { isChatty: true, language: "zh-TW", warningBytes: 70_000 } as const;
  const { shell, notes } = await openLabShell(makeDirectory({ manner }));
  const answer = await shell.call("New-MailUser", account);
  if (!answer.ok) throw new Error(answer.error.message);
  expect(answer.objects).toHaveLength(1);
  expect(answer.warnings.join("").length).toBeGreaterThan(8000);
  await shell.stop();
  expect(notes).toContain("歡迎使用 Exchange 管理命令介面!");
  expect(notes).toContain("warning: 正在連線到伺服器 <EX1>");
  // What looked like a frame had another nonce: it is chatter.
  expect(notes).toContain(`@@${"0".repeat(32)}:1:e30=`);
});

test.each([
  ["en-US", false],
  ["en-US", true],
  ["zh-TW", false],
  ["zh-TW", true],
] as const)("an error has the same type and id in %s, remote: %s", async (language, isRemote) => {
  const { shell } = await openLabShell(makeDirectory({ manner: { language, isRemote } }));
  await shell.call("New-MailUser", account);
  const known = async (cmdlet: string, parameters: object): Promise<unknown> => {
    const answer = await shell.call(cmdlet, { ...parameters, DomainController: dc });
    return answer.ok ? "ok" : [answer.error.type, answer.error.id.split(",")[0], answer.effectUnknown];
  };
  expect(await known("Get-MailUser", { Identity: "Nobody" })).toEqual([
    "ManagementObjectNotFoundException",
    "8D22F2BA",
    false,
  ]);
  expect(await known("New-MailUser", account)).toEqual(["ADObjectAlreadyExistsException", "25E6BF5C", false]);
  expect(await known("New-MailUser", { ...account, Name: "Other" })).toEqual([
    "ProxyAddressExistsException",
    "B0BA1A31",
    false,
  ]);
  expect(await known("Remove-MailUser", { Identity: "Account" })).toEqual([
    "PSInvalidOperationException",
    "InvalidOperation",
    false,
  ]);
});

test.each([
  ["Invoke-Expression", {}, "CmdletNotAllowed"],
  ["Get-MailUser; Remove-MailUser", {}, "CmdletNotAllowed"],
  ["Get-MailUser", { Anr: "x" }, "ParameterNotAllowed"],
])("%s %j is refused inside the shell", async (cmdlet, parameters, type) => {
  const { shell } = await openLabShell(makeDirectory());
  expect(await shell.call(cmdlet, parameters)).toMatchObject({ ok: false, effectUnknown: false, error: { type } });
});

test("what role based access hides is known beforehand and fails with its type", async () => {
  const hidden = ["New-PartnerApplication", "New-MailUser -DomainController"];
  const { shell } = await openLabShell(makeDirectory({ manner: { hidden } }));
  expect([...shell.facts.hidden].sort()).toEqual(["New-MailUser -DomainController", "New-PartnerApplication"]);
  expect(await shell.call("New-PartnerApplication", {})).toMatchObject({ error: { type: "CommandNotFoundException" } });
  expect(await shell.call("New-MailUser", account)).toMatchObject({
    error: { type: "ParameterBindingException", id: "NamedParameterNotFound,New-MailUser" },
  });
});

test("a shell that dies after the effect leaves the effect unknown, and reports that", async () => {
  const directory = makeDirectory({ faults: [{ cmdlet: "New-MailUser", kind: "die-after" }] });
  const { shell } = await openLabShell(directory);
  expect(await shell.call("New-MailUser", account)).toMatchObject({
    ok: false,
    effectUnknown: true,
    error: { type: "ShellEnded" },
  });
  expect(await shell.call("Get-MailUser", { Identity: "Account" })).toMatchObject({ ok: false, effectUnknown: false });
  const again = await openLabShell(directory);
  const found = await again.shell.call("Get-MailUser", { Identity: "Account", DomainController: dc });
  expect(found).toMatchObject({ ok: true, objects: [{ Name: "Account" }] });
});

test.each([
  ["New-MailUser", "hang-before", true],
  ["New-MailUser", "hang-after", true],
  ["Get-MailUser", "hang-before", false],
] as const)("%s that hangs (%s) ends at its time limit with its process", async (cmdlet, kind, effectUnknown) => {
  const { shell } = await openLabShell(makeDirectory({ faults: [{ cmdlet, kind }] }), { readMs: 700, writeMs: 700 });
  const parameters = cmdlet === "New-MailUser" ? account : {};
  expect(await shell.call(cmdlet, parameters)).toMatchObject({
    ok: false,
    effectUnknown,
    error: { type: "ShellTimeLimit" },
  });
  // Resolves only when the process has ended.
  await shell.stop();
});

test.skipIf(process.platform === "win32")("processes that the shell started end with it", async () => {
  const directory = makeDirectory({ faults: [{ cmdlet: "Get-User", kind: "hang-before" }] });
  const { program, programArguments } = labShell(directory);
  const folder = labFolder();
  const outer = join(folder, "powershell.exe");
  // A shell between, as a script would be: it waits for who does the work.
  const words = [program, ...programArguments].map((word) => `"${word}"`).join(" ");
  writeFileSync(outer, `#!/bin/sh\nexec 3<&0\n${words} "$@" <&3 &\nwait\n`);
  chmodSync(outer, 0o755);
  const target = { kind: "program", program: outer, programArguments: [] } as const;
  const shell = await startExchangeShell({ target, limits: { readMs: 500 } });
  expect(await shell.call("Get-User", {})).toMatchObject({ error: { type: "ShellTimeLimit" } });
  // Resolves when nobody holds the pipes any more: the one in the background held them.
  await shell.stop();
});

test("stop waits for the call in progress; a later call is not made", async () => {
  const directory = makeDirectory();
  const { shell } = await openLabShell(directory);
  const running = shell.call("New-MailUser", account);
  const stopped = shell.stop();
  expect(await running).toMatchObject({ ok: true });
  await stopped;
  expect(await shell.call("Get-MailUser", {})).toMatchObject({
    ok: false,
    effectUnknown: false,
    error: { type: "ShellStopped" },
  });
  expect(readDirectory(directory).calls.map((one) => one.cmdlet)).toEqual(["New-MailUser"]);
});

test("cancel ends the shell in the middle of a call", async () => {
  const { shell } = await openLabShell(makeDirectory({ faults: [{ cmdlet: "New-MailUser", kind: "hang-after" }] }));
  const running = shell.call("New-MailUser", account);
  await shell.cancel();
  expect(await running).toMatchObject({ ok: false, effectUnknown: true });
});

test("calls made at once are answered one after the other", async () => {
  const directory = makeDirectory();
  const { shell } = await openLabShell(directory);
  const names = ["a", "b", "c", "d"];
  const answers = await Promise.all(names.map((name) => shell.call("Get-User", { Identity: name })));
  expect(answers.every((answer) => !answer.ok)).toBe(true);
  expect(readDirectory(directory).calls.map((one) => one.parameters.Identity)).toEqual(names);
});

test("half of a surrogate pair is refused, not replaced", async () => {
  const { shell } = await openLabShell(makeDirectory());
  expect(await shell.call("Get-User", { Identity: "a\ud800" })).toMatchObject({ error: { type: "ValueNotText" } });
});

test.each([
  ["shell-constrained", { languageMode: "ConstrainedLanguage" }, "ConstrainedLanguage"],
  ["shell-online-module", { hasOnlineModule: true }, "Exchange Online"],
  ["shell-no-exchange", { hasExchange: false }, "Management Shell"],
] as const)("%s is told with its reason and the way out", async (code, manner, word) => {
  const starting = openLabShell(makeDirectory({ manner }));
  await expect(starting).rejects.toMatchObject({
    code,
    message: expect.stringContaining(word),
    hint: expect.stringContaining("provision script"),
  });
});

/** A stand-in for ssh: takes its arguments as ssh does, and gives the command to a shell as sshd does. */
function sshStandIn(directory: string): string {
  const folder = labFolder();
  const { program, programArguments } = labShell(directory);
  const remote = join(folder, "powershell.exe");
  writeFileSync(remote, `#!/bin/sh\nexec "${program}" ${programArguments.map((one) => `"${one}"`).join(" ")} "$@"\n`);
  const ssh = join(folder, "ssh");
  writeFileSync(
    ssh,
    `#!/bin/sh\nwhile [ "$1" != "--" ]; do shift; done\nshift\n[ "$1" = "admin@ex1.contoso.example" ] || exit 255\nshift\nPATH="${folder}:$PATH" exec /bin/sh -c "$*"\n`,
  );
  for (const file of [remote, ssh]) chmodSync(file, 0o755);
  return ssh;
}

test.skipIf(process.platform === "win32")("the same frames go through an SSH connection", async () => {
  const ssh = sshStandIn(makeDirectory());
  const target: ShellTarget = { kind: "ssh", destination: "admin@ex1.contoso.example", ssh };
  const shell = await startExchangeShell({ target });
  onTestFinished(() => shell.cancel());
  expect(await shell.call("New-MailUser", account)).toMatchObject({ ok: true });
  await shell.stop();
});

test.skipIf(process.platform === "win32")(
  "an SSH connection that fails is reported with the last error of ssh",
  async () => {
    const ssh = sshStandIn(makeDirectory());
    const starting = startExchangeShell({ target: { kind: "ssh", destination: "elsewhere", ssh } });
    await expect(starting).rejects.toMatchObject({ code: "shell-ended" });
  },
);

test.skipIf(process.platform === "win32")("PowerShell 7 cannot load the management shell: reported", async () => {
  const ssh = sshStandIn(makeDirectory({ manner: { edition: "Core" } }));
  const starting = startExchangeShell({ target: { kind: "ssh", destination: "admin@ex1.contoso.example", ssh } });
  await expect(starting).rejects.toMatchObject({ code: "shell-core-edition" });
});

test.each<[string, ShellTarget]>([
  ["bad-name", { kind: "ssh", destination: "-oProxyCommand=touch /tmp/x" }],
  ["bad-name", { kind: "ssh", destination: "host; reboot" }],
  ["bad-name", { kind: "remote", server: "ex1/../../x", powershell: "powershell.exe" }],
  ["shell-not-found", { kind: "program", program: "/nowhere/powershell.exe", programArguments: [] }],
])("%s: %j", async (code, target) => {
  await expect(startExchangeShell({ target })).rejects.toMatchObject({ code });
});
