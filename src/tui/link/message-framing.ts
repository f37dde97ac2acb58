// Messages over a local socket: four bytes of length, then the value as V8 copies it between processes. Both ends belong
// to the same user; the socket is open to nobody else.
import type { Socket } from "node:net";
import { deserialize, serialize } from "node:v8";

const messageLimit = 256 * 1024 * 1024;

/** Writes one message; `sent` is called when the system has taken it. */
export function writeMessage(socket: Socket, message: object, sent: () => void): void {
  const body = serialize(message);
  const head = Buffer.alloc(4);
  head.writeUInt32BE(body.length);
  socket.write(head);
  socket.write(body, () => sent());
}

/** Calls back with each whole message, whatever the chunks; ends the socket when something else comes. */
export function readMessages(socket: Socket, take: (message: unknown) => void): void {
  let parts: Buffer[] = [];
  let length = 0;
  socket.on("data", (chunk: Buffer) => {
    parts.push(chunk);
    length += chunk.length;
    while (length >= 4) {
      const held = parts.length === 1 ? (parts[0] ?? chunk) : Buffer.concat(parts, length);
      parts = [held];
      const size = held.readUInt32BE(0);
      if (size > messageLimit) {
        socket.destroy();
        return;
      }
      if (length < size + 4) return;
      parts = [held.subarray(size + 4)];
      length -= size + 4;
      take(deserialize(held.subarray(4, size + 4)));
    }
  });
}
