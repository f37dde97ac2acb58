// A step that another tool owns: it is looked at and explained, and changes nothing unless its file says so.
import type { Step } from "../model/step.ts";

export interface Guide {
  readonly id: string;
  readonly title: string;
  /** What the page says there. */
  readonly about: string;
  readonly side?: Step["side"];
}

/** A guide with nothing to plan. */
export function guide({ id, title, about, side = "exchange" }: Guide, observe: Step["observe"]): Step {
  return {
    id,
    title,
    page: { step: id.replace("s1.", "1"), text: about },
    side,
    needs: [],
    kind: "guide",
    observe,
    plan: () => [],
    undo: () => null,
    script: () => [],
  };
}

export const hybridWizard = "The Hybrid Configuration Wizard sets this up; run it, or by hand: ";
