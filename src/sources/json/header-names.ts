// Header fields out of the bytes of JSON: only those that somebody wants become texts.
import type { Header } from "../../core/headers.ts";
import { equalsText, hashBytes } from "./interned-texts.ts";
import type { JsonCursor } from "./json-cursor.ts";
import { stop } from "./json-cursor.ts";

/** Names of header fields in lower case; those that are given have theirs in lower case, too. */
export interface WantedFields {
  readonly request: ReadonlySet<string>;
  readonly answer: ReadonlySet<string>;
}

/** Any value that is longer is given, too: it may hold a token. */
const shortValue = 40;

/** A name that was met, and the last values that came with it. */
interface Known {
  readonly text: string;
  /** The name in lower case: whoever asks for fields of this reader asks in lower case. */
  readonly lower: string;
  readonly isWanted: Readonly<Record<keyof WantedFields, boolean>>;
  readonly isType: boolean;
  /** HTTP/2 pseudo-fields are no fields of the message, and one without a name is none. */
  readonly isNone: boolean;
  readonly headers: (Header | null)[];
}

const valueSlots = 8;
const longestKnown = 128;

export class HeaderNames {
  readonly #wanted: WantedFields;
  readonly #known: (Known | null)[] = new Array<Known | null>(1024).fill(null);
  #side: keyof WantedFields = "request";
  #name: Known | null = null;
  /** The value that is read: where it stands, or what it says when it is not plain. */
  #start = 0;
  #end = 0;
  #bytes: Buffer | null = null;
  #text: string | null = null;
  /** True once a Content-Type was among the fields of the message. */
  hasType = false;

  constructor(wanted: WantedFields) {
    this.#wanted = wanted;
  }

  /** Begins the fields of a message. */
  begin(side: keyof WantedFields): void {
    this.#side = side;
    this.hasType = false;
  }

  /** Begins one field. */
  reset(): void {
    this.#name = null;
    this.#text = null;
  }

  name({ bytes, start, end, hasEscapes, isAscii }: JsonCursor): void {
    if (hasEscapes || !isAscii) stop();
    const slot = hashBytes(bytes, start, end);
    let known = this.#known[slot] ?? null;
    if (known === null || !equalsText(known.text, bytes, start, end)) {
      known = this.#learn(bytes.toString("latin1", start, end));
      this.#known[slot] = known;
    }
    this.#name = known;
  }

  value(cursor: JsonCursor): void {
    this.#bytes = cursor.bytes;
    this.#start = cursor.start;
    this.#end = cursor.end;
    if (cursor.hasEscapes || !cursor.isAscii) this.#text = cursor.text();
  }

  /** The field, or null when nobody wants it. */
  header(): Header | null {
    const name = this.#name ?? stop();
    if (name.isType) this.hasType = true;
    const length = this.#end - this.#start;
    if (name.isNone || !(name.isWanted[this.#side] || length > shortValue)) return null;
    if (this.#text !== null) return [name.lower, this.#text];
    const bytes = this.#bytes ?? stop();
    if (length > longestKnown) return [name.lower, bytes.toString("latin1", this.#start, this.#end)];
    return this.#knownHeader(name, bytes);
  }

  #knownHeader(name: Known, bytes: Buffer): Header {
    const slot = hashBytes(bytes, this.#start, this.#end) & (valueSlots - 1);
    const known = name.headers[slot] ?? null;
    if (known !== null && equalsText(known[1], bytes, this.#start, this.#end)) return known;
    const header: Header = [name.lower, bytes.toString("latin1", this.#start, this.#end)];
    name.headers[slot] = header;
    return header;
  }

  #learn(text: string): Known {
    const lower = text.toLowerCase();
    return {
      text,
      lower,
      isWanted: { request: this.#wanted.request.has(lower), answer: this.#wanted.answer.has(lower) },
      isType: lower === "content-type",
      isNone: text === "" || text.startsWith(":"),
      headers: new Array<Header | null>(valueSlots).fill(null),
    };
  }
}
