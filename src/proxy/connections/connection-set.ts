import type { Socket } from "node:net";

const busyCheckMs = 25;

/** How to learn that a connection can be ended without cutting an exchange, and how to end it. */
interface Watched {
  isBusy(): boolean;
  end(): void;
}

/** The open client connections, so that `stop` can wait for them and then end them. */
export interface ConnectionSet {
  readonly size: number;
  /** False when the client is not admitted or there are too many connections; the socket is then destroyed. */
  add(socket: Socket): boolean;
  /** A connection without this is busy only while bytes for its client wait to be sent. */
  watch(socket: Socket, watched: Watched): void;
  /** Whether this program ended the connection because the capture ends. */
  wasEnded(socket: Socket): boolean;
}

/** Counts the open client connections and drains them at the end. */
export class OpenConnections implements ConnectionSet {
  readonly #limit: number;
  readonly #admits: (socket: Socket) => boolean;
  readonly #onRefused: (socket: Socket) => void;
  readonly #sockets = new Map<Socket, Watched>();
  readonly #ended = new WeakSet<Socket>();
  #whenEmpty: (() => void)[] = [];

  /** `admits` reports the clients it refuses itself; `onRefused` is called for connections over the limit. */
  constructor(limit: number, admits: (socket: Socket) => boolean, onRefused: (socket: Socket) => void) {
    this.#limit = limit;
    this.#admits = admits;
    this.#onRefused = onRefused;
  }

  get size(): number {
    return this.#sockets.size;
  }

  add(socket: Socket): boolean {
    if (this.#sockets.has(socket)) return true;
    if (!this.#admits(socket)) {
      socket.destroy();
      return false;
    }
    if (this.#sockets.size >= this.#limit) {
      this.#onRefused(socket);
      socket.destroy();
      return false;
    }
    this.#sockets.set(socket, { isBusy: () => socket.writableLength > 0, end: () => socket.destroy() });
    socket.once("close", () => {
      this.#sockets.delete(socket);
      if (this.#sockets.size === 0) for (const resolve of this.#whenEmpty.splice(0)) resolve();
    });
    return true;
  }

  watch(socket: Socket, watched: Watched): void {
    if (this.#sockets.has(socket)) this.#sockets.set(socket, watched);
  }

  wasEnded(socket: Socket): boolean {
    return this.#ended.has(socket);
  }

  /** Ends each connection once it has no pending exchange, and after `limitMs` all that are left. */
  async drain(limitMs: number): Promise<void> {
    if (this.#sockets.size === 0) return;
    const empty = new Promise<void>((resolve) => this.#whenEmpty.push(resolve));
    const endIdle = (): void => {
      for (const [socket, watched] of this.#sockets) {
        if (watched.isBusy()) continue;
        this.#ended.add(socket);
        watched.end();
      }
    };
    const interval = setInterval(endIdle, busyCheckMs);
    const timer = setTimeout(() => {
      for (const socket of this.#sockets.keys()) {
        this.#ended.add(socket);
        socket.destroy();
      }
    }, limitMs);
    endIdle();
    await empty;
    clearTimeout(timer);
    clearInterval(interval);
  }
}
