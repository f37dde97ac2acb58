// What one end of a conversation does on its socket.
import type { Socket } from "node:net";
import type { Random } from "./random.ts";

export type Step =
  | { readonly does: "send"; readonly bytes: Buffer }
  | { readonly does: "wait"; readonly ms: number }
  /** Until something comes, the other side ends, or a moment is over. */
  | { readonly does: "listen" }
  /** Until so many bytes came in all, or the other side ends. */
  | { readonly does: "await"; readonly bytes: number }
  | { readonly does: "stop-reading" | "end" | "reset" | "destroy" };

/** What happens to a connection at a moment of its own, whatever is going on. */
export interface Accident {
  readonly afterMs: number;
  readonly does: "end" | "reset" | "destroy";
}

export interface Played {
  /** Everything that came. */
  readonly bytes: Buffer;
  /** The other side ended its direction in order. */
  readonly ended: boolean;
}

const momentMs = 40;

/** Plays the steps; resolves when they are over and, with `toTheEnd`, when the other side has ended or closed, too. */
export async function play(
  socket: Socket,
  steps: readonly Step[],
  { raw = socket, toTheEnd = false }: { readonly raw?: Socket; readonly toTheEnd?: boolean } = {},
): Promise<Played> {
  const seen = new Seen(socket);
  // The end of a handshake is told from within OpenSSL: what destroys the socket there makes Node use freed memory.
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
  for (const step of steps) {
    if (socket.destroyed) break;
    if (step.does === "send") socket.write(step.bytes);
    else if (step.does === "wait") await pause(step.ms);
    else if (step.does === "listen") await seen.until(() => seen.count > 0, momentMs);
    else if (step.does === "await") await seen.until(() => seen.count >= step.bytes, null);
    else if (step.does === "stop-reading") socket.pause();
    else act(step.does, socket, raw);
  }
  if (toTheEnd) await seen.until(() => false, null);
  return seen.result();
}

export function act(does: "end" | "reset" | "destroy", socket: Socket, raw: Socket): void {
  if (does === "end") socket.end();
  else if (does === "destroy") raw.destroy();
  else breakOff(raw);
}

/** A reset; while an orderly end is on its way Node would leave the handle open for ever. */
export function breakOff(raw: Socket): void {
  if (raw.writableEnded && !raw.writableFinished) raw.destroy();
  else raw.resetAndDestroy();
}

/** Resolves after the time, or when it is called off. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

class Seen {
  readonly #pieces: Buffer[] = [];
  count = 0;
  #isOver = false;
  #ended = false;
  #look = (): void => undefined;

  constructor(socket: Socket) {
    socket.on("data", (bytes: Buffer) => {
      this.#pieces.push(bytes);
      this.count += bytes.length;
      this.#look();
    });
    socket.on("end", () => {
      this.#ended = true;
      this.#over();
    });
    socket.on("error", () => undefined);
    socket.on("close", () => this.#over());
    if (socket.destroyed) this.#isOver = true;
  }

  #over(): void {
    this.#isOver = true;
    this.#look();
  }

  /** Resolves when it holds, when nothing more comes, or after the time. */
  until(holds: () => boolean, limitMs: number | null): Promise<void> {
    return new Promise((resolve) => {
      const timer = limitMs === null ? null : setTimeout(() => done(), limitMs);
      const done = (): void => {
        if (timer !== null) clearTimeout(timer);
        this.#look = () => undefined;
        resolve();
      };
      this.#look = () => {
        if (this.#isOver || holds()) done();
      };
      this.#look();
    });
  }

  result(): Played {
    return { bytes: Buffer.concat(this.#pieces), ended: this.#ended };
  }
}

/** Sends the bytes in pieces, some of them after a moment. */
export function inPieces(random: Random, bytes: Buffer): Step[] {
  if (random.chance(0.5) || bytes.length < 2) return [{ does: "send", bytes }];
  const steps: Step[] = [];
  for (let from = 0; from < bytes.length; ) {
    const size = random.chance(0.3) && bytes.length < 200 ? 1 : 1 + random.below(bytes.length - from);
    steps.push({ does: "send", bytes: bytes.subarray(from, from + size) });
    if (random.chance(0.3)) steps.push({ does: "wait", ms: random.below(4) });
    from += size;
  }
  return steps;
}

/** How a side that means harm goes on: it ends, breaks, stalls or waits, after the first of its steps or the last. */
export function withBadEnd(random: Random, steps: readonly Step[]): Step[] {
  const kept = random.chance(0.3) ? steps.slice(0, random.below(steps.length + 1)) : [...steps];
  const ends: readonly Step[][] = [
    [{ does: "end" }],
    [{ does: "reset" }],
    [{ does: "destroy" }],
    [{ does: "listen" }, { does: "reset" }],
    [{ does: "listen" }, { does: "end" }],
    [{ does: "stop-reading" }, { does: "end" }],
    [{ does: "end" }, { does: "listen" }, { does: "reset" }],
    [{ does: "listen" }],
  ];
  return [...kept, ...random.pick(ends)];
}

export function randomAccident(random: Random): Accident | null {
  if (!random.chance(0.35)) return null;
  return {
    afterMs: random.below(random.chance(0.5) ? 4 : 30),
    does: random.pick(["end", "reset", "reset", "destroy"]),
  };
}
