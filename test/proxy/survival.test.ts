// What looks at the traffic may fail; the traffic and the record of it may not.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { collectBugs } from "../../src/app/live/run-live.ts";
import { startPipeline } from "../../src/app/run-pipeline.ts";
import type { CaptureEvent } from "../../src/core/capture-event.ts";
import { Tap } from "../../src/proxy/tap/tap.ts";
import { TapQueue } from "../../src/proxy/tap/tap-queue.ts";
import { openJournal } from "../../src/sinks/journal/journal.ts";
import { newStory, outerToken } from "../diagnosis/story.ts";

const request = Buffer.from("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n");
const answer = Buffer.from("HTTP/1.1 204 No Content\r\n\r\n");

function tapOf(connection: string, nextTransactionId: () => string, seen: CaptureEvent[]): Tap {
  const subject = { connection, client: "192.0.2.1:1", scheme: "https", host: "a.test", port: 443 } as const;
  const emit = (event: CaptureEvent): void => {
    seen.push(event);
  };
  return new Tap(subject, { headLimit: 4096, bodyLimit: 4096, nextTransactionId, emit });
}

test("a bug in reading one connection is told as a gap, and the others are read on", async () => {
  const seen: CaptureEvent[] = [];
  const queue = new TapQueue(1024 * 1024);
  const broken = tapOf("c1", () => assert("a secret of the traffic"), seen);
  const whole = tapOf("c2", () => "t1", seen);
  for (const tap of [broken, whole]) {
    queue.pushBytes(tap, "client", request);
    queue.pushBytes(tap, "server", answer);
    queue.pushClose(tap, null);
  }
  await queue.whenIdle();
  expect(seen).toMatchObject([
    { kind: "gap", connection: "c1", reason: "a bug in reading it (RangeError)" },
    { kind: "transaction", transaction: { id: "t1", connection: "c2", response: { status: 204 } } },
  ]);
  expect(JSON.stringify(seen)).not.toContain("secret");
});

test("a bug in judging costs no record, is told once without what it quotes, and comes back at the end", async () => {
  const folder = mkdtempSync(join(tmpdir(), "realmscope-survival-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "a.ndjson");
  const journal = openJournal(path, { tool: "test" });
  const told: string[] = [];
  const bugs = collectBugs((text) => told.push(text));
  const pipeline = startPipeline({
    // The names of applications are looked up in the middle of judging.
    applications: { get: () => assert("secret") } as unknown as Map<string, string>,
    ...{ verification: {}, pseudonymise: () => "aaaaaaaaaa", journal, detailLimit: 0, onChange: () => undefined },
  });
  const story = newStory();
  for (let count = 0; count < 3; count += 1) {
    const transaction = story({ authorization: `Bearer ${outerToken()}` });
    await pipeline.accept({ kind: "transaction", transaction }).catch(bugs.take);
  }
  await journal.close();
  expect(readFileSync(path, "utf8").match(/"k":"entry"/g)).toHaveLength(3);
  expect(told).toEqual([
    "A bug in judging the traffic (RangeError). The traffic continues; the request it hit is not judged. Please report it.",
  ]);
  expect(() => bugs.rethrow()).toThrow(RangeError);
});

test("a bug in making an event safe costs that one, and the journal has a gap in its place", async () => {
  const folder = mkdtempSync(join(tmpdir(), "realmscope-survival-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "a.ndjson");
  const journal = openJournal(path, { tool: "test" });
  let calls = 0;
  const pseudonymise = (): string => (++calls === 1 ? assert("a secret of the traffic") : "aaaaaaaaaa");
  const applications = new Map<string, string>();
  const pipeline = startPipeline({ applications, verification: {}, pseudonymise, journal, onChange: () => undefined });
  const bugs = collectBugs(() => undefined);
  const story = newStory();
  for (let count = 0; count < 3; count += 1) {
    const transaction = story({ authorization: "Basic dXNlckBjb250b3NvLmV4YW1wbGU6cGFzc3dvcmQ=" });
    await pipeline.accept({ kind: "transaction", transaction }).catch(bugs.take);
  }
  await journal.close();
  const text = readFileSync(path, "utf8");
  expect(text.match(/"k":"[a-z]+"/g)).toEqual(["head", "gap", "entry", "entry", "end"].map((kind) => `"k":"${kind}"`));
  expect(text).not.toContain("secret");
  expect(() => bugs.rethrow()).toThrow(RangeError);
});

function assert(message: string): never {
  throw new RangeError(message);
}
