// What a recogniser reports: a stretch of the text and the parts of messages that it read there.
import type { Side } from "./field-names.ts";
import { isKnownField, isTellingField } from "./field-names.ts";

export type Part =
  /** A request line, an address or a method; what is unknown is empty. `isWhole`: a request line, which begins an exchange. */
  | { readonly kind: "request"; readonly method: string; readonly target: string; readonly isWhole: boolean }
  | { readonly kind: "status"; readonly status: number; readonly isWhole: boolean }
  | { readonly kind: "field"; readonly name: string; readonly value: string }
  /** "Request headers": the fields that follow belong to this half. */
  | { readonly kind: "side"; readonly side: Side }
  | { readonly kind: "body"; readonly text: string; readonly side: Side | null };

/** The parts that a recogniser read between two offsets of the text. */
export interface Claim {
  readonly from: number;
  readonly to: number;
  readonly parts: readonly Part[];
}

/** How much of a message the parts explain: start lines weigh most, fields that are known more than others. */
export function weightOf(parts: readonly Part[]): number {
  return parts.reduce((sum, part) => sum + weightOfPart(part), 0);
}

function weightOfPart(part: Part): number {
  switch (part.kind) {
    case "request":
    case "status":
      return part.isWhole ? 30 : 12;
    case "field":
      return isTellingField(part.name) ? 20 : isKnownField(part.name) ? 10 : 3;
    case "side":
      return 2;
    case "body":
      return 4;
  }
}
