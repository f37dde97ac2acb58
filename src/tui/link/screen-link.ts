// The capturing side of one screen: what it is told, how often, and what it may ask. Nothing here waits for the screen.
import type { HttpTransaction } from "../../core/http-transaction.ts";
import type { Analysis } from "../../diagnosis/analysis.ts";
import type { FilterSubject } from "../../filter/subject.ts";
import type { Redacted } from "../../sanitising/sanitise.ts";
import type { FromScreen, PendingRows, ScreenMode, ScreenSettings, ToScreen } from "../model/messages.ts";

/** What a screen can ask for; the same for each that is open. */
export interface ScreenHost {
  readonly title: string;
  readonly mode: ScreenMode;
  readonly settings: ScreenSettings;
  /** Asked at most five times a second, when `changed` was called. */
  analysis(): Analysis;
  /** One request, made safe; null when it is no longer at hand. */
  detail(id: string): Promise<Redacted<HttpTransaction> | null>;
  /** As it was on the wire, without passwords; null when it is not in memory. */
  unmasked(id: string): HttpTransaction | null;
  /** Looks through header fields and bodies, tells what fits as it is found, and goes on with what comes. */
  search(text: string, found: (ids: readonly string[], part: number) => void): { stop(): void };
  /** Writes rows into a file, made safe; gives what to tell the person. Never rejects. */
  exportRows(wish: Extract<FromScreen, { type: "export" }>): Promise<string>;
  /** The person wants the capture to end. */
  stop(): void;
}

/** The way to one screen. */
export interface Channel {
  readonly isOpen: boolean;
  /** `sent` is called when the message has left this process. */
  send(message: ToScreen, sent: () => void): void;
}

export interface ScreenLink {
  row(subject: FilterSubject): void;
  /** What waits now; of several that the screen was too slow for it gets the last. */
  pending(rows: PendingRows): void;
  /** All rows are forgotten: they come again. */
  restart(): void;
  /** The analysis is another one than the screen has. */
  markChanged(): void;
  send(message: ToScreen): void;
  end(): void;
  /** Resolves when so few rows wait that none is left out; for a source that can wait. */
  hasRoom(): Promise<void>;
  receive(message: FromScreen): void;
  close(): void;
}

const flushEveryMs = 100;
const waitingLimit = 5000;
/** Rows of one message: a backlog goes in pieces. */
const batchLimit = 2000;

/** Greets the screen and keeps it told until `close`. `backlog` is what came before it was opened. */
export function openScreenLink(channel: Channel, host: ScreenHost, backlog: readonly FilterSubject[] = []): ScreenLink {
  let rows = [...backlog];
  let lost = 0;
  let isChanged = backlog.length > 0;
  let flushes = 0;
  let isSending = false;
  let hasEnded = false;
  let search: { stop(): void } | null = null;
  let waiting: (() => void)[] = [];
  const send = (message: ToScreen, sent: () => void = () => undefined): void => {
    if (channel.isOpen) channel.send(message, sent);
  };

  /** Sends what has gathered, unless the last of it is still on its way: a slow screen costs rows, never time. */
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
          for (const go of waiting) go();
          waiting = [];
        }
      });
      lost = 0;
    }
    // Every second time: five times a second.
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
      if (rows.length < Math.max(waitingLimit, backlog.length)) rows.push(subject);
      else lost += 1;
    },
    pending: lastOf<PendingRows>((pending, sent) => send({ type: "waiting", ...pending }, sent)),
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
        waiting.push(resolve);
        flush();
      });
    },
    receive(message) {
      if (message.type === "search") {
        search?.stop();
        const { text } = message;
        search = text === "" ? null : host.search(text, (ids, part) => send({ type: "found", text, ids, part }));
      } else answer(message, host, send);
    },
    close() {
      clearInterval(timer);
      search?.stop();
      for (const go of waiting) go();
    },
  };
}

/** Hands on one value at a time; of those that come while it is on its way, the last. */
function lastOf<Value>(hand: (value: Value, sent: () => void) => void): (value: Value) => void {
  let next: { readonly value: Value } | null = null;
  let isSending = false;
  const go = (): void => {
    if (next === null || isSending) return;
    const { value } = next;
    [next, isSending] = [null, true];
    hand(value, () => {
      isSending = false;
      go();
    });
  };
  return (value) => {
    next = { value };
    go();
  };
}

function answer(
  message: Exclude<FromScreen, { type: "search" }>,
  host: ScreenHost,
  send: (message: ToScreen) => void,
): void {
  switch (message.type) {
    case "ready":
      return;
    case "want-detail": {
      const { id } = message;
      void host.detail(id).then((transaction) => send({ type: "detail", id, transaction }));
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
