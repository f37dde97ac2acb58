// A socket in the data folder, mode 0600, over which other terminals of the same user open a screen on this capture.
import { chmodSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import type { FilterSubject } from "../../filter/subject.ts";
import { guardServer } from "../../sockets/guard.ts";
import type { FromScreen, PendingRows, ToScreen } from "../model/messages.ts";
import { RowLog } from "../model/row-log.ts";
import { readMessages, writeMessage } from "./message-framing.ts";
import { openScreenLink, type ScreenHost, type ScreenLink } from "./screen-link.ts";

/** All attached screens, as seen by the capturing process. */
export interface ScreenServer {
  /** Number of attached screens. */
  readonly screens: number;
  row(subject: FilterSubject): void;
  /** Sends the pending requests; the last list is kept for screens that attach later. */
  pending(rows: PendingRows): void;
  markChanged(): void;
  send(message: ToScreen): void;
  end(): void;
  /** Closes the socket and every attached screen. */
  stop(): Promise<void>;
}

/** Rows that a screen receives when it attaches. */
const backlogLimit = 10_000;
const screenLimit = 8;

/** Listens at `path`. Rejects when the socket cannot be made; the capture can run without it. */
export async function startScreenServer(path: string, host: ScreenHost): Promise<ScreenServer> {
  const links = new Map<Socket, ScreenLink>();
  const backlog = new RowLog(backlogLimit);
  let hasEnded = false;
  let pending: PendingRows | null = null;
  const each = (act: (link: ScreenLink) => void): void => {
    for (const link of links.values()) act(link);
  };
  const server = guardServer(createServer());
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
    // Until its mode is set the socket is protected by its folder, which belongs to this user alone.
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
