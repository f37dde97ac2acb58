// Reads one capture in the order of time, whatever the order of its file: HAR leaves sorting to the reader, archives
// are packed by hand, journals are joined. A small capture is held and sorted. A large one is passed through while it
// is in order, which costs no memory; when it is not, `restartMarker` is yielded, and the file is read once for the
// times and once for each part that fits into memory. Nothing of a capture is written to the disk.
import { ToolError } from "../../core/tool-error.ts";
import { sortAndName, TieNames } from "./time-names.ts";
import { type HeldEvent, readHeldEvents, type TimedEvent, type TimeReading, weightOf } from "./time-reading.ts";
import { TimeWindow } from "./time-window.ts";

/** Yielded when the batches so far must be discarded: the capture starts again, sorted. */
export const restartMarker = Symbol("restart");

export interface TimeLimits {
  /** A file up to this size is held as a whole, bytes. */
  readonly smallFile: number;
  /** Events of a capture held at a time, bytes. */
  readonly held: number;
}

const usual: TimeLimits = { smallFile: 8 * 1024 ** 2, held: 32 * 1024 ** 2 };

/** Reads a capture in the order of time, in batches. Throws ToolError `read-once` for a pipe that is not in order. */
export async function* readInTimeOrder<Extra>(
  reading: TimeReading<Extra>,
  limits: TimeLimits = usual,
): AsyncGenerator<readonly TimedEvent<Extra>[] | typeof restartMarker> {
  if (reading.isKnownToBeUnordered === true) {
    const { readInParts } = await import("./time-parts.ts");
    yield* readInParts(reading, limits.held);
    return;
  }
  const capture = await reading.open();
  const { total } = capture.progress();
  const first = new FirstReading<Extra>(total === null || total <= limits.smallFile ? limits.held : 0);
  for await (const held of readHeldEvents(reading, capture)) {
    const ready = first.add(held, weightOf(reading, held.event));
    if (ready === null) break;
    if (ready.length > 0) yield ready;
  }
  if (first.isInOrder) {
    yield first.rest();
    return;
  }
  if (!reading.canReopen) throw readOnce(reading.name);
  yield restartMarker;
  const { readInParts } = await import("./time-parts.ts");
  yield* readInParts(reading, limits.held);
}

const batchSize = 32;

/** Holds the events of a first reading: all of them while they fit, then a window. */
class FirstReading<Extra> {
  readonly #window = new TimeWindow<HeldEvent<Extra>>();
  readonly #names = new TieNames<HeldEvent<Extra>>();
  readonly #limit: number;
  #held: HeldEvent<Extra>[] | null;
  #weight = 0;
  #ready: HeldEvent<Extra>[] = [];
  isInOrder = true;

  constructor(limit: number) {
    this.#limit = limit;
    this.#held = limit === 0 ? null : [];
  }

  /** The events whose position is now certain; null when the file is not in order. */
  add(held: HeldEvent<Extra>, weight: number): readonly TimedEvent<Extra>[] | null {
    if (this.#held === null) return this.#pass(held) ? this.#takeReady(batchSize) : null;
    this.#held.push(held);
    this.#weight += weight;
    if (this.#weight <= this.#limit) return [];
    const waiting = this.#held;
    this.#held = null;
    return waiting.every((one) => this.#pass(one)) ? this.#takeReady(batchSize) : null;
  }

  rest(): readonly TimedEvent<Extra>[] {
    if (this.#held !== null) return sortAndName(this.#held);
    this.#names.end();
    return [...this.#takeReady(1), ...[...this.#window.rest()].map((held) => this.#names.name(held))];
  }

  #pass(held: HeldEvent<Extra>): boolean {
    this.isInOrder = this.#window.push(held);
    if (!this.isInOrder) return false;
    this.#names.add(held);
    for (let next = this.#window.shift(); next !== null; next = this.#window.shift())
      this.#ready.push(this.#names.name(next));
    return true;
  }

  #takeReady(least: number): readonly HeldEvent<Extra>[] {
    if (this.#ready.length < least) return [];
    const ready = this.#ready;
    this.#ready = [];
    return ready;
  }
}

function readOnce(name: string): ToolError {
  return new ToolError("read-once", `${name} is not in the order of time, and it can be read only once.`, {
    hint: "Save it to a file first and give that.",
  });
}
