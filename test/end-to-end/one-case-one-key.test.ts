// One case has one key: whatever is handed over of the captures in a folder has the same names for the same people.
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unzipSync } from "fflate";
import { expect, onTestFinished, test } from "vitest";
import { runCli } from "../support/run-cli.ts";

interface Case {
  readonly originals: string;
  readonly home: string;
  readonly first: string;
  readonly second: string;
  readonly out: (name: string) => string;
}

function newCase(): Case {
  const folder = mkdtempSync(join(tmpdir(), "realmscope-case-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const originals = join(folder, "in");
  mkdirSync(originals);
  mkdirSync(join(folder, "out"));
  const original = (name: string): string => {
    const path = join(originals, name);
    writeFileSync(path, capture);
    return path;
  };
  return {
    originals,
    home: join(folder, "home"),
    first: original("before.har"),
    second: original("after.har"),
    out: (name) => join(folder, "out", name),
  };
}

const account = Buffer.from("CONTOSO\\anna.smith:password-of-anna").toString("base64");
const capture = JSON.stringify({
  log: {
    version: "1.2",
    creator: { name: "x", version: "1" },
    entries: [
      {
        startedDateTime: "2026-01-15T12:00:00.000Z",
        time: 5,
        request: {
          ...{ method: "GET", url: "https://mail.contoso.example/EWS/", httpVersion: "HTTP/1.1" },
          headers: [
            { name: "Authorization", value: `Basic ${account}` },
            { name: "X-AnchorMailbox", value: "anna.smith@contoso.example" },
          ],
        },
        response: { status: 200, statusText: "OK", httpVersion: "HTTP/1.1", headers: [], content: {} },
      },
    ],
  },
});
const keysIn = (folder: string): readonly string[] => readdirSync(folder).filter((name) => name.endsWith(".key"));
const nameIn = (bytes: Uint8Array): string =>
  /user-[a-z2-7]{10}/.exec(Buffer.from(bytes).toString("latin1"))?.[0] ?? "";

test("each export and ticket of a case has the same names, and its one key lies beside the originals", async () => {
  const { originals, first, second, out } = newCase();
  const made = await runCli(["export", first, "--to", "har", "-o", out("a.har"), "--json"]);
  expect(made).toMatchObject({ code: 0, stderr: "" });
  const { key } = JSON.parse(made.stdout) as { key: string };
  expect(keysIn(originals)).toEqual(["a.har.key"]);
  expect(key).toBe(join(originals, "a.har.key"));
  const name = nameIn(readFileSync(out("a.har")));
  expect(name).toMatch(/^user-/);
  for (const [index, named] of [first, second, originals].entries()) {
    const copy = out(`${index}.ndjson`);
    const told = await runCli(["export", named, "--to", "ndjson", "-o", copy]);
    expect(told.stdout).toContain(`${key}: the key of the pseudonyms`);
    expect(nameIn(readFileSync(copy))).toBe(name);
  }
  const prints = [];
  for (const ticket of ["one.zip", "two.zip"]) {
    expect(await runCli(["ticket", second, first, "-o", out(ticket)])).toMatchObject({ code: 0 });
    const members = unzipSync(readFileSync(out(ticket)));
    expect(nameIn(members["capture.har"] ?? Buffer.alloc(0))).toBe(name);
    const manifest = JSON.parse(Buffer.from(members["MANIFEST.json"] ?? []).toString()) as {
      pseudonyms: { keyFingerprint: string };
    };
    prints.push(manifest.pseudonyms.keyFingerprint);
    expect(Object.keys(members).filter((member) => member.includes("key"))).toEqual([]);
  }
  expect(new Set(prints).size).toBe(1);
  expect(keysIn(originals)).toEqual(["a.har.key"]);
  expect(keysIn(join(out("x"), ".."))).toEqual([]);
  expect(statSync(key).mode & 0o777).toBe(0o600);
  const told = await runCli(["pseudonym", "--key", key, "anna.smith@contoso.example"]);
  expect(told.stdout).toContain(name);
});

test("what is piped in has the key of its working folder, which lies in the data folder", async () => {
  const { originals, home, out } = newCase();
  const environment = { REALMSCOPE_HOME: home };
  const piped = async (name: string, folder: string): Promise<string> => {
    const made = await runCli(["export", "-", "--to", "har", "-o", out(name)], { input: capture, environment, folder });
    expect(made).toMatchObject({ code: 0, stderr: "" });
    return nameIn(readFileSync(out(name)));
  };
  const name = await piped("a.har", originals);
  expect(await piped("b.har", originals)).toBe(name);
  expect(keysIn(home)).toHaveLength(1);
  expect(await piped("c.har", home)).not.toBe(name);
  expect(keysIn(home)).toHaveLength(2);
  expect(keysIn(originals)).toEqual([]);
});

test("a key that cannot be written beside the originals is found again in the data folder", async () => {
  const { originals, home, first, out } = newCase();
  const environment = { REALMSCOPE_HOME: home };
  mkdirSync(join(originals, "a.har.key"));
  await runCli(["export", first, "--to", "har", "-o", out("a.har")], { environment });
  expect(keysIn(home)).toHaveLength(1);
  await runCli(["export", first, "--to", "har", "-o", out("b.har")], { environment });
  expect(nameIn(readFileSync(out("b.har")))).toBe(nameIn(readFileSync(out("a.har"))));
  expect(keysIn(home)).toHaveLength(1);
});

test("files that are no key of this user are passed over, and one that others can read stops the hand-over", async () => {
  const { originals, first, out } = newCase();
  writeFileSync(join(originals, "server.key"), "-----BEGIN PRIVATE KEY-----\n", { mode: 0o600 });
  const line = `realmscope-key-1 ${Buffer.alloc(32, 7).toString("base64")}\n`;
  writeFileSync(out("elsewhere.key"), line, { mode: 0o600 });
  symlinkSync(out("elsewhere.key"), join(originals, "linked.key"));
  expect(await runCli(["export", first, "--to", "har", "-o", out("a.har")])).toMatchObject({ code: 0 });
  expect(keysIn(originals)).toEqual(["a.har.key", "linked.key", "server.key"]);

  const open = newCase();
  writeFileSync(join(open.originals, "old.key"), line, { mode: 0o644 });
  const refused = await runCli(["export", open.first, "--to", "har", "-o", open.out("b.har")]);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain("can be read by others");
  expect(refused.stderr).toContain("chmod 600");
});
