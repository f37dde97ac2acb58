// Finds the rows that judging may need by their bytes: most rows of a log are Exchange's own probes and are never decoded.
import type { LogKind } from "../../core/log-row.ts";

// Node searches for up to seven bytes with memchr of the first one: a needle is short, and begins with a rare letter.
const oauth = ["Bearer", "S2S~", "V1A~", "V1S~", "CLB~", ">actas", "OAuthE"];
/** Parts of the user agents of Microsoft's cloud services (`isCloudUserAgent`). */
const cloudAgents = ["SkypeSp", "Ninja", "Teams", "Schedul", "CrossFo"];
const otherSignIns = ["Basic", "NTLM", "Negot"];

/** Protocols of HttpProxy that services of Microsoft call, where a sign-in without OAuth matters. */
const servicesProtocols: ReadonlySet<string> = new Set(["ews", "autodiscover", "restapi", "rest", "api"]);

/**
 * The bytes one of which a row of this log holds if judging may need it; null for a log whose rows are all read. `protocol` is
 * the column Protocol of HttpProxy.
 */
export function needlesOf(log: LogKind, protocol: string): readonly Buffer[] | null {
  switch (log) {
    case "http-proxy":
      return servicesProtocols.has(protocol.toLowerCase()) || protocol === "" ? allSignIns : services;
    case "ews":
    case "autodiscover":
      return allSignIns;
    case "iis":
      return services;
    default:
      return null;
  }
}

function bytesOf(texts: readonly string[]): readonly Buffer[] {
  return texts.map((text) => Buffer.from(text, "latin1"));
}

const services = bytesOf([...oauth, ...cloudAgents]);
const allSignIns = [...services, ...bytesOf(otherSignIns)];

/** Searches a chunk for several needles, from its beginning to its end. */
export class ByteSearch {
  readonly #needles: readonly Buffer[];
  /** The next place of each needle; Infinity when there is none. */
  readonly #next: number[];
  #chunk: Buffer = Buffer.alloc(0);
  #first = Number.POSITIVE_INFINITY;

  constructor(needles: readonly Buffer[]) {
    this.#needles = needles;
    this.#next = needles.map(() => Number.POSITIVE_INFINITY);
  }

  begin(chunk: Buffer, from: number): void {
    this.#chunk = chunk;
    this.#next.fill(-1);
    this.#pass(from);
  }

  /** Whether a needle lies before `end`, behind the end of the call before. Each `end` is behind the one before. */
  isBefore(end: number): boolean {
    if (this.#first >= end) return false;
    this.#pass(end);
    return true;
  }

  #pass(from: number): void {
    let first = Number.POSITIVE_INFINITY;
    for (const [index, needle] of this.#needles.entries()) {
      let next = this.#next[index] ?? Number.POSITIVE_INFINITY;
      if (next < from) {
        const found = this.#chunk.indexOf(needle, from);
        next = found === -1 ? Number.POSITIVE_INFINITY : found;
        this.#next[index] = next;
      }
      first = Math.min(first, next);
    }
    this.#first = first;
  }
}
