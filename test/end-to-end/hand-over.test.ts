// What the person at the keyboard relies on when a capture goes to somebody else: keys, domains, warnings, and that a file
// with something left in it never comes to be.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  watch,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { unzipSync } from "fflate";
import { describe, expect, onTestFinished, test } from "vitest";
import { searchWrittenFile } from "../../src/app/hand-over/search-written-file.ts";
import { ValueSearch } from "../../src/sanitising/search/value-search.ts";
import { collect, runCli, startCli } from "../support/run-cli.ts";

const password = "Zx9-planted-Secret_42q";

/** Resolves when the file is there. */
function appears(path: string): Promise<void> {
  return new Promise((resolve) => {
    const watcher = watch(dirname(path), () => {
      if (!existsSync(path)) return;
      watcher.close();
      resolve();
    });
  });
}

interface Folder {
  readonly originals: string;
  readonly out: (name: string) => string;
  readonly original: (name: string, entries: readonly object[]) => string;
}

function newFolder(): Folder {
  const folder = mkdtempSync(join(tmpdir(), "realmscope-hand-over-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const originals = join(folder, "originals");
  mkdirSync(originals);
  return {
    originals,
    out: (name) => join(folder, name),
    original(name, entries) {
      const path = join(originals, name);
      writeFileSync(path, JSON.stringify({ log: { version: "1.2", creator: { name: "x", version: "1" }, entries } }));
      return path;
    },
  };
}

type Fields = Readonly<Record<string, string>>;
const fields = (of: Fields): readonly object[] => Object.entries(of).map(([name, value]) => ({ name, value }));
const entry = (headers: Fields, answer: Fields = {}): object => ({
  startedDateTime: "2026-01-15T12:00:00.000Z",
  time: 5,
  _client: "10.20.30.40:5000",
  request: {
    method: "GET",
    url: "https://mail.contoso.example/EWS/Exchange.asmx",
    httpVersion: "HTTP/1.1",
    headers: fields(headers),
  },
  response: { status: 200, statusText: "OK", httpVersion: "HTTP/1.1", headers: fields(answer), content: {} },
});
const basic = (account: string): string => `Basic ${Buffer.from(`${account}:${password}`).toString("base64")}`;
const anna = entry({ Authorization: basic("CONTOSO\\anna.smith"), "X-AnchorMailbox": "anna.smith@contoso.example" });
const nameIn = (path: string): string => /user-[a-z2-7]{10}/.exec(readFileSync(path, "latin1"))?.[0] ?? "none";

test("the key lies beside the original, is its owner's alone, and leads from a name back to a person", async () => {
  const { originals, original, out } = newFolder();
  const first = original("first.har", [anna]);
  const made = await runCli(["export", first, "--to", "har", "-o", out("one.har")]);
  expect(made).toMatchObject({ code: 0, stderr: "" });
  expect(readdirSync(originals).sort()).toEqual(["first.har", "one.har.key"]);
  const key = join(originals, "one.har.key");
  expect(made.stdout).toContain(`${key}: the key of the pseudonyms`);
  expect(statSync(key).mode & 0o777).toBe(0o600);
  expect(readFileSync(out("one.har"), "latin1")).not.toContain(readFileSync(key, "latin1").split(" ")[1]?.slice(0, 20));
  const told = await runCli(["pseudonym", "--key", key, "CONTOSO\\Anna.Smith", "10.20.30.40"]);
  expect(told).toMatchObject({ code: 0, stderr: "" });
  expect(told.stdout.split("\n")[0]).toContain(nameIn(out("one.har")));
  const client = /client-[a-z2-7]{10}/.exec(readFileSync(out("one.har"), "latin1"))?.[0] ?? "none";
  expect(told.stdout.split("\n")[1]).toContain(client);
  const asJson = await runCli(["pseudonym", "--key", key, "10.20.30.40", "--json"]);
  expect(JSON.parse(asJson.stdout)).toEqual({
    schema: "realmscope.pseudonyms/1",
    names: [
      {
        value: "10.20.30.40",
        client,
        account: expect.stringMatching(/^user-[a-z2-7]{10}$/),
        tag: expect.stringMatching(/^[a-z2-7]{4}$/),
      },
    ],
  });
});

test("with one key several captures have one name for one person; without it each has its own", async () => {
  const { original, out } = newFolder();
  const files = [original("first.har", [anna]), original("second.har", [anna])];
  const [first = "", second = ""] = files;
  await runCli(["export", first, "--to", "har", "-o", out("a.har"), "--key", out("my.key")]);
  await runCli(["export", second, "--to", "ndjson", "-o", out("b.ndjson"), "--key", out("my.key")]);
  await runCli(["export", second, "--to", "ndjson", "-o", out("c.ndjson")]);
  expect(nameIn(out("a.har"))).toMatch(/^user-/);
  expect(nameIn(out("b.ndjson"))).toBe(nameIn(out("a.har")));
  expect(nameIn(out("c.ndjson"))).not.toBe(nameIn(out("a.har")));
});

test("a key that others can read, or that is none, is refused", async () => {
  const { original, out } = newFolder();
  const first = original("first.har", [anna]);
  writeFileSync(out("open.key"), `realmscope-key-1 ${Buffer.alloc(32).toString("base64")}\n`, { mode: 0o644 });
  writeFileSync(out("none.key"), "hello", { mode: 0o600 });
  for (const [key, said] of [
    ["open.key", "can be read by others"],
    ["none.key", "is not a key"],
  ] as const) {
    const made = await runCli(["ticket", first, "-o", out("t.zip"), "--key", out(key)]);
    expect(made.code).toBe(2);
    expect(made.stderr).toContain(said);
  }
  expect(existsSync(out("t.zip"))).toBe(false);
});

test("domains of mail addresses and accounts go with --hide-domains; hosts stay, and a second run changes nothing", async () => {
  const { original, out } = newFolder();
  const first = original("first.har", [anna]);
  await runCli(["export", first, "--to", "har", "-o", out("kept.har")]);
  expect(readFileSync(out("kept.har"), "latin1")).toMatch(/user-[a-z2-7]{10}@contoso\.example/);
  await runCli(["export", first, "--to", "har", "-o", out("once.har"), "--hide-domains"]);
  const once = readFileSync(out("once.har"), "latin1");
  expect(once).toMatch(/user-[a-z2-7]{10}@domain-[a-z2-7]{10}\.invalid/);
  expect(once).not.toContain("@contoso.example");
  expect(once).toContain("https://mail.contoso.example/EWS/Exchange.asmx");
  const credentials = /Basic ([A-Za-z0-9+/=]+)/.exec(once)?.[1] ?? "";
  expect(Buffer.from(credentials, "base64").toString()).toMatch(/^domain-[a-z2-7]{10}\\user-[a-z2-7]{10}:<password>$/);
  await runCli(["export", out("once.har"), "--to", "har", "-o", out("twice.har"), "--hide-domains"]);
  expect(readFileSync(out("twice.har"), "latin1")).toBe(once);
});

test.each([
  ["har", /"_unsanitised":true/],
  ["ndjson", /"sanitised":false/],
  ["saz", /NOT SANITISED/],
  ["pcapng", /NOT SANITISED/],
] as const)("--unsanitised as %s is warned of, marked in the file, and leaves the secrets in", async (format, mark) => {
  const { originals, original, out } = newFolder();
  const first = original("first.har", [anna]);
  const made = await runCli(["export", first, "--to", format, "-o", out("raw"), "--unsanitised"]);
  expect(made.code).toBe(0);
  expect(made.stderr).toContain("is NOT SANITISED");
  const text = readFileSync(out("raw"), "latin1");
  expect(text).toMatch(mark);
  if (format !== "saz") expect(text).toContain(basic("CONTOSO\\anna.smith"));
  expect(readdirSync(originals)).toEqual(["first.har"]);
  const safe = await runCli(["export", out("raw"), "--to", "har", "-o", out("safe.har"), "--key", out("k")]);
  if (format !== "pcapng") {
    expect(safe.code).toBe(0);
    expect(readFileSync(out("safe.har"), "latin1")).not.toContain(basic("CONTOSO\\anna.smith").slice(6));
  }
});

test("--json gives one object and nothing else", async () => {
  const { original, out } = newFolder();
  const made = await runCli(["export", original("a.har", [anna]), "--to", "har", "-o", out("a.har"), "--json"]);
  expect(made).toMatchObject({ code: 0, stderr: "" });
  expect(JSON.parse(made.stdout)).toMatchObject({
    schema: "realmscope.handed-over/1",
    output: out("a.har"),
    sanitised: true,
    key: expect.stringMatching(/a\.har\.key$/),
    transactions: 1,
    isJudgedLikeOriginal: true,
    removed: { passwords: 1, "addresses of clients": 1 },
  });
});

describe("more secrets than are replaced in every text", () => {
  const count = 7_004;
  const cookies = Array.from({ length: count }, (_, number) => `c${number}=Zx9-cookie-${number}-q`).join("; ");

  test("are looked for in what was written, and told in the manifest", { timeout: 60_000 }, async () => {
    const { original, out } = newFolder();
    const path = original("many.har", [entry({ Cookie: cookies })]);
    const made = await runCli(["ticket", path, "-o", out("t.zip"), "--json"]);
    expect(made).toMatchObject({ code: 0, stderr: "" });
    const told = { searchedFor: count, notSearchedFor: 0 };
    expect(JSON.parse(made.stdout)).toMatchObject(told);
    const files = unzipSync(readFileSync(out("t.zip")));
    expect(JSON.parse(Buffer.from(files["MANIFEST.json"] ?? []).toString())).toMatchObject(told);
    for (const [name, bytes] of Object.entries(files))
      expect(Buffer.from(bytes).includes("Zx9-cookie"), name).toBe(false);
  });

  test.each(["har", "saz", "ndjson", "pcapng"])(
    "one that is left in %s takes the file back",
    {
      timeout: 60_000,
    },
    async (format) => {
      const { original, originals, out } = newFolder();
      const repeats = (number: number): object =>
        entry(
          { Cookie: cookies },
          { "x-ms-diagnostics": `2000000;reason="Zx9-cookie-${number}-q";category="invalid"` },
        );
      const run = (name: string): ReturnType<typeof runCli> =>
        runCli(["export", join(originals, name), "--to", format, "-o", out(name)]);
      // Of those that are replaced in every text, the last; then the first of the others.
      original("within", [repeats(6_999)]);
      expect(await run("within")).toMatchObject({ code: 0, stderr: "" });
      expect(readFileSync(out("within"), "latin1")).not.toContain("Zx9-cookie");
      for (const number of [7_000, count - 1]) {
        original("beyond", [repeats(number)]);
        const made = await run("beyond");
        expect(made).toMatchObject({ code: 1, stdout: "" });
        expect(made.stderr).toBe(
          "realmscope: The written file held a secret or a name of the original capture, so it was removed. The capture holds more secrets than are replaced in every text: hand over fewer requests at a time.\n",
        );
        expect(existsSync(out("beyond")) || existsSync(`${out("beyond")}.partial`)).toBe(false);
      }
      expect(readdirSync(originals).sort()).toEqual(["beyond", "within", "within.key"]);
    },
  );
});

test("a folder goes into one ticket, and an interrupt leaves nothing half done", { timeout: 60_000 }, async () => {
  const { originals, original, out } = newFolder();
  original("first.har", [anna]);
  original("second.har", [anna]);
  expect(await runCli(["ticket", originals, "-o", out("t.zip")])).toMatchObject({ code: 0, stderr: "" });
  original(
    "long.har",
    Array.from({ length: 40_000 }, () => anna),
  );
  const isBegun = appears(`${out("long")}.partial`);
  const child = startCli(["export", originals, "--to", "har", "-o", out("long")]);
  const ended = collect(child);
  await isBegun;
  child.kill("SIGINT");
  expect(await ended).toMatchObject({ code: 130 });
  expect(existsSync(out("long")) || existsSync(`${out("long")}.partial`)).toBe(false);
});

test("a report is never made with secrets in it", async () => {
  const { original, out } = newFolder();
  const made = await runCli(["export", original("a.har", [anna]), "--to", "html", "-o", out("r"), "--unsanitised"]);
  expect(made.code).toBe(2);
  expect(made.stderr).toContain("A report is always made safe.");
  expect(existsSync(out("r"))).toBe(false);
});

test("a written file in which something is left is deleted, and the exit code is 1", async () => {
  const { originals, original, out } = newFolder();
  // An issuer is kept for its meaning; one that is a key by its looks is not recognised before the last look.
  const segment = (part: object): string => Buffer.from(JSON.stringify(part)).toString("base64url");
  const issuer = segment({ iss: "kJ8sQ2vX0bLw7ZrT5nMy3PcHd9Gf1AeU6iOoSx4V" });
  const hidden = entry({ Authorization: `Bearer ${segment({ alg: "none" })}.${issuer}.` });
  for (const format of ["har", "saz", "ndjson"]) {
    const made = await runCli(["export", original("a.har", [hidden]), "--to", format, "-o", out("x")]);
    expect(made.code).toBe(1);
    expect(made.stderr).toContain("so it was removed");
    expect(existsSync(out("x")) || existsSync(`${out("x")}.partial`)).toBe(false);
  }
  expect(readdirSync(originals)).toEqual(["a.har"]);
});

test("the last look sees a secret on the edge of two pieces of a large file, and takes no cut word for one", async () => {
  const { out } = newFolder();
  const rules = {
    known: new ValueSearch([{ value: password, replacement: "x", isWord: false, isCut: false }]),
    isPublic: (text: string) => text === "kJ8sQ2vX0bLw7ZrT5nMy3PcHd9Gf1AeU6iOoSx4V",
    reading: 1,
    readings: 1,
  };
  const edge = 8 * 1024 * 1024;
  for (const text of [password, "kJ8sQ2vX0bLw7ZrT5nMy3PcHd9Gf1AeU6iOoSx4V"]) {
    const bytes = Buffer.alloc(2 * edge + 1000, " ");
    bytes.write(text, edge - 11);
    writeFileSync(out(text), bytes);
  }
  await expect(searchWrittenFile(out(password), "plain", rules)).rejects.toThrow("a secret or a name");
  await searchWrittenFile(out("kJ8sQ2vX0bLw7ZrT5nMy3PcHd9Gf1AeU6iOoSx4V"), "plain", rules);
});

test("somebody's name in the name of a file does not reach the report", async () => {
  const { original, out } = newFolder();
  const made = await runCli(["export", original("anna.smith-2026.har", [anna]), "--to", "html", "-o", out("r.html")]);
  expect(made.code).toBe(0);
  expect(readFileSync(out("r.html"), "latin1")).not.toMatch(/anna/i);
});

test("what is piped in is handed over as its file would be, packed or not, and its key goes to the data folder", async () => {
  const { original, out } = newFolder();
  const path = original("a.har", [anna, entry({ Cookie: `session=${password}` })]);
  await runCli(["export", path, "--to", "har", "-o", out("file.har"), "--key", out("key")]);
  for (const input of [readFileSync(path), gzipSync(readFileSync(path))]) {
    const name = `piped-${input.length}.har`;
    const made = await runCli(["export", "-", "--to", "har", "-o", out(name), "--key", out("key")], { input });
    expect(made).toMatchObject({ code: 0, stderr: "" });
    expect(readFileSync(out(name)).equals(readFileSync(out("file.har")))).toBe(true);
  }
  const environment = { REALMSCOPE_HOME: out("home") };
  const made = await runCli(["ticket", "-", "-o", out("t.zip")], { input: readFileSync(path), environment });
  expect(made.code).toBe(0);
  expect(made.stdout).toMatch(/home\/\d+-t\.zip\.key: the key of the pseudonyms/);
});
