// The screen's side of the way to the capturing process: its parent, or one that it is attached to by a socket.
import { connect } from "node:net";
import { guarded } from "../../sockets/guarded.ts";
import type { FromScreen, ToScreen } from "../model/messages.ts";
import { readMessages, writeMessage } from "./message-framing.ts";

export interface CaptureConnection {
  send(message: FromScreen): void;
  /** Calls back with each message, and once when there will be no more. */
  listen(take: (message: ToScreen) => void, gone: () => void): void;
}

/** To the parent of this process. */
export function parentConnection(): CaptureConnection {
  return {
    send(message) {
      if (process.connected) process.send?.(message);
    },
    listen(take, gone) {
      process.on("message", (message) => take(message as ToScreen));
      process.on("disconnect", gone);
    },
  };
}

/** To a capturing process of the same user. */
export function socketConnection(path: string): CaptureConnection {
  const socket = guarded(connect(path));
  return {
    send(message) {
      if (socket.writable) writeMessage(socket, message, () => undefined);
    },
    listen(take, gone) {
      readMessages(socket, (message) => take(message as ToScreen));
      // One that could not be opened may be closed before anybody listens.
      if (socket.closed) gone();
      else socket.on("close", gone);
    },
  };
}
