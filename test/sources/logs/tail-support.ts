// A tail over real files whose clock the test moves: `turn` lets one listing and reading happen, and gives its events.
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CaptureEvent } from "../../../src/core/capture-event.ts";
import type { LogRow } from "../../../src/core/log-row.ts";
import { LogFollower } from "../../../src/sources/logs/tail/follow-logs.ts";
import { columnsOf, csvLine, exchangeLog, headerLines, httpProxyRow } from "../../support/log-lines.ts";

/** The header of HttpProxy logs. */
export const header = exchangeLog("http-proxy", []);
/** Its lines. */
export const headerLength = headerLines("http-proxy").length;
export const noon = Date.UTC(2026, 10, 30, 12);

/** The line of a row that ended so many milliseconds after noon. */
export function line(id: string, ms = 0): string {
  const cells = httpProxyRow({ DateTime: new Date(noon + ms).toISOString(), RequestId: id });
  return `${csvLine(columnsOf("http-proxy", "15.01"), cells)}\r\n`;
}

export interface TestTail {
  readonly folder: string;
  /** Notices about changes of files and folders. */
  readonly notices: readonly string[];
  /** Notices about the logs that were found. */
  readonly found: readonly string[];
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
  const [notices, found]: [string[], string[]] = [[], []];
  const isAboutKinds = (text: string): boolean => /^(?:Following|There is no log)/.test(text);
  let now = Date.now();
  const follower = new LogFollower({
    folders: [folder],
    since: options.since ?? now,
    readsBack: options.readsBack ?? false,
    readsTraces: true,
    notice: (text) =>
      (isAboutKinds(text) ? found : notices).push(text.replaceAll(JSON.stringify(folder).slice(1, -1), "…")),
  });
  return {
    folder,
    notices,
    found,
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
