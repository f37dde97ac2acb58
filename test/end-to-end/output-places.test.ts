// Wherever a file is asked for that cannot be written: one clear line that names it, exit code 2, nothing half-written.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { runCli } from "../support/run-cli.ts";

const capture = resolve("captures/trust-works.ndjson");
const program = resolve("dist/cli/main.js");
const formats = ["har", "saz", "ndjson", "pcapng", "html", "markdown"];
let folder = "";
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "realmscope-places-"));
  writeFileSync(join(folder, "file"), "precious");
  mkdirSync(join(folder, "a-folder"));
  const made = await runCli(["ca", "create", "--host", "mail.contoso.com"], { environment: environment() });
  expect(made.code, made.stderr).toBe(0);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const environment = (): Readonly<Record<string, string>> => ({ REALMSCOPE_HOME: join(folder, "home") });
const script = ["provision", "script", "--profile", "teams", "--domain", "contoso.com", "--dc", "dc1", "--tenant"];

/** Every verb that writes a file that is named to it: its arguments without the file. */
const writers: readonly (readonly [what: string, make: (path: string) => readonly string[]])[] = [
  ...formats.map((to): [string, (path: string) => readonly string[]] => [
    `export --to ${to}`,
    (path) => ["export", capture, "--to", to, "-o", path, "--key", join(folder, "k")],
  ]),
  ["export --unsanitised", (path) => ["export", capture, "--to", "har", "--unsanitised", "-o", path]],
  ["export --key", (path) => ["export", capture, "--to", "har", "-o", join(folder, "x.har"), "--key", path]],
  ["ticket", (path) => ["ticket", capture, "-o", path, "--key", join(folder, "k")]],
  ["ticket --key", (path) => ["ticket", capture, "-o", join(folder, "x.zip"), "--key", path]],
  ["ca export", (path) => ["ca", "export", "-o", path]],
  ["ca export --force", (path) => ["ca", "export", "--force", "-o", path]],
  ["demo --save", (path) => ["demo", "--plain", "--save", path]],
  ["watch --save", (path) => ["watch", "--forward", "0", "--for", "0.2", "--save", path]],
  ["watch --keylog", (path) => ["watch", "--forward", "0", "--for", "0.2", "--keylog", path]],
  ["replay --snapshot", (path) => ["replay", capture, "--snapshot", path, "--update-snapshot"]],
  ["replay --write-expect", (path) => ["replay", capture, "--write-expect", path]],
  ...["pretty", "json", "junit", "sarif", "github", "gitlab", "azure", "tap", "markdown"].map(
    (name): [string, (path: string) => readonly string[]] => [
      `replay --reporter ${name}=FILE`,
      (path) => ["replay", capture, "--expect", "oauth-only", "--reporter", `${name}=${path}`],
    ],
  ),
];

const inTrace = ["replay --snapshot", "replay --write-expect"];

async function expectRefused(what: string, args: readonly string[], path: string): Promise<void> {
  const { code, stdout, stderr } = await runCli(args, { environment: environment() });
  // What concerns one trace stands in the report on that trace.
  const said = inTrace.includes(what) ? stdout : stderr;
  expect(said).not.toMatch(/\n\s+at |a bug in the program/);
  expect(said).toContain(path);
  expect(code, stdout + stderr).toBe(2);
  if (inTrace.includes(what)) return;
  expect(stderr).toMatch(/^realmscope: .+[.)]\n$/);
}

function everything(): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => !name.startsWith("home"))
    .sort();
}

describe("a file in a folder that is not there", () => {
  test.each(writers)("%s", async (what, make) => {
    const before = everything();
    await expectRefused(what, make(join(folder, "none", "x")), join(folder, "none", "x"));
    expect(everything()).toEqual(before);
  });
});

describe("a file in the place of a folder", () => {
  test.each(writers)("%s", async (what, make) => {
    const before = everything();
    await expectRefused(what, make(join(folder, "file", "x")), join(folder, "file", "x"));
    expect(everything()).toEqual(before);
    expect(readFileSync(join(folder, "file"), "utf8")).toBe("precious");
  });
});

describe("a folder that has the name", () => {
  test.each(writers)("%s", async (what, make) => {
    const before = everything();
    await expectRefused(what, make(join(folder, "a-folder")), join(folder, "a-folder"));
    expect(everything()).toEqual(before);
  });
});

test("a name that is too long", async () => {
  for (const to of formats) {
    const path = join(folder, "x".repeat(250));
    await expectRefused("export", ["export", capture, "--to", to, "-o", path, "--key", join(folder, "k")], path);
  }
});

