import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";

// An engine that does not know a flag says so on standard error and goes on as if nothing had been asked.
test.each([
  ["app/engine-flags", "keepHeapSmall"],
  ["app/engine-flags", "keepOldHeapSmall"],
  ["app/engine-flags", "compileLess"],
])("this engine knows every flag of %s, %s", (file, name) => {
  const script = `(await import("./dist/${file}.js")).${name}()`;
  const ended = spawnSync(process.execPath, ["--input-type=module", "--eval", script], { encoding: "utf8" });
  expect([ended.status, ended.stderr]).toEqual([0, ""]);
});

test("an engine complains of a flag that it does not know", () => {
  const script = `require("node:v8").setFlagsFromString("--no-such-flag-of-any-engine")`;
  const { stderr } = spawnSync(process.execPath, ["--eval", script], { encoding: "utf8" });
  expect(stderr).toContain("no-such-flag-of-any-engine");
});
