import type { Socket } from "node:net";

/** Time for the peer to read the last answer and to close. */
const lingerMs = 2_000;

/**
 * Sends the last bytes of a connection and closes it, at the latest after two seconds. Bytes the peer still sends are
 * read and discarded: unread bytes would hide its end, or turn the close into a reset that overtakes the answer.
 */
export function closeWith(socket: Socket, last: string | Uint8Array = ""): void {
  if (socket.destroyed) return;
  const timer = setTimeout(() => socket.destroy(), lingerMs);
  socket.once("close", () => clearTimeout(timer));
  socket.end(last);
  socket.resume();
}
