import { expect, test } from "vitest";
import { lastJson, runCli } from "../../support/run-cli.ts";

const capture = "captures/basic-fallback.ndjson";

test("replay --filter lists what fits and judges everything", async () => {
  const whole = await runCli(["replay", capture]);
  const some = await runCli(["replay", capture, "--filter", "auth=basic or header.x-ms-diagnostics~partner"]);
  expect(some.code).toBe(1);
  expect(some.stdout).toMatch(/ t3 POST .* -> 401 {2}Bearer\?/);
  expect(some.stdout).toMatch(/ t5 POST .* -> 200 {2}BASIC/);
  expect(some.stdout).not.toMatch(/ t1 POST /);
  expect(some.stdout).toContain(
    "filter: (auth is basic or header.x-ms-diagnostics matches /partner/i): 2 of 5 requests\n",
  );
  expect(some.stdout.trimEnd().split("\n").at(-1)).toBe(whole.stdout.trimEnd().split("\n").at(-1));
});

test("as JSON it says how it was understood and which rows fit", async () => {
  const { stdout } = await runCli(["replay", capture, "--json", "--filter", "status=4xx & body~nothing-like-this"]);
  expect(lastJson(stdout)).toMatchObject({
    verdict: "basic-fallback",
    filter: { understood: "status is 4xx and body matches /nothing-like-this/i", matched: 0, of: 5, transactions: [] },
  });
  const all = await runCli(["replay", capture, "--json", "--filter", "!status=none"]);
  expect(lastJson(all.stdout)).toMatchObject({ filter: { matched: 5, transactions: [{ id: "t1" }, {}, {}, {}, {}] } });
});

test("a wrong filter is a usage error with its place, told before anything is read", async () => {
  const wrong = await runCli(["replay", "no-such-file", "--filter", "hist=a"]);
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toContain('--filter is wrong at column 1: there is no field "hist"');
  expect(wrong.stdout).toBe("");
  const empty = await runCli(["replay", capture, "--filter", " "]);
  expect(empty.code).toBe(2);
});
