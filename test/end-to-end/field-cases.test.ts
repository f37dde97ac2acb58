// What people really had in hand (public reports, rebuilt with made-up names), and what must be said of it.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { runCli } from "../support/run-cli.ts";
import { fieldCases } from "./field-cases.ts";

test.each(fieldCases)("$command $file", async ({ file, command, codes, has, lacks }) => {
  const path = new URL(`fixtures/field-cases/${file}`, import.meta.url).pathname;
  const ran =
    command === "replay" ? await runCli(["replay", path]) : await runCli(["decode"], { input: readFileSync(path) });
  const said = ran.stdout + ran.stderr;
  expect(codes, said).toContain(ran.code);
  for (const pattern of has) expect(said).toMatch(pattern);
  for (const pattern of lacks) expect(said).not.toMatch(pattern);
});
