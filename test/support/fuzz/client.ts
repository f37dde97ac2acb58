// The clients of a run.
import { request as httpRequest } from "node:http";
import { connect, type Socket } from "node:net";
import { Duplex } from "node:stream";
import { connect as connectTls } from "node:tls";
import type { Plan } from "./plan.ts";
import { act, type Played, play } from "./play.ts";

export interface Entrance {
  readonly forward: number;
  readonly reverse: number;
  /** PEM that must sign for the opened host; null takes any certificate. */
  readonly trust: string | null;
  readonly name: string;
}

/** A real ClientHello of Node's own TLS, as bytes. */
export function clientHello(servername: string): Promise<Buffer> {
  return new Promise((resolve) => {
    const link = new Duplex({
      read: () => undefined,
      write: (bytes: Buffer, _, done) => {
        resolve(bytes);
        done();
      },
    });
    connectTls({ socket: link, servername }).on("error", () => undefined);
  });
}

/** Leads the client's side; gives what it received. `opened` takes the TCP socket, for whoever ends it. */
export async function converse(plan: Plan, entrance: Entrance, opened: (socket: Socket) => void): Promise<Played> {
  if (plan.client.over === "http") return askOverHttp(plan, entrance);
  const isReverse = plan.kind === "reverse";
  const raw = connect({
    host: "127.0.0.1",
    port: isReverse ? entrance.reverse : entrance.forward,
    allowHalfOpen: true,
    noDelay: true,
  });
  raw.on("error", () => undefined);
  opened(raw);
  const { accident, steps, over } = plan.client;
  const timer = accident === null ? null : setTimeout(() => act(accident.does, raw, raw), accident.afterMs);
  raw.once("close", () => {
    if (timer !== null) clearTimeout(timer);
  });
  if (plan.connectTo !== null) {
    raw.write(`CONNECT ${plan.connectTo} HTTP/1.1\r\nHost: x\r\n\r\n`, "utf8");
    if ((plan.isGood || plan.waitsForTunnel) && !(await tunnelIsOpen(raw))) return nothing;
  }
  if (over === "raw") return play(raw, steps, { toTheEnd: plan.isGood });
  const trust = entrance.trust === null ? { rejectUnauthorized: false } : { ca: entrance.trust };
  const socket = connectTls({ socket: raw, servername: entrance.name, ...trust });
  socket.on("error", () => undefined);
  const isSecure = await new Promise<boolean>((resolve) => {
    socket.once("secureConnect", () => resolve(true)).once("close", () => resolve(false));
    // Over a socket that closed before, nothing more is told.
    if (raw.destroyed) resolve(false);
    else raw.once("close", () => resolve(false));
  });
  return isSecure ? play(socket, steps, { raw, toTheEnd: plan.isGood }) : nothing;
}

const nothing: Played = { bytes: Buffer.alloc(0), ended: false };

/** Reads the head of the answer to a CONNECT, byte for byte, so that nothing behind it is taken. */
function tunnelIsOpen(raw: Socket): Promise<boolean> {
  return new Promise((resolve) => {
    let head = "";
    const settle = (isOpen: boolean): void => {
      raw.off("readable", look).off("end", failed).off("close", failed);
      resolve(isOpen);
    };
    const look = (): void => {
      for (let byte: Buffer | null = raw.read(1); byte !== null; byte = raw.read(1)) {
        head += byte.toString("latin1");
        if (!head.endsWith("\r\n\r\n")) continue;
        settle(head.startsWith("HTTP/1.1 200 "));
        return;
      }
    };
    const failed = (): void => settle(false);
    raw.on("readable", look).on("end", failed).on("close", failed);
    if (raw.destroyed) failed();
  });
}

/** One request by Node's own client; its body and the answer's are what is compared. */
function askOverHttp(plan: Plan, { forward, name }: Entrance): Promise<Played> {
  const [body = Buffer.alloc(0)] = plan.client.steps.flatMap((step) => (step.does === "send" ? [step.bytes] : []));
  return new Promise((resolve) => {
    const pieces: Buffer[] = [];
    const request = httpRequest({
      host: "127.0.0.1",
      port: forward,
      method: "POST",
      path: `http://${name}/${plan.index}`,
      headers: { Host: name, ...(plan.index % 2 === 0 ? { "Content-Length": body.length } : {}) },
      agent: false,
    });
    request.on("response", (answer) => {
      answer.on("data", (bytes: Buffer) => pieces.push(bytes));
      answer.on("error", () => undefined);
      answer.on("close", () => resolve({ bytes: Buffer.concat(pieces), ended: answer.complete }));
    });
    request.on("error", () => resolve({ bytes: Buffer.concat(pieces), ended: false }));
    request.end(body);
  });
}
