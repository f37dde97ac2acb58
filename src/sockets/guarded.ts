// Node ends the process for an "error" event that has no listener. Every socket and server of this program is made here.
import type { EventEmitter } from "node:events";
import type { Server, Socket } from "node:net";

/**
 * Gives a socket an error listener for as long as it lives, and returns it. An error of a socket is always followed by its
 * "close": whoever waits for a socket listens for that. Wrap the call that makes the socket, so that no moment is left out.
 */
export function guarded<Guarded extends EventEmitter>(socket: Guarded): Guarded {
  if (!socket.listeners("error").includes(ignore)) socket.on("error", ignore);
  return socket;
}

/**
 * The same for a server and for each connection that it accepts, TCP and TLS. An error while accepting loses one connection;
 * whoever calls `listen` listens for "error" until "listening" by itself.
 */
export function guardedServer<Guarded extends Server>(server: Guarded): Guarded {
  const accept = (socket: Socket): void => {
    guarded(socket);
  };
  server.prependListener("connection", accept).prependListener("secureConnection", accept);
  return guarded(server);
}

function ignore(): void {}
