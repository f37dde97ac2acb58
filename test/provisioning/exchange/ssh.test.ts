// SSH with the real client and the real server, connected by a pipe instead of a network (sshd -i).
import { execFileSync } from "node:child_process";
import { accessSync, chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { labControllers, labShell } from "../../../src/lab/exchange-shell/lab-directory.ts";
import { startExchangeShell } from "../../../src/provisioning/exchange/start-shell.ts";
import { labFolder, makeDirectory } from "./lab-shell.ts";

const server = "/usr/sbin/sshd";
const keyMaker = "/usr/bin/ssh-keygen";

function whyNot(): string | undefined {
  try {
    for (const file of [server, "/usr/bin/ssh", keyMaker]) accessSync(file);
  } catch {
    return "no OpenSSH client and server here";
  }
  return process.getuid?.() === 0 ? undefined : "sshd -i wants to be root";
}

/** A server of this test alone, which has the lab's shell under the name powershell.exe; gives the client's options. */
function sshServer(directory: string): readonly string[] {
  const folder = labFolder();
  for (const key of ["host", "user"]) {
    execFileSync(keyMaker, ["-q", "-t", "ed25519", "-N", "", "-f", join(folder, key)]);
  }
  const { program, programArguments } = labShell(directory);
  const words = [program, ...programArguments].map((word) => `"${word}"`).join(" ");
  writeFileSync(join(folder, "powershell.exe"), `#!/bin/sh\necho "Last login: yesterday"\nexec ${words} "$@"\n`);
  chmodSync(join(folder, "powershell.exe"), 0o755);
  // Where sshd keeps its unprivileged half.
  mkdirSync("/run/sshd", { recursive: true });
  const configuration = [
    `HostKey ${join(folder, "host")}`,
    `AuthorizedKeysFile ${join(folder, "user.pub")}`,
    `SetEnv PATH=${folder}:/usr/bin:/bin`,
    ...["StrictModes no", "UsePAM no", "PidFile none", "PermitRootLogin prohibit-password", "LogLevel QUIET"],
  ];
  writeFileSync(join(folder, "sshd_config"), `${configuration.join("\n")}\n`);
  return [
    ...["-F", "none", "-i", join(folder, "user")],
    ...["-o", `ProxyCommand=${server} -i -f ${join(folder, "sshd_config")}`],
    ...["-o", "StrictHostKeyChecking=no", "-o", `UserKnownHostsFile=${join(folder, "known")}`, "-o", "LogLevel=ERROR"],
  ];
}

test("a call passes a real SSH connection unchanged", async ({ skip }) => {
  const reason = whyNot();
  skip(reason !== undefined, reason);
  const notes: string[] = [];
  const sshArguments = sshServer(makeDirectory());
  const target = { kind: "ssh", destination: "root@ex1.contoso.example", sshArguments } as const;
  const shell = await startExchangeShell({ target, note: (line) => notes.push(line) });
  onTestFinished(() => shell.cancel());
  const name = "O'Brien’s $(exit 9) `\"日本";
  const made = await shell.call("New-MailUser", {
    Name: name,
    ExternalEmailAddress: "obrien@contoso.example",
    DomainController: labControllers[0],
  });
  expect(made).toMatchObject({ ok: true, objects: [{ Name: name }] });
  await shell.stop();
  expect(notes).toContain("Last login: yesterday");
});

test("a key that the server refuses ends with the error of ssh", async ({ skip }) => {
  const reason = whyNot();
  skip(reason !== undefined, reason);
  const other = join(labFolder(), "other");
  execFileSync(keyMaker, ["-q", "-t", "ed25519", "-N", "", "-f", other]);
  const options = sshServer(makeDirectory());
  const sshArguments = [...options, "-o", "IdentitiesOnly=yes"].map((one, index) => (index === 3 ? other : one));
  const starting = startExchangeShell({
    target: { kind: "ssh", destination: "root@ex1.contoso.example", sshArguments },
  });
  await expect(starting).rejects.toMatchObject({
    code: "shell-ended",
    message: expect.stringContaining("Permission denied"),
  });
});