describe("the scripts of provision", () => {
  const args = [...script, "7f3c1e2a-9b14-4c0d-8a55-0d2b6f1e90aa", "--out"];

  test("are all written or none", async () => {
    const out = join(folder, "scripts");
    mkdirSync(join(out, "realmscope-cloud.ps1"), { recursive: true });
    const refused = await runCli([...args, out], { environment: environment() });
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain(out);
    expect(refused.stderr).not.toContain("a bug");
    expect(readdirSync(out)).toEqual(["realmscope-cloud.ps1"]);
  });

  test("go into no file", async () => {
    await expectRefused("script", [...args, join(folder, "file")], join(folder, "file"));
  });
});

function mounted(options: string): string | null {
  const path = mkdtempSync(join(tmpdir(), "realmscope-disk-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", path], { stdio: "ignore" });
  } catch {
    rmSync(path, { recursive: true });
    return null;
  }
  onTestFinished(() => {
    execFileSync("umount", [path]);
    rmSync(path, { recursive: true });
  });
  return path;
}

test("a file system that can only be read", async (context) => {
  const disk = mounted("ro");
  if (disk === null) return context.skip("no file system can be mounted here");
  for (const [what, make] of writers) await expectRefused(what, make(join(disk, "x")), join(disk, "x"));
}, 120_000);

test("a disk that becomes full takes no half of an export", async (context) => {
  const disk = mounted("size=4k");
  if (disk === null) return context.skip("no file system can be mounted here");
  const several = ["trust-works", "legacy-and-new-principals", "token-expired", "user-unknown"].map((name) =>
    resolve(`captures/${name}.ndjson`),
  );
  for (const to of formats) {
    const path = join(disk, "x");
    await expectRefused("export", ["export", ...several, "--to", to, "-o", path, "--key", join(folder, "k")], path);
    expect(readdirSync(disk)).toEqual([]);
  }
  const ticket = join(disk, "x.zip");
  await expectRefused("ticket", ["ticket", ...several, "-o", ticket, "--key", join(folder, "k")], ticket);
  const home = { ...environment(), TMPDIR: disk };
  const inTmp = await runCli(["ticket", capture, "-o", join(folder, "y.zip"), "--key", join(folder, "k2")], {
    environment: home,
  });
  expect(inTmp.stderr).toMatch(/^realmscope: .+[.)]\n$/);
  expect(inTmp.code).toBe(2);
  expect(readdirSync(disk)).toEqual([]);
  expect(existsSync(join(folder, "y.zip"))).toBe(false);
}, 120_000);

test("no folder for temporary files", async () => {
  const missing = { ...environment(), TMPDIR: join(folder, "no-such-folder") };
  const { code, stderr } = await runCli(["ticket", capture, "-o", join(folder, "z.zip")], { environment: missing });
  expect(stderr).toMatch(/^realmscope: .+ TMPDIR .+\n$/);
  expect(code).toBe(2);
});

// Only the super-user can become another user, who must be allowed to reach Node and this checkout.
const other = { uid: 65_534, gid: 65_534 } as const;
const canBeOther =
  process.getuid?.() === 0 &&
  spawnSync(process.execPath, ["--eval", `require("node:fs").readFileSync(${JSON.stringify(program)})`], {
    ...{ ...other, cwd: "/" },
  }).status === 0;

describe.skipIf(!canBeOther)(
  "as a user who is not the super-user (skipped where nobody else reaches Node and the checkout)",
  () => {
    function exportAs(to: string, path: string): { readonly code: number | null; readonly stderr: string } {
      const home = mkdtempSync(join(tmpdir(), "realmscope-home-"));
      onTestFinished(() => rmSync(home, { recursive: true, force: true }));
      execFileSync("chown", ["65534:65534", home]);
      const args = [program, "export", capture, "--to", to, "-o", path, "--key", join(home, "k")];
      const { status, stderr } = spawnSync(process.execPath, args, {
        ...{ ...other, encoding: "utf8", cwd: home },
        env: { PATH: process.env.PATH, HOME: home, REALMSCOPE_HOME: home },
      });
      return { code: status, stderr };
    }

    function place(mode: string): string {
      const folder = mkdtempSync(join(tmpdir(), "realmscope-barred-"));
      onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
      execFileSync("chmod", [mode, folder]);
      return folder;
    }

    test("a folder that may not be written to tells so", () => {
      const path = join(place("755"), "x");
      for (const to of formats) {
        expect(exportAs(to, path)).toEqual({
          code: 2,
          stderr: `realmscope: ${JSON.stringify(path)} cannot be written: its folder may not be written to. Name a file in a folder that exists, that you may write to and that has room.\n`,
        });
      }
    });

    test("what another user left in a shared folder is no bug", () => {
      const path = join(place("1777"), "x");
      writeFileSync(`${path}.partial`, "theirs");
      const { code, stderr } = exportAs("har", path);
      expect(stderr).toMatch(/^realmscope: .+\.partial" cannot be written: .+\n$/);
      expect(code).toBe(2);
      expect(readFileSync(`${path}.partial`, "utf8")).toBe("theirs");
    });
  },
);
