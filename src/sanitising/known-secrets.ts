// The secrets and the people of a capture as they stand in the original, so that they can be looked for everywhere else:
// in fields that are kept for their meaning, and in the written file.
import type { CaptureEvent } from "../core/capture-event.ts";
import type { HttpTransaction } from "../core/http-transaction.ts";
import { protocolWords } from "./protocol-words.ts";
import { isPublicWord } from "./public-words.ts";
import { type Pseudonymise, pseudonymOfUser } from "./redaction.ts";
import { sanitiseEvent } from "./sanitise.ts";
import { secretsOf } from "./secret-places.ts";
import type { KnownValue } from "./value-search.ts";

const shortestSecret = 6;
const shortestName = 3;
const longest = 48;
const secretLimit = 5_000;
const otherLimit = 2_000;
const nameLimit = 5_000;
const missedLimit = 1_000_000;

/** Collects, bounded, while the originals go by. Its lists are secret: they are searched for and never shown. */
export class SecretCollector {
  readonly #secrets = new Set<string>();
  readonly #others = new Set<string>();
  readonly #names = new Set<string>();
  readonly #places = new Set<string>();
  readonly #missed = new Set<number>();

  add(event: CaptureEvent): void {
    if (event.kind === "transaction") this.#addPlaces(event.transaction);
    // What sanitising takes away is what there is to look for.
    sanitiseEvent(event, (kind, value) => {
      if (kind === "user") this.#keep(this.#names, value, nameLimit);
      else if (kind === "value" && !this.#secrets.has(value) && looksSecret(value)) {
        this.#keep(this.#others, value, otherLimit);
      }
      return "aaaaaaaaaa";
    });
  }

  #addPlaces(transaction: HttpTransaction): void {
    const { secrets, names, places } = secretsOf(transaction);
    for (const secret of secrets) if (secret.length >= shortestSecret) this.#keep(this.#secrets, secret, secretLimit);
    for (const name of names) this.#keep(this.#names, name.toLowerCase(), nameLimit);
    for (const place of places) if (this.#places.size < nameLimit) this.#places.add(place.toLowerCase());
  }

  /**
   * How many different ones were beyond the bounds: those are taken away where they stand, and not looked for elsewhere.
   * Counted up to a million; words of the protocol among them count, too.
   */
  get missed(): number {
    return this.#missed.size;
  }

  /** Each value with what takes its place. Names of hosts, realms and of the protocol itself are no secrets. */
  values(pseudonymise: Pseudonymise): readonly KnownValue[] {
    const places = [...this.#places].join("\n");
    const isPublic = (value: string): boolean =>
      protocolWords.has(value.toLowerCase()) || isPublicWord(value) || places.includes(value.toLowerCase());
    const secrets = [...new Set([...this.#secrets, ...this.#others])].filter((value) => !isPublic(value));
    const names = [...this.#names].filter((name) => name.length >= shortestName && !isPublic(name));
    return [
      ...secrets.map((value) => ({
        value: value.slice(0, longest),
        replacement: `redacted-${pseudonymise("value", value).slice(0, 4)}`,
        isWord: false,
        isCut: value.length > longest,
      })),
      ...names.map((value) => ({
        value,
        replacement: pseudonymOfUser(value, pseudonymise),
        isWord: true,
        isCut: false,
      })),
    ];
  }

  #keep(values: Set<string>, value: string, limit: number): void {
    if (values.has(value)) return;
    if (values.size < limit) {
      values.add(value);
      // It may have been beyond the bound of another list.
      this.#missed.delete(hashOf(value));
    } else if (!this.#isKept(value) && this.#missed.size < missedLimit) this.#missed.add(hashOf(value));
  }

  #isKept(value: string): boolean {
    return this.#secrets.has(value) || this.#others.has(value) || this.#names.has(value);
  }
}

/** FNV-1a, 32 bits: enough to count with, and nothing that leads back to a secret. */
function hashOf(value: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < value.length; at++) hash = Math.imul(hash ^ value.charCodeAt(at), 0x01000193);
  return hash;
}

const guid = /^\{?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}?$/i;

/**
 * Of what is taken away because nobody knows it, only what looks like a secret is searched for elsewhere: not ids, numbers,
 * versions and names of servers, which the reader of a ticket needs.
 */
function looksSecret(value: string): boolean {
  if (value.length < 8 || value.length > 65_536 || !/^[\x21-\x7e]+$/.test(value)) return false;
  if (guid.test(value) || !/[a-z]/i.test(value) || !/\d/.test(value)) return false;
  if (/^[A-Z0-9-]{1,15}$/.test(value) || /^(?:[a-z0-9-]+\.)+[a-z]{2,}$/i.test(value)) return false;
  return !/[/ ;,]/.test(value) || value.length >= 32;
}
