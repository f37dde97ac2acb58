// Bytes of one direction of one connection → HTTP/1.1 messages. Never throws, and gives the same messages for the same
// bytes however they are cut into pieces. After `lost` or `upgraded` it emits nothing more.
import type { Decoded } from "../core/decoded.ts";
import type { Headers } from "../core/headers.ts";
import type { CapturedBody, HttpRequest, HttpResponse } from "../core/http-transaction.ts";
import { emptyBody } from "../core/http-transaction.ts";
import { type BodyCollector, createBodyCollector } from "./body.ts";
import { type BodyReader, ChunkedReader, createLengthReader, createUntilCloseReader } from "./body-readers.ts";
import { type Framing, requestFraming, responseFraming } from "./framing.ts";
import { readRequestHead, readResponseHead } from "./head.ts";
import { createLineBlock, type LineBlock } from "./line-block.ts";

export interface ReaderOptions {
  /** Largest header block that is read, in bytes. Default 256 KiB (Kerberos tickets reach 64 KiB). */
  readonly headLimit?: number;
  /** Bytes kept of each body; all are counted. Default 2 MiB. */
  readonly bodyLimit?: number;
}

export type ReadEvent<Message> =
  /** The head was read; the body of `message` is still empty. */
  | { readonly kind: "head"; readonly startedAt: number; readonly message: Message }
  /** The message ended, or (`isWhole` false) the stream ended before it. The content coding is not undone. */
  | {
      readonly kind: "message";
      readonly startedAt: number;
      readonly endedAt: number;
      readonly message: Message;
      readonly isWhole: boolean;
    }
  /** The bytes that follow are another protocol. The last event. */
  | { readonly kind: "upgraded"; readonly at: number }
  /** The bytes that follow cannot be read. The last event. `reason` is this program's own text. */
  | { readonly kind: "lost"; readonly at: number; readonly reason: string };

/** Reads one direction of a connection. `at` is the time the bytes arrived, in epoch milliseconds. */
export interface MessageReader<Message> {
  push(bytes: Uint8Array, at: number): readonly ReadEvent<Message>[];
  /**
   * The stream ended (or broke): returns the partial message. A body that lasts until the end is whole only when
   * `isClean`.
   */
  end(at: number, options?: { readonly isClean: boolean }): readonly ReadEvent<Message>[];
}

export interface ResponseReader extends MessageReader<HttpResponse> {
  /**
   * Announces a request: HEAD and CONNECT change how its answer is read. Unannounced answers are read as those of GET.
   */
  expect(method: string): void;
}

/** Reads the client's direction. */
export function createRequestReader(options: ReaderOptions = {}): MessageReader<HttpRequest> {
  return new Reader<HttpRequest>(options, {
    readHead(block) {
      const head = readRequestHead(block);
      if (!head.ok) return head;
      const message = { ...head.value, trailers: [], body: emptyBody };
      return { ok: true, value: { message, framing: requestFraming(head.value) } };
    },
    complete: (message, body, trailers) => ({ ...message, body, trailers }),
  });
}

/** Reads the server's direction; the statuses of interim answers (1xx) are kept in the final one. */
export function createResponseReader(options: ReaderOptions = {}): ResponseReader {
  const methods: string[] = [];
  let interim: number[] = [];
  const reader = new Reader<HttpResponse>(options, {
    readHead(block) {
      const head = readResponseHead(block);
      if (!head.ok) return head;
      const framing = responseFraming(head.value, methods[0] ?? "GET");
      const message = { ...head.value, trailers: [], body: emptyBody, interim };
      if (framing.kind === "interim") interim = [...interim, head.value.status].slice(-16);
      else {
        interim = [];
        methods.shift();
      }
      return { ok: true, value: { message, framing } };
    },
    complete: (message, body, trailers) => ({ ...message, body, trailers }),
  });
  return {
    push: (bytes, at) => reader.push(bytes, at),
    end: (at, options) => reader.end(at, options),
    expect: (method) => {
      methods.push(method);
    },
  };
}

interface Side<Message> {
  readHead(block: Uint8Array): Decoded<{ readonly message: Message; readonly framing: Framing }>;
  complete(message: Message, body: CapturedBody, trailers: Headers): Message;
}

/** A message whose head was read, and whose body was not yet. */
interface UnfinishedMessage<Message> {
  readonly message: Message;
  readonly body: BodyCollector;
  readonly rest: BodyReader;
  readonly lastsUntilClose: boolean;
}

interface MessageEnd {
  readonly at: number;
  readonly isWhole: boolean;
  readonly trailers: Headers;
}

