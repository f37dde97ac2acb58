// Lets other terminals of the same user open a screen on this capture: a socket in the data folder, mode 0600.
import { chmodSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import type { FilterSubject } from "../../filter/subject.ts";
import { guardedServer } from "../../sockets/guarded.ts";
import type { FromScreen, PendingRows, ToScreen } from "../model/messages.ts";
import { RowLog } from "../model/row-log.ts";
import { readMessages, writeMessage } from "./message-framing.ts";
import { openScreenLink, type ScreenHost, type ScreenLink } from "./screen-link.ts";

export interface ScreenServer {
  /** How many are attached. */
  readonly screens: number;
  row(subject: FilterSubject): void;
  /** What waits now; a screen that is attached later is told the last of it. */
  pending(rows: PendingRows): void;
  markChanged(): void;
  send(message: ToScreen): void;
  end(): void;
  /** Closes the socket and every screen that is attached. */
  stop(): Promise<void>;
}

/** Rows that a screen which is opened later is given. */
const backlogLimit = 10_000;
const screenLimit = 8;

/** Listens at `path`. Rejects when the socket cannot be made; the capture does not need it. */
export async function startScreenServer(path: string, host: ScreenHost): Promise<ScreenServer> {
  const links = new Map<Socket, ScreenLink>();
  const backlog = new RowLog(backlogLimit);
  let hasEnded = false;
  let pending: PendingRows | null = null;
  const each = (act: (link: ScreenLink) => void): void => {
    for (const link of links.values()) act(link);
  };
  const server = guardedServer(createServer());
  server.on("connection", (socket) => {
    if (links.size >= screenLimit) {
      socket.destroy();
      return;
    }
    const link = openScreenLink(channelOf(socket), { ...host, mode: "attached" }, backlog.all());
    links.set(socket, link);
    link.markChanged();
    if (pending !== null) link.pending(pending);
    if (hasEnded) link.end();
    readMessages(socket, (message) => link.receive(message as FromScreen));
    socket.on("close", () => {
      links.delete(socket);
      link.close();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.once("listening", () => server.off("error", reject));
    // Between making the socket and its mode it would be open to others, were its folder not this user's alone.
    server.listen(path, () => resolve());
  });
  if (process.platform !== "win32") chmodSync(path, 0o600);
  server.unref();
  return {
    get screens() {
      return links.size;
    },
    row(subject) {
      backlog.add([subject]);
      each((link) => link.row(subject));
    },
    pending(now) {
      pending = now;
      each((link) => link.pending(now));
    },
    markChanged: () => each((link) => link.markChanged()),
    send: (message) => each((link) => link.send(message)),
    end() {
      hasEnded = true;
      each((link) => link.end());
    },
    async stop() {
      for (const socket of links.keys()) socket.destroySoon();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      if (process.platform !== "win32") rmSync(path, { force: true });
    },
  };
}

function channelOf(socket: Socket): Parameters<typeof openScreenLink>[0] {
  return {
    get isOpen() {
      return socket.writable;
    },
    send: (message, sent) => writeMessage(socket, message, sent),
  };
}
