// The programs of `programs/`: the HTTP libraries of Node, Python, Java and .NET, each with nothing but its calls around it.
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Client, type Command, runOwnProgram, runProgram, versionOf, type Way } from "./client.ts";

const sources = new URL("programs/", import.meta.url).pathname;
const cache = new URL("../../node_modules/.cache/realmscope-clients/", import.meta.url).pathname;

function own(facts: Omit<Client, "run">, command: (way: Way) => Command): Client {
  return { ...facts, run: (way, calls) => runOwnProgram(command(way), way, calls) };
}

export async function nodeClients(): Promise<readonly Client[]> {
  const facts = { tls: `OpenSSL ${process.versions.openssl} (Node)`, version: process.versions.node, missing: "" };
  const command = (kind: string) => (way: Way) => ({
    ...{ program: process.execPath, args: [join(sources, "client.mjs"), kind] },
    environment: way.trust === null ? {} : { NODE_EXTRA_CA_CERTS: way.trust },
  });
  return [
    own({ ...facts, name: "Node https" }, command("https")),
    own({ ...facts, name: "Node fetch (undici)" }, command("undici")),
    own({ ...facts, name: "node:http2", protocol: "h2", hasNoPlain: true }, command("h2")),
  ];
}

export async function pythonClients(): Promise<readonly Client[]> {
  const version = await versionOf("python3", ["--version"], /^Python (\S+)/m);
  const tls = (await versionOf("python3", ["-c", "import ssl; print(ssl.OPENSSL_VERSION)"], /^(OpenSSL \S+)/m)) ?? "";
  const withRequests = await versionOf("python3", ["-c", "import requests; print(requests.__version__)"], /^(\S+)/m);
  const command = (kind: string) => (way: Way) => ({
    ...{ program: "python3", args: [join(sources, "client.py"), kind] },
    environment: way.trust === null ? {} : { SSL_CERT_FILE: way.trust },
  });
  const missing = "python3 is not installed";
  return [
    own({ name: "Python http.client", tls, version, missing }, command("http.client")),
    own({ name: "Python urllib", tls, version, missing }, command("urllib")),
    own(
      { name: "Python requests", tls, version: withRequests, missing: "the package requests is not installed" },
      command("requests"),
    ),
  ];
}

export async function javaClients(): Promise<readonly Client[]> {
  const version = await versionOf("java", ["-version"], /version "([^"]+)"/);
  const built =
    version === null
      ? { missing: "Java is not installed" }
      : await build("java", ["Client.java"], {
          ...{ program: "javac", args: ["-d", "out", "Client.java"], product: "out" },
          codeError: /Client\.java:\d+: error/,
        });
  const facts = {
    tls: "JSSE",
    version: "folder" in built ? version : null,
    missing: "folder" in built ? "" : built.missing,
  };
  const folder = "folder" in built ? built.folder : "";
  const command = (kind: string) => (way: Way) => ({
    program: "java",
    args: [
      ...["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto"],
      ...(way.trust === null ? [] : [`-Dtrust=${way.trust}`]),
      ...["-cp", folder, "Client", kind],
    ],
  });
  return [
    own({ ...facts, name: "Java HttpURLConnection" }, command("url-connection")),
    own({ ...facts, name: "Java HttpClient", protocol: "both" }, command("http-client")),
    own({ ...facts, name: "Java HttpClient, HTTP/1.1" }, command("http-client-1")),
  ];
}

export async function dotnetClients(): Promise<readonly Client[]> {
  return (await dotnetPrograms()).slice(0, -1);
}

/** .NET that makes its calls at the same time, over connections of which it then needs only some. */
export async function dotnetInParallel(): Promise<Client> {
  const client = (await dotnetPrograms()).at(-1);
  if (client === undefined) throw new Error("no .NET program");
  return client;
}

async function dotnetPrograms(): Promise<readonly Client[]> {
  const sdk = await versionOf("dotnet", ["--version"], /^(\d+\.\S+)/m);
  const isUsable = sdk !== null && Number.parseInt(sdk, 10) >= 10;
  const built = isUsable
    ? await build("dotnet", ["dotnet-client/dotnet-client.csproj", "dotnet-client/Program.cs"], {
        program: "dotnet",
        args: ["build", "dotnet-client", "--configuration", "Release", "--output", "out", "--nologo"],
        product: "out",
        codeError: /error CS\d/,
      })
    : { missing: sdk === null ? "the .NET SDK is not installed" : `the .NET SDK ${sdk} is older than 10` };
  const version = "folder" in built ? sdk : null;
  const facts = { tls: "OpenSSL (.NET)", version, missing: "folder" in built ? "" : built.missing };
  const library = "folder" in built ? join(built.folder, "dotnet-client.dll") : "";
  const command = (kind: string) => (way: Way) => ({
    ...{ program: "dotnet", args: [library, kind] },
    // A folder without certificates: nothing but the file is trusted.
    environment: way.trust === null ? {} : { SSL_CERT_FILE: way.trust, SSL_CERT_DIR: sources },
  });
  return [
    own({ ...facts, name: ".NET HttpClient" }, command("http-1.1")),
    own({ ...facts, name: ".NET HttpClient, HTTP/2 or lower", protocol: "both" }, command("http-2")),
    own({ ...facts, name: ".NET HttpClient, HTTP/2 exact", protocol: "h2", hasNoPlain: true }, command("http-2-exact")),
    own({ ...facts, name: ".NET HttpClient in parallel" }, command("http-1.1-parallel")),
  ];
}

interface Build {
  readonly program: string;
  readonly args: readonly string[];
  /** Folder of what is built, below the one it is built in. */
  readonly product: string;
  /** What a compiler prints for code that is wrong: then the build is no reason to skip. */
  readonly codeError: RegExp;
}

/** Built once for each state of the sources; in a folder of its own first, so that two builds do not meet. */
async function build(
  name: string,
  files: readonly string[],
  { program, args, product, codeError }: Build,
): Promise<{ readonly folder: string } | { readonly missing: string }> {
  const sum = createHash("sha256");
  for (const file of files) sum.update(readFileSync(join(sources, file)));
  const folder = join(cache, `${name}-${sum.digest("hex").slice(0, 16)}`);
  const done = { folder: join(folder, product) };
  if (existsSync(folder)) return done;
  mkdirSync(cache, { recursive: true });
  const draft = mkdtempSync(join(cache, "draft-"));
  try {
    for (const file of files) cpSync(join(sources, file), join(draft, file));
    const environment = { MSBUILDDISABLENODEREUSE: "1", DOTNET_CLI_TELEMETRY_OPTOUT: "1", DOTNET_NOLOGO: "1" };
    const { exitCode, stdout, stderr } = await runProgram({ program, args, environment, folder: draft });
    const text = `${stdout.toString()}\n${stderr}`;
    if (codeError.test(text)) throw new Error(text);
    if (exitCode !== 0 || readdirSync(join(draft, product)).length === 0) {
      return { missing: `${program} cannot build it: ${/error .*/.exec(text)?.[0] ?? text.trim().slice(0, 200)}` };
    }
    if (!existsSync(folder)) renameSync(draft, folder);
    return done;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}
