import fc from "fast-check";
import { expect, test } from "vitest";
import { readErrorLines } from "../../../src/provisioning/exchange/shell-process.ts";

// Lines out of a redirected stderr, CLIXML or not.

const open = '#< CLIXML\r\n<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">';

test.each([
  ["plain text", "one\r\n\r\ntwo", ["one", "two"]],
  ["an error", `${open}<S S="Error">Cannot &lt;find&gt; it._x000D__x000A_</S></Objs>`, ["error: Cannot <find> it."]],
  [
    "several streams",
    `${open}<S S="Warning">careful</S><S S="Error">&quot;x&quot; &amp;lt;</S></Objs>`,
    ["warning: careful", 'error: "x" &lt;'],
  ],
  [
    "progress, which is left out",
    `${open}<Obj S="progress" RefId="0"><TN RefId="0"><T>System.Management.Automation.PSCustomObject</T></TN><MS><I64 N="SourceId">1</I64></MS></Obj></Objs>`,
    [],
  ],
  [
    "text before and after a document",
    `ssh: banner\n${open}<S S="Error">x</S></Objs>\nend`,
    ["ssh: banner", "error: x", "end"],
  ],
  ["a document that was cut off", `${open}<S S="Error">half`, ['<S S="Error">half']],
])("%s", (_name, text, lines) => {
  expect(readErrorLines(text)).toEqual(lines);
});

test("any text is read", () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.string(), fc.constantFrom(open, "</Objs>", '<S S="Error">', "</S>", "_x000A_", "<Obj"))),
      (parts) => {
        expect(readErrorLines(parts.join(""))).toBeInstanceOf(Array);
      },
    ),
  );
});
