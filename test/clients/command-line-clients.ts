// curl, wget and openssl as they are installed.
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Answer, Failed } from "./answers.ts";
import { type Client, runEach, runProgram, versionOf, type Way } from "./client.ts";
import type { PlannedCall } from "./origins.ts";

/** An answer from a head as it was on the wire, and a body that was read to its end. */
function answerOf(head: string, body: Buffer): Answer | null {
  const [, version = "", status = "0"] = /^HTTP\/(\S+) (\d+)/.exec(head) ?? [];
  if (version === "") return null;
  const fields = [...head.matchAll(/^([^\s:]+): ?(.*?)\r?$/gm)].map(
    ([, name = "", value = ""]) => [name, value] as const,
  );
  const sha256 = createHash("sha256").update(body).digest("hex");
  return { status: Number(status), version, fields, sha256, length: body.length };
}

/** The last head of what a client shows: before it may be the proxy's answer to CONNECT. */
function lastHead(text: string): string {
  return text.slice(Math.max(0, text.lastIndexOf("HTTP/")));
}

async function inFolder<Result>(use: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), "realmscope-client-"));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** One process for all calls: the options of each follow `--next`. */
function runCurl(way: Way, calls: readonly PlannedCall[], flags: readonly string[]) {
  return inFolder(async (folder) => {
    writeFileSync(join(folder, "body"), Buffer.alloc(Math.max(1, ...calls.map(({ bytes }) => bytes)), "x"));
    const args = calls.flatMap(({ method, path, bytes }, at) => [
      ...(at === 0 ? [] : ["--next"]),
      ...["--silent", "--show-error", "--suppress-connect-headers", "--max-time", "15", ...flags],
      ...(way.proxy === null ? ["--noproxy", "*"] : ["--proxy", `http://127.0.0.1:${way.proxy}`]),
      ...(way.trust === null ? [] : ["--cacert", way.trust]),
      ...["--dump-header", join(folder, `head-${at}`), "--output", join(folder, `body-${at}`)],
      ...(method === "HEAD" ? ["--head"] : []),
      ...(bytes > 0 ? ["--header", "Expect:", "--data-binary", `@${join(folder, "body")}`] : []),
      `${way.base}${path}`,
    ]);
    const { exitCode, stderr, ms } = await runProgram({ program: "curl", args });
    const answers = calls.map(({ method }, at): Answer | Failed => {
      const [head, body] = [`head-${at}`, `body-${at}`].map((name) => join(folder, name));
      const bytes = body !== undefined && method !== "HEAD" && existsSync(body) ? readFileSync(body) : Buffer.alloc(0);
      const text = head !== undefined && existsSync(head) ? lastHead(readFileSync(head, "latin1")) : "";
      return answerOf(text, bytes) ?? { error: stderr.trim().split("\n")[0] ?? "" };
    });
    return { exitCode, answers, ms };
  });
}

const noCurl = "curl is not installed";

async function curl(name: string, flags: readonly string[], more: Partial<Client> = {}): Promise<Client> {
  const version = await versionOf("curl", ["--version"], /^curl (\S+)/m);
  const tls = (await versionOf("curl", ["--version"], /\b((?:OpenSSL|GnuTLS|LibreSSL|NSS|Schannel)\/?\S*)/)) ?? "";
  return { name, tls, version, missing: noCurl, run: (way, calls) => runCurl(way, calls, flags), ...more };
}

async function wget(): Promise<Client> {
  const version = await versionOf("wget", ["--version"], /^GNU Wget (\S+)/m);
  const tls = (await versionOf("wget", ["--version"], /\+ssl\/(\w+)/)) ?? "";
  return {
    ...{ name: "wget", tls, version, missing: "wget is not installed" },
    run: (way, calls) =>
      runEach(calls, (planned) =>
        inFolder(async (folder) => {
          const body = join(folder, "body");
          writeFileSync(join(folder, "sent"), Buffer.alloc(planned.bytes, "x"));
          const proxy = `http://127.0.0.1:${way.proxy}`;
          const args = [
            ...["--no-config", "--no-hsts", "--tries=1", "--timeout=15", "--server-response", "--max-redirect=0"],
            ...["--content-on-error", `--method=${planned.method}`, `--output-document=${body}`],
            ...(way.proxy === null ? ["--no-proxy"] : ["-e", `https_proxy=${proxy}`, "-e", `http_proxy=${proxy}`]),
            ...(way.trust === null ? [] : [`--ca-certificate=${way.trust}`]),
            ...(planned.bytes > 0 ? [`--body-file=${join(folder, "sent")}`] : []),
            `${way.base}${planned.path}`,
          ];
          const ended = await runProgram({ program: "wget", args });
          // It prints the head indented by two blanks.
          const head = lastHead(
            ended.stderr
              .split("\n")
              .flatMap((line) => (line.startsWith("  ") ? [line.trim()] : []))
              .join("\n"),
          );
          const answer = answerOf(head, existsSync(body) ? readFileSync(body) : Buffer.alloc(0));
          return {
            ended,
            answer: answer ?? { error: (/^ERROR: .*$/m.exec(ended.stderr) ?? [ended.stderr.trim()])[0] },
          };
        }),
      ),
  };
}

/** Speaks HTTP by hand: only answers with a Content-Length are read. */
async function openssl(): Promise<Client> {
  const version = await versionOf("openssl", ["version"], /^OpenSSL (\S+)/m);
  return {
    ...{ name: "openssl s_client", tls: "OpenSSL", version, missing: "openssl is not installed" },
    calls: ["GET", "401 with three challenges", "gzip", "302", "404"],
    hasNoPlain: true,
    run: (way, calls) =>
      runEach(calls, async ({ method, path }) => {
        const { host, hostname } = new URL(way.base);
        const args = [
          ...["s_client", "-quiet", "-connect", host, "-servername", hostname, "-verify_return_error"],
          ...(way.proxy === null ? [] : ["-proxy", `127.0.0.1:${way.proxy}`]),
          ...(way.trust === null ? ["-no-CAfile", "-no-CApath", "-no-CAstore"] : ["-CAfile", way.trust]),
        ];
        const input = `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
        const ended = await runProgram({ program: "openssl", args, input });
        const end = ended.stdout.indexOf("\r\n\r\n");
        const head = end < 0 ? "" : ended.stdout.subarray(0, end + 2).toString("latin1");
        const answer = answerOf(head, ended.stdout.subarray(end + 4));
        return { ended, answer: answer ?? { error: (/:error:(.*)/.exec(ended.stderr) ?? ["", "no answer"])[1] ?? "" } };
      }),
  };
}

/** Looks each up on this machine. */
export async function commandLineClients(): Promise<readonly Client[]> {
  return Promise.all([
    curl("curl", ["--http1.1"]),
    curl("curl, HTTP/2 offered", ["--http2"], { protocol: "both" }),
    wget(),
    openssl(),
  ]);
}

/** curl that signs in with NTLM, and then calls again over the same connection. */
export async function curlWithNtlm(): Promise<Client> {
  return curl("curl --ntlm", ["--http1.1", "--ntlm", "--user", "CONTOSO\\anna:wrong horse"]);
}
