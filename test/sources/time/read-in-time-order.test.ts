// The order of a file says nothing: whatever the order of its entries, a capture comes to the same.
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { groupsOf, readGroup } from "../../../src/app/reading/capture-group.ts";
import type { Analysis } from "../../../src/diagnosis/analysis.ts";
import { openCapture } from "../../../src/sources/open-capture.ts";
import { readInTimeOrder, restartMarker, type TimeLimits } from "../../../src/sources/time/read-in-time-order.ts";
import { type Entry, entriesOf, foreign, writeHar } from "../../support/capture-entries.ts";
import { judgeFile, judgeTogether } from "../../support/judge-file.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "realmscope-in-time-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const captures = ["captures", "captures/findings"].flatMap((in_) =>
  readdirSync(in_)
    .filter((name) => /\.(?:ndjson|har|saz)$/.test(name))
    .map((name) => join(in_, name)),
);

/** In the order in which they began. */
function sorted(entries: readonly Entry[]): readonly Entry[] {
  const at = ({ startedDateTime }: Entry): number => Date.parse(String(startedDateTime));
  return [...entries].sort((one, other) => at(one) - at(other));
}

async function judge(entries: readonly Entry[]): Promise<Analysis> {
  const path = join(folder, "one.har");
  writeHar(path, entries);
  return (await judgeFile(path)).analysis;
}

const anyOrder = (entries: readonly Entry[]): fc.Arbitrary<readonly Entry[]> =>
  fc.shuffledSubarray([...entries], { minLength: entries.length });

describe.each(captures)("%s", (capture) => {
  test("gives the same findings in any order of its entries", async () => {
    const own = await entriesOf(capture);
    const { verdict } = (await judgeFile(capture)).analysis;
    for (const entries of [own, own.map(foreign)]) {
      const expected = await judge(sorted(entries));
      if (entries === own) expect(expected.verdict).toBe(verdict);
      expect(await judge([...sorted(entries)].reverse())).toEqual(expected);
      // Of two entries there is no other order.
      if (entries.length < 3) continue;
      await fc.assert(
        fc.asyncProperty(anyOrder(entries), async (shuffled) => {
          expect(await judge(shuffled)).toEqual(expected);
        }),
        { numRuns: 4 },
      );
    }
  });

  test("gives the same findings in parts that are judged together", async () => {
    const entries = await entriesOf(capture);
    const whole = await judge(entries);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(2), { minLength: entries.length, maxLength: entries.length }), async (part) => {
        const paths = [0, 1, 2].flatMap((number) => {
          const chosen = entries.filter((_, index) => part[index] === number);
          const path = join(folder, `part-${number}.har`);
          if (chosen.length > 0) writeHar(path, chosen);
          return chosen.length > 0 ? [path] : [];
        });
        const { analysis } = await judgeTogether(paths);
        expect(JSON.stringify(analysis).replaceAll(/"f\d\.(?=t\d)/g, '"')).toBe(JSON.stringify(whole));
      }),
      // One entry is always one file.
      { numRuns: entries.length < 2 ? 1 : 4 },
    );
  });
});

/** As a large file is read: nothing is held but the window, and little of what is sorted. */
const tight: TimeLimits = { smallFile: 0, held: 40_000 };

interface Read {
  readonly ids: readonly string[];
  readonly begun: number;
}

async function idsOf(path: string, limits?: TimeLimits): Promise<Read> {
  const read = { ids: [] as string[], begun: 1 };
  const batches = readInTimeOrder(
    {
      ...{ name: path, canReopen: true, take: () => null, onEnd: () => undefined },
      open: () => openCapture(path),
    },
    limits,
  );
  for await (const batch of batches) {
    if (batch === restartMarker) {
      read.ids.length = 0;
      read.begun += 1;
    } else {
      for (const { event } of batch) if (event.kind === "transaction") read.ids.push(urlAndId(event.transaction));
    }
  }
  return read;
}

function urlAndId({ request, id }: { readonly request: { readonly target: string }; readonly id: string }): string {
  return `${request.target} ${id}`;
}

const begin = Date.parse("2026-03-01T08:00:00Z");

/** Number `name` of a capture, so many milliseconds after its begin, and as long as that. */
function entry(name: number, at: number, time: number): Entry {
  return {
    startedDateTime: new Date(begin + at).toISOString(),
    time,
    request: { method: "GET", url: `https://mail.contoso.example/${name}`, headers: [], bodySize: 0 },
    response: { status: 200, statusText: "", headers: [], content: {} },
  };
}

// Many begin in the same millisecond.
const times = fc.array(
  fc.tuple(
    fc.nat(60).map((second) => second * 1000),
    fc.nat(9_000),
  ),
  { minLength: 1, maxLength: 60 },
);

test("a large file is sorted as a small one is, in order or not", async () => {
  const path = join(folder, "large.har");
  const numbered = times.map((all) => all.map(([at, time], index) => entry(index, at, time)));
  await fc.assert(
    fc.asyncProperty(numbered, async (entries) => {
      for (const file of [entries, sorted(entries)]) {
        writeHar(path, file);
        const small = await idsOf(path);
        const large = await idsOf(path, tight);
        expect(large.ids).toEqual(small.ids);
        expect(small.begun).toBe(1);
        if (file !== entries) expect(large.begun).toBe(1);
      }
    }),
    { numRuns: 60 },
  );
});

test("ids number the requests in the order they began; the transaction that ended last comes last", async () => {
  const path = join(folder, "order.har");
  writeHar(path, [entry(1, 500, 100), entry(2, 0, 900), entry(3, 100, 10)]);
  const expected = ["/3 t2", "/1 t3", "/2 t1"];
  expect((await idsOf(path)).ids).toEqual(expected);
  expect(await idsOf(path, tight)).toEqual({ ids: expected, begun: 2 });
});

test("in a file that is not in order the position of each request in the file is still known", async () => {
  const path = join(folder, "places.har");
  writeHar(path, [entry(1, 500, 1), entry(2, 0, 1), entry(3, 100, 1)]);
  const [group] = groupsOf([path], false);
  const found: unknown[] = [];
  if (group !== undefined) {
    for await (const batch of readGroup(group, { take: () => null }).batches)
      if (batch !== restartMarker) found.push(...batch.map(({ ordinal }) => ordinal));
  }
  expect(found).toEqual([1, 2, 0]);
});
