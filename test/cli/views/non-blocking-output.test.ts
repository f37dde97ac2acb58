// Lines to a real pipe and a real file that take them late or never: the queue is bounded, and lines left out are counted.
import { execFileSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, readFileSync, readSync, rmSync } from "node:fs";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openNonBlockingOutput } from "../../../src/cli/views/non-blocking-output.ts";

function inFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), "realmscope-output-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, name);
}

/** A named pipe: its writing end as Node has standard output, and the descriptor of its reading end. */
function pipe(): { readonly stream: NodeJS.WriteStream & { fd: number }; readonly reader: number } {
  const path = inFolder("pipe");
  execFileSync("mkfifo", [path]);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const fd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  const socket = Object.assign(new Socket({ fd, readable: false, writable: true }), { fd });
  socket.on("error", () => undefined);
  onTestFinished(() => void socket.destroy());
  return { stream: socket as unknown as NodeJS.WriteStream & { fd: number }, reader };
}

function readAll(reader: number): string {
  const bytes = Buffer.alloc(256 * 1024);
  let text = "";
  for (;;) {
    try {
      const count = readSync(reader, bytes);
      if (count === 0) return text;
      text += bytes.toString("latin1", 0, count);
    } catch {
      return text;
    }
  }
}

const leftOut = (lines: number): string => `${lines} left out\n`;
const line = (index: number): string => `${String(index).padStart(9, "0")}\n`;

test.skipIf(process.platform === "win32")(
  "a pipe that nobody reads: what waits is bounded, and the rest counted at its place",
  async () => {
    const { stream, reader } = pipe();
    onTestFinished(() => closeSync(reader));
    const output = openNonBlockingOutput(stream, { leftOut, onClosed: () => undefined, limit: 100_000 });
    for (let index = 0; index < 50_000; index += 1) output.write(line(index));
    expect(await output.flush(100)).toBe(false);
    let text = "";
    for (let round = 0; round < 50 && !(await output.flush(50)); round += 1) text += readAll(reader);
    text += readAll(reader);
    output.keepAll();
    output.write("the end\n");
    await output.flush(1000);
    text += readAll(reader);
    const lines = text.trimEnd().split("\n");
    const told = lines.filter((one) => one.endsWith("left out"));
    const kept = lines.filter((one) => /^\d{9}$/.test(one));
    expect(told).toHaveLength(1);
    expect(kept.length + Number.parseInt(told[0] ?? "", 10)).toBe(50_000);
    // In order, without a piece of a line.
    expect(kept).toEqual(kept.map((_, index) => line(index).trim()));
    expect(kept.length * 10).toBeLessThan(100_000 + 1024 * 1024);
    expect(lines.at(-1)).toBe("the end");
  },
);

test.skipIf(process.platform === "win32")(
  "a pipe whose reader has gone is told once, and costs nothing more",
  async () => {
    const { stream, reader } = pipe();
    let closed = 0;
    const output = openNonBlockingOutput(stream, { leftOut, onClosed: () => closed++ });
    closeSync(reader);
    for (let index = 0; index < 10; index += 1) output.write(line(index));
    expect(await output.flush(5000)).toBe(true);
    output.write(line(1));
    expect(await output.flush(5000)).toBe(true);
    expect(closed).toBe(1);
  },
);

test("a file takes every line in its order", async () => {
  const path = inFolder("lines");
  const fd = openSync(path, "w");
  const output = openNonBlockingOutput({ fd } as NodeJS.WriteStream & { fd: number }, {
    leftOut,
    onClosed: () => undefined,
  });
  for (let index = 0; index < 20_000; index += 1) output.write(line(index));
  expect(await output.flush(Number.POSITIVE_INFINITY)).toBe(true);
  closeSync(fd);
  expect(readFileSync(path, "utf8")).toBe(Array.from({ length: 20_000 }, (_, index) => line(index)).join(""));
});
