// The screen's end of the connection to the capturing process: its parent process, or another one over a socket.
import { connect } from "node:net";
import { guard } from "../../sockets/guard.ts";
import type { FromScreen, ToScreen } from "../model/messages.ts";
import { readMessages, writeMessage } from "./message-framing.ts";

export interface CaptureConnection {
  send(message: FromScreen): void;
  /** Calls `take` with each message, and `gone` once when the connection is closed. */
  listen(take: (message: ToScreen) => void, gone: () => void): void;
}

/** The IPC connection to the parent process. */
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

/** A socket to a capturing process of the same user. */
export function socketConnection(path: string): CaptureConnection {
  const socket = guard(connect(path));
  return {
    send(message) {
      if (socket.writable) writeMessage(socket, message, () => undefined);
    },
    listen(take, gone) {
      readMessages(socket, (message) => take(message as ToScreen));
      // A socket that could not connect may be closed already.
      if (socket.closed) gone();
      else socket.on("close", gone);
    },
  };
}
