import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { onTestFinished } from "vitest";

export interface Place {
  readonly address: string;
  readonly port: number;
}

/** A TCP connection that is destroyed with the test. */
export async function openTcp({ address, port }: Place): Promise<Socket> {
  const socket = connect({ host: address, port, allowHalfOpen: true });
  onTestFinished(() => {
    socket.destroy();
  });
  await once(socket, "connect");
  return socket;
}

/** Sends a CONNECT and gives the proxy's status line with the socket behind it. */
export async function sendConnect(place: Place, target: string): Promise<{ socket: Socket; answer: string }> {
  const socket = await openTcp(place);
  socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n`);
  return { socket, answer: await readUntil(socket, "\r\n\r\n") };
}

/** A TLS connection through a CONNECT; `servername` null sends no SNI. */
export async function openThrough(place: Place, target: string, tls: TlsChoice): Promise<TLSSocket> {
  return (await openBothThrough(place, target, tls)).client;
}

export interface TlsChoice {
  readonly ca: string;
  readonly servername?: string | null;
  readonly maxVersion?: "TLSv1.2";
}

/** As `openThrough`, with the TCP socket under the TLS connection. */
export async function openBothThrough(
  place: Place,
  target: string,
  tls: TlsChoice,
): Promise<{ readonly client: TLSSocket; readonly socket: Socket }> {
  const { socket, answer } = await sendConnect(place, target);
  if (!answer.startsWith("HTTP/1.1 200 ")) throw new Error(`CONNECT was answered ${answer.split("\r\n")[0]}`);
  const host = target.replace(/:\d+$/, "").replace(/^\[|\]$/g, "");
  const { ca, maxVersion } = tls;
  const options = { socket, host, ca, ...(maxVersion === undefined ? {} : { maxVersion }) };
  // What breaks the TCP connection is told by the TLS connection over it.
  socket.on("error", () => undefined);
  const named = tls.servername === null ? options : { ...options, servername: tls.servername ?? host };
  return { client: await secured(connectTls(named)), socket };
}

/** A TLS connection straight to a listener. */
export async function openTls(
  place: Place,
  tls: { readonly ca: string; readonly servername: string; readonly checkServerIdentity?: () => undefined },
): Promise<TLSSocket> {
  return secured(connectTls({ socket: await openTcp(place), ...tls }));
}

async function secured(socket: TLSSocket): Promise<TLSSocket> {
  onTestFinished(() => {
    socket.destroy();
  });
  await once(socket, "secureConnect");
  return socket;
}

/** Reads until the text came; what follows it stays to be read. */
export async function readUntil(socket: Socket, text: string): Promise<string> {
  const { read, rest } = await readUntilFound(socket, (all) => {
    const found = all.indexOf(text);
    return found < 0 ? -1 : found + text.length;
  });
  if (rest.length > 0) socket.unshift(rest);
  return read.toString("latin1");
}

/** Reads until so many bytes came. */
export async function readBytes(socket: Socket, count: number): Promise<Buffer> {
  const { read, rest } = await readUntilFound(socket, (all) => (all.length >= count ? count : -1));
  if (rest.length > 0) socket.unshift(rest);
  return read;
}

/** Reads to the end; rejects when the connection breaks. */
export async function readAll(socket: Socket): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of socket) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

function readUntilFound(
  socket: Socket,
  end: (all: Buffer) => number,
): Promise<{ readonly read: Buffer; readonly rest: Buffer }> {
  return new Promise((resolve, reject) => {
    let all = Buffer.alloc(0);
    const settle = (done: () => void): void => {
      socket.off("data", onData).off("end", onEnd).off("error", onError).off("close", onEnd);
      socket.pause();
      done();
    };
    const onData = (piece: Buffer): void => {
      all = Buffer.concat([all, piece]);
      const at = end(all);
      if (at >= 0) settle(() => resolve({ read: all.subarray(0, at), rest: all.subarray(at) }));
    };
    const onEnd = (): void =>
      settle(() =>
        reject(new Error(`the connection ended after ${JSON.stringify(all.toString("latin1").slice(-200))}`)),
      );
    const onError = (error: Error): void => settle(() => reject(error));
    socket.on("data", onData).on("end", onEnd).on("error", onError).on("close", onEnd);
    socket.resume();
  });
}

/** Something that happens once, awaited elsewhere. */
export function signal(): { readonly given: Promise<void>; give(): void } {
  let give = (): void => undefined;
  const given = new Promise<void>((resolve) => {
    give = resolve;
  });
  return { given, give: () => give() };
}
