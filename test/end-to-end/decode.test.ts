// `decode` and `findings` as a person or a script calls them: the built program, arguments and standard input.
import { createHash, createPrivateKey, X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SignJWT } from "jose";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { findingCatalogue } from "../../src/diagnosis/catalogue.ts";
import { acs, actorToken, exchange, mail, otherTenant, outerToken, skype, start, tenant } from "../diagnosis/story.ts";
import { columnsOf, csvLine, httpProxyRow, outboundRow, proxyShapes } from "../support/log-lines.ts";
import { buildTestCertificate } from "../support/proxy-certificates.ts";
import { runCli } from "../support/run-cli.ts";

interface Decoded {
  readonly kind: string;
  readonly value: Readonly<Record<string, unknown>>;
  readonly findings: readonly { readonly code: string; readonly remedy: string; readonly message: string }[];
}

async function decode(value: string, args: readonly string[] = []): Promise<Decoded> {
  const { code, stdout, stderr } = await runCli(["decode", "--json", ...args], { input: value });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout.endsWith("}\n")).toBe(true);
  return JSON.parse(stdout) as Decoded;
}

describe("decode --json", () => {
  test("a token: every field of the contract", async () => {
    const { schema, ...read } = (await decode(outerToken())) as Decoded & { schema: string };
    expect(schema).toBe("realmscope.decoded/1");
    expect(read.kind).toBe("jwt");
    const principal = {
      asSeen: `${skype}@${tenant}`,
      id: skype,
      name: "Skype for Business Online",
      host: null,
      realm: tenant,
      realmKind: "tenant",
      leadingSlash: false,
    };
    expect(read.value).toMatchObject({
      tokenKind: "app-acts-as-user",
      tokenService: "acs",
      header: { typ: "JWT", alg: "none" },
      claims: { iss: `${skype}@${tenant}`, nii: "urn:federation:MicrosoftOnline", actortoken: "<token>" },
      signaturePresent: false,
      issuer: principal,
      caller: principal,
      audience: { id: exchange, name: "Exchange", host: mail, realm: tenant },
      notBefore: new Date(start - 60_000).toISOString(),
      expires: new Date(start + 28_740_000).toISOString(),
      lifetimeSeconds: 28_800,
      user: { kind: "puid", redacted: "1003…" },
      actor: { tokenKind: "actor", signaturePresent: true, caller: principal, user: null, actor: null },
    });
    expect(read.findings.map(({ code }) => code)).toEqual(["ISSUER_SEEN", "TOKEN_OUT_OF_DATE"]);
  });

  test.each([
    ["challenge", `WWW-Authenticate: Bearer client_id="${exchange}", trusted_issuers="a@*",Basic realm=""`],
    ["diagnostics", '2000005;reason="The user is ambiguous.";error_category="invalid_user"'],
    ["basic", "Basic YWxpY2U6cGFzc3dvcmQ="],
    ["issuer", `/${skype}@${tenant}`],
    ["token-request", "grant_type=client_credentials&client_id=x&resource=y"],
    ["token-answer", '{"error":"invalid_client"}'],
    ["ntlm", "NTLM TlRMTVNTUAABAAAAB4IIogAAAAAAAAAAAAAAAAAAAAAGAbEdAAAADw=="],
    ["headers", "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: NTLM\r\n"],
  ])("a %s from standard input", async (kind, value) => {
    expect((await decode(value)).kind).toBe(kind);
  });

  test("--quiet says what was found and nothing else", async () => {
    const found = await runCli(["decode", "--quiet", outerToken()]);
    expect(found.code).toBe(0);
    const codes = (await decode(outerToken())).findings.map(({ code }) => code);
    const lines = found.stdout.trimEnd().split("\n");
    expect(lines).toHaveLength(codes.length);
    for (const [at, code] of codes.entries()) expect(lines[at]).toContain(code);
    const nothing = await runCli(["decode", "--quiet", "grant_type=client_credentials&client_id=x&resource=y"]);
    expect(nothing.stdout).toBe("token-request: no finding\n");
  });

  test("what Windows PowerShell wrote: UTF-16 with a byte order mark", async () => {
    const input = Buffer.from(`\ufeff${skype}@${tenant}\r\n`, "utf16le");
    const { code, stdout } = await runCli(["decode", "--json"], { input });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ kind: "issuer", value: { id: skype } });
  });

  test("a diagnostics header: cause and remedy, and the finding of the same cause", async () => {
    const { value, findings } = await decode(
      "2000004;reason=\"The tenant for tenant guid 'contoso.com' does not exist.\"",
    );
    expect(value).toMatchObject({ code: "2000004", category: "", cause: "invalid_tenant", detail: "tenant-unknown" });
    expect(value.remedy).toContain("AuthConfig");
    expect(findings).toMatchObject([{ code: "REFUSED_TENANT" }]);
    expect(findings[0]?.remedy).toContain("Get-AcceptedDomain");
  });

  test("a dedicated hybrid application is named by the configuration, --realm is compared", async () => {
    const folder = mkdtempSync(join(tmpdir(), "realmscope-decode-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const own = "b2f0f7c2-54a1-4d6f-9a63-0c4a5f6e7d8c";
    const file = join(folder, "realmscope.config.json");
    writeFileSync(file, JSON.stringify({ applications: { [own.toUpperCase()]: "ExchangeServerApp" } }));
    const token = actorToken({ caller: own });
    const known = await decode(token, ["--config", file, "--realm", otherTenant]);
    expect(known.value.caller).toMatchObject({ id: own, name: "ExchangeServerApp" });
    expect(known.findings.map(({ code }) => code)).toContain("REALM_MISMATCH");
    const unknown = await decode(token);
    expect(unknown.findings.map(({ code }) => code)).toContain("CALLER_UNKNOWN");
  });
});