const defaultHeadLimit = 256 * 1024;
const defaultBodyLimit = 2 * 1024 * 1024;

class Reader<Message extends { readonly headers: Headers }> implements MessageReader<Message> {
  readonly #side: Side<Message>;
  readonly #headLimit: number;
  readonly #bodyLimit: number;
  readonly #head: LineBlock;
  #open: UnfinishedMessage<Message> | null = null;
  #isSilent = false;
  #startedAt = 0;
  #events: ReadEvent<Message>[] = [];

  constructor(options: ReaderOptions, side: Side<Message>) {
    this.#side = side;
    this.#headLimit = options.headLimit ?? defaultHeadLimit;
    this.#bodyLimit = options.bodyLimit ?? defaultBodyLimit;
    this.#head = createLineBlock(this.#headLimit);
  }

  push(bytes: Uint8Array, at: number): readonly ReadEvent<Message>[] {
    for (let next = 0; next < bytes.length && !this.#isSilent; ) {
      next = this.#open === null ? this.#readHead(bytes, next, at) : this.#readBody(this.#open, { bytes, next, at });
    }
    return this.#takeEvents();
  }

  end(at: number, { isClean } = { isClean: true }): readonly ReadEvent<Message>[] {
    if (this.#isSilent) return this.#takeEvents();
    const open = this.#open;
    if (open !== null) this.#finish(open, { at, isWhole: isClean && open.lastsUntilClose, trailers: [] });
    else if (!this.#head.isEmpty) this.#lose(at, "the stream ended inside a header block");
    this.#isSilent = true;
    return this.#takeEvents();
  }

  #readHead(bytes: Uint8Array, from: number, at: number): number {
    let start = from;
    if (this.#head.isEmpty) {
      // RFC 9112 2.2: empty lines before a message are ignored.
      while (bytes[start] === 13 || bytes[start] === 10) start += 1;
      if (start === bytes.length) return start;
      this.#startedAt = at;
    }
    const step = this.#head.push(bytes, start);
    if (step.state === "more") return bytes.length;
    if (step.state === "too-large") this.#lose(at, "a header block larger than the limit");
    else this.#begin(step.block, at);
    return step.state === "whole" ? step.next : bytes.length;
  }

  #begin(block: Uint8Array, at: number): void {
    const read = this.#side.readHead(block);
    if (!read.ok) {
      this.#lose(at, read.problem);
      return;
    }
    const { message, framing } = read.value;
    if (framing.kind === "interim") return;
    this.#events.push({ kind: "head", startedAt: this.#startedAt, message });
    const open = this.#openBody(message, framing);
    if (framing.kind === "unclear") this.#lose(at, framing.reason);
    else if (framing.kind === "upgraded" || (framing.kind === "length" && framing.length === 0)) {
      this.#finish(open, { at, isWhole: true, trailers: [] });
    }
    if (framing.kind !== "upgraded") return;
    this.#isSilent = true;
    this.#events.push({ kind: "upgraded", at });
  }

  #openBody(message: Message, framing: Framing): UnfinishedMessage<Message> {
    const body = createBodyCollector(this.#bodyLimit);
    const rest =
      framing.kind === "length"
        ? createLengthReader(body, framing.length)
        : framing.kind === "chunked"
          ? new ChunkedReader(body, this.#headLimit)
          : createUntilCloseReader(body);
    this.#open = { message, body, rest, lastsUntilClose: framing.kind === "until-close" };
    return this.#open;
  }

  #readBody(
    open: UnfinishedMessage<Message>,
    { bytes, next, at }: { bytes: Uint8Array; next: number; at: number },
  ): number {
    const step = open.rest.push(bytes, next);
    if (step.state === "more") return bytes.length;
    if (step.state === "unclear") this.#lose(at, step.reason);
    else this.#finish(open, { at, isWhole: true, trailers: step.trailers });
    return step.next;
  }

  #finish(open: UnfinishedMessage<Message>, { at, isWhole, trailers }: MessageEnd): void {
    this.#open = null;
    const body = open.body.finish(open.message.headers, isWhole);
    const message = this.#side.complete(open.message, body, trailers);
    this.#events.push({ kind: "message", startedAt: this.#startedAt, endedAt: at, message, isWhole });
  }

  #lose(at: number, reason: string): void {
    if (this.#open !== null) this.#finish(this.#open, { at, isWhole: false, trailers: [] });
    this.#isSilent = true;
    this.#events.push({ kind: "lost", at, reason });
  }

  #takeEvents(): readonly ReadEvent<Message>[] {
    if (this.#events.length === 0) return [];
    const events = this.#events;
    this.#events = [];
    return events;
  }
}
