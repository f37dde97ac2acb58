import { readdirSync, readFileSync } from "node:fs";
import { posix, sep } from "node:path";
import { expect, test } from "vitest";

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
  sources: ["core", "http1", "coding"],
  proxy: ["core", "http1", "coding"],
  // What a saved trace must show: facts by name, checks over them, presets, snapshots and differences. Pure.
  expectations: ["core", "decoders", "handshake", "diagnosis", "sanitising"],
  // Saved traffic on real sockets again: answers served from a trace, requests sent again.
  playback: ["core", "sanitising"],
  sinks: ["core", "decoders", "handshake", "diagnosis", "sanitising", "expectations"],
  // The filter language over rows, facts and bodies: the screen and `replay --filter` share it.
  filter: ["core", "decoders", "diagnosis"],
  tui: ["core", "decoders", "handshake", "diagnosis", "sanitising", "filter"],
  // A token for Microsoft Graph is decoded and looked at before it is used.
  provisioning: ["core", "decoders"],
  // The lab builds its own tokens: a decoder must not be tested by its own encoder.
  lab: ["core"],
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
  ],
};

const files = readdirSync("src", { recursive: true, encoding: "utf8" })
  .filter((file) => /\.tsx?$/.test(file))
  .map((file) => file.split(sep).join("/"));

test.each(files)("%s imports only what its folder may", (file) => {
  const folder = file.split("/")[0] ?? "";
  const allowed = [folder, ...(mayImport[folder] ?? [])];
  const source = readFileSync(`src/${file}`, "utf8");
  for (const [, target = ""] of source.matchAll(/(?:from|import|import\() ?"(\.[^"]+)"/g)) {
    const imported = posix.join(posix.dirname(file), target).split("/")[0];
    expect(allowed, `${file} imports ${target}`).toContain(imported);
  }
});

test("every folder of src has a row in the table", () => {
  expect(Object.keys(mayImport)).toEqual(expect.arrayContaining([...new Set(files.map((file) => file.split("/")[0]))]));
});

test("no source file is longer than 300 lines", () => {
  const long = files.filter((file) => readFileSync(`src/${file}`, "utf8").split("\n").length > 301);
  expect(long).toEqual([]);
});
