// Text to a standard stream whose reader may be slow or gone: a stopped terminal, a pipe that nobody reads, a file on a disk
// that does not respond. The caller never waits, and the queue is bounded.
import { fstatSync, write } from "node:fs";
import { withoutCommands } from "../../core/runner-commands.ts";

export interface NonBlockingOutput {
  /** Queues whole lines, or counts them as left out when the queue is full. */
  write(text: string): void;
  /** From now on no line is left out: the conclusion follows, which is short and matters most. */
  keepAll(): void;
  /** Resolves with true when the queue is empty or the stream closed, with false when nothing was taken for `limitMs`. */
  flush(limitMs: number): Promise<boolean>;
}

export interface NonBlockingOptions {
  /** The line that replaces so many lines. */
  readonly leftOut: (lines: number) => string;
  /** Called once when the stream is closed: nobody reads, or the terminal is gone. */
  readonly onClosed: () => void;
  /** The bound of the queue, in UTF-16 units. */
  readonly limit?: number;
}

const defaultLimit = 8 * 1024 * 1024;
/** Length of one write: small, so that a slow reader still shows progress. */
const pieceLength = 16 * 1024;

type Done = (error: NodeJS.ErrnoException | null) => void;

interface Piece {
  readonly text: string;
  /** How many lines are lost with it. */
  readonly lines: number;
}

/** Opens the queue before a stream. */
export function openNonBlockingOutput(
  stream: NodeJS.WriteStream & { fd: number },
  options: NonBlockingOptions,
): NonBlockingOutput {
  const limit = options.limit ?? defaultLimit;
  const isFile = fstatSync(stream.fd).isFile();
  const send = isFile ? fileWriter(stream.fd) : streamWriter(stream);
  let waiting: Piece[] = [];
  let length = 0;
  let leftOut = 0;
  let [isWriting, isClosed, keepsAll] = [false, false, false];
  let onStep: () => void = () => undefined;

  const add = (text: string, lines = 1): void => {
    if (leftOut > 0) {
      const [count, line] = [leftOut, options.leftOut(leftOut)];
      leftOut = 0;
      add(line, count);
    }
    waiting.push({ text, lines });
    length += text.length;
  };
  const next = (): void => {
    if (isWriting || isClosed || waiting.length === 0) return;
    const piece = takePiece(waiting);
    length -= piece.text.length;
    isWriting = true;
    send(piece.text, (error) => {
      isWriting = false;
      if (error !== null) fail(piece);
      else if (leftOut > 0 && length < limit / 2) add("", 0);
      onStep();
      next();
    });
  };
  const fail = ({ lines }: Piece): void => {
    if (isFile) {
      // A full disk may have room again for the next line; a closed pipe or terminal stays closed.
      leftOut += waiting.reduce((sum, piece) => sum + piece.lines, lines);
    } else {
      isClosed = true;
      options.onClosed();
    }
    [waiting, length] = [[], 0];
  };

  return {
    write(text) {
      if (isClosed) return;
      const room = leftOut === 0 ? limit : limit / 2;
      if (keepsAll || length < room) add(text);
      else leftOut += 1;
      next();
    },
    keepAll() {
      keepsAll = true;
    },
    flush: (limitMs) =>
      new Promise((resolve) => {
        let timer: NodeJS.Timeout | undefined;
        onStep = () => {
          clearTimeout(timer);
          if (isClosed || (!isWriting && waiting.length === 0)) resolve(true);
          else if (Number.isFinite(limitMs)) timer = setTimeout(() => resolve(false), limitMs);
        };
        onStep();
      }),
  };
}

/** Removes the first lines from the queue, as many as make one write. */
function takePiece(waiting: Piece[]): Piece {
  let [length, count] = [0, 0];
  for (const { text } of waiting) {
    if (count > 0 && length + text.length > pieceLength) break;
    length += text.length;
    count += 1;
  }
  const taken = waiting.splice(0, count);
  return { text: taken.map(({ text }) => text).join(""), lines: taken.reduce((sum, { lines }) => sum + lines, 0) };
}

/** Node makes writes to a terminal, and to a pipe on Windows, blocking. This is undone before each write, since other processes that share the terminal may set it again. */
function streamWriter(stream: NodeJS.WriteStream): (text: string, done: Done) => void {
  const { _handle: handle }: { _handle?: { setBlocking?(isBlocking: boolean): number } } = Object(stream);
  const direct = stream.write.bind(stream);
  return (text, done) => {
    handle?.setBlocking?.(false);
    direct(text, (error) => done(error ?? null));
  };
}

function fileWriter(descriptor: number): (text: string, done: Done) => void {
  return (text, done) => {
    // Bypasses the stream and its guard against runner commands.
    const bytes = Buffer.from(withoutCommands(text));
    const from = (start: number): void =>
      write(descriptor, bytes, start, bytes.length - start, null, (error, count) => {
        if (error !== null || start + count === bytes.length) done(error);
        else from(start + count);
      });
    from(0);
  };
}
