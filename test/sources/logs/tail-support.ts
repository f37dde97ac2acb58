// A tail over real files whose clock the test moves: `turn` lets one listing and reading happen, and gives its events.
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CaptureEvent } from "../../../src/core/capture-event.ts";
import type { LogRow } from "../../../src/core/log-row.ts";
import { LogFollower } from "../../../src/sources/logs/tail/follow-logs.ts";
import type { GrowingText } from "../../../src/sources/logs/tail/followed-file.ts";

export const header = "#Log-type: Test\r\n#Fields: DateTime,RequestId\r\n";
export const noon = Date.UTC(2026, 10, 30, 12);

/** The line of a row that ended so many milliseconds after noon. */
export function line(id: string, ms = 0): string {
  return `${new Date(noon + ms).toISOString()},${id}\r\n`;
}

function rowOf(file: string, number: number, text: string): LogRow {
  const [time = "", id = ""] = text.split(",");
  return {
    ...{ id: "", log: "http-proxy", file, line: number, side: "front-end", direction: "to-exchange" },
    ...{ endedAt: Date.parse(time), startedAt: null, server: "", host: "", client: "", method: "POST", path: "/" },
    ...{ status: 200, backEndStatus: null, userAgent: "", requestId: id, clientRequestId: null, signIn: "bearer" },
    ...{ caller: null, actsAs: null, isPerson: false, realm: null, printedToken: null, operation: null },
    ...{ isTokenGiven: null, refusal: null, failure: "", isFormUnproven: false },
  } as const;
}

/** A log of the lines of `line`. */
export function openTestText(file: string, wants: (row: LogRow) => boolean): GrowingText {
  let [carry, number, kept, dropped] = ["", 0, 0, 0];
  let kind: "http-proxy" | "foreign" | null = null;
  return {
    take(bytes) {
      const parts = (carry + bytes.toString("utf8")).split("\r\n");
      carry = parts.pop() ?? "";
      const rows = parts.flatMap((text) => {
        number += 1;
        kind ??= text.startsWith("#Log-type: Test") ? "http-proxy" : "foreign";
        return text.startsWith("#") ? [] : [rowOf(file, number, text)];
      });
      const wanted = rows.filter(wants);
      [kept, dropped] = [kept + wanted.length, dropped + rows.length - wanted.length];
      return wanted;
    },
    kind: () => kind,
    report(at) {
      if (kept + dropped === 0) return null;
      const counts = { kept, dropped, unreadable: 0 };
      [kept, dropped] = [0, 0];
      return { file, log: "http-proxy", at, server: "", ...counts, firstAt: null, lastAt: null, missingColumns: [] };
    },
  };
}

export interface TestTail {
  readonly folder: string;
  readonly notices: string[];
  readonly follower: LogFollower;
  write(name: string, text: string): void;
  append(name: string, text: string): void;
  /** Lists and reads until nothing is left; then all waiting rows, as `id` or `id:line`. */
  read(afterMs?: number): Promise<readonly string[]>;
  /** One turn, `afterMs` after the one before. */
  turn(afterMs: number): Promise<readonly CaptureEvent[]>;
  remove(): void;
}

export function startTestTail(options: { readonly since?: number; readonly readsBack?: boolean } = {}): TestTail {
  const folder = mkdtempSync(join(tmpdir(), "realmscope-tail-"));
  const notices: string[] = [];
  let now = Date.now();
  const follower = new LogFollower({
    folders: [folder],
    since: options.since ?? now,
    readsBack: options.readsBack ?? false,
    openText: openTestText,
    notice: (text) => notices.push(text.replaceAll(JSON.stringify(folder).slice(1, -1), "…")),
  });
  return {
    folder,
    notices,
    follower,
    write: (name, text) => writeFileSync(join(folder, name), text),
    append: (name, text) => appendFileSync(join(folder, name), text),
    async read(afterMs = 1000) {
      now += afterMs;
      const events: CaptureEvent[] = [];
      for (let hasMore = true; hasMore; ) {
        const turn = await follower.turn(now);
        events.push(...turn.events);
        hasMore = turn.hasMore;
      }
      events.push(...follower.takeAll(now));
      return rowsOf(events).map((row) => row.requestId ?? "");
    },
    async turn(afterMs) {
      now += afterMs;
      return (await follower.turn(now)).events;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export function rowsOf(events: readonly CaptureEvent[]): readonly LogRow[] {
  return events.flatMap((event) => (event.kind === "log-row" ? [event.row] : []));
}
