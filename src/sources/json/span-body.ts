import type { CapturedBody } from "../../core/http-transaction.ts";
import { bodySize } from "../values/foreign-json.ts";
import { unescaped } from "./json-cursor.ts";

/** A string of a JSON text as a span of its bytes, without the quotes. */
export interface TextSpan {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  readonly hasEscapes: boolean;
  /** All its characters are ASCII. */
  readonly isAscii: boolean;
}

/** The size of a body as its capture states it, null when it does not; `isBodiless` for a message that has no body. */
export interface StatedSize {
  readonly stated: number | null;
  readonly isBodiless: boolean;
}

const noBytes = new Uint8Array(0);
const encoder = new TextEncoder();

/** A body that is decoded from the JSON of its capture on first use: most bodies are never used. */
export class SpanBody implements CapturedBody {
  readonly truncated: boolean;
  readonly contentCoding: string | null;
  readonly #span: TextSpan | null;
  readonly #size: number | null;
  readonly #isBodiless: boolean;
  #text: string | undefined;

  constructor(span: TextSpan | null, size: StatedSize, marks: Pick<CapturedBody, "truncated" | "contentCoding">) {
    this.#span = span;
    this.#size = size.stated;
    this.#isBodiless = size.isBodiless;
    this.truncated = marks.truncated;
    this.contentCoding = marks.contentCoding;
  }

  get text(): string | undefined {
    const span = this.#span;
    if (span === null) return "";
    if (span.isAscii) this.#text ??= textOf(span);
    return this.#text;
  }

  get bytes(): Uint8Array {
    return this.#span === null ? noBytes : encoder.encode(textOf(this.#span));
  }

  get totalBytes(): number | null {
    return this.#size || bodySize(this.#size, this.#length(), this.#isBodiless);
  }

  #length(): number {
    const span = this.#span;
    if (span === null) return 0;
    return span.isAscii && !span.hasEscapes ? span.end - span.start : this.bytes.length;
  }
}

function textOf({ bytes, start, end, hasEscapes, isAscii }: TextSpan): string {
  if (hasEscapes) return unescaped(bytes, start, end, isAscii);
  return bytes.toString(isAscii ? "latin1" : "utf8", start, end);
}
