// What one entry of a trace says, under the dotted names that expectation files use.
import type { HttpTransaction } from "../core/http-transaction.ts";
import type { TransactionFacts } from "../decoders/facts.ts";
import type { HandshakeReport, TrafficRow } from "../diagnosis/analysis.ts";

/** Text in any letter case, a number, or a yes or no. Times are epoch milliseconds. */
export type FactValue = string | number | boolean;
/** What a reader gives: nothing said, one value, or several of which any may match. */
export type FactAnswer = FactValue | null | readonly FactValue[];

/** A transaction as it was seen. `at` is the time that its tokens are judged at. */
export interface EntryInput {
  readonly transaction: HttpTransaction;
  readonly facts: TransactionFacts;
  readonly row: TrafficRow;
  readonly at: number;
}

/** What is known of an entry only when the whole trace has been read. */
export interface EntryOutcome {
  readonly handshake: HandshakeReport | null;
  readonly findings: readonly { readonly code: string; readonly severity: string }[];
  readonly verified: "verified" | "failed" | "no-key" | "unchecked";
}

interface FactName {
  readonly name: string;
  readonly type: "text" | "number" | "flag" | "time";
  /** All values there can be; a pattern that can match none of them is a mistake in the file. */
  readonly values?: readonly string[];
  /** What it says, for the documentation: one phrase. */
  readonly description: string;
}

export interface InputFact extends FactName {
  readonly read: (entry: EntryInput) => FactAnswer;
}

export interface OutcomeFact extends FactName {
  readonly readOutcome: (entry: EntryOutcome) => FactAnswer;
}

export type FactDefinition = InputFact | OutcomeFact;

/** The answer as a list; an empty text says nothing. */
export function valuesOf(answer: FactAnswer): readonly FactValue[] {
  if (answer === null || answer === "") return [];
  if (typeof answer === "object") return answer.filter((value) => value !== "");
  return [answer];
}
