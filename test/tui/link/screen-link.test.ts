// Pending requests on their way to a screen and to one that attaches later.
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readMessages } from "../../../src/tui/link/message-framing.ts";
import { openScreenLink, type ScreenHost } from "../../../src/tui/link/screen-link.ts";
import { startScreenServer } from "../../../src/tui/link/screen-server.ts";
import type { ToScreen } from "../../../src/tui/model/messages.ts";
import { analysis, subject } from "../row-maker.ts";

const slow = (id: string) =>
  subject(id, { status: null, durationMs: null, handshakeId: null, detail: "no answer yet" });

const host: ScreenHost = {
  title: "watch",
  mode: "live",
  settings: { theme: "default", isAscii: false, keys: {} },
  analysis,
  detail: () => Promise.resolve(null),
  unmasked: () => null,
  search: () => ({ stop: () => undefined }),
  exportRows: () => Promise.resolve(""),
  stop: () => undefined,
};

test("a slow screen receives the newest list of pending requests, and no lists are queued for it", () => {
  const told: ToScreen[] = [];
  const taken: (() => void)[] = [];
  const send = (message: ToScreen, sent: () => void): void => {
    told.push(message);
    taken.push(sent);
  };
  const link = openScreenLink({ isOpen: true, send }, host);
  onTestFinished(() => link.close());
  for (const id of ["t1", "t2", "t3"]) link.pending({ rows: [slow(id)], more: 0 });
  const waitingIds = (): readonly string[] =>
    told.flatMap((message) => (message.type === "waiting" ? message.rows.map(({ row }) => row.id) : []));
  expect(waitingIds()).toEqual(["t1"]);
  for (const sent of taken.splice(0)) sent();
  expect(waitingIds()).toEqual(["t1", "t3"]);
  for (const sent of taken.splice(0)) sent();
  expect(waitingIds()).toEqual(["t1", "t3"]);
});

test("a screen that attaches later receives the pending requests", async () => {
  const folder = mkdtempSync(join(tmpdir(), "realmscope-waiting-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "w.sock");
  const server = await startScreenServer(path, host);
  server.pending({ rows: [slow("t1")], more: 0 });
  server.pending({ rows: [slow("t1"), slow("t2")], more: 0 });
  const socket = connect(path);
  onTestFinished(() => void socket.destroy());
  const first = await new Promise<ToScreen>((resolve) => {
    readMessages(socket, (message) => {
      if ((message as ToScreen).type === "waiting") resolve(message as ToScreen);
    });
  });
  expect(first).toMatchObject({ rows: [{ row: { id: "t1" } }, { row: { id: "t2" } }], more: 0 });
  await server.stop();
});
