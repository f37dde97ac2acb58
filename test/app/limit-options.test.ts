import { describe, expect, test } from "vitest";
import { readLimits } from "../../src/app/limit-options.ts";

describe("limits of a run", () => {
  test("the command line stands over the configuration, and units are the named ones", () => {
    expect(
      readLimits(["connections=2000", "idle-seconds=60", "header-kb=128", "body-kb=0"], {
        connections: 10,
        "stop-seconds": 1,
      }),
    ).toEqual({ connections: 2000, idleMs: 60_000, headBytes: 131_072, bodyBytes: 0, stopMs: 1000 });
  });

  test("memory is shared by what waits to be read and what waits to be written", () => {
    const { tapQueueBytes = 0, eventQueueBytes = 0 } = readLimits(["memory-mb=96"], {});
    expect(tapQueueBytes + eventQueueBytes).toBe(96 * 1024 * 1024);
  });

  test.each([
    "connections",
    "connections=",
    "connections=-1",
    "connections=0",
    "connections=1.5",
    "speed=1",
    "header-kb=63",
  ])("%s is refused with what may be written", (text) => {
    expect(() => readLimits([text], {})).toThrow(expect.objectContaining({ code: "usage" }));
  });

  test("the configuration is read as strictly", () => {
    expect(() => readLimits([], { "idle-seconds": 1.5 })).toThrow(expect.objectContaining({ code: "usage" }));
  });
});
