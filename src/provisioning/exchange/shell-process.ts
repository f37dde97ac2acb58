// One child process and its pipes: frames on stdin and stdout, readable lines from stderr. It does not know Exchange.
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { randomBytes } from "node:crypto";
import { systemProgram } from "../../programs/environment.ts";
import { runProgram, startProgram } from "../../programs/start-program.ts";
import { bootstrapInput, languageModeMark } from "./bootstrap.ts";
import { createFrameReader, requestFrame } from "./frames.ts";
import type { ShellCommand } from "./shell-command.ts";
import { hideTokens } from "./wire-json.ts";

/** Streams of a CLIXML document → the prefix of their lines. */
const streamPrefixes: Readonly<Record<string, string>> = {
  Error: "error",
  Warning: "warning",
  Verbose: "verbose",
  Debug: "debug",
};
const xmlEntities: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

const killMs = 10_000;

/** Why no reply came: the time limit passed, the process ended, or it could not be started. */
export type Loss = "time-limit" | "ended" | "not-started";
export type Reply =
  | { readonly text: string }
  /** `lastError`: the last line of stderr, empty when there was none. */
  | { readonly loss: Loss; readonly lastError: string };

export interface ShellProcess {
  /** Sends one request and waits for its reply; one at a time. A request over its time limit ends the process. */
  request(text: string, limitMs: number): Promise<Reply>;
  /** The restricted language mode that the shell reported, if any. */
  readonly languageMode: () => string | undefined;
  /** Sends the last request, closes stdin and waits; kills a process that is still there after `limitMs`. */
  end(lastText: string, limitMs: number): Promise<void>;
  /** Ends the process and everything it started, at once. */
  kill(): Promise<void>;
}

/** Starts the process. `note` receives each line that is not a frame, for the transcript. */
export function startShellProcess(command: ShellCommand, note: (line: string) => void): ShellProcess {
  const nonce = randomBytes(16).toString("hex");
  const child = startProgram(command.program, command.programArguments, {
    kind: command.kind,
    // A process group of its own: Ctrl-C on our terminal does not end a call half-way, and the whole tree can be ended.
    isDetached: process.platform !== "win32",
  });
  const life = watchLife(child);
  let languageMode: string | undefined;
  let waiting: { readonly id: number; readonly settle: (reply: Reply) => void } | undefined;
  let lastId = 0;

  const read = createFrameReader(nonce);
  child.stdout.on("data", (chunk: Buffer) => {
    try {
      for (const line of read(chunk)) {
        if ("log" in line) takeLog(line.log);
        else if (line.frame.id === waiting?.id) waiting.settle({ text: line.frame.text });
      }
    } catch {
      // The line is too long: nothing after it can be trusted.
      killTree(child);
    }
  });
  const errors = readErrors(child, note);
  const takeLog = (text: string): void => {
    if (text.startsWith(languageModeMark)) languageMode = text.slice(languageModeMark.length);
    else note(hideTokens(text));
  };
  void life.ended.then((loss) => waiting?.settle({ loss, lastError: errors.last() }));
  child.stdin.write(bootstrapInput());

  return {
    languageMode: () => languageMode,
    request: (text, limitMs) => {
      if (life.isOver()) return Promise.resolve({ loss: "ended", lastError: errors.last() });
      lastId += 1;
      const id = lastId;
      return new Promise((resolve) => {
        const limit = setTimeout(() => {
          settle({ loss: "time-limit", lastError: errors.last() });
          killTree(child);
        }, limitMs);
        const settle = (reply: Reply): void => {
          clearTimeout(limit);
          waiting = undefined;
          resolve(reply);
        };
        waiting = { id, settle };
        child.stdin.write(requestFrame(nonce, id, text));
      });
    },
    end: async (lastText, limitMs) => {
      if (!life.isOver()) child.stdin.end(requestFrame(nonce, lastId + 1, lastText));
      const limit = setTimeout(() => killTree(child), limitMs);
      await life.ended;
      clearTimeout(limit);
    },
    kill: async () => {
      if (!life.isOver()) killTree(child);
      await life.ended;
    },
  };
}

function watchLife(child: ChildProcessWithoutNullStreams): { ended: Promise<Loss>; isOver: () => boolean } {
  let over = false;
  const ended = new Promise<Loss>((resolve) => {
    const end = (loss: Loss): void => {
      over = true;
      resolve(loss);
    };
    // "close", not "exit": the last reply may still be in the pipe.
    child.once("close", () => end("ended"));
    child.once("error", () => end("not-started"));
  });
  // A process that has ended no longer reads; "close" reports its end.
  child.stdin.on("error", () => child.stdin.destroy());
  return { ended, isOver: () => over };
}

/** Notes stderr when it pauses at a line's end, and keeps the last line for the error message. */
function readErrors(child: ChildProcessWithoutNullStreams, note: (line: string) => void): { last: () => string } {
  const longest = 65_536;
  let text = "";
  let last = "";
  const noteLines = (): void => {
    for (const line of readErrorLines(text)) {
      last = hideTokens(line);
      note(last);
    }
    text = "";
  };
  child.stderr.setEncoding("utf8");
  child.stderr.on("data", (chunk: string) => {
    text += chunk;
    // A CLIXML document has no line break at its end and may arrive in pieces.
    const isWhole = text.includes("#< CLIXML") ? text.trimEnd().endsWith("</Objs>") : text.endsWith("\n");
    if (isWhole || text.length > longest) noteLines();
  });
  child.stderr.once("close", noteLines);
  return { last: () => last };
}

function killTree(child: ChildProcessWithoutNullStreams): void {
  if (child.pid === undefined) return;
  if (process.platform === "win32") {
    const taskkill = systemProgram(process.env, "taskkill.exe");
    const ended = runProgram(taskkill, ["/T", "/F", "/PID", `${child.pid}`], { kind: "system", limitMs: killMs });
    void ended.then(({ code }) => code === 0 || child.kill());
    return;
  }
  try {
    // The group exists as long as anything that the shell started, even when the shell itself has ended.
    process.kill(-child.pid, "SIGKILL");
  } catch {
    child.kill("SIGKILL");
  }
}

/**
 * Reads stderr into the lines that a terminal would show; progress records are left out. Windows PowerShell 5.1 writes errors,
 * warnings and progress to a redirected stderr as `#< CLIXML` and one XML document. For the transcript only: nothing is
 * decided by it.
 */
export function readErrorLines(text: string): readonly string[] {
  const lines: string[] = [];
  let last = 0;
  for (const match of text.matchAll(/<S S="(\w+)">([^<]*)<\/S>|#< CLIXML|<Objs\b[^>]*>|<\/Objs>|<Obj\b.*?<\/Obj>/gs)) {
    lines.push(text.slice(last, match.index));
    last = match.index + match[0].length;
    if (match[1] !== undefined) lines.push(`${streamPrefixes[match[1]] ?? match[1]}: ${decodeText(match[2] ?? "")}`);
  }
  lines.push(text.slice(last));
  return lines.flatMap((line) => line.split(/\r?\n/)).filter((line) => line.trim() !== "");
}

function decodeText(text: string): string {
  return text
    .replace(/&(lt|gt|amp|quot|apos);/g, (_, name: string) => xmlEntities[name] ?? "")
    .replace(/_x([0-9A-Fa-f]{4})_/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}
