// Messages over a local socket: a length of four bytes, big-endian, then the value in the format of V8's serializer. Both
// ends belong to the same user, and only that user can open the socket.
import type { Socket } from "node:net";
import { deserialize, serialize } from "node:v8";

const messageLimit = 256 * 1024 * 1024;

/** Writes one message; `sent` is called when the operating system has taken it. */
export function writeMessage(socket: Socket, message: object, sent: () => void): void {
  const body = serialize(message);
  const head = Buffer.alloc(4);
  head.writeUInt32BE(body.length);
  socket.write(head);
  socket.write(body, () => sent());
}

/** Calls `take` with each whole message; destroys the socket when a length is over 256 MiB. */
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
