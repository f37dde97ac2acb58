// Emitted scripts against a grammar that runs wherever Node does. It has false alarms and misses errors that the engine finds
// (PowerShell's five single quotes among them), so it guards the shape of our own text and not its safety:
// powershell-engine.test.ts does that.
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { Language, type Node, Parser } from "web-tree-sitter";
import { bootstrapScript, loaderScript } from "../../../src/provisioning/exchange/bootstrap.ts";
import { readSettings } from "../../../src/provisioning/model/settings.ts";
import { renderCheckScripts } from "../../../src/provisioning/scripts/all-scripts.ts";
import { renderCloudScript, renderCloudUndoScript } from "../../../src/provisioning/scripts/cloud-script.ts";
import { renderExchangeScript } from "../../../src/provisioning/scripts/exchange-script.ts";
import { renderExchangeUndoScript } from "../../../src/provisioning/scripts/exchange-undo-script.ts";
import { cloudInput, exchangeInput } from "./script-input.ts";

const packageFolder = dirname(createRequire(import.meta.url).resolve("tree-sitter-powershell/package.json"));
await Parser.init();
const parser = new Parser();
parser.setLanguage(await Language.load(join(packageFolder, "tree-sitter-powershell.wasm")));

/** Where the grammar gives up, with what stands there. */
function faults(text: string): readonly string[] {
  const tree = parser.parse(text.replace(/^\ufeff/, ""));
  if (tree === null) return ["no tree"];
  const found: string[] = [];
  const walk = (node: Node): void => {
    if (node.isError || node.isMissing) found.push(`${node.startPosition.row + 1}: ${node.text.slice(0, 80)}`);
    else if (node.hasError) for (const child of node.children) if (child !== null) walk(child);
  };
  walk(tree.rootNode);
  return found;
}

// The grammar does not know that a typographic quote ends a text; the plain one it knows.
const name = "O'Brien $(exit 9) `n; Remove-MailUser <# #> 日本";

const checked = readSettings({ profile: "hybrid-app", dc: "dc1.contoso.example", tenant: cloudInput().tenant });

const scripts: Readonly<Record<string, string>> = {
  ...Object.fromEntries(renderCheckScripts(checked).map((file) => [file.name, file.text])),
  bootstrap: bootstrapScript(),
  loader: loaderScript(),
  exchange: renderExchangeScript(exchangeInput(name)),
  "exchange-undo": renderExchangeUndoScript(exchangeInput(name)),
  cloud: renderCloudScript(cloudInput()),
  "cloud with certificates": renderCloudScript(cloudInput(["AAEC"])),
  "cloud-undo": renderCloudUndoScript(cloudInput()),
};

test.each(Object.keys(scripts))("%s parses", (script) => {
  expect(faults(scripts[script] ?? "")).toEqual([]);
});

test.each(Object.keys(scripts).filter((script) => script !== "loader"))(
  "%s without one of its braces does not",
  (script) => {
    const text = scripts[script] ?? "";
    const places = [...text.matchAll(/^ *\}$|\{$/gm)].map((match) => match.index + match[0].length - 1);
    expect(places.length).toBeGreaterThan(5);
    for (const place of places.filter((_, index) => index % 5 === 0)) {
      expect(faults(text.slice(0, place) + text.slice(place + 1)), `at ${place}`).not.toEqual([]);
    }
  },
);