describe("decode with keys", () => {
  const folder = mkdtempSync(join(tmpdir(), "realmscope-keys-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const { key, cert } = buildTestCertificate({ hosts: ["auth.contoso.com"] });
  const file = join(folder, "auth.cer");
  writeFileSync(file, cert);
  const x5t = createHash("sha1").update(new X509Certificate(cert).raw).digest("base64url");
  const signed = async (claims: object) =>
    new SignJWT({ ...claims, exp: 4_000_000_000 })
      .setProtectedHeader({ alg: "RS256", x5t })
      .sign(createPrivateKey(key));
  const actor = { aud: `${exchange}/${mail}@${tenant}`, iss: `${acs}@${tenant}`, nameid: `${skype}@${tenant}` };

  test("verified and failed are said of the layer that is signed", async () => {
    const outer = outerToken({ actor: await signed(actor) });
    const good = (await decode(outer, ["--auth-cert", file])) as Decoded & { signatures: object[] };
    expect(good.signatures).toEqual([
      { token: "value/actor", outcome: "verified", keyId: x5t, keySource: "auth-certificate" },
    ]);
    const token = await signed(actor);
    const forged = `${token.slice(0, -8)}AAAAAAAA`;
    const bad = await decode(forged, ["--auth-cert", file]);
    expect(bad.findings.map(({ code }) => code)).toContain("SIGNATURE_FAILED");
    const foreign = await decode(actorToken(), ["--auth-cert", file]);
    expect(foreign.findings.map(({ code }) => code)).toContain("SIGNATURE_NO_KEY");
  });

  test("a metadata document without keyinfo: the thumbprint is computed", async () => {
    const document = {
      keys: [{ usage: "signing", keyValue: { value: new X509Certificate(cert).raw.toString("base64") } }],
    };
    const path = join(folder, "metadata.json");
    writeFileSync(path, JSON.stringify(document));
    const read = (await decode(await signed(actor), ["--metadata", path])) as Decoded & { signatures: object[] };
    expect(read.signatures).toMatchObject([{ token: "value", outcome: "verified", keySource: "metadata-file" }]);
  });

  test.each([
    ["--auth-cert", "no certificate", "has no certificate that can be used"],
    ["--metadata", '{"keys":[{"keyvalue":{"value":"AAAA"}}]}', "has no certificate that can be used"],
    ["--metadata", "[]", "is not an STS metadata document"],
  ])("%s that holds %j is an error, not a missing key", async (option, content, message) => {
    const path = join(folder, "bad");
    writeFileSync(path, content);
    const { code, stderr } = await runCli(["decode", option, path], { input: actorToken() });
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});

describe("decode in words", () => {
  test("says what to do, and takes the value as an argument", async () => {
    const { code, stdout } = await runCli(["decode", "--plain", `${skype.toUpperCase()}@${tenant}`]);
    expect(code).toBe(0);
    expect(stdout).toContain("kind: issuer");
    expect(stdout).toContain("what to do about PRINCIPAL_MIXED_CASE: Register");
  });

  test.each(["", "hello", "\u0000", "eyJhbGciOiJub25lIn0"])(
    "what is nothing it knows (%j) is exit 2 with a hint",
    async (input) => {
      const { code, stdout, stderr } = await runCli(["decode", "--json"], { input });
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr).toMatch(/^realmscope: The value cannot be decoded: .+\. Give one whole value/);
    },
  );
});

describe("where the text comes from", () => {
  const folder = mkdtempSync(join(tmpdir(), "realmscope-pasted-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "from a mail.txt");
  const exchange = `Hi,\nwe see this:\n\nPOST https://${mail}/EWS/Exchange.asmx HTTP/1.1\nAuthorization: Bearer ${outerToken()}\n\n<s/>\nHTTP/1.1 401 Unauthorized\nx-ms-diagnostics: 2000006;reason="x";error_category="invalid_client"\n`;
  writeFileSync(file, exchange);

  test.each([
    ["a file", [file], ""],
    ["- for standard input", ["-"], exchange],
    ["standard input", [], exchange],
    ["the value itself", [exchange], ""],
  ])("%s", async (_, args, input) => {
    const { code, stdout } = await runCli(["decode", "--json", ...args], { input });
    expect(code).toBe(0);
    const read = JSON.parse(stdout) as Decoded & { verdict: string };
    expect(read).toMatchObject({ kind: "headers", verdict: "oauth-rejected", value: { host: mail, status: 401 } });
    expect(read.value.unread).toEqual([{ line: 1, lines: 2, begins: "" }]);
    expect(read.findings.map((finding) => finding.code)).toContain("PARTNER_APPLICATION_UNKNOWN");
  });

  test("in words: the verdict, and what was not read", async () => {
    const { stdout } = await runCli(["decode", file]);
    expect(stdout).toMatch(/^verdict: oauth-rejected$/m);
    expect(stdout).toMatch(/^not read: lines 1 to 2$/m);
  });

  test.each([
    [["--fail-on", "error"], 1],
    [["--fail-on", "alarm"], 0],
    [[], 0],
  ] as const)("the exit code with %j", async (args, code) => {
    expect((await runCli(["decode", file, ...args])).code).toBe(code);
  });

  test("a folder, a capture, a file of bytes and one that is too long are named", async () => {
    const bytes = join(folder, "x.bin");
    writeFileSync(bytes, Buffer.from("ElfFile\0and more", "latin1"));
    const long = join(folder, "long.txt");
    writeFileSync(long, "a ".repeat(600_000));
    const capture = new URL("../../captures/trust-works.ndjson", import.meta.url).pathname;
    for (const [path, words] of [
      [folder, "is a folder"],
      [bytes, "is a Windows event log (EVTX)"],
      [long, "is longer than 1 MiB"],
      [capture, "realmscope replay "],
    ] as const) {
      const { code, stdout, stderr } = await runCli(["decode", path]);
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr).toContain(words);
    }
  });

  test("fields without a word about signing in are said to be that", async () => {
    const { code, stdout } = await runCli(["decode", "Server: x\nDate: y"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^note: .*say nothing about signing in/m);
  });
});

describe("decode --clipboard", () => {
  const folder = mkdtempSync(join(tmpdir(), "realmscope-clipboard-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.skipIf(process.platform !== "linux")(
    "reads what the program of the platform prints, without the environment's secrets",
    async () => {
      const tool = join(folder, "xclip");
      writeFileSync(tool, `#!/bin/sh\n[ -z "$S3CRET" ] && printf '%s' '${skype}@${tenant}'\n`, { mode: 0o755 });
      const environment = { PATH: `${folder}:${process.env.PATH ?? ""}`, DISPLAY: ":9", S3CRET: "x" };
      const { code, stdout, stderr } = await runCli(["decode", "--clipboard", "--json"], { environment });
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(JSON.parse(stdout)).toMatchObject({ kind: "issuer", value: { id: skype } });
      writeFileSync(tool, "#!/bin/sh\nexit 1\n");
      expect((await runCli(["decode", "--clipboard"], { environment })).stderr).toContain(
        "xclip could not read the clipboard",
      );
    },
  );

  test.skipIf(process.platform !== "linux")("says what to install where there is none", async () => {
    const { code, stdout, stderr } = await runCli(["decode", "--clipboard"], {
      environment: { DISPLAY: "", WAYLAND_DISPLAY: "" },
    });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(
      "No program on this machine can read the clipboard. Install wl-paste (Wayland) or xclip (X11)",
    );
    expect((await runCli(["decode", "--clipboard", "x"])).stderr).toContain("exclude each other");
  });
});

describe("findings", () => {
  test("lists every code with its meaning, and one code with the step that mends it and its address", async () => {
    const list = (await runCli(["findings"])).stdout.trimEnd().split("\n");
    expect(list).toHaveLength(findingCatalogue.length);
    const one = await runCli(["findings", "linked_account_missing"]);
    expect(one.code).toBe(0);
    for (const part of ["(error)", "On the wire: ", "What to do: Set-PartnerApplication", "(step 2)", "https://learn."])
      expect(one.stdout).toContain(part);
  });

  test("a code whose remedy depends on who calls whom shows each of them", async () => {
    const { stdout } = await runCli(["findings", "STS_REFUSED_CERTIFICATE"]);
    expect(stdout).toMatch(/^Where the shared service principal 00000002\S+ asks: Upload nothing/m);
    expect(stdout).toMatch(/^Where an application of the tenant's own asks: .*-UpdateCertificate/m);
    const { stdout: json } = await runCli(["findings", "REFUSED_ISSUER", "--json"]);
    expect(JSON.parse(json)).toMatchObject({
      variants: [{ when: expect.stringContaining("Exchange Online") }, { when: "Microsoft Graph answered" }],
    });
  });

  test("--json, and a code that does not exist", async () => {
    const { stdout } = await runCli(["findings", "BASIC_FALLBACK", "--json"]);
    expect(Object.keys(JSON.parse(stdout) as object)).toEqual([
      "code",
      "severity",
      "summary",
      "onTheWire",
      "remedy",
      "step",
    ]);
    expect(await runCli(["findings", "NO_SUCH"])).toMatchObject({ code: 2, stdout: "" });
  });
});

describe("rows of logs", () => {
  const columns = columnsOf("http-proxy", "15.01").join(",");
  const row = csvLine(columnsOf("http-proxy", "15.01"), httpProxyRow(proxyShapes.refused));

  test("a row below its header: exit 0, or 1 where its finding fails the run", async () => {
    const input = `#Fields: ${columns}\n${row}\n`;
    const read = await decode(input);
    expect(read.kind).toBe("log-rows");
    expect(read.findings.map(({ code }) => code)).toEqual(["REFUSED_ISSUER"]);
    expect(JSON.stringify(read)).not.toContain("anna");
    expect((await runCli(["decode", "--fail-on", "error"], { input })).code).toBe(1);
  });

  test("a row without its header: exit 0 where cells tell their meaning by themselves, else 2 and what is missing", async () => {
    expect((await decode(row)).value.missing).toContain("#Fields");
    const outbound = csvLine(columnsOf("oauth-outbound", "15.00"), outboundRow({ "token-result": "" }));
    const { code, stderr } = await runCli(["decode", "-"], { input: outbound });
    expect(code).toBe(2);
    expect(stderr).toContain("without its header: the line `#Fields");
  });
});
