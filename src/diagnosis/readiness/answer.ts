// The form of an answer. Its words are this program's; captured text in them is printable.
import { isoTime } from "../../core/printable-text.ts";

/**
 * `ok`: seen, and as it must be. `partly`: what was seen is as it must be, and a part of the question is open. `attention`: works
 * today and must change, or must be looked at. `problem`: seen broken. `not-seen`: the captures do not show it.
 */
export type AnswerState = "ok" | "partly" | "attention" | "problem" | "not-seen";

/** From best to worst; what was not seen changes nothing about what was. */
const answerStates: readonly AnswerState[] = ["not-seen", "ok", "partly", "attention", "problem"];

/** Mark and words of a state, the same in every view: a colour alone must not carry the meaning. */
export const stateWords: Readonly<Record<AnswerState, { readonly mark: string; readonly words: string }>> = {
  ok: { mark: "OK", words: "ok" },
  partly: { mark: "OK", words: "in part" },
  attention: { mark: "!!", words: "attention" },
  problem: { mark: "XX", words: "problem" },
  "not-seen": { mark: "..", words: "not seen here" },
};

export type QuestionId = "Q1" | "Q2" | "Q3" | "Q4" | "Q5" | "Q6" | "Q7" | "Q8" | "Q9" | "Q10";

/** One line below an answer: a server, a caller, a permission, a certificate. */
export interface AnswerDetail {
  readonly name: string;
  readonly state: AnswerState;
  readonly text: string;
  /** Rows, at most 10. */
  readonly evidence: readonly string[];
}

export interface ReadinessAnswer {
  readonly id: QuestionId;
  readonly question: string;
  readonly state: AnswerState;
  /** One sentence. */
  readonly answer: string;
  /** The parts of the question that stay open, and how to see them; empty when none does. */
  readonly open: readonly string[];
  readonly details: readonly AnswerDetail[];
  /** Rows, at most 10. */
  readonly evidence: readonly string[];
  /** Names of the captures of the rows, when several were judged. */
  readonly captures: readonly string[];
}

/** What a question's own file decides. */
export type Answered = Pick<ReadinessAnswer, "state" | "answer"> &
  Partial<Pick<ReadinessAnswer, "open" | "details" | "evidence">>;

/** A certificate that the user named, with the thumbprints that an assertion names it by. */
export interface GivenCertificate {
  /** Words of this program and a file name: `the current certificate (auth.cer)`. */
  readonly name: string;
  readonly x5t: string;
  readonly x5tS256: string;
  /** Last day of validity, epoch milliseconds. */
  readonly expires: number;
}

/** What the user told beside the captures. */
export interface ReadinessOptions {
  /** Application id of the dedicated hybrid application in lower case; null when it was not given. */
  readonly hybridApp: string | null;
  readonly applications: ReadonlyMap<string, string>;
  /** The current auth certificate, then the next one; empty when none were given. */
  readonly certificates: readonly GivenCertificate[];
}

const evidenceLimit = 10;

/** Rows of several sightings, each once, at most ten. */
export function rowsOf(...sightings: readonly { readonly evidence: readonly string[] }[]): readonly string[] {
  return [...new Set(sightings.flatMap(({ evidence }) => evidence))].slice(0, evidenceLimit);
}

/** The worst state of several; `not-seen` for none. */
export function worstState(states: readonly AnswerState[]): AnswerState {
  return answerStates.findLast((state) => states.includes(state)) ?? "not-seen";
}

/** `a`, `a and b`, `a, b and c`. At most `limit` parts are named. */
export function joinWords(parts: readonly string[], limit = 6): string {
  const shown = parts.length > limit ? [...parts.slice(0, limit), `${parts.length - limit} more`] : parts;
  const last = shown.at(-1) ?? "";
  return shown.length < 2 ? last : `${shown.slice(0, -1).join(", ")} and ${last}`;
}

/** `1 call`, `2 calls`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** A date in UTC, `2027-04-01`. */
export function dayOf(at: number): string {
  return isoTime(at).slice(0, 10);
}
