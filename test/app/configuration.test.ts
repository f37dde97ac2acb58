import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readConfiguration } from "../../src/app/configuration.ts";
import { ToolError } from "../../src/core/tool-error.ts";

function folderWith(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "realmscope-config-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "realmscope.config.json"), text);
  return folder;
}

test("the nearest file upward is read", async () => {
  const folder = folderWith(
    '{ "realm": "contoso.com", "applications": { "ABCDEF01-2345-6789-ABCD-EF0123456789": "ExchangeServerApp" } }',
  );
  mkdirSync(join(folder, "a", "b"), { recursive: true });
  const configuration = await readConfiguration(undefined, join(folder, "a", "b"));
  expect(configuration.realm).toBe("contoso.com");
  expect(configuration.applications.get("abcdef01-2345-6789-abcd-ef0123456789")).toBe("ExchangeServerApp");
});

test("without a file everything is empty", async () => {
  const folder = mkdtempSync(join(tmpdir(), "realmscope-config-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  expect(await readConfiguration(undefined, folder)).toEqual({
    applications: new Map(),
    hybridApp: null,
    realm: null,
    hosts: [],
    failOn: null,
    provisioning: {},
    limits: {},
    keys: {},
    theme: null,
    isAscii: null,
    copy: null,
    hasBell: null,
    isQuiet: null,
  });
});

test.each([
  ["not JSON", "{"],
  ["not an object", "[]"],
  ["an unknown key", '{ "relam": "x" }'],
  ["an application that is no GUID", '{ "applications": { "exchange": "x" } }'],
  ["an application without a name", '{ "applications": { "abcdef01-2345-6789-abcd-ef0123456789": 1 } }'],
  ["a hybrid application that is not a GUID", '{ "hybridApp": "ExchangeServerApp" }'],
  ["a hybrid application that is not text", '{ "hybridApp": 1 }'],
  ["a hybrid application of Microsoft's", '{ "hybridApp": "00000002-0000-0ff1-ce00-000000000000" }'],
  ["applications as a list", '{ "applications": [] }'],
  ["keys that are no object", '{ "keys": [] }'],
  ["keys of no command", '{ "keys": { "fly": "f" } }'],
  ["a key that is none", '{ "keys": { "filter": "hyper-x" } }'],
  ["a key that is no text", '{ "keys": { "filter": [1] } }'],
  ["a key of two commands", '{ "keys": { "filter": "q" } }'],
  ["a theme that there is not", '{ "theme": "ugly" }'],
  ["ascii that is neither", '{ "ascii": "yes" }'],
  ["a bell that is neither", '{ "bell": 1 }'],
  ["a quiet clock that is neither", '{ "quietClock": "yes" }'],
  ["a way to copy that there is not", '{ "copy": "fax" }'],
  ["a realm that is no text", '{ "realm": 1 }'],
  ["hosts that are no list", '{ "hosts": "x" }'],
  ["a host that is no text", '{ "hosts": [1] }'],
  ["a limit that there is not", '{ "limits": { "foo": 1 } }'],
  ["a limit beyond its bounds", '{ "limits": { "connections": 0 } }'],
  ["an answer of provision that there is not", '{ "provisioning": { "foo": 1 } }'],
  ["an answer of provision that is no text", '{ "provisioning": { "domain": 1 } }'],
  ["an answer of provision that is neither true nor false", '{ "provisioning": { "step1": "yes" } }'],
  ["names of provision that are none", '{ "provisioning": { "names": { "a": 1 } } }'],
  ["an unknown severity", '{ "failOn": "fatal" }'],
])("%s is an error with a hint", async (_name, text) => {
  const folder = folderWith(text);
  await expect(readConfiguration(undefined, folder)).rejects.toThrow(ToolError);
});

test("a named file that is missing is an error, not an empty configuration", async () => {
  await expect(readConfiguration("/nonexistent/realmscope.json")).rejects.toThrow(/cannot be read/);
});
