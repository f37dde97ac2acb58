import { existsSync, readdirSync, readFileSync } from "node:fs";
import { posix, sep } from "node:path";
import { expect, test } from "vitest";

/** Which folder may import which. docs/architecture.md explains it. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  core: [],
  http1: ["core"],
  // Rows of the logs of Exchange Server, IIS, Windows and Entra, from text. Pure.
  "server-logs": ["core"],
  decoders: ["core", "server-logs"],
  verification: ["core", "decoders"],
  handshake: ["core", "decoders"],
  diagnosis: ["core", "decoders", "handshake"],
  sanitising: ["core", "decoders"],
  // Making and ending sockets and servers so that no error of theirs goes unheard.
  sockets: [],
  // A lock file that outlives no process: one capture writes a journal, one run changes a tenant.
  locks: [],
  // Finding and starting other programs: full paths, named environments.
  programs: ["core"],
  sources: ["core", "http1", "server-logs", "programs"],
  proxy: ["core", "http1", "sockets"],
  // What a saved trace must show: facts by name, checks over them, presets, snapshots and differences. Pure.
  expectations: ["core", "decoders", "handshake", "diagnosis", "sanitising"],
  // Saved traffic on real sockets again: answers served from a trace, requests sent again.
  playback: ["core", "sanitising", "sockets"],
  sinks: ["core", "decoders", "diagnosis", "sanitising", "expectations", "locks"],
  // The filter language over rows, facts and bodies: the screen and `replay --filter` share it.
  filter: ["core", "decoders", "diagnosis"],
  tui: ["core", "decoders", "diagnosis", "sanitising", "filter", "sockets", "programs"],
  // A token for Microsoft Graph is decoded and judged before it is used.
  provisioning: ["core", "decoders", "locks", "programs"],
  // The lab builds its own tokens: a decoder must not be tested by its own encoder.
  lab: ["core", "sockets"],
  app: [
    "core",
    "server-logs",
    "decoders",
    "verification",
    "diagnosis",
    "sanitising",
    "sources",
    "proxy",
    "sinks",
    "filter",
    "expectations",
    "tui",
    "provisioning",
    "sockets",
    "programs",
  ],
  cli: [
    "core",
    "decoders",
    "verification",
    "diagnosis",
    "sanitising",
    "sources",
    "proxy",
    "sinks",
    "filter",
    "expectations",
    "playback",
    "tui",
    "provisioning",
    "lab",
    "app",
    "locks",
  ],
};

/** The rooms of a folder from the ground up: each may import those named before it; "." is the folder itself. */
const rooms: Readonly<Record<string, readonly string[]>> = {
  "server-logs": [".", "records"],
  decoders: [".", "tokens", "messages", "pasted/text", "pasted/dress", "pasted"],
  diagnosis: ["catalogue", "rules", "logs", ".", "readiness"],
  sanitising: [".", "search"],
  lab: ["logs", ".", "exchange-shell", "cloud"],
  handshake: [".", "rows"],
  provisioning: ["model", "exchange", "graph", "sign-in", "steps", "gates", "engine", "scripts"],
  proxy: ["tap", "connections", "certificates", "interception", "plain-http", "."],
  sources: [
    "input",
    "values",
    "json",
    "flows",
    "packets",
    "saz",
    "exports",
    "logs",
    "logs/tail",
    "logs/survey",
    "time",
    ".",
  ],
  sinks: [".", "formats", "journal", "report", "ci"],
  tui: ["lines", "terminal", "model", "words", "link", "update", "view/panes", "view", "screen"],
  app: [".", "doctor", "reading", "hand-over", "setup", "checking", "live"],
  cli: ["options", "views", "provision", "commands", "program", "."],
};

const files = readdirSync("src", { recursive: true, encoding: "utf8" })
  .filter((file) => /\.tsx?$/.test(file))
  .map((file) => file.split(sep).join("/"));

/** Every import of a file, of types and at run time alike, as paths below src. */
const imports: ReadonlyMap<string, readonly string[]> = new Map(
  files.map((file) => {
    const found = readFileSync(`src/${file}`, "utf8").matchAll(/(?:from|import|import\() ?"(\.[^"]+)"/g);
    return [file, [...found].map(([, target = ""]) => posix.join(posix.dirname(file), target))];
  }),
);

const folderOf = (file: string): string => file.split("/")[0] ?? "";
const roomOf = (file: string): string => file.split("/").slice(1, -1).join("/") || ".";

test.each(files)("%s imports only what its folder and its room may", (file) => {
  const folder = folderOf(file);
  const allowed = [folder, ...(mayImport[folder] ?? [])];
  const order = rooms[folder] ?? ["."];
  expect(order, `${file} is in a room of the list`).toContain(roomOf(file));
  const below = order.slice(0, order.indexOf(roomOf(file)) + 1);
  for (const target of imports.get(file) ?? []) {
    expect(allowed, `${file} imports ${target}`).toContain(folderOf(target));
    if (folderOf(target) === folder) expect(below, `${file} imports ${target}`).toContain(roomOf(target));
  }
});

