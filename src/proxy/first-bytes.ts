import type { Socket } from "node:net";

export type First =
  | { readonly from: "client" | "server"; readonly byte: number }
  /** One of them ended or left, or neither spoke in time. */
  | { readonly from: "nobody" };

/** Waits for whoever speaks first on two fresh connections. Nothing is consumed: what came is there to be read again. */
export function firstBytes(options: { client: Socket; server: Socket; limitMs: number }): Promise<First> {
  const { client, server, limitMs } = options;
  return new Promise((resolve) => {
    const look = (socket: Socket, from: "client" | "server") => () => {
      const bytes: Buffer | null = socket.read();
      if (bytes === null) {
        if (socket.readableEnded) settle({ from: "nobody" });
        return;
      }
      settle({ from, byte: bytes[0] ?? 0 });
      socket.unshift(bytes);
    };
    const onClient = look(client, "client");
    const onServer = look(server, "server");
    const nobody = (): void => settle({ from: "nobody" });
    const timer = setTimeout(nobody, limitMs);
    const settle = (first: First): void => {
      clearTimeout(timer);
      client.off("readable", onClient).off("end", nobody).off("close", nobody);
      server.off("readable", onServer).off("end", nobody).off("close", nobody);
      // A stream that nobody reads any more may flow on by itself, and lose what is put back.
      client.pause();
      server.pause();
      resolve(first);
    };
    client.on("readable", onClient).on("end", nobody).on("close", nobody);
    server.on("readable", onServer).on("end", nobody).on("close", nobody);
    // Of what is over already no event will tell.
    if (isOver(client) || isOver(server)) nobody();
  });
}

function isOver(socket: Socket): boolean {
  return socket.destroyed || socket.readableEnded;
}
