// npm run test:quick [-- COMMIT]: the tests of the pure folders, and those of files that changed since COMMIT (default: HEAD).
// For a changed source it runs the nearest tests: those that import it, else those that import its importers. `vitest --changed`
// runs every test that reaches it by any path, which for most sources is nearly the whole suite.
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { posix, sep } from "node:path";
import { pureFolders } from "./pure-folders.ts";

const isTest = (file: string): boolean => /\.test\.tsx?$/.test(file);

/** The file names that a git command prints; none without git or a repository. */
function namesFromGit(...command: readonly string[]): readonly string[] {
  const { status, stdout } = spawnSync("git", command, { encoding: "utf8" });
  return status === 0 ? stdout.split("\0").filter((name) => name !== "") : [];
}

/** The importers of each file, without type imports, which load nothing. */
function readImporters(): ReadonlyMap<string, readonly string[]> {
  const importers = new Map<string, string[]>();
  const files = ["src", "test"].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((file) => /\.tsx?$/.test(file))
      .map((file) => posix.join(folder, file.split(sep).join("/"))),
  );
  for (const file of files) {
    const source = readFileSync(file, "utf8");
    for (const [, target = ""] of source.matchAll(/(?:^import (?!type )[^"]*|import\()"(\.[^"]+)"/gm)) {
      const imported = posix.join(posix.dirname(file), target);
      importers.set(imported, [...(importers.get(imported) ?? []), file]);
    }
  }
  return importers;
}

function nearestTests(changed: string, importers: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const seen = new Set([changed]);
  for (let level = [changed]; level.length > 0; ) {
    level = level.flatMap((file) => importers.get(file) ?? []).filter((file) => !seen.has(file));
    for (const file of level) seen.add(file);
    const tests = level.filter(isTest);
    if (tests.length > 0) return tests;
  }
  return [];
}

const changed = [
  ...namesFromGit("diff", "--name-only", "--diff-filter=d", "--relative", "-z", process.argv[2] ?? "HEAD"),
  ...namesFromGit("ls-files", "--others", "--exclude-standard", "-z"),
];
const importers = readImporters();
const sources = changed.filter((file) => file.startsWith("src/"));
const tests = new Set([...changed.filter(isTest), ...sources.flatMap((file) => nearestTests(file, importers))]);
const { status } = spawnSync(
  process.execPath,
  ["node_modules/vitest/vitest.mjs", "run", ...pureFolders.map((folder) => `test/${folder}/`), ...tests],
  { stdio: "inherit" },
);
process.exitCode = status ?? 1;
