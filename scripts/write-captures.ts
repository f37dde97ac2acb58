// Writes captures/: one saved capture for each scenario of the lab, made by the real program, with its expected verdict.
// The verdict is compared with that of the scenario before anything is written.
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { findingCatalogue } from "../src/diagnosis/catalogue.ts";
import { scenarios } from "../src/lab/scenarios.ts";
import { allCases } from "../test/diagnosis/cases/all-cases.ts";
import { actorToken, basic, newStory } from "../test/diagnosis/story.ts";
import { golden } from "../test/support/golden.ts";
import { judgeFile } from "../test/support/judge-file.ts";
import { logFolders } from "../test/support/log-folders/log-folders.ts";
import { supportPackage, supportPackageBytes, writeLogFolder } from "../test/support/log-folders/write-log-folders.ts";
import { eventsOf, saveStory } from "../test/support/save-story.ts";

const wanted = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "realmscope-captures-"));

function runDemo(scenario: string, journal: string): Promise<number> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [
      "dist/cli/main.js",
      "demo",
      "--scenario",
      scenario,
      "--quiet",
      "--save",
      journal,
    ]);
    child.once("close", (code) => resolve(code ?? -1));
  });
}

async function writeScenarios(): Promise<void> {
  for (const scenario of scenarios.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
    const journal = join(folder, `${scenario.name}.ndjson`);
    const code = await runDemo(scenario.name, journal);
    if (code !== scenario.expected.exitCode) throw new Error(`${scenario.name} exited with ${code}`);
    const { analysis } = await judgeFile(journal);
    if (analysis.verdict !== scenario.expected.verdict)
      throw new Error(`${scenario.name} was judged ${analysis.verdict}`);
    writeFileSync(join("captures", `${scenario.name}.ndjson`), readFileSync(journal));
    writeFileSync(join("captures", `${scenario.name}.expected.json`), `${JSON.stringify(golden(analysis), null, 2)}\n`);
    process.stdout.write(`${scenario.name}: ${analysis.verdict}\n`);
  }
}

/** The first case of each finding, as the journal of a capture that shows it. */
async function writeFindings(): Promise<void> {
  mkdirSync("captures/findings", { recursive: true });
  for (const { code } of findingCatalogue) {
    const shown = allCases.find(({ shows }) => shows?.[0] === code);
    if (shown === undefined || (wanted.length > 0 && !wanted.includes(code))) continue;
    const journal = join(folder, `${code}.ndjson`);
    await saveStory(eventsOf(shown), journal);
    writeFileSync(join("captures", "findings", `${code}.ndjson`), readFileSync(journal));
  }
}

/** Two findings that a capture of a few requests cannot show: more handshakes than are kept, and an expired pasted token. */
async function writeUnusual(): Promise<void> {
  if (wanted.length > 0 && !wanted.includes("HANDSHAKES_FORGOTTEN")) return;
  mkdirSync("captures/unusual", { recursive: true });
  const story = newStory();
  const events = Array.from({ length: 2_001 }, (_, index) => ({
    kind: "transaction" as const,
    // A password in place of a token is the smallest handshake; each address makes one.
    transaction: story({
      authorization: basic,
      client: `10.1.${Math.floor(index / 250)}.${index % 250}:1`,
      connection: `c${index}`,
    }),
  }));
  const journal = join(folder, "forgotten.ndjson");
  await saveStory(events, journal);
  writeFileSync("captures/unusual/HANDSHAKES_FORGOTTEN.ndjson.gz", gzipSync(readFileSync(journal), { level: 9 }));
  const token = actorToken({ signature: "<sig>" });
  writeFileSync("captures/unusual/TOKEN_OUT_OF_DATE.txt", `Authorization: Bearer ${token}\n`);
}

/** Log folders with their expected answers, and a support package. */
function writeLogFolders(): void {
  if (wanted.length > 0 && !wanted.includes("logs")) return;
  const root = join("captures", "logs");
  rmSync(root, { recursive: true, force: true });
  for (const logFolder of logFolders) writeLogFolder(logFolder, root);
  writeFileSync(join(root, supportPackage.name), supportPackageBytes());
  for (const { name, expected } of [...logFolders, supportPackage])
    writeFileSync(join(root, `${name}.expected.json`), `${JSON.stringify(expected, null, 2)}\n`);
}

try {
  writeLogFolders();
  await writeScenarios();
  await writeFindings();
  await writeUnusual();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
