// A step that another tool owns: checked and explained, without changes unless its own file adds some.
import { pages } from "../model/profiles.ts";
import type { Step } from "../model/step.ts";

export interface Guide {
  readonly id: string;
  readonly title: string;
  /** The text of Microsoft's page for this step. */
  readonly about: string;
  readonly side?: Step["side"];
}

/** Makes a guide that plans nothing. */
export function guideStep({ id, title, about, side = "exchange" }: Guide, observe: Step["observe"]): Step {
  return {
    id,
    title,
    page: { ...pages.oauth, step: id.replace("s1.", "1"), text: about },
    side,
    needs: [],
    kind: "guide",
    observe,
    plan: () => [],
    undo: () => null,
    script: () => [],
  };
}

/** The start of a note on a part that the wizard sets up; the command follows. */
export const hybridWizard = "The Hybrid Configuration Wizard sets this up; run it, or by hand: ";
