import type { CaptureEvent } from "../core/capture-event.ts";

/**
 * Gives the ids of one of several captures a prefix (`f2.t7`), so that two captures' `t7` and `c1` stay apart. What is
 * written of captures that were judged together has another letter (`m2.t7`): it is one capture when it is read again.
 */
export function prefixIds(event: CaptureEvent, file: number, letter: "f" | "m" = "f"): CaptureEvent {
  const prefix = `${letter}${file}.`;
  switch (event.kind) {
    case "transaction": {
      const { transaction } = event;
      return {
        kind: "transaction",
        transaction: { ...transaction, id: prefix + transaction.id, connection: prefix + transaction.connection },
      };
    }
    case "signature":
      return { kind: "signature", check: { ...event.check, transactionId: prefix + event.check.transactionId } };
    case "gap":
      return { ...event, connection: prefix + event.connection };
    default:
      return event;
  }
}