test("no file imports itself, by whatever way, types included", () => {
  const done = new Set<string>();
  const visit = (file: string, way: readonly string[]): void => {
    expect(way, "a circle of imports").not.toContain(file);
    if (done.has(file)) return;
    for (const target of imports.get(file) ?? []) visit(target, [...way, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
});

test("commander is known to src/cli alone", () => {
  const knowing = files.filter((file) => /["@/]commander/.test(readFileSync(`src/${file}`, "utf8")));
  expect(knowing.length).toBeGreaterThan(0);
  expect(knowing.filter((file) => folderOf(file) !== "cli")).toEqual([]);
});

test("every folder of src has a row in the table", () => {
  expect(Object.keys(mayImport).sort()).toEqual([...new Set(files.map(folderOf))].sort());
});

/** What makes a socket or a server, as a module of Node names it. */
const makers = ["connect", "createConnection", "createServer", "Server", "Socket", "TLSSocket"];

test.each(files)("%s makes no socket and no server but guarded ones", (file) => {
  const source = readFileSync(`src/${file}`, "utf8");
  const imports = source.matchAll(/import \{([^}]+)\} from "node:(?:net|tls|http|https)"/g);
  const names = [...imports].flatMap(([, list = ""]) =>
    list.split(",").flatMap((entry) => {
      const [, isType, name = "", alias] = /^\s*(type )?(\w+)(?: as (\w+))?\s*$/.exec(entry) ?? [];
      return isType === undefined && makers.includes(name) ? [alias ?? name] : [];
    }),
  );
  for (const name of names) {
    // Instances are asked for their class without being made.
    for (const { index, 0: call } of source.matchAll(new RegExp(`(?<![\\w.#])(?:new )?${name}\\(`, "g"))) {
      const before = source.slice(Math.max(0, index - 80), index);
      expect(before, `${file}: ${call}`).toMatch(/\bguard(?:Server)?\(\s*(?:[^()]*\? )?(?:\w+\([^()]*\) : )?$/);
    }
  }
  for (const [, whole = ""] of source.matchAll(/import (?:\* as )?(\w+) from "node:(?:net|tls|http|https)"/g)) {
    expect(source).not.toMatch(new RegExp(`\\b${whole}\\.(?:${makers.join("|")})\\(`));
  }
});

test("no source file is longer than 300 lines", () => {
  const long = files.filter((file) => readFileSync(`src/${file}`, "utf8").split("\n").length > 301);
  expect(long).toEqual([]);
});

test("no folder holds more than 26 files", () => {
  const counts = new Map<string, number>();
  for (const file of files) counts.set(posix.dirname(file), (counts.get(posix.dirname(file)) ?? 0) + 1);
  expect([...counts].filter(([, count]) => count > 26)).toEqual([]);
});

const folders = [...new Set(files.map((file) => posix.dirname(file)))].flatMap((folder) => {
  const parts = folder.split("/");
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
});

test.each([...new Set(folders)])("%s has a README that says what it holds and which tests hold it", (folder) => {
  const lines = readFileSync(`src/${folder}/README.md`, "utf8").trim().split("\n");
  expect(lines[0]).toBe(`# ${posix.basename(folder)}`);
  const paragraph = lines.slice(1).find((line) => line !== "");
  expect(paragraph, "one sentence says what it holds").toMatch(/^[A-Z`].*\.$/);
  expect(lines.length).toBeGreaterThanOrEqual(3);
  expect(lines.length).toBeLessThanOrEqual(20);
  const tests = lines.filter((line) => line.startsWith("- Tests: "));
  const named = tests.join(" ").match(/test\/[\w./-]*\w/g) ?? [];
  expect(named.length, "a line with tests").toBeGreaterThan(0);
  expect(named.filter((name) => !existsSync(name))).toEqual([]);
  // What a README names in its own folder exists.
  for (const [, name = ""] of lines.join("\n").matchAll(/`([\w-]+\.tsx?)`/g)) {
    expect(
      files.some((file) => posix.basename(file) === name),
      `${name} exists`,
    ).toBe(true);
  }
});

test("every source of 60 lines or more is imported by a test or named by the README of its folder", () => {
  const tested = new Set(
    readdirSync("test", { recursive: true, encoding: "utf8" })
      .filter((file) => /\.tsx?$/.test(file))
      .map((file) => posix.join("test", file.split(sep).join("/")))
      .flatMap((file) =>
        [...readFileSync(file, "utf8").matchAll(/"(\.[^"]+\.tsx?)"/g)].map(([, target = ""]) =>
          posix.join(posix.dirname(file), target),
        ),
      ),
  );
  const unnamed = files.filter((file) => {
    const isLong = readFileSync(`src/${file}`, "utf8").split("\n").length > 60;
    if (!isLong || tested.has(`src/${file}`)) return false;
    return !readFileSync(`src/${posix.dirname(file)}/README.md`, "utf8").includes(`\`${posix.basename(file)}\``);
  });
  expect(unnamed).toEqual([]);
});

test("every path that docs/architecture.md names exists", () => {
  const page = readFileSync("docs/architecture.md", "utf8");
  const paths = [...page.matchAll(/`((?:[\w.-]+\/)*[\w-]+\.tsx?|(?:src|test|docs)\/[\w./-]+)`/g)].map(
    ([, name = ""]) => name,
  );
  expect(paths.length).toBeGreaterThan(20);
  const isThere = (name: string): boolean =>
    existsSync(name) || existsSync(`src/${name}`) || files.some((file) => posix.basename(file) === name);
  expect(paths.filter((name) => !isThere(name))).toEqual([]);
});
