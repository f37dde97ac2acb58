// Starts a shell, connects it to Exchange, and makes its calls one at a time.
import { ToolError } from "../../core/tool-error.ts";
import type { ExchangeShell, ShellAnswer, WireObject, WireValue } from "../model/exchange-shell.ts";
import { isReading } from "./allowed-cmdlets.ts";
import { type ShellTarget, shellCommand } from "./shell-command.ts";
import { readShellFacts, type ShellFacts } from "./shell-facts.ts";
import { type Reply, type ShellProcess, startShellProcess } from "./shell-process.ts";
import { decodeReply, encodeWireObject } from "./wire-json.ts";

export interface ShellLimits {
  readonly readMs: number;
  readonly writeMs: number;
  readonly connectMs: number;
  readonly stopMs: number;
}

export interface ShellOptions {
  readonly target: ShellTarget;
  readonly limits?: Partial<ShellLimits>;
  /** Receives each line that the shell prints beside its replies, for the transcript. Captured text: escape it before showing. */
  readonly note?: (line: string) => void;
}

export interface StartedShell extends ExchangeShell {
  readonly facts: ShellFacts;
  /** Ends the shell at once: the call in progress may or may not take effect. */
  cancel(): Promise<void>;
}

const usualLimits: ShellLimits = { readMs: 60_000, writeMs: 180_000, connectMs: 300_000, stopMs: 10_000 };

/**
 * Starts the shell and connects it to Exchange. Throws ToolError with the reason when that fails; its hint names the scripts
 * that a person can run instead.
 */
export async function startExchangeShell(options: ShellOptions): Promise<StartedShell> {
  const limits = { ...usualLimits, ...options.limits };
  const command = shellCommand(options.target);
  const shell = startShellProcess(command, options.note ?? (() => undefined));
  try {
    const reply = await shell.request(message({ op: "connect", ...command.connect }), limits.connectMs);
    if ("loss" in reply) throw notStarted(shell, reply, command.program);
    const facts = readShellFacts(reply.text, options.target.kind);
    return new RunningShell(shell, facts, limits);
  } catch (error) {
    // Stopped, not killed: an open session must be closed, since the server allows a person only a few.
    await shell.end(message({ op: "stop" }), limits.stopMs);
    throw error;
  }
}

class RunningShell implements StartedShell {
  readonly facts: ShellFacts;
  readonly #shell: ShellProcess;
  readonly #limits: ShellLimits;
  #queue: Promise<unknown> = Promise.resolve();
  #stopped = false;

  constructor(shell: ShellProcess, facts: ShellFacts, limits: ShellLimits) {
    this.#shell = shell;
    this.facts = facts;
    this.#limits = limits;
  }

  call(cmdlet: string, parameters: WireObject): Promise<ShellAnswer> {
    if (this.#stopped) return Promise.resolve(lost("ShellStopped", "The shell was stopped before the call.", false));
    const answer = this.#queue.then(() => this.#call(cmdlet, parameters));
    this.#queue = answer;
    return answer;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#queue;
    await this.#shell.end(message({ op: "stop" }), this.#limits.stopMs);
  }

  async cancel(): Promise<void> {
    this.#stopped = true;
    await this.#shell.kill();
  }

  async #call(cmdlet: string, parameters: WireObject): Promise<ShellAnswer> {
    const text = message({ op: "call", cmdlet, parameters });
    if (!isText(parameters)) return lost("ValueNotText", "A parameter holds half of a surrogate pair.", false);
    const limitMs = isReading(cmdlet) ? this.#limits.readMs : this.#limits.writeMs;
    const reply = await this.#shell.request(text, limitMs);
    if ("text" in reply) return decodeReply(reply.text);
    const effectUnknown = !isReading(cmdlet);
    return reply.loss === "time-limit"
      ? lost("ShellTimeLimit", `No answer to ${cmdlet} within ${limitMs / 1000} s; the shell was ended.`, effectUnknown)
      : lost("ShellEnded", `The shell ended before it answered ${cmdlet}. ${reply.lastError}`.trimEnd(), effectUnknown);
  }
}

/** False for half of a surrogate pair: it has no UTF-8 form and would arrive as another character. */
function isText(value: WireValue): boolean {
  if (typeof value === "string") return Buffer.from(value, "utf8").toString("utf8") === value;
  return typeof value !== "object" || value === null || Object.values(value).every(isText);
}

function message(request: WireObject): string {
  return JSON.stringify(encodeWireObject(request));
}

function lost(type: string, text: string, effectUnknown: boolean): ShellAnswer {
  return { ok: false, error: { type, id: type, category: "ConnectionError", message: text }, effectUnknown };
}

function notStarted(shell: ShellProcess, reply: Exclude<Reply, { text: string }>, program: string): ToolError {
  const hint = "Use `realmscope provision script` and run the files where the Exchange Management Shell is.";
  const mode = shell.languageMode();
  if (mode !== undefined) {
    return new ToolError("shell-constrained", `PowerShell runs in ${mode} there, by policy.`, { hint });
  }
  switch (reply.loss) {
    case "not-started":
      return new ToolError("shell-not-found", `${program} cannot be started.`, { hint });
    case "time-limit":
      return new ToolError("shell-silent", "PowerShell did not connect to Exchange in time.", { hint });
    case "ended":
      return new ToolError("shell-ended", `PowerShell ended before it connected. ${reply.lastError}`.trimEnd(), {
        hint,
      });
  }
}
