// Ink keeps what it lays out; the screen must not. The frames are drawn by the built program in a process of its own, with
// NODE_ENV unset as a person's shell has it. REALMSCOPE_LONG=1 draws all 5,000; the suite draws fewer, with a bound to match.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const isLong = (process.env.REALMSCOPE_LONG ?? "") !== "";
const frames = isLong ? 5000 : 1000;
const limitBytes = isLong ? 2_000_000 : 800_000;

test(`${frames} frames of rows that never repeat leave less than ${limitBytes} bytes behind`, async () => {
  const { NODE_ENV: _, ...environment } = process.env;
  const args = ["--expose-gc", "bench/screen/frames.mjs", "frames", "60", "16", String(frames)];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: environment });
  const result: { frames: number; grownBytes: number; nodeEnv: string } = JSON.parse(
    /^\{.*$/m.exec(stdout)?.[0] ?? "{}",
  );
  expect(result.frames).toBeGreaterThanOrEqual(frames);
  expect(result.nodeEnv).toBe("production");
  expect(result.grownBytes).toBeLessThan(limitBytes);
}, 240_000);
