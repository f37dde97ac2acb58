// The capturing side of one screen: what is sent to it and how often, and which requests it may make. The capture never waits
// for the screen.
import type { HttpTransaction } from "../../core/http-transaction.ts";
import type { Analysis } from "../../diagnosis/analysis.ts";
import type { FilterSubject } from "../../filter/subject.ts";
import type { Redacted } from "../../sanitising/sanitise.ts";
import type { FromScreen, LogDetail, PendingRows, ScreenMode, ScreenSettings, ToScreen } from "../model/messages.ts";

/** The answers to the requests of screens; the same for every screen. */
export interface ScreenHost {
  readonly title: string;
  readonly mode: ScreenMode;
  readonly settings: ScreenSettings;
  /** The newest analysis; read at most five times a second, after `markChanged`. */
  analysis(): Analysis;
  /** A safe copy of one request; null when it is no longer available. */
  detail(id: string): Promise<Redacted<HttpTransaction> | null>;
  /** A row of a log with its place; null when the id is not that of a row, or it is no longer available. */
  logDetail?(id: string): Promise<LogDetail | null>;
  /** The request as on the wire but without passwords; null when it is not in memory. */
  unmasked(id: string): HttpTransaction | null;
  /** Searches header fields and bodies; reports matches as they are found, also in later requests, until `stop`. */
  search(text: string, found: (ids: readonly string[], part: number) => void): { stop(): void };
  /** Writes a safe copy of rows into a file; resolves to the notice for the person. Never rejects. */
  exportRows(request: Extract<FromScreen, { type: "export" }>): Promise<string>;
  /** Ends the capture. */
  stop(): void;
}

/** The connection to one screen. */
export interface Channel {
  readonly isOpen: boolean;
  /** `sent` is called when the message has left this process. */
  send(message: ToScreen, sent: () => void): void;
}

/** One screen, as seen by the capturing process. */
export interface ScreenLink {
  /** Queues a row. When too many are queued the row is dropped and counted as lost. */
  row(subject: FilterSubject): void;
  /** Sends the pending requests; while one list is on its way, of later ones only the newest is kept. */
  pending(rows: PendingRows): void;
  /** Drops the queued rows and makes the screen drop its own; they are sent again. */
  restart(): void;
  /** The analysis has changed: the next flush sends it. */
  markChanged(): void;
  send(message: ToScreen): void;
  /** The capture has ended: sends the remaining rows, the analysis and `ended`. */
  end(): void;
  /** Resolves when a row would not be dropped; for a source that can wait. */
  hasRoom(): Promise<void>;
  /** Takes a request of the screen. */
  receive(message: FromScreen): void;
  /** Stops sending; the screen is gone. */
  close(): void;
}

const flushEveryMs = 100;
const queueLimit = 5000;
/** Rows of one message; a backlog is sent in pieces. */
const batchLimit = 2000;

/** Sends `hello` and the rows of `backlog`, then every 100 ms what is new, until `close`. */
export function openScreenLink(channel: Channel, host: ScreenHost, backlog: readonly FilterSubject[] = []): ScreenLink {
  let rows = [...backlog];
  let lost = 0;
  let isChanged = backlog.length > 0;
  let flushes = 0;
  let isSending = false;
  let hasEnded = false;
  let search: { stop(): void } | null = null;
  let roomWaiters: (() => void)[] = [];
  const send = (message: ToScreen, sent: () => void = () => undefined): void => {
    if (channel.isOpen) channel.send(message, sent);
  };

  /** Sends the queued rows, unless the last message is still on its way: a slow screen loses rows and never delays. */
  const flush = (): void => {
    if (isSending) return;
    if (rows.length > 0 || lost > 0) {
      isSending = true;
      const batch = rows.slice(0, batchLimit);
      rows = rows.slice(batchLimit);
      send({ type: "rows", rows: batch, lost }, () => {
        isSending = false;
        if (rows.length > 0) flush();
        if (rows.length < batchLimit) {
          for (const resolve of roomWaiters) resolve();
          roomWaiters = [];
        }
      });
      lost = 0;
    }
    // Every second flush: five times a second.
    if (isChanged && (hasEnded || flushes++ % 2 === 0)) {
      isChanged = false;
      send({ type: "analysis", analysis: host.analysis() });
    }
    if (hasEnded && rows.length === 0) {
      hasEnded = false;
      send({ type: "ended" });
    }
  };
  const timer = setInterval(flush, flushEveryMs).unref();
  send({ type: "hello", title: host.title, mode: host.mode, settings: host.settings });
  return {
    row(subject) {
      if (rows.length < Math.max(queueLimit, backlog.length)) rows.push(subject);
      else lost += 1;
    },
    pending: keepNewest<PendingRows>((pending, sent) => send({ type: "waiting", ...pending }, sent)),
    restart() {
      [rows, lost] = [[], 0];
      send({ type: "restart" });
    },
    markChanged() {
      isChanged = true;
    },
    send,
    end() {
      isChanged = true;
      hasEnded = true;
      flush();
    },
    async hasRoom() {
      if (rows.length < batchLimit || !channel.isOpen) return;
      await new Promise<void>((resolve) => {
        roomWaiters.push(resolve);
        flush();
      });
    },
    receive(message) {
      if (message.type === "search") {
        search?.stop();
        const { text } = message;
        search = text === "" ? null : host.search(text, (ids, part) => send({ type: "found", text, ids, part }));
      } else answerRequest(message, host, send);
    },
    close() {
      clearInterval(timer);
      search?.stop();
      for (const resolve of roomWaiters) resolve();
    },
  };
}

/** Sends one value at a time; of the values given while one is on its way only the newest is sent. */
function keepNewest<Value>(sendValue: (value: Value, sent: () => void) => void): (value: Value) => void {
  let next: { readonly value: Value } | null = null;
  let isSending = false;
  const sendNext = (): void => {
    if (next === null || isSending) return;
    const { value } = next;
    [next, isSending] = [null, true];
    sendValue(value, () => {
      isSending = false;
      sendNext();
    });
  };
  return (value) => {
    next = { value };
    sendNext();
  };
}

function answerRequest(
  message: Exclude<FromScreen, { type: "search" }>,
  host: ScreenHost,
  send: (message: ToScreen) => void,
): void {
  switch (message.type) {
    case "ready":
      return;
    case "want-detail": {
      const { id } = message;
      void Promise.all([host.detail(id), host.logDetail?.(id) ?? null]).then(([transaction, log]) =>
        send({ type: "detail", id, transaction, ...(log === null ? {} : { log }) }),
      );
      return;
    }
    case "want-unmasked":
      send({ type: "unmasked", id: message.id, transaction: host.unmasked(message.id) });
      return;
    case "export":
      void host.exportRows(message).then((text) => send({ type: "notice", text }));
      return;
    case "stop-capture":
      host.stop();
  }
}
