/** Comparison operators. `~` matches a regular expression; `=` compares the whole value in any letter case. */
export type Operator = "=" | "!=" | "~" | "!~" | "<" | "<=" | ">" | ">=" | "in";

/** A parsed filter; columns count from 1. */
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

/** A problem of a filter: one sentence in words of this program, with its column. */
export class FilterProblem extends Error {
  /** From 1, in UTF-16 units of the text. */
  readonly column: number;

  constructor(column: number, message: string) {
    super(message);
    this.name = "FilterProblem";
    this.column = column;
  }
}
