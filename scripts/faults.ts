// Puts one fault after the other into a copy of the source and expects the test of its row to fail: npm run faults. It proves
// docs/protocol-coverage.md. Arguments: parts of facts, to run only these rows.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { protocolRows } from "../test/protocol/coverage-page.ts";
import type { ProtocolRow } from "../test/protocol/protocol-row.ts";

interface TestResult {
  readonly fullName: string;
  readonly status: string;
}

const copied = ["src", "test", "docs", "captures", "scripts", "package.json", "tsconfig.json", "vitest.config.ts"];
const copies = mkdtempSync(join(tmpdir(), "realmscope-faults-"));

/** Makes a copy of the source for faults. */
function makeCopy(number: number): string {
  const copy = join(copies, String(number));
  mkdirSync(copy);
  for (const name of copied) cpSync(name, join(copy, name), { recursive: true });
  symlinkSync(resolve("node_modules"), join(copy, "node_modules"));
  return copy;
}

/** Runs test files in a copy; returns every test with its result. A file that cannot be loaded has none. */
async function runTests(copy: string, files: readonly string[]): Promise<readonly TestResult[]> {
  const report = join(copy, "report.json");
  rmSync(report, { force: true });
  const run = spawn(
    process.execPath,
    ["node_modules/vitest/vitest.mjs", "run", "--reporter=json", `--outputFile=${report}`, ...files],
    { cwd: copy, stdio: "ignore", timeout: 300_000, env: { ...process.env, REALMSCOPE_TEST_REPORT: undefined } },
  );
  await once(run, "exit");
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

async function check(copy: string, row: ProtocolRow): Promise<string | null> {
  if (row.fault === null) return null;
  const path = join(copy, row.fault.file);
  const source = readFileSync(path, "utf8");
  if (!source.includes(row.fault.from)) return `${row.fault.file} has no place for the fault`;
  writeFileSync(
    path,
    source.replace(row.fault.from, () => row.fault?.to ?? ""),
  );
  try {
    const named = namesOf(row, await runTests(copy, [row.file]));
    if (named.length === 0) return "the test did not run with the fault";
    return named.some(({ status }) => status === "failed") ? null : "the test passes with the fault";
  } finally {
    writeFileSync(path, source);
  }
}

const wanted = process.argv.slice(2);
const rows = protocolRows.filter(({ fact }) => wanted.length === 0 || wanted.some((part) => fact.includes(part)));
const problems: string[] = [];

/** Works through the rows until none is left. */
async function checkRows(copy: string, left: Iterator<ProtocolRow>, sound: readonly TestResult[]): Promise<void> {
  for (let next = left.next(); next.done !== true; next = left.next()) {
    const row = next.value;
    const named = namesOf(row, sound);
    const isHeld = named.length > 0 && named.every(({ status }) => status === "passed");
    const problem = isHeld
      ? await check(copy, row)
      : `no test of that name passes without a fault (${named.length} found)`;
    if (problem !== null) problems.push(`${row.section}: ${row.fact} [${row.file}: ${row.title}]: ${problem}`);
    process.stdout.write(problem === null ? "." : "F");
  }
}

try {
  const places = Array.from({ length: availableParallelism() }, (_, number) => makeCopy(number));
  const sound = await runTests(places[0] ?? "", [...new Set(rows.map(({ file }) => file))]);
  const left = rows.values();
  await Promise.all(places.map((copy) => checkRows(copy, left, sound)));
} finally {
  rmSync(copies, { recursive: true, force: true });
}
const broken = rows.filter(({ fault }) => fault !== null).length;
process.stdout.write(`\n${rows.length} facts, ${broken} faults, ${problems.length} problems\n`);
for (const problem of problems) process.stdout.write(`${problem}\n`);
process.exitCode = problems.length === 0 ? 0 : 1;
