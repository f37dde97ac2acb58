// Emitted text on the real PowerShell engine: its own parser, and its own execution with stub cmdlets. Without the .NET SDK
// or an installed PowerShell these tests are skipped, with the reason.
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { makeAuthCertificate } from "../../../src/lab/keys.ts";
import { allowedCmdlets } from "../../../src/provisioning/exchange/allowed-cmdlets.ts";
import { bootstrapInput, bootstrapScript, loaderScript } from "../../../src/provisioning/exchange/bootstrap.ts";
import { quotePowerShell } from "../../../src/provisioning/exchange/command-text.ts";
import { createFrameReader, requestFrame } from "../../../src/provisioning/exchange/frames.ts";
import { startExchangeShell } from "../../../src/provisioning/exchange/start-shell.ts";
import { decodeReply, encodeWireObject } from "../../../src/provisioning/exchange/wire-json.ts";
import { readSettings } from "../../../src/provisioning/model/settings.ts";
import { renderScripts, type ScriptFile } from "../../../src/provisioning/scripts/all-scripts.ts";
import { renderCloudScript, renderCloudUndoScript } from "../../../src/provisioning/scripts/cloud-script.ts";
import { renderExchangeScript } from "../../../src/provisioning/scripts/exchange-script.ts";
import { renderExchangeUndoScript } from "../../../src/provisioning/scripts/exchange-undo-script.ts";
import { readScriptResult, type ScriptResult } from "../../../src/provisioning/scripts/script-result.ts";
import { stepsFor } from "../../../src/provisioning/steps/all-steps.ts";
import { collectOutput } from "../../support/collect-output.ts";
import { type Engine, findEngines, parseWith, type SyntaxTree } from "../../support/powershell-engine.ts";
import { readStubCalls, stubScript } from "../../support/stub-commands.ts";
import { labFolder } from "../exchange/lab-shell.ts";
import { cloudInput, exchangeInput, hostileName } from "./script-input.ts";

const answers = {
  domain: "contoso.example",
  dc: "dc1.contoso.example",
  tenant: "7f3c1e2a-9b14-4c0d-8a55-0d2b6f1e90aa",
};
const procedure = readSettings({
  ...answers,
  profile: "both",
  names: { SfBOnline: hostileName },
});
const { engines, noHost } = await findEngines();
const host = engines.find((one) => one.isHost);

/** What the engine itself has (InitialSessionState.CreateDefault2), as far as it is used. */
// Set-StrictMode holds for the script alone.
const engineCommands = ["ForEach-Object", "Where-Object", "Get-Command", "Get-Module", "Set-StrictMode"];
const environmentCommands = ["Get-MgEnvironment", "Add-MgEnvironment", "Set-MgEnvironment"];
const graphCommands = [
  ...environmentCommands,
  "Connect-MgGraph",
  "Get-MgServicePrincipal",
  "Update-MgServicePrincipal",
  "Get-MgRequestContext",
  "Set-MgRequestContext",
];
const connecting = ["Connect-ExchangeServer", "New-PSSession", "Import-PSSession", "Remove-PSSession"];
const textTypes = [
  "Console",
  "Convert",
  "Text.Encoding",
  "string",
  "array",
  "bool",
  "int",
  "long",
  "byte[]",
  "char",
  "datetime",
  "regex",
  "void",
];
const types = [
  ...textTypes,
  ...[
    "Collections.ArrayList",
    "Collections.IDictionary",
    "Collections.IEnumerable",
    "Collections.IList",
    "byte",
    "IO.Path",
    "NullString",
    "Environment",
    "IO.File",
    "switch",
  ],
  ...["Security.Cryptography.X509Certificates.X509Certificate2", "BitConverter"],
];

test("the engine's package is available here", ({ skip }) => {
  skip(host === undefined, `no PowerShell engine: ${noHost}`);
  expect(host).toBeDefined();
});

