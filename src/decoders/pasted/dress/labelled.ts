// An address, a method or a status that stands alone in prose: "Error in calling service, error code:401".
import type { Claim } from "../text/claim.ts";
import { labelsIn } from "../text/labels.ts";

/** Every labelled part as a claim of its own: a recogniser that also reads what is around it explains more. */
export function readLabelled(text: string): readonly Claim[] {
  return labelsIn(text).map(({ from, to, part }) => ({ from, to, parts: [part] }));
}
