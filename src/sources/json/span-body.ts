import type { CapturedBody } from "../../core/http-transaction.ts";
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

const noBytes = new Uint8Array(0);
const encoder = new TextEncoder();

/** A body that is decoded from the JSON of its capture on first use: most bodies are never used. */
export class SpanBody implements CapturedBody {
  readonly truncated: boolean;
  readonly contentCoding: string | null;
  readonly #span: TextSpan | null;
  readonly #size: number | null;
  #text: string | undefined;

  /** `size` as the capture states it; null or 0 when it does not. */
  constructor(span: TextSpan | null, size: number | null, marks: Pick<CapturedBody, "truncated" | "contentCoding">) {
    this.#span = span;
    this.#size = size;
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

  get totalBytes(): number {
    return this.#size || this.#length();
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
