// Time decides, not the order of entries or files; several captures are judged each by itself, or together.
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unzipSync, zipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Entry, entriesOf, foreign, writeHar } from "../support/capture-entries.ts";
import { type CliResult, lastJson, runCli } from "../support/run-cli.ts";

let folder = "";
let accepted: Entry;
let refused: Entry;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "realmscope-several-"));
  // A call as the application that Exchange accepted, and the same call refused as of a caller that it does not know.
  const works = await entriesOf("captures/trust-works.ndjson");
  accepted = foreign(callOf(works, 200));
  refused = { ...accepted, response: responseOf(callOf(await entriesOf("captures/issuer-unknown.ndjson"), 401)) };
  writeHar(join(folder, "accepted.har"), [at(accepted, "08:00:00.000")]);
  writeHar(join(folder, "refused.har"), [at(refused, "08:01:00.000")]);
  writeHar(join(folder, "later.har"), [at(accepted, "08:02:00.000")]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function callOf(entries: readonly Entry[], status: number): Entry {
  const found = entries.find((entry) => {
    const { request, response } = entry as { request: { headers: { value: string }[] }; response: { status: number } };
    return response.status === status && request.headers.some(({ value }) => /^Bearer ./.test(value));
  });
  if (found === undefined) throw new Error("there is no such call");
  return found;
}

function responseOf(entry: Entry): unknown {
  return entry.response;
}

function at(entry: Entry, clock: string | null, time = 20): Entry {
  return { ...entry, startedDateTime: clock === null ? null : `2026-03-01T${clock}Z`, time };
}

const replay = (...args: readonly string[]): Promise<CliResult> => runCli(["replay", ...args], { folder });
const both = ["accepted.har", "refused.har"];

interface OneCapture {
  readonly path: string;
  readonly verdict: string;
  readonly counts: Record<string, number>;
  readonly handshakes: readonly unknown[];
  readonly findings: readonly unknown[];
}

function capturesOf(result: CliResult): readonly OneCapture[] {
  return lastJson(result.stdout).captures as readonly OneCapture[];
}

describe("two captures", () => {
  test.each([both, [...both].reverse()])("are judged each by itself in any order: %s, %s", async (...paths) => {
    const lines = await replay(...paths);
    expect(lines.code).toBe(1);
    expect(lines.stdout).toMatch(/^accepted\.har: \[OK\] OAuth CONFIRMED/m);
    expect(lines.stdout).toMatch(/^refused\.har: \[XX\] OAuth FAILED/m);
    expect(lines.stdout).toMatch(/2 captures, each judged by itself; the worst is OAuth FAILED/);
    const result = await replay(...paths, "--json");
    expect(result.code).toBe(1);
    const analysis = lastJson(result.stdout);
    const captures = capturesOf(result);
    expect(analysis.verdict).toBe("oauth-rejected");
    expect(captures.map(({ path, verdict }) => [path, verdict])).toEqual(
      paths.map((path) => [path, path === "accepted.har" ? "oauth-confirmed" : "oauth-rejected"]),
    );
    expect(analysis.handshakes).toEqual(captures.flatMap(({ handshakes }) => handshakes));
    expect(analysis.findings).toEqual(captures.flatMap(({ findings }) => findings));
    expect(analysis.counts).toMatchObject({ transactions: 2, status401: 1 });
    expect(captures.map(({ counts }) => counts.transactions)).toEqual([1, 1]);
    // Nothing of one capture is called with the number of the other.
    for (const [index, capture] of captures.entries()) expect(JSON.stringify(capture)).not.toContain(`"f${2 - index}.`);
  });

  test("one capture alone looks as it always did", async () => {
    const { stdout, code } = await replay("accepted.har", "--json");
    expect(code).toBe(0);
    expect(Object.keys(lastJson(stdout))).not.toContain("captures");
    expect(stdout).toContain('"id":"h1"');
    expect(stdout).toContain('"t1"');
  });

  test.each([both, [...both].reverse()])(
    "are one with --together, and the last answer counts: %s, %s",
    async (...paths) => {
      const result = await replay("--together", ...paths, "--json");
      expect(result.code).toBe(1);
      const analysis = lastJson(result.stdout);
      expect(Object.keys(analysis)).not.toContain("captures");
      expect(analysis).toMatchObject({ verdict: "oauth-rejected", handshakes: [{ id: "h1", stage: "rejected" }] });
      expect(analysis.sources).toHaveLength(2);
      const later = join(folder, "later.har");
      writeHar(later, [at(accepted, "08:02:00.000")]);
      expect((await replay("--together", "later.har", "refused.har", "--quiet", "--fail-on", "alarm")).code).toBe(0);
      expect((await replay("later.har", "refused.har", "--quiet", "--fail-on", "alarm")).code).toBe(1);
    },
  );

  test("name their capture in each row", async () => {
    const { stdout } = await replay(...both, "--verbose");
    expect(stdout).toMatch(/f1\.t1 POST .* of accepted\.har$/m);
    expect(stdout).toMatch(/f2\.t1 POST .* of refused\.har$/m);
    const filtered = lastJson((await replay(...both, "--filter", "status=401", "--json")).stdout);
    expect(filtered.filter).toMatchObject({
      matched: 1,
      of: 2,
      transactions: [{ id: "f2.t1", capture: "refused.har" }],
    });
  });

  test("that cannot be read or hold nothing weigh most", async () => {
    writeHar(join(folder, "nothing.har"), []);
    const result = await replay("accepted.har", "nothing.har", "nowhere.har", "--json");
    expect(result.code).toBe(2);
    expect(result.stderr).toContain('"nowhere.har" does not exist');
    expect(result.stderr).toContain("1 of 3 captures could not be read: the verdict is that of the others.");
    const lines = await replay("accepted.har", "nowhere.har");
    expect(lines.code).toBe(2);
    expect(lines.stdout).toContain("1 capture could be judged: OAuth CONFIRMED");
    expect(result.stderr).toContain('There is no HTTP transaction in "nothing.har"');
    expect(capturesOf(result).map(({ path, verdict }) => [path, verdict])).toEqual([
      ["accepted.har", "oauth-confirmed"],
      ["nothing.har", "none"],
    ]);
  });
});

describe("--together refuses with one line", () => {
  test.each([
    ["a request whose time is null", null],
    ["a request of 1970", "1970"],
  ])("%s", async (_, year) => {
    const entry = at(accepted, null);
    const untimed = year === null ? entry : { ...entry, startedDateTime: "1970-01-01T00:00:00.000Z" };
    // The answer's Date field is of another clock, and does not help.
    writeHar(join(folder, "untimed.har"), [untimed]);
    const { code, stderr, stdout } = await replay("--together", "accepted.har", "untimed.har");
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
    expect(stderr).toMatch(
      /"untimed\.har" cannot be merged by time: its request t1 has no time\. Leave --together out/,
    );
    expect((await replay("untimed.har", "accepted.har", "--json")).code).not.toBe(2);
  });
});

describe("one capture", () => {
  const orders = (entries: readonly Entry[]): readonly (readonly Entry[])[] => [entries, [...entries].reverse()];

  test("whose entries are not in order is judged by their times", async () => {
    for (const entries of orders([at(accepted, "08:00:00.000"), at(refused, "08:01:00.000")])) {
      writeHar(join(folder, "x.har"), entries);
      expect(await replay("x.har", "--json")).toMatchObject({ code: 1 });
    }
  });

  test("counts an answer when it comes, not when it was asked for", async () => {
    // Asked first and refused last.
    for (const entries of orders([at(refused, "08:00:00.000", 5000), at(accepted, "08:00:01.000", 20)])) {
      writeHar(join(folder, "x.har"), entries);
      expect(lastJson((await replay("x.har", "--json")).stdout).verdict).toBe("oauth-rejected");
    }
  });

  test.each(["08:00:00.000", null])(
    "takes nothing for got over where nobody knows what came last (%s)",
    async (clock) => {
      const untimed = (entry: Entry): Entry => {
        const { headers, ...response } = responseOf(entry) as { headers: { name: string }[] };
        return {
          ...entry,
          response: { ...response, headers: headers.filter(({ name }) => name.toLowerCase() !== "date") },
        };
      };
      const found: unknown[] = [];
      for (const entries of orders([untimed(at(accepted, clock)), untimed(at(refused, clock))])) {
        writeHar(join(folder, "x.har"), entries);
        const { stdout, code } = await replay("x.har", "--json");
        found.push([code, stdout]);
        expect(lastJson(stdout).verdict).toBe("oauth-rejected");
      }
      expect(found[0]).toEqual(found[1]);
    },
  );

  test("on standard input is put in order, too", async () => {
    writeHar(join(folder, "x.har"), [at(refused, "08:01:00.000"), at(accepted, "08:00:00.000")]);
    const { code } = await runCli(["replay", "-"], { input: readFileSync(join(folder, "x.har")) });
    expect(code).toBe(1);
  });

  test.each([
    ["a duration that no exchange has", "2026-03-01T08:00:00Z", 1e300],
    ["a year of six digits", "+275760-09-13T00:00:00.000Z", 5],
    ["a year before Christ", "-000001-01-01T00:00:00.000Z", 5],
  ])("with %s is judged all the same", async (_, startedDateTime, time) => {
    writeHar(join(folder, "x.har"), [{ ...refused, startedDateTime, time }]);
    for (const way of ["--json", "--verbose"]) {
      expect(await replay("x.har", way)).toMatchObject({ code: 1, stderr: "" });
    }
  });

  test("as a SAZ file is judged by its timers", async () => {
    const session = (entry: Entry, number: number, clock: string): Record<string, Uint8Array> => {
      const { request, response } = entry as unknown as {
        request: { url: string; headers: { name: string; value: string }[]; postData?: { text: string } };
        response: { status: number; headers: { name: string; value: string }[] };
      };
      const fields = (headers: readonly { name: string; value: string }[]): string =>
        headers
          .filter(({ name }) => !/^(?:content-length|transfer-encoding|content-encoding)$/i.test(name))
          .map(({ name, value }) => `${name}: ${value}\r\n`)
          .join("");
      const time = `2026-03-01T${clock}.0000000Z`;
      return {
        [`raw/${number}_c.txt`]: Buffer.from(`POST ${request.url} HTTP/1.1\r\n${fields(request.headers)}\r\n`),
        [`raw/${number}_s.txt`]: Buffer.from(
          `HTTP/1.1 ${response.status} X\r\n${fields(response.headers)}Content-Length: 0\r\n\r\n`,
        ),
        [`raw/${number}_m.xml`]: Buffer.from(
          `<Session><SessionTimers ClientBeginRequest="${time}" ClientDoneResponse="${time}"/></Session>`,
        ),
      };
    };
    const found: unknown[] = [];
    for (const [one, other] of [
      [1, 2],
      [2, 1],
    ] as const) {
      const path = join(folder, "x.saz");
      writeFileSync(path, zipSync({ ...session(accepted, one, "08:00:00"), ...session(refused, other, "08:01:00") }));
      const { code, stdout } = await replay("x.saz", "--json");
      found.push(stdout);
      expect(code).toBe(1);
    }
    expect(found[0]).toBe(found[1]);
  });
});

test("a large capture out of order comes to the same as in order, with threads and without, in bounded memory", async () => {
  const entries: Entry[] = [];
  for (let index = 0; index < 4_000; index++) {
    const clock = new Date(Date.parse("2026-03-01T08:00:00Z") + index * 700).toISOString().slice(11, 23);
    entries.push(at(index % 5 === 4 || index === 3_999 ? refused : accepted, clock));
  }
  writeHar(join(folder, "large.har"), entries);
  writeHar(join(folder, "reversed.har"), [...entries].reverse());
  // Read by threads, and not held as a whole.
  expect(statSync(join(folder, "large.har")).size).toBeGreaterThan(8 * 1024 ** 2);
  const [straight, reversed, whole] = [
    await runCli(["replay", "large.har", "--json"], { folder, limitMs: 60_000 }),
    await runCli(["replay", "reversed.har", "--json"], { folder, limitMs: 60_000 }),
    await runCli(["replay", "reversed.har", "--json", "--verbose"], { folder, limitMs: 60_000 }),
  ];
  expect(straight.code).toBe(1);
  const named = (result: CliResult): string => result.stdout.replace("reversed.har", "large.har");
  expect(named(reversed)).toBe(straight.stdout);
  expect(named(whole)).toBe(straight.stdout);
});

test("the parts of a journal that a shell names one by one are one capture", async () => {
  const set = join(folder, "parts");
  mkdirSync(set);
  const demo = await runCli(
    ["demo", "--scenario", "trust-works", "--quiet", "--save", join(set, "c.ndjson"), "--rotate-size", "8K"],
    { limitMs: 60_000 },
  );
  expect(demo.code).toBe(0);
  copyFileSync("captures/basic-fallback.ndjson", join(set, "d.ndjson"));
  const { stdout } = spawnSync("sh", ["-c", `ls ${set}/c.ndjson*`], { encoding: "utf8" });
  const parts = stdout.trim().split("\n");
  expect(parts.length).toBeGreaterThan(1);
  const result = await runCli(["replay", ...parts, "--json"]);
  expect(lastJson(result.stdout)).toMatchObject({ verdict: "oauth-confirmed", sources: [{ truncated: false }] });
});

describe("what is handed over of two captures", () => {
  interface Manifest {
    readonly verdict: string;
    readonly isJudgedLikeOriginal: boolean;
    readonly captures?: readonly { readonly path: string; readonly verdict: string }[];
  }

  async function ticketOf(
    ...args: readonly string[]
  ): Promise<{ manifest: Manifest; files: Record<string, Uint8Array> }> {
    const output = join(folder, "ticket.zip");
    rmSync(output, { force: true });
    expect(await runCli(["ticket", ...args, "-o", output], { folder })).toMatchObject({ code: 0 });
    const files = unzipSync(readFileSync(output));
    return { files, manifest: JSON.parse(Buffer.from(files["MANIFEST.json"] ?? []).toString("utf8")) };
  }

  test("lists the verdict of each, and comes to the same when it is read again", async () => {
    const { manifest, files } = await ticketOf("refused.har", "later.har");
    expect(manifest).toMatchObject({
      verdict: "oauth-rejected",
      isJudgedLikeOriginal: true,
      captures: [
        { path: "refused.har", verdict: "oauth-rejected", transactions: 1 },
        { path: "later.har", verdict: "oauth-confirmed", transactions: 1 },
      ],
    });
    const text = (name: string): string => Buffer.from(files[name] ?? []).toString("utf8");
    expect(JSON.parse(text("findings.json"))).toMatchObject({
      captures: [{ path: "refused.har" }, { path: "later.har" }],
    });
    expect(text("report.html")).toMatch(/Captures, each judged by itself.*refused\.har.*later\.har/s);
    expect(text("report.md")).toMatch(/^\| oauth-rejected \| `refused\.har` \| 1 \|$/m);
    for (const name of ["capture.har", "capture.saz"]) {
      writeFileSync(join(folder, name), files[name] ?? new Uint8Array(0));
      const again = await replay(name, "--json");
      expect(again.code).toBe(1);
      expect(capturesOf(again).map(({ verdict }) => verdict)).toEqual(["oauth-rejected", "oauth-confirmed"]);
    }
  });

  test("is one capture with --together, and stays one", async () => {
    const { manifest, files } = await ticketOf("refused.har", "later.har", "--together");
    expect(manifest.captures).toBeUndefined();
    expect(manifest).toMatchObject({ verdict: "oauth-confirmed", isJudgedLikeOriginal: true });
    writeFileSync(join(folder, "together.har"), files["capture.har"] ?? new Uint8Array(0));
    const again = lastJson((await replay("together.har", "--json")).stdout);
    expect(again).toMatchObject({ verdict: "oauth-confirmed", counts: { transactions: 2 } });
    expect(Object.keys(again)).not.toContain("captures");
    expect(Buffer.from(files["report.html"] ?? []).toString("utf8")).toContain(
      "2 captures were judged as one, merged by time: m1 is refused.har, m2 is later.har.",
    );
  });

  test.each(["har", "ndjson", "saz"])("as %s comes to the same when it is read again", async (format) => {
    const output = `both-${format}`;
    const made = await runCli(["export", "later.har", "refused.har", "--to", format, "-o", output], { folder });
    expect(made.code).toBe(0);
    expect(made.stdout).toContain("refused.har: verdict oauth-rejected");
    const again = await replay(output, "--json");
    expect(again.code).toBe(1);
    expect(
      capturesOf(again)
        .map(({ verdict }) => verdict)
        .sort(),
    ).toEqual(["oauth-confirmed", "oauth-rejected"]);
  });
});

describe("checks of two captures", () => {
  test("are made of each by itself, and of both with --together", async () => {
    const apart = lastJson((await replay("refused.har", "later.har", "--reporter", "json")).stdout);
    expect(apart).toMatchObject({ verdict: "oauth-rejected", exitCode: 1 });
    expect(apart.captures).toMatchObject([{ path: "refused.har" }, { path: "later.har", verdict: "oauth-confirmed" }]);
    const together = await replay("refused.har", "later.har", "--together", "--reporter", "json", "--fail-on", "alarm");
    expect(together.code).toBe(0);
    expect(lastJson(together.stdout)).toMatchObject({
      verdict: "oauth-confirmed",
      traces: [{ path: "refused.har + later.har", outcome: "passed" }],
    });
  });

  test("point to the place of an entry in its file, not in time", async () => {
    writeFileSync(
      join(folder, "lines.har"),
      `{"log":{"version":"1.2","creator":{"name":"x","version":"1"},"entries":[\n${[
        at(refused, "08:01:00.000"),
        at(accepted, "08:00:00.000"),
      ]
        .map((entry) => JSON.stringify(entry))
        .join(",\n")}\n]}}`,
    );
    const { stdout } = await replay("lines.har", "--reporter", "github");
    expect(stdout).toMatch(/^::error file=lines\.har,line=2,title=verdict is oauth-confirmed/m);
    expect(stdout).toMatch(/^::error file=lines\.har,line=2,title=PARTNER_APPLICATION_UNKNOWN/m);
    expect(stdout).toMatch(/line=3,title=TOKEN_NOT_YET_VALID/);
  });
});

test("two captures that are compared are each put in order first", async () => {
  writeHar(join(folder, "first.har"), [at(refused, "08:00:00.000"), at(accepted, "08:01:00.000")]);
  writeHar(join(folder, "second.har"), [at(accepted, "08:01:00.000"), at(refused, "08:00:00.000")]);
  expect(await runCli(["diff", "first.har", "second.har"], { folder })).toMatchObject({ code: 0 });
});
