// Collects the secrets and people of the original capture, to search for them everywhere else: in kept fields and in the written
// file.
import type { CaptureEvent } from "../../core/capture-event.ts";
import { detachText } from "../../core/detach-text.ts";
import { isProtocolWord, isPublicWord } from "../public-words.ts";
import { type Pseudonymise, pseudonymOfUser } from "../redaction.ts";
import { sanitiseEvent } from "../sanitise.ts";
import { type SecretPlaces, secretsOf } from "./secret-places.ts";
import { secretsOfRow } from "./secrets-of-row.ts";
import type { KnownValue } from "./value-search.ts";

const shortestSecret = 6;
const shortestName = 3;
const longest = 48;
const missedLimit = 1_000_000;

/** How many different values of each kind are collected. The first three kinds are replaced in every text, in one search. */
export interface CollectorLimits {
  /** Secret by their place. */
  readonly secrets: number;
  /** Unknown values that look like secrets. */
  readonly others: number;
  readonly names: number;
  /** Values beyond those limits: searched in the written file only, one portion at a time. About 150 bytes each. */
  readonly later: number;
  readonly portion: number;
}

const defaults: CollectorLimits = { secrets: 5_000, others: 2_000, names: 5_000, later: 200_000, portion: 20_000 };

/** Collects secrets from the original events, bounded. Its lists are secret: they are searched for and never shown. */
export class SecretCollector {
  readonly #limits: CollectorLimits;
  readonly #secrets = new Set<string>();
  readonly #others = new Set<string>();
  readonly #names = new Set<string>();
  readonly #places = new Set<string>();
  readonly #laterSecrets = new Set<string>();
  readonly #laterNames = new Set<string>();
  readonly #missed = new Set<number>();

  constructor(limits: Partial<CollectorLimits> = {}) {
    this.#limits = { ...defaults, ...limits };
  }

  add(event: CaptureEvent): void {
    if (event.kind === "transaction") this.#addPlaces(secretsOf(event.transaction));
    else if (event.kind === "log-row") this.#addPlaces(secretsOfRow(event.row));
    // Every value that sanitising replaces is searched for.
    sanitiseEvent(event, (kind, value) => {
      if (kind === "user") this.#keep(this.#names, value);
      else if (kind === "value" && !this.#secrets.has(value) && looksSecret(value)) this.#keep(this.#others, value);
      return "aaaaaaaaaa";
    });
  }

  #addPlaces({ secrets, names, places }: SecretPlaces): void {
    for (const secret of secrets) if (secret.length >= shortestSecret) this.#keep(this.#secrets, secret);
    for (const name of names) this.#keep(this.#names, name.toLowerCase());
    for (const place of places) if (this.#places.size < this.#limits.names) this.#places.add(place.toLowerCase());
  }

  /**
   * How many different values exceeded all limits: they are replaced in their places and not searched for elsewhere.
   * Counted up to a million, words of the protocol included.
   */
  get missedCount(): number {
    return this.#missed.size;
  }

  /** Each value with its replacement, without hosts, realms and words of the protocol. */
  values(pseudonymise: Pseudonymise): readonly KnownValue[] {
    const isSought = this.#isSought();
    return [
      ...[...new Set([...this.#secrets, ...this.#others])].filter(isSought).map((value) => ({
        ...secretValue(value),
        replacement: `redacted-${pseudonymise("value", value).slice(0, 4)}`,
      })),
      ...[...this.#names]
        .filter((name) => name.length >= shortestName && isSought(name))
        .map((value) => ({
          ...nameValue(value),
          replacement: pseudonymOfUser(value, pseudonymise),
        })),
    ];
  }

  /** The values beyond the first limits, in portions for one search each; these have no replacement. */
  overflowPortions(): readonly (readonly KnownValue[])[] {
    const isSought = this.#isSought();
    const values = [
      ...[...this.#laterSecrets].filter(isSought).map(secretValue),
      ...[...this.#laterNames].filter((name) => name.length >= shortestName && isSought(name)).map(nameValue),
    ];
    const { portion } = this.#limits;
    return Array.from({ length: Math.ceil(values.length / portion) }, (_, index) =>
      values.slice(index * portion, (index + 1) * portion),
    );
  }

  #isSought(): (value: string) => boolean {
    const places = [...this.#places].join("\n");
    return (value) => !isProtocolWord(value) && !isPublicWord(value) && !places.includes(value.toLowerCase());
  }

  #keep(values: Set<string>, value: string): void {
    if (values.has(value)) return;
    const sought = value.slice(0, longest);
    // Of a very long name only the beginning is searched for, which is not a whole word.
    const later = values === this.#names && value.length <= longest ? this.#laterNames : this.#laterSecrets;
    if (values.size < this.#limitOf(values)) {
      values.add(value);
      // It may have exceeded the limit of another list.
      later.delete(sought);
      this.#missed.delete(hashOf(value));
    } else if (!this.#isKept(value) && !later.has(sought)) this.#keepLater(later, sought, value);
  }

  #limitOf(values: Set<string>): number {
    const { secrets, others, names } = this.#limits;
    if (values === this.#names) return names;
    return values === this.#secrets ? secrets : others;
  }

  #keepLater(later: Set<string>, sought: string, value: string): void {
    if (this.#laterSecrets.size + this.#laterNames.size < this.#limits.later) {
      later.add(detachText(sought));
      this.#missed.delete(hashOf(value));
    } else if (this.#missed.size < missedLimit) this.#missed.add(hashOf(value));
  }

  #isKept(value: string): boolean {
    return this.#secrets.has(value) || this.#others.has(value) || this.#names.has(value);
  }
}

function secretValue(value: string): KnownValue {
  // A short password of letters is part of longer words by chance (`counts` in `accounts`).
  const isWord = /^[a-z]{1,11}$/i.test(value);
  return { value: value.slice(0, longest), replacement: "", isWord, isCut: value.length > longest };
}

function nameValue(value: string): KnownValue {
  return { value, replacement: "", isWord: true, isCut: false };
}

/** FNV-1a, 32 bits: enough for counting, too short to recover a secret. */
function hashOf(value: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < value.length; at++) hash = Math.imul(hash ^ value.charCodeAt(at), 0x01000193);
  return hash;
}

const guid = /^\{?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}?$/i;

/**
 * True for an unknown value that looks like a secret. Ids, numbers, versions and names of servers do not: the reader of a ticket
 * needs them.
 */
function looksSecret(value: string): boolean {
  if (value.length < 8 || value.length > 65_536 || !/^[\x21-\x7e]+$/.test(value)) return false;
  if (guid.test(value) || !/[a-z]/i.test(value) || !/\d/.test(value)) return false;
  if (/^[A-Z0-9-]{1,15}$/.test(value) || /^(?:[a-z0-9-]+\.)+[a-z]{2,}$/i.test(value)) return false;
  return !/[/ ;,]/.test(value) || value.length >= 32;
}
