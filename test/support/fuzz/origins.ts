// The servers of a run: one origin for each worker, which plays what the worker's conversation says, and another proxy.
import { createServer as createHttpServer, type Server as HttpServer } from "node:http";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TLSSocket, type Server as TlsServer } from "node:tls";
import type { Plan } from "./plan.ts";
import { act, breakOff, type Played, play } from "./play.ts";

/** An origin at one port that speaks TCP, TLS or HTTP as the conversation wants it. */
export class Origin {
  readonly #server: Server;
  readonly #tls: TlsServer;
  readonly #http: HttpServer;
  readonly #sockets = new Set<Socket>();
  /** The TCP connections under TLS and HTTP, by the port of their other end, which is one's own at one origin only. */
  readonly #accepted = new Map<number | undefined, Accepted>();
  #turn: Turn | null = null;

  constructor(certificate: { readonly key: string; readonly cert: string }) {
    this.#server = createServer({ allowHalfOpen: true }, (raw) => this.#serve(raw));
    this.#tls = createTlsServer({ ...certificate, allowHalfOpen: true, ALPNProtocols: ["http/1.1"] }, (socket) =>
      playOn(socket, this.#accepted.get(socket.remotePort)),
    );
    this.#tls.on("tlsClientError", (_, socket: TLSSocket) => socket.destroy());
    this.#http = createHttpServer((request, response) => {
      const pieces: Buffer[] = [];
      const turn = this.#accepted.get(request.socket.remotePort)?.turn;
      const down = turn === undefined ? Buffer.alloc(0) : sentBy(turn.plan);
      request.on("error", () => undefined).on("data", (bytes: Buffer) => pieces.push(bytes));
      request.on("end", () => {
        // With a length, in chunks and until the end.
        if (down.length % 3 === 0) response.setHeader("Content-Length", down.length);
        else if (down.length % 3 === 1) response.useChunkedEncodingByDefault = false;
        response.end(down);
        turn?.played({ bytes: Buffer.concat(pieces), ended: true });
      });
    });
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  /**
   * From now on this conversation is played; gives what a connection of it brought. One that brought something else may be
   * the late connection of the conversation before: it counts when no other follows in time.
   */
  begin(plan: Plan): Promise<Played> {
    return new Promise((resolve) => {
      const played = (got: Played): void => {
        const wanted = plan.expected?.byServer;
        if (wanted === undefined || got.bytes.subarray(-wanted.length).equals(wanted)) resolve(got);
        else setTimeout(() => resolve(got), lateMs).unref();
      };
      this.#turn = { plan, played };
    });
  }

  end(): void {
    this.#turn = null;
    for (const socket of this.#sockets) socket.destroy();
  }

  stop(): void {
    this.end();
    this.#server.close();
  }

  #serve(raw: Socket): void {
    raw.on("error", () => undefined);
    const turn = this.#turn;
    if (turn === null) {
      raw.destroy();
      return;
    }
    this.#sockets.add(raw);
    const { accident, over } = turn.plan.server;
    const timer = accident === null ? null : setTimeout(() => act(accident.does, raw, raw), accident.afterMs);
    const port = raw.remotePort;
    const accepted = { raw, turn };
    this.#accepted.set(port, accepted);
    raw.once("close", () => {
      this.#sockets.delete(raw);
      if (this.#accepted.get(port) === accepted) this.#accepted.delete(port);
      if (timer !== null) clearTimeout(timer);
    });
    if (over === "raw") playOn(raw, accepted);
    else (over === "tls" ? this.#tls : this.#http).emit("connection", raw);
  }
}

const lateMs = 20_000;

/** A conversation that is played, and whom to tell. */
interface Turn {
  readonly plan: Plan;
  played(got: Played): void;
}

interface Accepted {
  readonly raw: Socket;
  readonly turn: Turn;
}

function playOn(socket: Socket, accepted: Accepted | undefined): void {
  socket.on("error", () => undefined);
  if (accepted === undefined) {
    socket.destroy();
    return;
  }
  const { raw, turn } = accepted;
  void play(socket, turn.plan.server.steps, { raw, toTheEnd: turn.plan.isGood }).then((got) => turn.played(got));
}

/** Everything that the planned server sends. */
function sentBy(plan: Plan): Buffer {
  return Buffer.concat(plan.server.steps.flatMap((step) => (step.does === "send" ? [step.bytes] : [])));
}

/**
 * An HTTP proxy that takes CONNECT to the workers' names and requests in absolute form, and does what their conversations
 * say.
 */
export async function startChain(
  planOf: (worker: number) => { readonly plan: Plan | null; readonly port: number } | null,
): Promise<{ readonly port: number; readonly stop: () => void }> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
    socket.once("data", (bytes: Buffer) => {
      const worker = /^\w+ (?:http:\/\/)?w(\d+)\./.exec(bytes.toString("latin1"))?.[1];
      const isConnect = bytes.toString("latin1", 0, 8) === "CONNECT ";
      const found = planOf(Number(worker ?? Number.NaN));
      if (found === null) {
        socket.destroy();
        return;
      }
      const chain = found.plan?.chain ?? { answer: Buffer.from("HTTP/1.1 200 OK\r\n\r\n"), goesOn: true };
      // A request passes as it is: the origins do not read its address.
      if (!isConnect && chain.goesOn) socket.unshift(bytes);
      else socket.write(chain.answer);
      if (chain.goesOn) tunnel(socket, found.port);
      else if (chain.answer.length % 2 === 0) socket.end();
      else breakOff(socket);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    stop() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function tunnel(from: Socket, port: number): void {
  const to = connect({ host: "127.0.0.1", port, allowHalfOpen: true });
  from.pipe(to).pipe(from);
  const pairs: readonly [Socket, Socket][] = [
    [from, to],
    [to, from],
  ];
  for (const [one, other] of pairs) {
    one.on("error", () => undefined);
    one.on("close", () => {
      if (one.readableEnded && one.writableFinished) return;
      if (!other.destroyed) breakOff(other);
    });
  }
}