describe.skipIf(host === undefined)("the engine's own parser", () => {
  async function parse(texts: Readonly<Record<string, string>>): Promise<readonly SyntaxTree[]> {
    const folder = labFolder();
    const files = Object.entries(texts).map(([name, text]) => {
      const file = join(folder, name);
      writeFileSync(file, text);
      return file;
    });
    return host === undefined ? [] : parseWith(host, files);
  }

  test("scripts parse and call only what is allowed, with hostile names in them", async () => {
    const trees = await parse({
      "exchange.ps1": renderExchangeScript(exchangeInput()),
      "exchange-undo.ps1": renderExchangeUndoScript(exchangeInput()),
      "cloud.ps1": renderCloudScript(cloudInput()),
      "cloud-given.ps1": renderCloudScript(cloudInput(["AAEC"])),
      "cloud-undo.ps1": renderCloudUndoScript(cloudInput()),
      ...Object.fromEntries(renderScripts(procedure, []).map((file) => [file.name, file.text])),
      ...Object.fromEntries(
        renderScripts(readSettings({ ...answers, cloud: "delos" }), []).map((file) => [
          `delos-${file.name}`,
          file.text,
        ]),
      ),
    });
    for (const tree of trees) {
      expect(tree.errors, tree.file).toEqual([]);
      const named = new Set([
        ...allowedCmdlets.keys(),
        ...graphCommands,
        ...engineCommands,
        "ConvertFrom-Json",
        ...tree.functions,
      ]);
      const dynamic = [
        "& $find",
        "& $find $given",
        "& $select $found",
        "& $conflict $found",
        "& $select (Find-Objects $find)",
        "& $make $found",
        "& $undo $item $found",
      ];
      for (const command of tree.commands) {
        if (command.name === null) expect(dynamic, tree.file).toContain(command.text);
        else expect(named, `${tree.file}: ${command.text}`).toContain(command.name);
        expect(command.call, command.text).not.toBe("Dot");
      }
      expect(
        tree.types.filter((type) => !types.includes(type)),
        tree.file,
      ).toEqual([]);
    }
    // The name is one text, read as it was given, and nothing of it has become a command.
    expect(trees[0]?.texts).toContain(hostileName);
    expect(trees[0]?.commands.map((command) => command.name)).not.toContain("Remove-MailUser");
  });

  test("the bootstrap makes its allowed calls by one dynamic call, and nothing evaluates text", async () => {
    const [bootstrap, loader] = await parse({ "bootstrap.ps1": bootstrapScript(), "loader.ps1": loaderScript() });
    if (bootstrap === undefined || loader === undefined) throw new Error("no trees");
    expect([...bootstrap.errors, ...loader.errors]).toEqual([]);
    const named = [...engineCommands, ...connecting, "ConvertFrom-Json", ...bootstrap.functions];
    const others = bootstrap.commands.filter((one) => one.name === null || !named.includes(one.name));
    expect(others.map((one) => one.text)).toEqual([
      `. "$($env:ExchangeInstallPath)bin\\RemoteExchange.ps1"`,
      "& $command @parameters -ErrorAction Stop 3>&1",
    ]);
    expect(loader.commands.map((one) => one.text)).toEqual(["& ([scriptblock]::Create($script))"]);
    for (const tree of [bootstrap, loader]) {
      expect(tree.methods.join(" ")).not.toMatch(/InvokeScript|Invoke\(|NewScriptBlock/);
    }
    expect(bootstrap.methods.join(" ")).not.toContain("scriptblock");
  });

  test("any text in single quotes is read back unchanged", async () => {
    const one = fc.oneof(
      fc.constantFrom(
        "'",
        "\u2018",
        "\u2019",
        "\u201a",
        "\u201b",
        "\u201c",
        "\u201d",
        "\u201e",
        "`",
        "$",
        "(",
        ")",
        ";",
        "\u2013",
        "#",
        '"',
        "@",
      ),
      fc.string({ unit: "grapheme", minLength: 1, maxLength: 1 }),
    );
    const hostile = fc.array(one, { maxLength: 12 }).map((parts) => parts.join(""));
    const texts = fc.sample(hostile, { numRuns: 2000, seed: 8 }).filter((text) => isPrintable(text));
    const source = texts.map((text) => `$x = ${quotePowerShell(text)}`).join("\n");
    const [tree] = await parse({ "quotes.ps1": `\ufeff${source}` });
    expect(tree?.errors).toEqual([]);
    expect(tree?.commands).toEqual([]);
    expect(new Set(tree?.texts)).toEqual(new Set(texts));
  });

  test("a missing brace is an error", async () => {
    const text = renderExchangeScript(exchangeInput());
    const [tree] = await parse({ "mutant.ps1": text.slice(0, text.lastIndexOf("}")) });
    expect(tree?.errors).not.toEqual([]);
  });
});

function isPrintable(text: string): boolean {
  try {
    quotePowerShell(text);
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(host === undefined)("the bootstrap on the engine", () => {
  async function open(
    seed = "",
    left: readonly string[] = [],
  ): Promise<{ shell: Awaited<ReturnType<typeof startExchangeShell>>; record: string }> {
    const folder = labFolder();
    const record = join(folder, "calls");
    const prelude = join(folder, "stub.ps1");
    writeFileSync(prelude, stubScript(record, seed, { left }));
    const { program, programArguments } = host as Engine;
    const shell = await startExchangeShell({
      target: { kind: "program", program, programArguments: [...programArguments, "--prelude", prelude] },
    });
    onTestFinished(() => shell.cancel());
    return { shell, record };
  }

  test("parameters arrive unchanged, whatever they hold, and come back unchanged", async () => {
    const { shell, record } = await open();
    const ApplicationIdentifier = "00000004-0000-0ff1-ce00-000000000000";
    expect(shell.facts).toMatchObject({ edition: "Core", is64Bit: true, hidden: ["New-MailUser -ApplicationAccount"] });
    const sent: string[] = [];
    const text = fc.oneof(
      fc.string({ unit: "grapheme", minLength: 1 }),
      fc.constantFrom(
        hostileName,
        "2026-11-24T00:00:00Z",
        "/Date(0)/",
        "\\/Date(1)\\/",
        "a\nb\0c\r\u2028",
        "$(exit)",
        "'@",
        "True",
        "null",
      ),
    );
    await fc.assert(
      fc.asyncProperty(text, async (name) => {
        const unique = `${name}${sent.length}`;
        sent.push(unique);
        const answer = await shell.call("New-PartnerApplication", {
          Name: unique,
          ApplicationIdentifier,
          Enabled: true,
        });
        expect(answer).toMatchObject({ ok: true, objects: [{ Name: unique, Enabled: true }] });
      }),
      { numRuns: 150 },
    );
    expect(readStubCalls(record).map((call) => call.parameters)).toEqual(
      sent.map((Name) => ({ Name, ApplicationIdentifier, Enabled: true })),
    );
  }, 120_000);

  test("errors have type and id, and the table refuses all else before any command is resolved", async () => {
    const { shell, record } = await open();
    expect(await shell.call("Get-MailUser", { Identity: "Nobody" })).toMatchObject({
      ok: false,
      effectUnknown: false,
      error: { id: "ManagementObjectNotFoundException", category: "NotSpecified" },
    });
    expect(await shell.call("Invoke-Expression", { Command: "exit" })).toMatchObject({
      error: { type: "CmdletNotAllowed" },
    });
    expect(await shell.call("Get-MailUser", { OutVariable: "x" })).toMatchObject({
      error: { type: "ParameterNotAllowed" },
    });
    expect(readStubCalls(record)).toHaveLength(1);
  });

  test("dates, bytes, lists, null and warnings keep their type", async () => {
    const { shell } = await open(`
      [void](Add-Stub 'AuthConfig' @{
        NextCertificateEffectiveDate = [datetime]::SpecifyKind([datetime]'2026-11-24T12:00:00', 'Utc'); ServiceName = $null
        Realm = [byte[]](0, 255); PreviousCertificateThumbprint = [Collections.ArrayList]@([byte]1, [byte]2); CurrentCertificateThumbprint = @('a', [guid]::Empty)
      })
      function global:Get-User { [CmdletBinding()] param($Identity, $DomainController)
        $PSCmdlet.WriteWarning('careful ' + [char]0x2019)
        [pscustomobject]@{ Name = 'one' }; [pscustomobject]@{ Name = 'two' } }`);
    expect(await shell.call("Get-AuthConfig", {})).toEqual({
      ok: true,
      warnings: [],
      objects: [
        {
          CurrentCertificateThumbprint: ["a", "00000000-0000-0000-0000-000000000000"],
          NextCertificateEffectiveDate: "2026-11-24T12:00:00.0000000Z",
          PreviousCertificateThumbprint: "AQI=",
          Realm: "AP8=",
          ServiceName: null,
        },
      ],
    });
    expect(await shell.call("Get-User", {})).toEqual({
      ok: true,
      warnings: ["careful \u2019"],
      objects: [{ Name: "one" }, { Name: "two" }],
    });
  });

  test("the build of the machine is the file version of ExSetup.exe; none without Exchange", async () => {
    const [program = ""] = host?.programArguments ?? [];
    const folder = labFolder();
    // The host's own assembly has a file version; the backslash is a part of the name here.
    writeFileSync(join(folder, "bin\\ExSetup.exe"), readFileSync(program));
    const { shell } = await open(`$env:ExchangeInstallPath = '${folder}/'`);
    expect(shell.facts.machine).toEqual({ name: hostname().split(".")[0], setupVersion: "15.2.2562.41" });
    const other = await open(`$env:ExchangeInstallPath = '${folder}/nowhere/'`);
    expect(other.shell.facts.machine).toBeNull();
  });

  test("role based access is detected: a missing cmdlet and a missing parameter", async () => {
    const left = ["Get-OabVirtualDirectory"];
    const { shell } = await open("function global:New-MailUser { [CmdletBinding()] param($Name) }", left);
    expect([...shell.facts.hidden].sort()).toEqual([
      "Get-OabVirtualDirectory",
      "New-MailUser -ApplicationAccount",
      "New-MailUser -DomainController",
      "New-MailUser -ExternalEmailAddress",
    ]);
    expect(await shell.call("Get-OabVirtualDirectory", {})).toMatchObject({
      error: { type: "CommandNotFoundException" },
    });
    expect(await shell.call("New-MailUser", { Name: "a", DomainController: "b" })).toMatchObject({
      error: { type: "ParameterBindingException", id: "NamedParameterNotFound,New-MailUser" },
    });
  });

  test("constrained language mode is reported with its name", async () => {
    const { program, programArguments } = host as Engine;
    const target = { kind: "program", program, programArguments: [...programArguments, "--constrained"] } as const;
    await expect(startExchangeShell({ target })).rejects.toMatchObject({
      code: "shell-constrained",
      message: expect.stringContaining("ConstrainedLanguage"),
    });
  });

  /** A program called powershell.exe that is the engine with the stub commands. */
  function stubPowerShell(): { readonly powershell: string; readonly folder: string; readonly record: string } {
    const folder = labFolder();
    const record = join(folder, "calls");
    writeFileSync(join(folder, "stub.ps1"), stubScript(record, ""));
    const { program, programArguments } = host as Engine;
    const words = [program, ...programArguments, "--prelude", join(folder, "stub.ps1")].map((word) => `"${word}"`);
    const powershell = join(folder, "powershell.exe");
    writeFileSync(powershell, `#!/bin/sh\nexport ExchangeInstallPath="${folder}/"\nexec ${words.join(" ")} "$@"\n`);
    chmodSync(powershell, 0o755);
    return { powershell, folder, record };
  }

  // Both ways end with the refusal of this engine, which is PowerShell 7: after the connection was made.
  test("a remote session is opened with Kerberos for the allowed cmdlets only, and closed", async () => {
    const { powershell, record } = stubPowerShell();
    const target = { kind: "remote", server: "ex1.contoso.example", powershell } as const;
    await expect(startExchangeShell({ target })).rejects.toMatchObject({ code: "shell-core-edition" });
    const [made, imported, removed] = readStubCalls(record);
    expect(made).toEqual({
      cmdlet: "New-PSSession",
      parameters: {
        ConfigurationName: "Microsoft.Exchange",
        ConnectionUri: "http://ex1.contoso.example/PowerShell/",
        Authentication: "Kerberos",
      },
    });
    expect(imported).toMatchObject({ cmdlet: "Import-PSSession", parameters: { Session: "session New" } });
    // Exchange 2013 has the older name of Get-ClientAccessService alone.
    const names = new Set([...allowedCmdlets.keys(), "Get-ClientAccessServer"]);
    expect(new Set(imported?.parameters.CommandName as string[])).toEqual(names);
    expect(removed).toEqual({ cmdlet: "Remove-PSSession", parameters: { Session: "session New" } });
  });

  test("a session that cannot be opened is reported by type and id", async () => {
    const { powershell, folder } = stubPowerShell();
    const refuse =
      "function global:New-PSSession { Stop-Stub 'AccessDenied,PSSessionOpenFailed' 'New-PSSession' 'ex1' }";
    writeFileSync(join(folder, "stub.ps1"), `${readFileSync(join(folder, "stub.ps1"), "utf8")}\n${refuse}\n`);
    const target = { kind: "remote", server: "ex1", powershell } as const;
    await expect(startExchangeShell({ target })).rejects.toMatchObject({
      code: "shell-no-connection",
      message: expect.stringContaining("AccessDenied,PSSessionOpenFailed"),
    });
  });

  test("the local management shell is loaded as its own script loads it, in one scope", async () => {
    const { powershell, folder, record } = stubPowerShell();
    mkdirSync(join(folder, "bin"));
    // As the real one: functions without `global:`, a banner, and objects left over.
    writeFileSync(
      join(folder, "bin", "RemoteExchange.ps1"),
      "function Connect-ExchangeServer { param([switch]$auto, $ClientApplication) Invoke-Stub 'Connect-ExchangeServer' $PSBoundParameters; 'left over' }\n[Console]::Out.WriteLine('Welcome')\n'more'\n",
    );
    await expect(startExchangeShell({ target: { kind: "local", powershell } })).rejects.toMatchObject({
      code: "shell-core-edition",
    });
    expect(readStubCalls(record)).toEqual([
      { cmdlet: "Connect-ExchangeServer", parameters: { auto: true, ClientApplication: "ManagementShell" } },
    ]);
  });

  test("lines that are not requests are skipped, and a broken request gets an answer", async () => {
    const folder = labFolder();
    const prelude = join(folder, "stub.ps1");
    writeFileSync(prelude, stubScript(join(folder, "calls"), ""));
    const nonce = "0123456789abcdef".repeat(2);
    const text = (value: string): object => ({ s: Buffer.from(value).toString("base64") });
    const call = JSON.stringify({
      op: text("call"),
      cmdlet: text("New-MailUser"),
      parameters: { o: { Name: text("x"), ExternalEmailAddress: text("x@contoso.example") } },
    });
    const junk = [
      "",
      "@@",
      "@>",
      "exit",
      "\u0000\u0007",
      `@>${nonce}:x:AA==`,
      `@>${"f".repeat(31)}:1:AA==`,
      "é".repeat(3000),
    ];
    const input = [
      bootstrapInput().trimEnd(),
      ...junk,
      requestFrame(nonce, 1, "{").trimEnd(),
      requestFrame("f".repeat(32), 2, call).trimEnd(),
      `@>${nonce}:3:not base64!`,
      `@>${nonce}:4:A`,
      requestFrame(nonce, 5, "[1,2]").trimEnd(),
      requestFrame(nonce, 6, call).trimEnd(),
    ];
    const { program, programArguments } = host as Engine;
    const all = [...programArguments, "--prelude", prelude, "-Command", loaderScript()];
    const { stdout, stderr } = await collectOutput(program, all, `${input.join("\n")}\n`);
    expect(stderr).toBe("");
    const frames = createFrameReader(nonce)(Buffer.from(stdout)).flatMap((line) =>
      "frame" in line ? [line.frame] : [],
    );
    expect(frames.map((frame) => [frame.id, decodeReply(frame.text).ok])).toEqual([
      [1, false],
      [4, false],
      [6, true],
    ]);
    // The end of stdin ended the shell; the foreign nonce made nothing.
    expect(readStubCalls(join(folder, "calls"))).toHaveLength(1);
  });

  test("an error that RemoteExchange.ps1 continues after does not end the connection; later ones stop", async () => {
    const folder = labFolder();
    mkdirSync(join(folder, "bin"));
    const script = `Get-Command -Name No-SuchCommand
function Connect-ExchangeServer { [CmdletBinding()] param([switch]$Auto, $ClientApplication) Get-Command -Name No-SuchOther; 'a banner' }
`;
    writeFileSync(join(folder, "bin", "RemoteExchange.ps1"), script);
    const prelude = join(folder, "stub.ps1");
    const seed = `$env:ExchangeInstallPath = '${folder}/'`;
    writeFileSync(prelude, stubScript(join(folder, "calls"), seed));
    const { program, programArguments } = host as Engine;
    const ask = (id: number, body: object): string =>
      requestFrame("a".repeat(32), id, JSON.stringify(encodeWireObject(body as never)));
    const input = [
      bootstrapInput(),
      ask(1, { op: "connect", way: "auto", uri: "" }),
      ask(2, { op: "call", cmdlet: "Get-MailUser", parameters: { Identity: "Nobody" } }),
    ];
    const all = [...programArguments, "--prelude", prelude, "-Command", loaderScript()];
    const { stdout } = await collectOutput(program, all, input.join(""));
    const frames = createFrameReader("a".repeat(32))(Buffer.from(stdout)).flatMap((line) =>
      "frame" in line ? [JSON.parse(line.frame.text)] : [],
    );
    expect(frames).toMatchObject([
      { ok: true, connection: "connected" },
      { ok: false, error: { id: "ManagementObjectNotFoundException" } },
    ]);
  });

  test("Exchange 2013 answers under its older name, Get-ClientAccessServer", async () => {
    const older = `function global:Get-ClientAccessServer { [CmdletBinding()] param($Identity, $DomainController)
      [pscustomobject]@{ Name = 'EX2013'; AutoDiscoverServiceInternalUri = 'https://ex/autodiscover' } }`;
    const { shell } = await open(older, ["Get-ClientAccessService"]);
    expect(shell.facts.hidden).not.toContain("Get-ClientAccessService");
    expect(await shell.call("Get-ClientAccessService", {})).toMatchObject({
      ok: true,
      objects: [{ Name: "EX2013", AutoDiscoverServiceInternalUri: "https://ex/autodiscover" }],
    });
  });

  test("a bootstrap other than the announced one is not run", async () => {
    const { program, programArguments } = host as Engine;
    const foreign = bootstrapInput().replace("$ErrorActionPreference = 'Stop'", "[Console]::Out.WriteLine('ran')");
    const output = await collectOutput(program, [...programArguments, "-Command", loaderScript()], foreign);
    expect(output.stdout).not.toContain("ran");
    expect(output.stderr).toContain("The bootstrap is not the one that was sent.");
  });
});

describe.each(engines)("scripts on $name", (engine) => {
  /** Runs the given lines of a script, with the stub commands before them; `%` stands for the folder. */
  async function runAll(
    lines: readonly string[],
    bleu: readonly ScriptFile[] = [],
  ): Promise<{ folder: string; stdout: string; read: (name: string) => ScriptResult }> {
    const folder = labFolder();
    const key = await makeAuthCertificate(Date.now() - 86_400_000, Date.now() + 86_400_000 * 1000);
    const thumbprint = createHash("sha1").update(key.certificateDer).digest("hex").toUpperCase();
    const foreignKey = (name: string): string =>
      `[pscustomobject]@{ KeyId = [guid]::NewGuid(); Key = [byte[]](1, 2, 3); DisplayName = '${name}'; CustomKeyIdentifier = [byte[]](9, 9); StartDateTime = [datetime]::UtcNow; EndDateTime = [datetime]::UtcNow; Type = 'AsymmetricX509Cert'; Usage = 'Verify' }`;
    const seed = `
[void](Add-Stub 'AuthConfig' @{ CurrentCertificateThumbprint = '${thumbprint}'; NextCertificateThumbprint = $null })
[void](Add-Stub 'ExchangeCertificate' @{ Name = '${thumbprint}'; Thumbprint = '${thumbprint}'; RawData = [Convert]::FromBase64String('${key.certificateDer.toString("base64")}') })
foreach ($name in 'GetDelegate', 'FindItem', 'GetFolder') { [void](Add-Stub 'ManagementRoleEntry' @{ Role = 'UserApplication'; Name = $name }) }
[void](Add-Stub 'ServicePrincipal' @{ Id = 'principal-1'; AppId = '00000004-0000-0ff1-ce00-000000000000'; KeyCredentials = @(${foreignKey("first")}, ${foreignKey("second ’’")}) })`;
    writeFileSync(join(folder, "stub.ps1"), `\ufeff${stubScript(join(folder, "calls"), seed)}`);
    writeFileSync(join(folder, "exchange.ps1"), renderExchangeScript(exchangeInput()));
    writeFileSync(join(folder, "exchange-undo.ps1"), renderExchangeUndoScript(exchangeInput()));
    writeFileSync(join(folder, "cloud.ps1"), renderCloudScript(cloudInput()));
    writeFileSync(join(folder, "cloud-undo.ps1"), renderCloudUndoScript(cloudInput()));
    for (const { name, text } of renderScripts(procedure, [])) writeFileSync(join(folder, name), text);
    for (const { name, text } of bleu) writeFileSync(join(folder, name.replace("realmscope", "bleu")), text);
    const all = [". '%/stub.ps1'", ...lines].map((line) => line.replaceAll("%", folder));
    writeFileSync(join(folder, "all.ps1"), `\ufeff${all.join("\n")}\n`);
    const { stdout, stderr } = await collectOutput(
      engine.program,
      [...engine.programArguments, "-NoProfile", "-ExecutionPolicy", "Bypass", "-File", join(folder, "all.ps1")],
      "",
    );
    expect(stderr).toBe("");
    return { folder, stdout, read: (name) => readScriptResult(readFileSync(join(folder, name), "utf8")) };
  }

  const outcomes = (result: ScriptResult): readonly string[] => result.outcomes.map((one) => one.outcome);
  const exit = "[Console]::Out.WriteLine('exit ' + $LASTEXITCODE)";

  test("-CheckOnly changes nothing; the run creates what is missing; a second run creates nothing", async () => {
    const { folder, stdout, read } = await runAll([
      ...["& '%/exchange.ps1' -CheckOnly -ResultFile '%/0.json'", exit],
      ...["& '%/exchange.ps1' -ResultFile '%/1.json'", exit],
      ...["& '%/exchange.ps1' -ResultFile '%/2.json'", exit],
    ]);
    expect(stdout.match(/^exit \d+/gm)).toEqual(["exit 2", "exit 0", "exit 0"]);
    expect(outcomes(read("0.json"))).toEqual(["missing", "waits", "missing", "missing", "waits", "waits"]);
    expect(read("0.json").isCheckOnly).toBe(true);
    expect(outcomes(read("1.json"))).toEqual(Array(6).fill("made"));
    expect(outcomes(read("2.json"))).toEqual(Array(6).fill("present"));
    expect(read("1.json")).toMatchObject({ side: "exchange", planId: "plan-1", certificates: [{ use: "current" }] });
    const made = readStubCalls(join(folder, "calls")).filter((call) => !call.cmdlet.startsWith("Get-"));
    expect(made.map((call) => call.cmdlet)).toEqual([
      "New-MailUser",
      "Set-MailUser",
      "New-ManagementRole",
      "Remove-ManagementRoleEntry",
      "Remove-ManagementRoleEntry",
      "New-ManagementRoleAssignment",
      "New-PartnerApplication",
    ]);
    // Whatever is in the name, it arrives as it is.
    expect(made[0]?.parameters).toEqual({
      Name: hostileName,
      ExternalEmailAddress: "sfbonline@contoso.example",
      DomainController: "dc1.contoso.example",
    });
    expect(made[5]?.parameters).toMatchObject({ Name: `UserApplication-${hostileName}` });
  });

  test("in a strict session each script runs again over its own result, and undo reads it", async () => {
    const { stdout, read } = await runAll([
      "Set-StrictMode -Version Latest",
      ...["& '%/exchange.ps1' -ResultFile '%/1.json'", exit, "& '%/exchange.ps1' -ResultFile '%/1.json'", exit],
      ...["& '%/cloud.ps1' -ExchangeFile '%/1.json' -ResultFile '%/c1.json'", exit],
      ...["& '%/cloud.ps1' -ExchangeFile '%/1.json' -ResultFile '%/c1.json'", exit],
      ...["& '%/cloud-undo.ps1' -MadeFile '%/c1.json' -ResultFile '%/c2.json'", exit],
      ...["& '%/exchange-undo.ps1' -DeleteAccounts -MadeFile '%/1.json' -ResultFile '%/2.json'", exit],
    ]);
    expect(stdout.match(/^exit \d+/gm)).toEqual(["exit 0", "exit 0", "exit 2", "exit 2", "exit 0", "exit 0"]);
    expect(outcomes(read("1.json"))).toEqual(Array(6).fill("present"));
    expect(outcomes(read("c2.json"))).toEqual(["not-ours", "undone"]);
    expect(outcomes(read("2.json")).filter((outcome) => outcome !== "undone" && outcome !== "gone")).toEqual([]);
  });

  test("what the script made is taken back, the account only with -DeleteAccounts; what somebody changed stays", async () => {
    const { stdout, read } = await runAll([
      "& '%/exchange.ps1' -ResultFile '%/1.json'",
      "& '%/exchange-undo.ps1' -CheckOnly -MadeFile '%/1.json' -ResultFile '%/2.json'",
      "Set-PartnerApplication -Identity SfBOnline -Enabled $false",
      ...["& '%/exchange-undo.ps1' -MadeFile '%/1.json' -ResultFile '%/3.json'", exit],
      ...["& '%/exchange-undo.ps1' -DeleteAccounts -MadeFile '%/1.json' -ResultFile '%/4.json'", exit],
    ]);
    expect(stdout.match(/^exit \d+/gm)).toEqual(["exit 0", "exit 0"]);
    const last = "would-undo";
    expect(outcomes(read("2.json"))).toEqual([last, last, last, last, last, "kept"]);
    expect(outcomes(read("3.json"))).toEqual(["changed", "undone", "undone", "undone", "undone", "kept"]);
    expect(outcomes(read("4.json"))).toEqual(["changed", "gone", "gone", "gone", "changed", "undone"]);
  });

  test("an error other than a missing object stops the run and is recorded by type and id", async () => {
    const { stdout, read } = await runAll([
      "function global:Get-ManagementRole { [CmdletBinding()] param($Identity, $DomainController) Stop-Stub 'ADTransientException' 'Get-ManagementRole' 'dc1' }",
      ...["& '%/exchange.ps1' -ResultFile '%/1.json'", exit],
    ]);
    expect(stdout).toContain("exit 1");
    expect(outcomes(read("1.json"))).toEqual(["made", "made", "unknown", "not-run", "not-run", "not-run"]);
    expect(read("1.json").outcomes[2]?.error).toMatchObject({ id: expect.stringContaining("ADTransientException") });
  });

  test("missing keys are added to the existing ones, and only they are taken back", async () => {
    const keys =
      "foreach ($one in @(Find-Stub 'ServicePrincipal' $null)[0].KeyCredentials) { [Console]::Out.WriteLine('key ' + $one.DisplayName + ' ' + $one.Key.Length) }";
    const { stdout, read } = await runAll([
      "& '%/exchange.ps1' -ResultFile '%/1.json'",
      "& '%/cloud.ps1' -CheckOnly -ExchangeFile '%/1.json' -ResultFile '%/c0.json'",
      ...["& '%/cloud.ps1' -ExchangeFile '%/1.json' -ResultFile '%/c1.json'", exit, keys],
      "& '%/cloud.ps1' -ExchangeFile '%/1.json' -ResultFile '%/c2.json'",
      ...["& '%/cloud-undo.ps1' -MadeFile '%/c1.json' -ResultFile '%/c3.json'", exit, keys],
      "& '%/cloud-undo.ps1' -MadeFile '%/c1.json' -ResultFile '%/c4.json'",
    ]);
    // The second service principal is not in this tenant.
    expect(outcomes(read("c0.json"))).toEqual(["missing", "absent"]);
    expect(outcomes(read("c1.json"))).toEqual(["made", "absent"]);
    expect(outcomes(read("c2.json"))).toEqual(["present", "absent"]);
    expect(outcomes(read("c3.json"))).toEqual(["not-ours", "undone"]);
    expect(outcomes(read("c4.json"))).toEqual(["not-ours", "gone"]);
    const [thumbprint] = read("1.json").certificates.map((one) => one.thumbprint);
    const der = read("1.json").certificates[0]?.der ?? "";
    const ours = `key Exchange auth certificate ${thumbprint} ${Buffer.from(der, "base64").length}`;
    const [added = "", removed = ""] = stdout.split(/^exit \d+$/m).slice(1);
    expect(added.match(/^key .*$/gm)).toEqual(["key first 3", "key second ’ 3", ours]);
    expect(removed.match(/^key .*$/gm)).toEqual(["key first 3", "key second ’ 3"]);
    expect(stdout.match(/^exit \d+/gm)).toEqual(["exit 2", "exit 0"]);
  });

  test.each(["$one.EndDateTime = [datetime]::UtcNow.AddDays(-1)", "$one.Usage = 'Sign'"])(
    "the certificate in an unusable key (%s) is added again",
    async (change) => {
      const spoil = `foreach ($one in @(Find-Stub 'ServicePrincipal' $null)[0].KeyCredentials) { if ($one.Key.Length -gt 10) { ${change} } }`;
      const { read } = await runAll([
        "& '%/exchange.ps1' -ResultFile '%/1.json'",
        "& '%/cloud.ps1' -ExchangeFile '%/1.json' -ResultFile '%/c1.json'",
        spoil,
        "& '%/cloud.ps1' -ExchangeFile '%/1.json' -ResultFile '%/c2.json'",
        "& '%/cloud.ps1' -ExchangeFile '%/1.json' -ResultFile '%/c3.json'",
      ]);
      expect(outcomes(read("c2.json"))).toEqual(["made", "absent"]);
      expect(outcomes(read("c3.json"))).toEqual(["present", "absent"]);
    },
  );

  test.each([
    ["the ASCII of base64 text", "$one.Key = [Text.Encoding]::ASCII.GetBytes([Convert]::ToBase64String($one.Key))"],
    ["the UTF-16 of base64 text", "$one.Key = [Text.Encoding]::Unicode.GetBytes([Convert]::ToBase64String($one.Key))"],
    ["no bytes, 20 bytes of thumbprint", "$one.CustomKeyIdentifier = $hash; $one.Key = $null"],
    [
      "no bytes, the ASCII of hex",
      "$one.CustomKeyIdentifier = [Text.Encoding]::ASCII.GetBytes($hex); $one.Key = $null",
    ],
    [
      "no bytes, hex as the module reads it",
      "$one.CustomKeyIdentifier = [Convert]::FromBase64String($hex); $one.Key = $null",
    ],
  ])("a certificate uploaded as %s is recognised", async (_name, change) => {
    const facts =
      "$hash = [Security.Cryptography.SHA1]::Create().ComputeHash([byte[]]$one.Key); $hex = [BitConverter]::ToString($hash).Replace('-', '')";
    const recode = `foreach ($one in @(Find-Stub 'ServicePrincipal' $null)[0].KeyCredentials) { if ($one.Key.Length -gt 10) { ${facts}; ${change} } }`;
    const { read } = await runAll([
      "& '%/exchange.ps1' -ResultFile '%/1.json'",
      "& '%/cloud.ps1' -ExchangeFile '%/1.json' -ResultFile '%/c1.json'",
      recode,
      "& '%/cloud.ps1' -ExchangeFile '%/1.json' -ResultFile '%/c2.json'",
    ]);
    expect(outcomes(read("c1.json"))).toEqual(["made", "absent"]);
    expect(outcomes(read("c2.json"))).toEqual(["present", "absent"]);
  });

  test("a write that Graph throttles is not retried with an old list, and the session keeps its setting", async () => {
    const throttle = `$global:stubThrottled = 1
$global:stubMeanwhile = { @(Find-Stub 'ServicePrincipal' $null)[0].KeyCredentials += ${"[pscustomobject]@{ KeyId = [guid]::NewGuid(); Key = [byte[]](1, 2); DisplayName = 'meanwhile'; CustomKeyIdentifier = [byte[]](9); StartDateTime = [datetime]::UtcNow; EndDateTime = [datetime]::UtcNow; Type = 'AsymmetricX509Cert'; Usage = 'Verify' }"} }`;
    const names =
      "[Console]::Out.WriteLine('names ' + (@(@(Find-Stub 'ServicePrincipal' $null)[0].KeyCredentials | ForEach-Object { $_.DisplayName }) -join ',') + ' retries ' + $global:stubMaxRetry)";
    const cloud = (result: string): string[] => [
      `& '%/cloud.ps1' -ExchangeFile '%/1.json' -ResultFile '%/${result}'`,
      exit,
      names,
    ];
    const undo = "& '%/cloud-undo.ps1' -MadeFile '%/c2.json' -ResultFile '%/u.json'";
    const { stdout, read } = await runAll([
      "& '%/exchange.ps1' -ResultFile '%/1.json'",
      ...[throttle, ...cloud("c1.json"), ...cloud("c2.json")],
      ...[throttle, undo, exit, names],
    ]);
    expect(outcomes(read("c1.json"))).toEqual(["failed", "absent"]);
    expect(outcomes(read("c2.json"))).toEqual(["made", "absent"]);
    const seen = stdout.match(/^names .*$/gm) ?? [];
    expect(seen).toHaveLength(3);
    expect(seen[0]).toMatch(/^names first,second ’,meanwhile retries 3$/);
    expect(seen[1]).toMatch(/^names first,second ’,meanwhile,Exchange auth certificate \w+ retries 3$/);
    expect(seen[2]).toMatch(/^names first,second ’,meanwhile,Exchange auth certificate \w+,meanwhile retries 3$/);
    expect(stdout.match(/^exit \d+/gm)).toEqual(["exit 1", "exit 2", "exit 1"]);
  });

  test.each([true, false])(
    "an optional parameter of New-MailUser (present: %s) is passed only if the cmdlet has it",
    async (has) => {
      const withIt =
        "function global:New-MailUser { [CmdletBinding()] param($Name, $ExternalEmailAddress, [switch]$ApplicationAccount, $DomainController) Invoke-Stub 'New-MailUser' $PSBoundParameters }";
      const { folder, stdout, read } = await runAll([
        ...(has ? [withIt] : []),
        ...["& '%/realmscope-exchange.ps1' -ResultFile '%/1.json'", exit],
      ]);
      expect(stdout).toContain("exit 0");
      expect(stdout.includes("New-MailUser does not have -ApplicationAccount here")).toBe(!has);
      expect(new Set(outcomes(read("1.json")))).toEqual(new Set(["made"]));
      const made = readStubCalls(join(folder, "calls")).filter(({ cmdlet }) => cmdlet === "New-MailUser");
      expect(made.map(({ parameters }) => parameters.ApplicationAccount)).toEqual(
        has ? [undefined, true] : [undefined, undefined],
      );
    },
  );

  test("the scripts of the whole procedure make all of it, once, and take it back", async () => {
    const undo = "& '%/realmscope-exchange-undo.ps1' -DeleteAccounts -MadeFile '%/1.json' -ResultFile '%/3.json'";
    const { stdout, read } = await runAll([
      ...["& '%/realmscope-exchange.ps1' -ResultFile '%/1.json'", exit],
      ...["& '%/realmscope-exchange.ps1' -ResultFile '%/2.json'", exit],
      ...["& '%/realmscope-cloud.ps1' -ExchangeFile '%/1.json' -ResultFile '%/c1.json'", exit],
      ...[undo, exit],
    ]);
    expect(stdout.match(/^exit \d+/gm)).toEqual(["exit 0", "exit 0", "exit 2", "exit 0"]);
    const items = stepsFor(procedure).flatMap((step) => step.script());
    expect(read("1.json").outcomes.map((one) => one.stepId)).toEqual(items.map((item) => item.stepId));
    expect(new Set(outcomes(read("1.json")))).toEqual(new Set(["made"]));
    expect(new Set(outcomes(read("2.json")))).toEqual(new Set(["present"]));
    expect(outcomes(read("c1.json"))).toEqual(["absent", "absent", "made"]);
    expect(new Set(outcomes(read("3.json")))).toEqual(new Set(["undone"]));
  });

  test("a disabled partner application is enabled, and disabled again by undo", async () => {
    const state =
      "foreach ($one in @(Find-Stub 'PartnerApplication' $null)) { [Console]::Out.WriteLine('partner ' + $one.Name + ' ' + $one.Enabled) }";
    const { stdout, read } = await runAll([
      "[void](New-PartnerApplication -Name 'Lync Online' -ApplicationIdentifier '00000004-0000-0ff1-ce00-000000000000' -Enabled $false)",
      ...["& '%/realmscope-exchange.ps1' -ResultFile '%/1.json'", exit, state],
      ...["& '%/realmscope-exchange.ps1' -ResultFile '%/2.json'", exit],
      ...[
        "& '%/realmscope-exchange-undo.ps1' -DeleteAccounts -MadeFile '%/1.json' -ResultFile '%/3.json'",
        exit,
        state,
      ],
    ]);
    expect(stdout.match(/^exit \d+/gm)).toEqual(["exit 0", "exit 0", "exit 0"]);
    expect(stdout.match(/^partner Lync.*$/gm)).toEqual(["partner Lync Online True", "partner Lync Online False"]);
    expect(stdout.match(/^partner .*$/gm)).toHaveLength(4);
    expect(read("1.json").outcomes.find((one) => one.stepId === "s3.partner.skype")).toMatchObject({
      outcome: "made",
      facts: { Name: "Lync Online", Enabled: true },
      before: { Name: "Lync Online", Enabled: false },
    });
    expect(new Set(outcomes(read("2.json")))).toEqual(new Set(["present"]));
    expect(new Set(outcomes(read("3.json")))).toEqual(new Set(["undone"]));
  });

  test("a cloud that Graph PowerShell does not know is registered, and registered again on a second run", async () => {
    const bleu = renderScripts(readSettings({ ...answers, cloud: "bleu" }), []);
    const run = ["& '%/bleu-cloud.ps1' -CheckOnly -ExchangeFile '%/1.json' -ResultFile '%/2.json'", exit];
    const { folder, stdout } = await runAll(["& '%/exchange.ps1' -ResultFile '%/1.json'", ...run, ...run], bleu);
    expect(stdout.match(/^exit \d+/gm)).toEqual(["exit 2", "exit 2"]);
    const calls = readStubCalls(join(folder, "calls")).filter((call) => /Environment|Connect/.test(call.cmdlet));
    const told = { Name: "realmscope-bleu", GraphEndpoint: "https://graph.svc.sovcloud.fr" };
    expect(calls).toMatchObject([
      { cmdlet: "Get-MgEnvironment" },
      { cmdlet: "Add-MgEnvironment", parameters: { ...told, AzureADEndpoint: "https://login.sovcloud-identity.fr" } },
      { cmdlet: "Connect-MgGraph", parameters: { Environment: "realmscope-bleu" } },
      { cmdlet: "Get-MgEnvironment" },
      { cmdlet: "Set-MgEnvironment", parameters: told },
      { cmdlet: "Connect-MgGraph", parameters: { Environment: "realmscope-bleu" } },
    ]);
  });

  test("two partner applications of one id do not get a third one", async () => {
    const make = (name: string): string =>
      `[void](New-PartnerApplication -Name '${name}' -ApplicationIdentifier '00000004-0000-0ff1-ce00-000000000000' -Enabled $false)`;
    const { stdout, read } = await runAll([
      make("Lync Online"),
      make("Another"),
      ...["& '%/realmscope-exchange.ps1' -ResultFile '%/1.json'", exit],
    ]);
    expect(stdout).toContain("exit 3");
    const conflict = read("1.json").outcomes.find((one) => one.outcome === "conflict");
    expect(conflict).toMatchObject({ stepId: "s3.partner.skype", facts: { Name: "Lync Online" } });
    expect(read("1.json").outcomes.at(-1)?.outcome).toBe("not-run");
  });

  test("a result of another plan is refused", async () => {
    const { stdout } = await runAll([
      "& '%/exchange.ps1' -ResultFile '%/1.json'",
      "$text = [IO.File]::ReadAllText('%/1.json') -replace 'plan-1', 'plan-2'",
      "[IO.File]::WriteAllText('%/2.json', $text)",
      "try { & '%/exchange-undo.ps1' -MadeFile '%/2.json' -ResultFile '%/3.json' } catch { [Console]::Out.WriteLine('refused: ' + $_) }",
    ]);
    expect(stdout).toContain("refused: The result file belongs to another plan.");
  });
});
