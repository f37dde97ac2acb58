import type { Socket } from "node:net";

/**
 * Closes a TCP socket with a reset and nothing before it. Node's own `resetAndDestroy` ends the stream first, and a
 * peer that reads until the end then takes a cut message for a whole one. Where Node does not know the mark any more
 * this is a plain `destroy`. `stream` is the TLS over the socket, where there is one.
 */
export function reset(socket: Socket, stream: Socket = socket): void {
  // While an orderly end is on its way the system can reset nothing, and Node would leave the handle open for ever.
  const isEnding = stream.writableEnded && !stream.writableFinished;
  if (!isEnding) (socket as Socket & { resetAndClosing?: boolean }).resetAndClosing = true;
  socket.destroy();
}
