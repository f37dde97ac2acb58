// `watch --attach`: the socket on which a running capture accepts more screens, and how they find it.
import { lstatSync, readdirSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { ToolError } from "../../core/tool-error.ts";
import { guard } from "../../sockets/guard.ts";
import type { ScreenHost } from "../../tui/link/screen-link.ts";
import { type ScreenServer, startScreenServer } from "../../tui/link/screen-server.ts";
import { ensureDataFolder } from "../data-folder.ts";

const namePattern = /^watch-(\d{1,10})\.sock$/;

function socketPath(pid: number): string {
  return process.platform === "win32"
    ? `\\\\.\\pipe\\realmscope-watch-${pid}`
    : join(ensureDataFolder("run"), `watch-${pid}.sock`);
}

/** Opens the socket of this process. Returns a message when it cannot be opened; the capture continues without it. */
export async function openAttachServer(host: ScreenHost): Promise<ScreenServer | string> {
  try {
    const path = socketPath(process.pid);
    // An earlier process with the same id may have left one.
    if (process.platform !== "win32") rmSync(path, { force: true });
    return await startScreenServer(path, host);
  } catch (error) {
    if (error instanceof ToolError)
      return `No other screen can be attached to this capture: ${error.message} ${error.hint}`;
    const code: unknown = error instanceof Error && "code" in error ? error.code : undefined;
    return `No other screen can be attached to this capture (${typeof code === "string" ? code : "error"}).`;
  }
}

/** The socket of the capture with that process id, or of the only running one. Throws ToolError `no-capture` or `usage`. */
export async function findRunningCapture(wanted: number | null): Promise<string> {
  if (wanted !== null) return await socketOf(wanted);
  if (process.platform === "win32") {
    throw new ToolError("usage", "On Windows --attach needs the process id of the capture.", {
      hint: "Give --attach PID.",
    });
  }
  const alive: number[] = [];
  for (const pid of listedPids()) if (await isListening(socketPath(pid))) alive.push(pid);
  const [only] = alive;
  if (only !== undefined && alive.length === 1) return socketPath(only);
  if (only === undefined) {
    throw new ToolError("no-capture", "There is no running capture of this user to attach to.", {
      hint: "Start one with realmscope watch, or set REALMSCOPE_HOME to the data folder it uses.",
    });
  }
  throw new ToolError("usage", `There are ${alive.length} running captures: ${alive.join(", ")}.`, {
    hint: `Name one: --attach ${only}.`,
  });
}

async function socketOf(pid: number): Promise<string> {
  const path = socketPath(pid);
  if (await isListening(path)) return path;
  throw new ToolError("no-capture", `There is no running capture with the process id ${pid}.`, {
    hint: "Leave the number out to attach to the only running capture.",
  });
}

/** Process ids by the names of this user's sockets; some may be left by processes that have ended. */
function listedPids(): readonly number[] {
  const folder = ensureDataFolder("run");
  return readdirSync(folder).flatMap((name) => {
    const pid = namePattern.exec(name)?.[1];
    const status = lstatSync(join(folder, name), { throwIfNoEntry: false });
    const isOwn = status?.isSocket() === true && status.uid === process.geteuid?.();
    return pid === undefined || !isOwn ? [] : [Number(pid)];
  });
}

/** Removes a socket that nobody listens on. */
function isListening(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = guard(connect(path));
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => {
      if (process.platform !== "win32") rmSync(path, { force: true });
      resolve(false);
    });
  });
}
