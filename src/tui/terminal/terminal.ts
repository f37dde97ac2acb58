import { writeSync } from "node:fs";

/** Alternate screen, no cursor, no line wrap. */
export const enterScreen = "\u001b[?1049h\u001b[?2004h\u001b[?25l\u001b[?7l\u001b[H\u001b[2J";
/** Presses and the wheel, told as text (xterm's SGR mode). */
export const mouseOn = "\u001b[?1000h\u001b[?1006h";
export const mouseOff = "\u001b[?1006l\u001b[?1000l";
/** The reverse, in any state the terminal may be in. */
export const leaveScreen = `${mouseOff}\u001b[0m\u001b[?2004l\u001b[?2026l\u001b[?7h\u001b[?25h\u001b[?1049l`;

/** Writes to the terminal at once, also while the process is ending. A terminal that is gone is no error then. */
export function writeTerminal(text: string): void {
  try {
    writeSync(1, text);
  } catch (error) {
    const code: unknown = error instanceof Error && "code" in error ? error.code : undefined;
    if (code !== "EIO" && code !== "EPIPE" && code !== "EBADF" && code !== "EAGAIN") throw error;
  }
}

const wipe = "\u001b[2J\u001b[3J\u001b[H";

/**
 * The stream as Ink may have it: when a window shrinks, Ink wipes the terminal and what the person can scroll back to. Here
 * it begins at the top instead; what stood there has been cleared by then.
 */
export function withoutWiping(stream: NodeJS.WriteStream): NodeJS.WriteStream {
  const guarded: NodeJS.WriteStream = Object.create(stream);
  guarded.write = (text: string | Uint8Array): boolean =>
    stream.write(typeof text === "string" ? text.replaceAll(wipe, "\u001b[H") : text);
  return guarded;
}
