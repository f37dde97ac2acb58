// Facts of one entry of a trace, under the dotted names of expectation files.
import type { HttpTransaction } from "../core/http-transaction.ts";
import type { TransactionFacts } from "../decoders/facts.ts";
import type { HandshakeReport, TrafficRow } from "../diagnosis/analysis.ts";

/** Text in any letter case, a number or a flag. Times are epoch milliseconds. */
export type FactValue = string | number | boolean;
/** The answer of a fact: none, one value, or several of which any may match. */
export type FactAnswer = FactValue | null | readonly FactValue[];

/** What a fact is read from during the trace. `at` is the time at which tokens are judged. */
export interface EntryInput {
  readonly transaction: HttpTransaction;
  readonly facts: TransactionFacts;
  readonly row: TrafficRow;
  readonly at: number;
}

/** What a fact is read from after the end of the trace. */
export interface EntryOutcome {
  readonly handshake: HandshakeReport | null;
  readonly findings: readonly { readonly code: string; readonly severity: string }[];
  readonly verified: "verified" | "failed" | "no-key" | "unchecked";
}

interface FactName {
  readonly name: string;
  readonly type: "text" | "number" | "flag" | "time";
  /** All possible values; a pattern that matches none of them is a mistake in the file. */
  readonly values?: readonly string[];
  /** One phrase for the documentation. */
  readonly description: string;
}

export interface InputFact extends FactName {
  readonly read: (entry: EntryInput) => FactAnswer;
}

export interface OutcomeFact extends FactName {
  readonly readOutcome: (entry: EntryOutcome) => FactAnswer;
}

export type FactDefinition = InputFact | OutcomeFact;

/** The answer as a list; an empty text is not a value. */
export function valuesOf(answer: FactAnswer): readonly FactValue[] {
  if (answer === null || answer === "") return [];
  if (typeof answer === "object") return answer.filter((value) => value !== "");
  return [answer];
}
