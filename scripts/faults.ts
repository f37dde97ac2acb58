// Puts one fault after the other into a copy of the source and expects the test that is named for it to fail: npm run faults.
// What is said in docs/protocol-coverage.md is shown here. Arguments: parts of facts, to run these rows only.
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { protocolRows } from "../test/protocol/coverage-page.ts";
import type { ProtocolRow } from "../test/protocol/protocol-row.ts";

interface TestResult {
  readonly fullName: string;
  readonly status: string;
}

const copy = mkdtempSync(join(tmpdir(), "realmscope-faults-"));
const report = join(copy, "report.json");

/** Runs test files in the copy; every test with how it ended. A file that cannot even be loaded gives none. */
function runTests(files: readonly string[]): readonly TestResult[] {
  rmSync(report, { force: true });
  const run = spawnSync(
    process.execPath,
    ["node_modules/vitest/vitest.mjs", "run", "--reporter=json", `--outputFile=${report}`, ...files],
    { cwd: copy, stdio: "ignore", timeout: 300_000, env: { ...process.env, REALMSCOPE_TEST_REPORT: undefined } },
  );
  if (run.error !== undefined) throw run.error;
  const read = JSON.parse(readFileSync(report, "utf8")) as {
    readonly testResults: readonly { readonly assertionResults: readonly TestResult[] }[];
  };
  return read.testResults.flatMap(({ assertionResults }) => assertionResults);
}

/** vitest joins the names of groups and tests with blanks in its report. */
function namesOf(row: ProtocolRow, results: readonly TestResult[]): readonly TestResult[] {
  const wanted = row.title.replaceAll(" > ", " ");
  return results.filter(({ fullName }) => fullName.includes(wanted));
}

function check(row: ProtocolRow): string | null {
  if (row.fault === null) return null;
  const path = join(copy, row.fault.file);
  const source = readFileSync(path, "utf8");
  if (!source.includes(row.fault.from)) return `${row.fault.file} has no place for the fault`;
  writeFileSync(
    path,
    source.replace(row.fault.from, () => row.fault?.to ?? ""),
  );
  try {
    const named = namesOf(row, runTests([row.file]));
    if (named.length === 0) return "the test did not run with the fault";
    return named.some(({ status }) => status === "failed") ? null : "the test passes with the fault";
  } finally {
    writeFileSync(path, source);
  }
}

const wanted = process.argv.slice(2);
const rows = protocolRows.filter(({ fact }) => wanted.length === 0 || wanted.some((part) => fact.includes(part)));
const problems: string[] = [];
try {
  for (const name of [
    "src",
    "test",
    "docs",
    "captures",
    "scripts",
    "package.json",
    "tsconfig.json",
    "vitest.config.ts",
  ])
    cpSync(name, join(copy, name), { recursive: true });
  symlinkSync(resolve("node_modules"), join(copy, "node_modules"));
  const sound = runTests([...new Set(rows.map(({ file }) => file))]);
  for (const row of rows) {
    const named = namesOf(row, sound);
    const isHeld = named.length > 0 && named.every(({ status }) => status === "passed");
    const problem = isHeld ? check(row) : `no test of that name passes without a fault (${named.length} found)`;
    if (problem !== null) problems.push(`${row.section}: ${row.fact} [${row.file}: ${row.title}]: ${problem}`);
    process.stdout.write(problem === null ? "." : "F");
  }
} finally {
  rmSync(copy, { recursive: true, force: true });
}
const broken = rows.filter(({ fault }) => fault !== null).length;
process.stdout.write(`\n${rows.length} facts, ${broken} faults, ${problems.length} problems\n`);
for (const problem of problems) process.stdout.write(`${problem}\n`);
process.exitCode = problems.length === 0 ? 0 : 1;
