import { ToolError } from "../core/tool-error.ts";
import type { Limits } from "../proxy/interception/limits.ts";

type LimitName = (typeof limitNames)[number];

interface Bounds {
  readonly least: number;
  readonly most: number;
  apply(value: number): Partial<Limits>;
}

const kilobyte = 1024;
const megabyte = 1024 * kilobyte;
// setTimeout counts in 32 bits.
const mostSeconds = 2_000_000;

const bounds: Readonly<Record<LimitName, Bounds>> = {
  connections: { least: 1, most: 60_000, apply: (connections) => ({ connections }) },
  "connect-seconds": { least: 1, most: 600, apply: (value) => ({ connectMs: value * 1000 }) },
  "handshake-seconds": { least: 1, most: 600, apply: (value) => ({ handshakeMs: value * 1000 }) },
  "idle-seconds": { least: 1, most: mostSeconds, apply: (value) => ({ idleMs: value * 1000 }) },
  "half-open-seconds": { least: 1, most: mostSeconds, apply: (value) => ({ halfOpenIdleMs: value * 1000 }) },
  "stop-seconds": { least: 0, most: 600, apply: (value) => ({ stopMs: value * 1000 }) },
  // IIS lets 64 KB of fields pass; a smaller bound would leave real requests unread.
  "header-kb": { least: 64, most: 16 * kilobyte, apply: (value) => ({ headBytes: value * kilobyte }) },
  "body-kb": { least: 0, most: 1024 * kilobyte, apply: (value) => ({ bodyBytes: value * kilobyte }) },
  "memory-mb": { least: 8, most: 16 * kilobyte, apply: memoryLimits },
};

/** A third for traffic that waits to be read, the rest for what was read and waits to be written. */
function memoryLimits(value: number): Partial<Limits> {
  const tapQueueBytes = Math.floor((value * megabyte) / 3);
  return { tapQueueBytes, eventQueueBytes: value * megabyte - tapQueueBytes };
}

/** The bounds of a run: of the configuration, and over them those of the command line. Throws ToolError. */
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

/** What is wrong with one limit of the configuration, or null. */
export function limitProblem(name: string, value: number): string | null {
  const read = boundLimit(name, value);
  return typeof read === "string" ? read : null;
}

/** What a limit sets, or what is wrong with it. */
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

/** What `--limit NAME=VALUE` and `limits` of the configuration may bound; docs/proxy.md says what each does. */
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
