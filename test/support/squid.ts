// A real Squid for tests: the one of this machine, or Debian's packages unpacked into a cache, never installed or started as a
// service. It listens on loopback and lives as long as its test.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { onTestFinished } from "vitest";

const run = promisify(execFile);
const cache = new URL("../../node_modules/.cache/realmscope-squid/", import.meta.url).pathname;

/** Squid and the libraries that a small Debian does not have. */
const packages = [
  "squid",
  "squid-common",
  "squid-langpack",
  "libecap3",
  "libltdl7",
  "libnetfilter-conntrack3",
  "libnfnetlink0",
];

export interface SquidProgram {
  /** The root of the unpacked packages; `/` for an installed Squid. */
  readonly root: string;
  readonly environment: NodeJS.ProcessEnv;
}

/** Finds Squid, or fetches it once; else says why there is none. */
export async function findSquid(): Promise<SquidProgram | string> {
  const installed = programIn("/");
  if ((await versionOf(installed)) !== null) return installed;
  const folder = join(cache, "root");
  const unpacked = programIn(folder);
  if (existsSync(folder)) return (await versionOf(unpacked)) === null ? "the unpacked Squid does not start" : unpacked;
  mkdirSync(cache, { recursive: true });
  const draft = mkdtempSync(join(cache, "draft-"));
  try {
    await fetchInto(draft);
    if ((await versionOf(programIn(draft))) === null) return "the unpacked Squid does not start";
    if (!existsSync(folder)) renameSync(draft, folder);
    return unpacked;
  } catch {
    // Another test file was faster.
    return existsSync(folder)
      ? unpacked
      : "Squid is not installed, and its packages cannot be fetched (apt-get download)";
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

async function fetchInto(folder: string): Promise<void> {
  const download = (): Promise<unknown> =>
    run("apt-get", ["download", "-qq", ...packages], { cwd: folder, timeout: 120_000 });
  // On a new machine the list of packages is empty.
  await download().catch(async () => {
    await run("apt-get", ["update", "-qq"], { timeout: 120_000 });
    await download();
  });
  for (const name of readdirSync(folder).filter((file) => file.endsWith(".deb"))) {
    await run("dpkg", ["-x", join(folder, name), folder]);
    rmSync(join(folder, name));
  }
}

function programIn(root: string): SquidProgram {
  const libraries = ["x86_64-linux-gnu", "aarch64-linux-gnu"].map((name) => join(root, "usr/lib", name)).join(":");
  return { root, environment: root === "/" ? process.env : { ...process.env, LD_LIBRARY_PATH: libraries } };
}

async function versionOf({ root, environment }: SquidProgram): Promise<string | null> {
  try {
    return (await run(join(root, "usr/sbin/squid"), ["-v"], { env: environment, timeout: 20_000 })).stdout;
  } catch {
    return null;
  }
}

export interface Squid {
  readonly host: "127.0.0.1";
  readonly port: number;
  /** The requests that Squid has served, one a line of its access log. */
  log(): readonly string[];
}

export interface SquidWish {
  /** Names and the address that Squid resolves them to. */
  readonly hosts?: readonly string[];
  /** Ports that CONNECT may reach besides 443. */
  readonly tlsPorts?: readonly number[];
  /** `user:password` that Squid requires by Basic. */
  readonly credentials?: string;
}

/** Starts Squid with Debian's own rules (`deny CONNECT !SSL_ports` among them) and the wishes; it ends with the test. */
export async function startSquid(program: SquidProgram, wish: SquidWish = {}): Promise<Squid> {
  const folder = mkdtempSync(join(tmpdir(), "realmscope-squid-"));
  // Squid gives up root: its files are those of another user.
  chmodSync(folder, 0o777);
  const port = await freePort();
  const log = join(folder, "access.log");
  writeFileSync(join(folder, "hosts"), (wish.hosts ?? []).map((name) => `127.0.0.1 ${name}\n`).join(""), {
    mode: 0o644,
  });
  writeFileSync(join(folder, "squid.conf"), await configuration(program, { folder, port, wish }), { mode: 0o644 });
  const child = spawn(join(program.root, "usr/sbin/squid"), ["-N", "-f", join(folder, "squid.conf")], {
    env: program.environment,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let errors = "";
  child.stderr.on("data", (piece) => (errors += String(piece)));
  onTestFinished(async () => {
    const closed = new Promise((resolve) => child.once("close", resolve));
    if (child.exitCode === null && child.kill("SIGKILL")) await closed;
    rmSync(folder, { recursive: true, force: true });
  });
  await listening(child, join(folder, "cache.log"), () => errors);
  return {
    host: "127.0.0.1",
    port,
    log: () =>
      existsSync(log)
        ? readFileSync(log, "utf8")
            .split("\n")
            .filter((line) => line !== "")
        : [],
  };
}

interface Setting {
  readonly folder: string;
  readonly port: number;
  readonly wish: SquidWish;
}

async function configuration({ root }: SquidProgram, { folder, port, wish }: Setting): Promise<string> {
  const rules = readFileSync(join(root, "etc/squid/squid.conf"), "utf8")
    .split("\n")
    .filter((line) => line.trim() !== "" && !/^(?:#|include|http_port|coredump_dir)/.test(line));
  const own: string[] = [];
  if (wish.credentials !== undefined) {
    const [user = "", password = ""] = wish.credentials.split(":");
    const { stdout } = await run("openssl", ["passwd", "-apr1", password]);
    writeFileSync(join(folder, "passwords"), `${user}:${stdout.trim()}\n`, { mode: 0o644 });
    own.push(
      `auth_param basic program ${join(root, "usr/lib/squid/basic_ncsa_auth")} ${join(folder, "passwords")}`,
      "auth_param basic children 1 startup=1 idle=1",
      "acl known proxy_auth REQUIRED",
      "http_access deny !known",
    );
  }
  return [
    // Before the rules of the package, which end with "deny all".
    ...own,
    ...(wish.tlsPorts ?? []).map((tlsPort) => `acl SSL_ports port ${tlsPort}`),
    ...rules,
    `http_port 127.0.0.1:${port}`,
    `hosts_file ${join(folder, "hosts")}`,
    `access_log stdio:${join(folder, "access.log")}`,
    `cache_log ${join(folder, "cache.log")}`,
    `coredump_dir ${folder}`,
    `error_directory ${join(root, "usr/share/squid-langpack/en")}`,
    `icon_directory ${join(root, "usr/share/squid/icons")}`,
    `mime_table ${join(root, "usr/share/squid/mime.conf")}`,
    `unlinkd_program ${join(root, "usr/lib/squid/unlinkd")}`,
    "pid_filename none",
    "pinger_enable off",
    "visible_hostname squid.test",
    "",
  ].join("\n");
}

/** Squid says in its log when it accepts connections. */
async function listening(child: ChildProcess, log: string, errors: () => string): Promise<void> {
  for (let tries = 0; tries < 600; tries += 1) {
    if (child.exitCode !== null) throw new Error(`Squid ended: ${errors().slice(-500)}`);
    if (existsSync(log) && readFileSync(log, "utf8").includes("Accepting HTTP Socket connections")) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("Squid did not start within 30 seconds");
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
