// Standard input that is read twice: what is on the disk meanwhile, and what is left.
import { fstatSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startSpool } from "../../../src/sources/input/spool.ts";

const secret = "P-planted-password-7731";

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "realmscope-spool-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function* piped(count: number): AsyncGenerator<Buffer> {
  for (let number = 0; number < count; number++) yield Buffer.from(`${number}: ${secret} `.repeat(50));
}

async function whole(bytes: AsyncIterable<Buffer>): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of bytes) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

/** Open files of this process whose names were in a folder. */
const openFilesOf = (folder: string): readonly number[] =>
  readdirSync("/proc/self/fd")
    .map(Number)
    .filter((descriptor) => {
      try {
        return readlinkSync(`/proc/self/fd/${descriptor}`).startsWith(folder);
      } catch {
        return false;
      }
    });

test("what is short never leaves the memory, and is read as often as it is asked for", async () => {
  const folder = newFolder();
  const spool = await startSpool(piped(3), { folder });
  expect(spool.size).toBe(Buffer.byteLength(await whole(piped(3))));
  expect([await whole(spool.read()), await whole(spool.read())]).toEqual([
    await whole(piped(3)),
    await whole(piped(3)),
  ]);
  expect(readdirSync(folder)).toEqual([]);
  spool.close();
});

test("what is long lies in a file that has no name", async () => {
  const folder = newFolder();
  const spool = await startSpool(piped(2_000), { folder, inMemory: 10_000 });
  expect(readdirSync(folder)).toEqual([]);
  const expected = await whole(piped(2_000));
  expect(expected.length).toBeGreaterThan(2_000_000);
  expect((await whole(spool.read())) === expected, "the first reading").toBe(true);
  expect((await whole(spool.read())) === expected, "the second reading").toBe(true);
  spool.close();
});

test.skipIf(process.platform !== "linux")(
  "that file is its owner's alone, sealed, and gone when it is closed",
  async () => {
    const folder = newFolder();
    const spool = await startSpool(piped(2_000), { folder, inMemory: 10_000 });
    const [descriptor = -1, ...others] = openFilesOf(folder);
    expect(others).toEqual([]);
    expect(fstatSync(descriptor).mode & 0o777).toBe(0o600);
    expect(fstatSync(descriptor).nlink).toBe(0);
    const onDisk = readFileSync(`/proc/self/fd/${descriptor}`);
    expect(onDisk.length).toBe(spool.size);
    expect(onDisk.includes(secret)).toBe(false);
    expect(onDisk.includes(secret.slice(2, 9))).toBe(false);
    spool.close();
    expect(openFilesOf(folder)).toEqual([]);
  },
);

test("too much is refused, and nothing is left", async () => {
  const folder = newFolder();
  await expect(startSpool(piped(100), { folder, inMemory: 1_000, inAll: 20_000 })).rejects.toThrow("longer than 20000");
  expect(readdirSync(folder)).toEqual([]);
});

test("no room for it is one line with what to do", async () => {
  const folder = join(newFolder(), "not-there");
  await expect(startSpool(piped(100), { folder, inMemory: 1_000 })).rejects.toMatchObject({
    code: "no-room",
    message: "Standard input cannot be stored for a second reading (ENOENT).",
    hint: "Save it to a file and give that. Or set TMPDIR to a folder with room.",
  });
});
