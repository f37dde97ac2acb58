// The limits of a live run: their names, what a value may be, and what it sets.
import { ToolError } from "../core/tool-error.ts";
import type { Limits } from "../proxy/interception/limits.ts";

/** The names of `--limit NAME=VALUE` and of `limits` in the configuration; docs/proxy.md describes each. */
export const limitNames = [
  "connections",
  "connect-seconds",
  "handshake-seconds",
  "idle-seconds",
  "half-open-seconds",
  "stop-seconds",
  "header-kb",
  "body-kb",
  "memory-mb",
] as const;

type LimitName = (typeof limitNames)[number];

interface Bounds {
  readonly least: number;
  readonly most: number;
  apply(value: number): Partial<Limits>;
}

const kilobyte = 1024;
const megabyte = 1024 * kilobyte;
// setTimeout takes 31 bits of milliseconds.
const mostSeconds = 2_000_000;

const bounds: Readonly<Record<LimitName, Bounds>> = {
  connections: { least: 1, most: 60_000, apply: (connections) => ({ connections }) },
  "connect-seconds": { least: 1, most: 600, apply: (value) => ({ connectMs: value * 1000 }) },
  "handshake-seconds": { least: 1, most: 600, apply: (value) => ({ handshakeMs: value * 1000 }) },
  "idle-seconds": { least: 1, most: mostSeconds, apply: (value) => ({ idleMs: value * 1000 }) },
  "half-open-seconds": { least: 1, most: mostSeconds, apply: (value) => ({ halfOpenIdleMs: value * 1000 }) },
  "stop-seconds": { least: 0, most: 600, apply: (value) => ({ stopMs: value * 1000 }) },
  // IIS accepts 64 KB of fields; a smaller bound would leave real requests unread.
  "header-kb": { least: 64, most: 16 * kilobyte, apply: (value) => ({ headBytes: value * kilobyte }) },
  "body-kb": { least: 0, most: 1024 * kilobyte, apply: (value) => ({ bodyBytes: value * kilobyte }) },
  "memory-mb": { least: 8, most: 16 * kilobyte, apply: memoryLimits },
};

/** A third for traffic that waits to be parsed, the rest for events that wait for their consumer. */
function memoryLimits(value: number): Partial<Limits> {
  const tapQueueBytes = Math.floor((value * megabyte) / 3);
  return { tapQueueBytes, eventQueueBytes: value * megabyte - tapQueueBytes };
}

/** The limits of the configuration, overridden by those of the command line. Throws ToolError `usage`. */
export function readLimits(given: readonly string[], configured: Readonly<Record<string, number>>): Partial<Limits> {
  const named = given.map((text): [string, number] => {
    const [, name = "", value = ""] = /^([a-z-]+)=(\d{1,9})$/.exec(text) ?? [];
    if (name === "") throw wrong(`--limit ${JSON.stringify(text.slice(0, 40))} is not NAME=NUMBER`);
    return [name, Number(value)];
  });
  const parts = [...Object.entries(configured), ...named].map(([name, value]) => readLimit(name, value));
  return Object.assign({}, ...parts);
}

function readLimit(name: string, value: number): Partial<Limits> {
  const read = boundLimit(name, value);
  if (typeof read === "string") throw wrong(read);
  return read;
}

/** Why a limit of the configuration is refused; null when it is not. */
export function limitProblem(name: string, value: number): string | null {
  const read = boundLimit(name, value);
  return typeof read === "string" ? read : null;
}

/** What a limit sets, or why it is refused. */
function boundLimit(name: string, value: number): Partial<Limits> | string {
  const known = limitNames.find((candidate) => candidate === name);
  if (known === undefined) return `there is no limit ${JSON.stringify(name.slice(0, 40))}`;
  const { least, most, apply } = bounds[known];
  const isBounded = Number.isInteger(value) && value >= least && value <= most;
  return isBounded ? apply(value) : `the limit ${known} must be a whole number from ${least} to ${most}`;
}

function wrong(what: string): ToolError {
  return new ToolError("usage", `${what[0]?.toUpperCase()}${what.slice(1)}.`, {
    hint: `For example --limit connections=2000; the names are ${limitNames.join(", ")}.`,
  });
}
