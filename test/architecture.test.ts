import { readdirSync, readFileSync } from "node:fs";
import { posix, sep } from "node:path";
import { expect, test } from "vitest";
import { pureFolders } from "../scripts/pure-folders.ts";

/** The architecture: which folder may import which. docs/architecture.md explains it. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  core: [],
  http1: ["core"],
  decoders: ["core"],
  verification: ["core", "decoders"],
  handshake: ["core", "decoders"],
  diagnosis: ["core", "decoders", "handshake"],
  sanitising: ["core", "decoders"],
  // Undoing gzip, deflate and br: what the proxy and the SAZ reader share.
  coding: ["core"],
  // Making and ending sockets and servers so that no error of theirs goes unheard.
  sockets: [],
  sources: ["core", "http1", "coding"],
  proxy: ["core", "http1", "coding", "sockets"],
  // What a saved trace must show: facts by name, checks over them, presets, snapshots and differences. Pure.
  expectations: ["core", "decoders", "handshake", "diagnosis", "sanitising"],
  // Saved traffic on real sockets again: answers served from a trace, requests sent again.
  playback: ["core", "sanitising", "sockets"],
  sinks: ["core", "decoders", "handshake", "diagnosis", "sanitising", "expectations"],
  // The filter language over rows, facts and bodies: the screen and `replay --filter` share it.
  filter: ["core", "decoders", "diagnosis"],
  tui: ["core", "decoders", "handshake", "diagnosis", "sanitising", "filter", "sockets"],
  // A token for Microsoft Graph is decoded and looked at before it is used.
  provisioning: ["core", "decoders"],
  // The lab builds its own tokens: a decoder must not be tested by its own encoder.
  lab: ["core", "sockets"],
  cli: [
    "core",
    "http1",
    "decoders",
    "verification",
    "handshake",
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
    "sockets",
  ],
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

test.each(files)("%s imports only what its folder may", (file) => {
  const folder = file.split("/")[0] ?? "";
  const allowed = [folder, ...(mayImport[folder] ?? [])];
  for (const target of imports.get(file) ?? []) {
    expect(allowed, `${file} imports ${target}`).toContain(target.split("/")[0]);
  }
});

test("every folder of src has a row in the table", () => {
  expect(Object.keys(mayImport)).toEqual(expect.arrayContaining([...new Set(files.map((file) => file.split("/")[0]))]));
});

test("the linter forbids Node and clocks in every pure folder", () => {
  const { overrides }: { overrides: readonly { includes: readonly string[] }[] } = JSON.parse(
    readFileSync("biome.json", "utf8"),
  );
  expect(overrides[0]?.includes).toEqual(expect.arrayContaining(pureFolders.map((folder) => `src/${folder}/**`)));
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
      expect(before, `${file}: ${call}`).toMatch(/\bguarded(?:Server)?\(\s*(?:[^()]*\? )?(?:\w+\([^()]*\) : )?$/);
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
