// Text to a standard stream that may not take it: a terminal that is stopped, a pipe that nobody reads, a file on a disk that
// does not answer. Nothing is waited for, and what waits is bounded.
import { fstatSync, write } from "node:fs";
import { withoutCommands } from "../../core/runner-commands.ts";

export interface PatientOutput {
  /** Takes whole lines. */
  write(text: string): void;
  /** From now on nothing is left out: what comes is little, and what matters most. */
  keepAll(): void;
  /** Resolves with true when all was taken, and with false when nothing was taken for so long. */
  flush(limitMs: number): Promise<boolean>;
}

export interface PatientOptions {
  /** The one line that stands where so many lines were left out. */
  readonly leftOut: (lines: number) => string;
  /** Called once when nothing can be written any more: nobody reads, or the terminal is gone. */
  readonly onClosed: () => void;
  /** How much may wait, in UTF-16 units. */
  readonly limit?: number;
}

const defaultLimit = 8 * 1024 * 1024;
/** One write: small, so that what is taken slowly is seen to be taken. */
const pieceLength = 16 * 1024;

type Done = (error: NodeJS.ErrnoException | null) => void;

interface Piece {
  readonly text: string;
  /** How many lines are lost when it is. */
  readonly lines: number;
}

export function openPatientOutput(stream: NodeJS.WriteStream & { fd: number }, options: PatientOptions): PatientOutput {
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
      const [count, told] = [leftOut, options.leftOut(leftOut)];
      leftOut = 0;
      add(told, count);
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
      // A full disk may have room again when the next line comes; nobody comes back to a pipe or a terminal.
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

/** Takes the first lines out, as many as make one write. */
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

/** Node writes to a terminal, and to a pipe on Windows, before it goes on; here it must not. Other processes may turn that back. */
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
    // Past the stream, and so past what guards it.
    const bytes = Buffer.from(withoutCommands(text));
    const from = (start: number): void =>
      write(descriptor, bytes, start, bytes.length - start, null, (error, count) => {
        if (error !== null || start + count === bytes.length) done(error);
        else from(start + count);
      });
    from(0);
  };
}
