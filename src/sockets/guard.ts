// Node ends the process for an "error" event without a listener: every socket and server of this program is wrapped
// here.
import type { EventEmitter } from "node:events";
import type { Server, Socket } from "node:net";

/**
 * Adds a permanent error listener to a socket and returns the socket. A socket's "error" is always followed by "close",
 * which is the event to wait for. Wrap the call that creates the socket, so that there is no moment without a listener.
 */
export function guard<Guarded extends EventEmitter>(socket: Guarded): Guarded {
  if (!socket.listeners("error").includes(ignore)) socket.on("error", ignore);
  return socket;
}

/**
 * The same for a server and for each connection it accepts, TCP and TLS. An error while accepting loses one connection;
 * the caller of `listen` adds its own "error" listener until "listening".
 */
export function guardServer<Guarded extends Server>(server: Guarded): Guarded {
  const accept = (socket: Socket): void => {
    guard(socket);
  };
  server.prependListener("connection", accept).prependListener("secureConnection", accept);
  return guard(server);
}

function ignore(): void {}
