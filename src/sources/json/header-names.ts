// Reads header fields from the bytes of JSON: only wanted fields become strings.
import type { Header } from "../../core/headers.ts";
import { equalsText, hashBytes } from "./interned-texts.ts";
import type { JsonCursor } from "./json-cursor.ts";
import { stop } from "./json-cursor.ts";

/** Names of wanted header fields in lower case; fields are returned with names in lower case, too. */
export interface WantedFields {
  readonly request: ReadonlySet<string>;
  readonly answer: ReadonlySet<string>;
}

/** Fields with longer values are returned, too: they may hold a token. */
const shortValue = 40;

/** A name that was read before, and its last values. */
interface Known {
  readonly text: string;
  /** The name in lower case, in which fields are returned. */
  readonly lower: string;
  readonly isWanted: Readonly<Record<keyof WantedFields, boolean>>;
  readonly isType: boolean;
  /** An HTTP/2 pseudo-field, or a field without a name: not a field of the message. */
  readonly isNone: boolean;
  readonly headers: (Header | null)[];
}

const valueSlots = 8;
const longestKnown = 128;

/** Collects the name and value of one field at a time. */
export class HeaderNames {
  readonly #wanted: WantedFields;
  readonly #known: (Known | null)[] = new Array<Known | null>(1024).fill(null);
  #side: keyof WantedFields = "request";
  #name: Known | null = null;
  /** The current value: its span, or its text when it has escapes or is not ASCII. */
  #start = 0;
  #end = 0;
  #bytes: Buffer | null = null;
  #text: string | null = null;
  /** True once the message has a Content-Type. */
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

  /** The field, or null when it is not wanted. */
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
