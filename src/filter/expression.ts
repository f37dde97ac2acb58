/** How a value is compared. `~` is a regular expression, `=` whole and in any letter case. */
export type Operator = "=" | "!=" | "~" | "!~" | "<" | "<=" | ">" | ">=" | "in";

/** A filter as it was read; positions count from 1. */
export type Expression =
  | { readonly kind: "all" | "any"; readonly parts: readonly Expression[] }
  | { readonly kind: "not"; readonly part: Expression }
  /** A bare word: anywhere in host and path. */
  | { readonly kind: "word"; readonly text: string; readonly isPattern: boolean; readonly column: number }
  | {
      readonly kind: "compare";
      readonly field: string;
      readonly operator: Operator;
      readonly values: readonly string[];
      readonly isPattern: boolean;
      readonly column: number;
      readonly valueColumn: number;
    };

/** Why a filter cannot be used: one sentence in our words, and where. */
export class FilterProblem extends Error {
  /** From 1, in UTF-16 units of the text. */
  readonly column: number;

  constructor(column: number, message: string) {
    super(message);
    this.name = "FilterProblem";
    this.column = column;
  }
}
