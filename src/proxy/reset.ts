import type { Socket } from "node:net";

/**
 * Closes a TCP socket with a reset and nothing before it. Node's own `resetAndDestroy` ends the stream first, and a
 * peer that reads until the end then takes a cut message for a whole one. Where Node does not know the mark any more
 * this is a plain `destroy`.
 */
export function reset(socket: Socket): void {
  (socket as Socket & { resetAndClosing?: boolean }).resetAndClosing = true;
  socket.destroy();
}
