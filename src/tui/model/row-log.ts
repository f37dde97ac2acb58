// The rows that the screen holds, in order of arrival. Rows are added at the end and dropped at the beginning only, so that
// the number of a row never changes; repeated texts are stored once.
import type { FilterSubject, TokenSummary } from "../../filter/subject.ts";

/** Rows of a live capture in memory; the journal has all. */
export const liveRowLimit = 100_000;
/** Interned texts; then the table is cleared, so that rare texts are not held forever. */
const internLimit = 4_000;

/** Mutable, so that a hundred thousand rows are not copied for each new one; a changed `end` shows that rows were added. */
export class RowLog {
  readonly #limit: number;
  readonly #numbers = new Map<string, number>();
  readonly #texts = new Map<string, string>();
  #rows: FilterSubject[] = [];
  #first = 0;

  constructor(limit = liveRowLimit) {
    this.#limit = limit;
  }

  /** Number of the oldest held row. */
  get first(): number {
    return this.#first;
  }

  /** Number after the newest row. */
  get end(): number {
    return this.#first + this.#rows.length;
  }

  at(number: number): FilterSubject | undefined {
    return this.#rows[number - this.#first];
  }

  /** Number of the row with that id; undefined when the row is not held. */
  numberOf(id: string): number | undefined {
    return this.#numbers.get(id);
  }

  /** All held rows, the oldest first. */
  all(): readonly FilterSubject[] {
    return this.#rows;
  }

  /** Drops all rows; numbering continues. */
  forgetAll(): void {
    this.#forget(this.#rows.length);
  }

  add(subjects: readonly FilterSubject[]): void {
    for (const subject of subjects) {
      this.#numbers.set(subject.row.id, this.end);
      this.#rows.push(this.#compact(subject));
    }
    // In steps of a tenth, because removing the beginning moves all other rows.
    if (this.#rows.length > this.#limit * 1.1 + 100) this.#forget(this.#rows.length - this.#limit);
  }

  #forget(count: number): void {
    for (const { row } of this.#rows.slice(0, count)) this.#numbers.delete(row.id);
    this.#rows = this.#rows.slice(count);
    this.#first += count;
  }

  #compact({ row, direction, token, findings }: FilterSubject): FilterSubject {
    const text = (value: string): string => this.#intern(value);
    return {
      row: {
        ...row,
        client: text(row.client),
        method: text(row.method),
        host: text(row.host),
        path: text(row.path),
        auth: text(row.auth),
        detail: text(row.detail),
        handshakeId: row.handshakeId === null ? null : text(row.handshakeId),
        ...(row.capture === undefined ? {} : { capture: text(row.capture) }),
      },
      direction: text(direction),
      token: token === null ? null : this.#compactToken(token),
      findings: findings.length === 0 ? noFindings : findings.map(text),
    };
  }

  #compactToken(token: TokenSummary): TokenSummary {
    return {
      issuer: this.#intern(token.issuer),
      audience: this.#intern(token.audience),
      application: this.#intern(token.application),
      realm: this.#intern(token.realm),
      algorithm: this.#intern(token.algorithm),
      expiresAt: token.expiresAt,
    };
  }

  #intern(text: string): string {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    if (this.#texts.size >= internLimit) this.#texts.clear();
    this.#texts.set(text, text);
    return text;
  }
}

const noFindings: readonly string[] = [];
