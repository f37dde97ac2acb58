import { once } from "node:events";
import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { connect, type TLSSocket } from "node:tls";
import { openTcp, type Place, sendConnect } from "./proxy-client.ts";

/** A real ClientHello of Node's own TLS, as bytes. */
export async function clientHello(servername: string, maxVersion: "TLSv1.2" | "TLSv1.3" = "TLSv1.2"): Promise<Buffer> {
  return new Promise((resolve) => {
    const link = new Duplex({
      read: () => undefined,
      write: (bytes: Buffer, _, done) => {
        resolve(bytes);
        done();
      },
    });
    connect({ socket: link, servername, maxVersion }).on("error", () => undefined);
  });
}

/** RFC 5246 7.2: a fatal alert (2) of type unknown_ca (48), in clear, as a TLS 1.2 client sends it. */
const unknownCaAlert = Buffer.from([0x15, 3, 3, 0, 2, 2, 48]);

/** Refuses the certificate it is shown, as OpenSSL and browsers do. Node's own client leaves without an alert. */
export async function distrustfulHandshake(place: Place, target: string): Promise<void> {
  const { socket } = await sendConnect(place, target);
  await refuse(socket, target.replace(/:\d+$/, ""));
}

async function refuse(socket: Socket, servername: string): Promise<void> {
  socket.on("error", () => undefined);
  socket.write(await clientHello(servername));
  socket.resume();
  await once(socket, "data");
  socket.end(unknownCaAlert);
  await once(socket, "close");
}

/** Sends CONNECT and ClientHello in one packet, as some clients do to save a round trip. */
export async function connectAtOnce(
  place: Place,
  target: string,
  ca: string,
): Promise<{ readonly client: TLSSocket; readonly answer: string }> {
  const raw = await openTcp(place);
  let connectLine = `CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n`;
  const link = new Duplex({
    read: () => undefined,
    write: (bytes: Buffer, _, done) => {
      raw.write(Buffer.concat([Buffer.from(connectLine), bytes]), done);
      connectLine = "";
    },
    final: (done) => {
      raw.end(done);
    },
  });
  let head: string | null = "";
  const answered = new Promise<string>((resolve) => {
    raw.on("data", (bytes: Buffer) => {
      if (head === null) {
        link.push(bytes);
        return;
      }
      head += bytes.toString("latin1");
      const end = head.indexOf("\r\n\r\n");
      if (end < 0) return;
      resolve(head.slice(0, end + 4));
      link.push(Buffer.from(head.slice(end + 4), "latin1"));
      head = null;
    });
  });
  const client = connect({ socket: link, servername: target.replace(/:\d+$/, ""), ca });
  // Both may come in one packet: listen for the second before the first is awaited.
  const secured = once(client, "secureConnect");
  const answer = await answered;
  await secured;
  return { client, answer };
}
