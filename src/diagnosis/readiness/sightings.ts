// Bounded lists of what was seen, joined over equal sightings.
import type { EwsPolicy } from "../../handshake/ews-policy.ts";
import type { Outcome } from "../../handshake/signals.ts";
import type { Answers, Sightings } from "../readiness-evidence.ts";

/** Mutable forms of the evidence; a snapshot copies them. */
export interface SightingsDraft {
  count: number;
  evidence: readonly string[];
}

export interface AnswersDraft {
  readonly accepted: SightingsDraft;
  readonly refused: SightingsDraft;
  readonly undecided: SightingsDraft;
  last: Outcome;
  lastAt: number;
  lastStatus: number | null;
  policy: EwsPolicy | null;
}

/** One answer to a call. */
export interface CallAnswer {
  readonly id: string;
  /** End of the exchange, epoch milliseconds. */
  readonly at: number;
  readonly outcome: Outcome;
  readonly status: number | null;
  readonly policy: EwsPolicy | null;
}

const evidenceLimit = 5;

export function newSightings(): SightingsDraft {
  return { count: 0, evidence: [] };
}

export function newAnswers(): AnswersDraft {
  return {
    accepted: newSightings(),
    refused: newSightings(),
    undecided: newSightings(),
    last: "undecided",
    lastAt: Number.NEGATIVE_INFINITY,
    lastStatus: null,
    policy: null,
  };
}

/** Counts one more row; the list keeps the first rows. */
export function noteFirst(sightings: SightingsDraft, id: string): void {
  sightings.count += 1;
  if (sightings.evidence.length < evidenceLimit) sightings.evidence = [...sightings.evidence, id];
}

/** Counts one more row; the list keeps the last rows, because only the last refusals still stand. */
export function noteLast(sightings: SightingsDraft, id: string): void {
  sightings.count += 1;
  sightings.evidence = [...sightings.evidence.slice(1 - evidenceLimit), id];
}

/** Counts one answer. An undecided one does not replace the last decided one. */
export function noteAnswer(answers: AnswersDraft, { id, at, outcome, status, policy }: CallAnswer): void {
  if (outcome === "accepted") noteFirst(answers.accepted, id);
  else if (outcome === "refused") noteLast(answers.refused, id);
  else noteFirst(answers.undecided, id);
  const isDecided = outcome !== "undecided";
  if (isDecided && (answers.last === "undecided" || at >= answers.lastAt)) {
    answers.last = outcome;
    answers.lastAt = at;
    answers.lastStatus = status;
    answers.policy = outcome === "refused" ? policy : null;
  } else if (answers.last === "undecided") answers.lastAt = Math.max(answers.lastAt, at);
}

export function copySightings({ count, evidence }: SightingsDraft): Sightings {
  return { count, evidence };
}

export function copyAnswers(answers: AnswersDraft): Answers {
  const { accepted, refused, undecided, last, lastAt, lastStatus, policy } = answers;
  return {
    accepted: copySightings(accepted),
    refused: copySightings(refused),
    undecided: copySightings(undecided),
    ...{ last, lastAt, lastStatus, policy },
  };
}

/** Entries by key, at most `limit`; sightings beyond are counted only. */
export interface SightingList<Draft> {
  /** The entry of the key, made when it is new; null when the list is full. */
  at(key: readonly string[], make: () => Draft): Draft | null;
  readonly beyond: number;
  all(): readonly Draft[];
}

const keyPartLimit = 256;

export function startSightingList<Draft>(limit: number): SightingList<Draft> {
  const entries = new Map<string, Draft>();
  let beyond = 0;
  return {
    at(parts, make) {
      const key = parts.map((part) => part.slice(0, keyPartLimit)).join("\n");
      const known = entries.get(key);
      if (known !== undefined) return known;
      if (entries.size >= limit) {
        beyond += 1;
        return null;
      }
      const entry = make();
      entries.set(key, entry);
      return entry;
    },
    get beyond() {
      return beyond;
    },
    all: () => [...entries.values()],
  };
}
