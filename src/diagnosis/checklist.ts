import type { TransactionFacts } from "../decoders/facts.ts";
import type { ChecklistItem } from "./analysis.ts";

const signs: readonly ChecklistItem["sign"][] = [
  "voicemail-greeting",
  "conversation-history",
  "archived-messages",
  "out-of-office",
];
const evidenceLimit = 20;

export interface Checklist {
  /** Ticks the sign of an accepted call of a service that did not end in an error; anybody else's call is no sign. */
  tick(transactionId: string, facts: TransactionFacts): void;
  items(): readonly ChecklistItem[];
}

/** The success signs of the procedure, none seen yet. */
export function startChecklist(): Checklist {
  const seen = new Map<ChecklistItem["sign"], string[]>();
  return {
    tick(transactionId, { operation, soapAnswer }) {
      if (operation === null || operation.sign === null || soapAnswer?.isError === true) return;
      const evidence = seen.get(operation.sign) ?? [];
      if (evidence.length < evidenceLimit) evidence.push(transactionId);
      seen.set(operation.sign, evidence);
    },
    items: () =>
      signs.map((sign) => {
        const evidence = seen.get(sign);
        return { sign, isSeen: evidence !== undefined, evidence: [...(evidence ?? [])] };
      }),
  };
}
