// One reading of a capture: its events, each with its key in the order of time.
import type { CaptureEvent } from "../../core/capture-event.ts";
import type { HttpTransaction } from "../../core/http-transaction.ts";
import type { Capture } from "../input/capture.ts";
import { keyOf, type TimeKey } from "./time-key.ts";

/** An event in the order of time, with what the caller computed from it. */
export interface TimedEvent<Extra> {
  readonly event: CaptureEvent;
  readonly extra: Extra;
  /** Number of the transaction in the file, from 0; null for another event. */
  readonly ordinal: number | null;
}

/** An event that is held until its position is known. */
export interface HeldEvent<Extra> extends TimedEvent<Extra> {
  readonly key: TimeKey;
  /** The id of the transaction is only its number in the file. */
  readonly isNumberedByPlace: boolean;
}

/** The part of a capture's port that is used here. */
export type TimedCapture = Pick<Capture, "events" | "provenanceOf" | "progress">;

export interface TimeReading<Extra> {
  /** Name of the capture in messages. */
  readonly name: string;
  /** Opens the capture; called again when it is not in order. */
  open(): Promise<TimedCapture>;
  /** False for a pipe, which can be read once. */
  readonly canReopen: boolean;
  /** An earlier reading has shown this: the events are sorted from the beginning, without `restartMarker`. */
  readonly isKnownToBeUnordered?: boolean;
  /** Computes `extra` of an event; called before the next event is read. */
  take(event: CaptureEvent): Extra;
  /** Called when a reading has reached the end of the capture. */
  onEnd(): void;
  /** Memory that an event takes, in bytes; when omitted, computed from its bodies. */
  weigh?(event: CaptureEvent): number;
}

/**
 * The events of one reading in the order of the file, without those that `isWanted` (by number in the file) rejects.
 */
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

/** Bytes of an event besides its bodies. */
const overhead = 4096;

/** Memory that an event takes while it is held, in bytes. */
export function weightOf<Extra>(reading: TimeReading<Extra>, event: CaptureEvent): number {
  if (reading.weigh !== undefined) return reading.weigh(event);
  return event.kind === "transaction" ? overhead + bodyBytes(event.transaction) : overhead;
}

function bodyBytes({ request, response }: HttpTransaction): number {
  return request.body.bytes.length + (response?.body.bytes.length ?? 0);
}
