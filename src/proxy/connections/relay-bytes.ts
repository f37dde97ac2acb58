// Relays bytes both ways between two connections, and breaks a connection so that its peer can tell.
import type { Socket } from "node:net";
import type { Copy } from "../tap/copies.ts";
import type { Side } from "../tap/tap.ts";

/** One end of a relayed pair. `raw` is the TCP socket under `stream`, or `stream` itself. */
export interface RelayEnd {
  readonly stream: Socket;
  readonly raw: Socket;
}

export interface RelayOptions {
  readonly client: RelayEnd;
  readonly server: RelayEnd;
  readonly idleMs: number;
  readonly halfOpenIdleMs: number;
  /** Null for traffic that is not read. */
  readonly copy: Copy | null;
}

/**
 * Relays the bytes of two connections unchanged until both are closed: an end becomes an end, a break becomes a break,
 * and a slow reader slows its writer. The copy is taken after the bytes were written. Either connection may already
 * have ended or closed.
 */
export function relayBytes(options: RelayOptions): Promise<void> {
  const { client, server } = options;
  return new Promise((resolve) => {
    let brokenBy: Side | null = null;
    let open = 2;
    const connect = (from: RelayEnd, to: RelayEnd, side: Side): void => {
      const onClose = (): void => {
        if (!isCleanlyClosed(from.stream)) {
          brokenBy ??= side;
          breakOff(to);
        }
        open -= 1;
        if (open > 0) return;
        options.copy?.close(brokenBy);
        resolve();
      };
      forward(from, to, side, options);
      from.stream.on("end", () => idleFrom(options.halfOpenIdleMs));
      from.stream.on("error", () => {
        brokenBy ??= side;
      });
      // A stream that is already closed emits no second "close".
      if (from.stream.closed) onClose();
      else from.stream.once("close", onClose);
    };
    const idleFrom = (idleMs: number): void => {
      for (const end of [client, server]) end.stream.setTimeout(idleMs);
    };
    const onIdle = (): void => {
      breakOff(client);
      breakOff(server);
    };
    connect(client, server, "client");
    connect(server, client, "server");
    // Each byte resets the timer of both streams: it is a read on one and a write on the other. Either may be closed.
    client.stream.on("timeout", onIdle);
    server.stream.on("timeout", onIdle);
    const isHalfOpen = client.stream.readableEnded || server.stream.readableEnded;
    idleFrom(isHalfOpen ? options.halfOpenIdleMs : options.idleMs);
  });
}

function forward(from: RelayEnd, to: RelayEnd, side: Side, { copy }: RelayOptions): void {
  from.stream.pipe(to.stream);
  if (copy === null) return;
  // Registered after pipe's own listener: the bytes are written to the peer before they are copied.
  const resume = (): void => {
    from.stream.resume();
  };
  from.stream.on("data", (bytes: Buffer) => {
    copy.push(side, bytes);
    if (!copy.mayRead(resume)) from.stream.pause();
  });
  from.stream.on("end", () => copy.end(side, true));
}

function isCleanlyClosed(stream: Socket): boolean {
  return stream.readableEnded && stream.writableFinished;
}

/** Breaks a connection: its peer sees a reset, not an orderly end. */
export function breakOff({ stream, raw }: RelayEnd): void {
  if (raw.destroyed) return;
  reset(raw, stream);
  stream.destroy();
}

/**
 * Closes a TCP socket with a reset and nothing before it. Node's own `resetAndDestroy` ends the stream first, so that a
 * peer that reads until the end takes a cut message for a whole one. Should a later Node ignore `resetAndClosing`, this
 * is a plain `destroy`. `stream` is the TLS stream over the socket, if any.
 */
export function reset(socket: Socket, stream: Socket = socket): void {
  // During an orderly end the system cannot send a reset, and Node would leave the handle open for ever.
  const isEnding = stream.writableEnded && !stream.writableFinished;
  if (!isEnding) (socket as Socket & { resetAndClosing?: boolean }).resetAndClosing = true;
  socket.destroy();
}
