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
  /** Ticks the success sign of an accepted call unless EWS answered it with an error. The caller passes service calls only. */
  tick(transactionId: string, facts: TransactionFacts): void;
  items(): readonly ChecklistItem[];
}

/** Starts with every success sign of the procedure unseen. */
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
