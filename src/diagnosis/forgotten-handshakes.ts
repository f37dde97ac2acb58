// What remains of handshakes that the correlator no longer holds: how many they were, and their worst verdicts.
import type { Direction } from "../handshake/direction.ts";
import type { Handshake } from "../handshake/reduce.ts";
import { directionOfHandshake } from "../handshake/rows/shown-handshake.ts";
import type { CaptureVerdict, Verdict } from "./analysis.ts";
import { type ForgottenVerdicts, worse } from "./directions.ts";
import { judgeHandshake, worseVerdict } from "./verdict.ts";

export interface ForgottenHandshakes {
  add(handshake: Handshake): void;
  count(): number;
  /** The worst of their verdicts; `none` while there are none. */
  verdict(): CaptureVerdict;
  readonly byDirection: ForgottenVerdicts;
}

/** Starts without any. */
export function startForgottenHandshakes(): ForgottenHandshakes {
  const byDirection = new Map<Direction, Verdict>();
  let count = 0;
  let worst: CaptureVerdict = "none";
  return {
    add(handshake) {
      const verdict = judgeHandshake(handshake);
      count += 1;
      worst = worseVerdict(worst, verdict);
      const direction = directionOfHandshake(handshake);
      if (direction !== null) byDirection.set(direction, worse(verdict, byDirection.get(direction) ?? verdict));
    },
    count: () => count,
    verdict: () => worst,
    byDirection,
  };
}
