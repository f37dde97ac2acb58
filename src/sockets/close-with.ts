import type { Socket } from "node:net";

/** How long a peer may take for the last answer and for its own end. */
const lingerMs = 2_000;

/**
 * Sends the last bytes of a connection and closes it, at the latest after two seconds. What the peer still sends is read and
 * thrown away: unread bytes would keep its end from being seen, or turn the close into a reset that overtakes the answer.
 */
export function closeWith(socket: Socket, last: string | Uint8Array = ""): void {
  if (socket.destroyed) return;
  const timer = setTimeout(() => socket.destroy(), lingerMs);
  socket.once("close", () => clearTimeout(timer));
  socket.end(last);
  socket.resume();
}
