// Reads a capture that is not in order and too large for memory: once for the times, then once for each part.
import { compareKeys, type TimeKey } from "./time-key.ts";
import { assignNames, type Names, withAssignedNames } from "./time-names.ts";
import { type HeldEvent, readHeldEvents, type TimedEvent, type TimeReading, weightOf } from "./time-reading.ts";

interface Entry {
  /** Holds no reference to the event. */
  readonly key: TimeKey;
  readonly id: string | null;
  readonly weight: number;
}

/** The events in the order of time, in batches of about `limit` bytes. */
export async function* readInParts<Extra>(
  reading: TimeReading<Extra>,
  limit: number,
): AsyncGenerator<readonly TimedEvent<Extra>[]> {
  const entries = await readKeys(reading);
  const names = assignNames(entries);
  const order = [...entries].sort((one, other) => compareKeys(one.key, other.key));
  for (let from = 0; from < order.length; ) {
    let weight = 0;
    let to = from;
    for (; to < order.length && weight < limit; to++) weight += order[to]?.weight ?? 0;
    yield await readPart(reading, order.slice(from, to), names);
    from = to;
  }
}

async function readKeys<Extra>(reading: TimeReading<Extra>): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  const timesOnly: TimeReading<null> = { ...reading, take: () => null };
  for await (const { key, event, isNumberedByPlace } of readHeldEvents(timesOnly, await reading.open())) {
    const id = isNumberedByPlace && event.kind === "transaction" ? event.transaction.id : null;
    entries.push({ key: storedKey(key), id, weight: weightOf(reading, event) });
  }
  return entries;
}

function storedKey(key: TimeKey): TimeKey {
  const { end, start, position } = key;
  const [number, content] = [key.number(), key.content()];
  return { end, start, position, number: () => number, content: () => content };
}

/** The wanted events, in the order of time. Events appended to the file since the first reading are ignored. */
async function readPart<Extra>(
  reading: TimeReading<Extra>,
  wanted: readonly Entry[],
  names: Names,
): Promise<readonly TimedEvent<Extra>[]> {
  const places = new Map(wanted.map(({ key }, index) => [key.position, index]));
  const found: HeldEvent<Extra>[] = [];
  for await (const held of readHeldEvents(reading, await reading.open(), (position) => places.has(position))) {
    found.push(withAssignedNames(held, names));
    if (found.length === wanted.length) break;
  }
  const placeOf = ({ key }: HeldEvent<Extra>): number => places.get(key.position) ?? 0;
  return found.sort((one, other) => placeOf(one) - placeOf(other));
}
