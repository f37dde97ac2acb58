// Escape sequences that take and restore the terminal, and writing to it.
import { writeSync } from "node:fs";

/** Alternate screen, bracketed paste, no cursor, no line wrap. */
export const enterScreen = "\u001b[?1049h\u001b[?2004h\u001b[?25l\u001b[?7l\u001b[H\u001b[2J";
/** Reports of mouse presses and the wheel as text (SGR mode of xterm). */
export const mouseOn = "\u001b[?1000h\u001b[?1006h";
export const mouseOff = "\u001b[?1006l\u001b[?1000l";
/** Restores the terminal from any state that the screen can leave it in. */
export const leaveScreen = `${mouseOff}\u001b[0m\u001b[?2004l\u001b[?2026l\u001b[?7h\u001b[?25h\u001b[?1049l`;

/** Writes to the terminal synchronously, also while the process exits. A terminal that is gone or full is not an error. */
export function writeTerminal(text: string): void {
  try {
    writeSync(1, text);
  } catch (error) {
    const code: unknown = error instanceof Error && "code" in error ? error.code : undefined;
    if (code !== "EIO" && code !== "EPIPE" && code !== "EBADF" && code !== "EAGAIN") throw error;
  }
}

const eraseAll = "\u001b[2J\u001b[3J\u001b[H";

/**
 * The stream for Ink, which erases the scroll-back when a window shrinks: its erase sequence becomes a move to the top left
 * corner. The old frame is already cleared then.
 */
export function withoutWiping(stream: NodeJS.WriteStream): NodeJS.WriteStream {
  const guarded: NodeJS.WriteStream = Object.create(stream);
  guarded.write = (text: string | Uint8Array): boolean =>
    stream.write(typeof text === "string" ? text.replaceAll(eraseAll, "\u001b[H") : text);
  return guarded;
}
