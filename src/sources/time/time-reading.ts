// One reading of a capture, each event with its place in time.
import type { CaptureEvent } from "../../core/capture-event.ts";
import type { HttpTransaction } from "../../core/http-transaction.ts";
import type { Capture } from "../input/capture.ts";
import { keyOf, type TimeKey } from "./time-key.ts";

export interface TimedEvent<Extra> {
  readonly event: CaptureEvent;
  readonly extra: Extra;
  /** Number of the transaction among those of the file, from 0; null for an event that is none. */
  readonly ordinal: number | null;
}

/** An event as it was read, not yet in its place. */
export interface HeldEvent<Extra> extends TimedEvent<Extra> {
  readonly key: TimeKey;
  /** The id of the transaction is its number in the file. */
  readonly isNumberedByPlace: boolean;
}

/** What of a capture is read here. */
export type TimedCapture = Pick<Capture, "events" | "provenanceOf" | "progress">;

export interface TimeReading<Extra> {
  /** What the capture is called in a message. */
  readonly name: string;
  /** Opens the capture; asked again where the order does not hold. */
  open(): Promise<TimedCapture>;
  /** False for what can be read once only: a pipe. */
  readonly canReopen: boolean;
  /** An earlier reading has shown it: the events come in order at once, without `restartMarker`. */
  readonly isKnownToBeUnordered?: boolean;
  /** What is wanted of an event beside itself; called when it is read, before the next is. */
  take(event: CaptureEvent): Extra;
  /** Called when a reading has come to the end of the capture. */
  onEnd(): void;
  /** Bytes that one event takes in memory; by its bodies where this is left out. */
  weigh?(event: CaptureEvent): number;
}

/** The events of one reading as they come; of those that are not wanted (by their number in the file) nothing. */
export async function* readHeldEvents<Extra>(
  reading: TimeReading<Extra>,
  capture: TimedCapture,
  isWanted: (position: number) => boolean = () => true,
): AsyncGenerator<HeldEvent<Extra>> {
  let before: TimeKey | null = null;
  let position = 0;
  let transactions = 0;
  for await (const event of capture.events) {
    const said = event.kind === "transaction" ? capture.provenanceOf(event.transaction) : null;
    const key: TimeKey = keyOf(event, position, said, before);
    const ordinal = said === null ? null : transactions;
    if (isWanted(position))
      yield { event, key, ordinal, extra: reading.take(event), isNumberedByPlace: said?.isNamed === false };
    before = key;
    position += 1;
    if (said !== null) transactions += 1;
  }
  reading.onEnd();
}

/** Bytes beside the bodies: fields, and what holds them. */
const overhead = 4096;

/** Bytes that one event takes in memory while it waits. */
export function weightOf<Extra>(reading: TimeReading<Extra>, event: CaptureEvent): number {
  if (reading.weigh !== undefined) return reading.weigh(event);
  return event.kind === "transaction" ? overhead + bodyBytes(event.transaction) : overhead;
}

function bodyBytes({ request, response }: HttpTransaction): number {
  return request.body.bytes.length + (response?.body.bytes.length ?? 0);
}
