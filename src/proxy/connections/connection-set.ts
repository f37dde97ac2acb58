import type { Socket } from "node:net";

const busyCheckMs = 25;

interface Watched {
  /** Whether an exchange is open; unknown connections count as busy. */
  isBusy(): boolean;
  end(): void;
}

/** Keeps track of the open client connections. */
export class OpenConnections implements ConnectionSet {
  readonly #limit: number;
  readonly #admits: (socket: Socket) => boolean;
  readonly #onRefused: (socket: Socket) => void;
  readonly #sockets = new Map<Socket, Watched | null>();
  #whenEmpty: (() => void)[] = [];

  /** `admits` tells a client that is not wanted by itself; `onRefused` is for those that are too many. */
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
    this.#sockets.set(socket, null);
    socket.once("close", () => {
      this.#sockets.delete(socket);
      if (this.#sockets.size === 0) for (const resolve of this.#whenEmpty.splice(0)) resolve();
    });
    return true;
  }

  watch(socket: Socket, watched: Watched): void {
    if (this.#sockets.has(socket)) this.#sockets.set(socket, watched);
  }

  /** Ends the connections that have no open exchange as soon as they have none, and after `limitMs` all others. */
  async drain(limitMs: number): Promise<void> {
    if (this.#sockets.size === 0) return;
    const empty = new Promise<void>((resolve) => this.#whenEmpty.push(resolve));
    const endIdle = (): void => {
      for (const watched of this.#sockets.values()) if (watched?.isBusy() === false) watched.end();
    };
    const interval = setInterval(endIdle, busyCheckMs);
    const timer = setTimeout(() => {
      for (const socket of this.#sockets.keys()) socket.destroy();
    }, limitMs);
    endIdle();
    await empty;
    clearTimeout(timer);
    clearInterval(interval);
  }
}

/** The open client connections, so that `stop` can wait for them and then end them. */
export interface ConnectionSet {
  readonly size: number;
  /** False when there are too many; the socket was then destroyed. */
  add(socket: Socket): boolean;
  /** Says how to know that the connection may be ended without cutting an exchange, and how to end it. */
  watch(socket: Socket, watched: { isBusy(): boolean; end(): void }): void;
}
