// Typed netstrings, the encoding of mitmproxy's flow files: `LENGTH:PAYLOAD` and one type byte. The payload of a list
// or dictionary consists of such values.

export type TypedValue = null | boolean | number | Buffer | readonly TypedValue[] | ReadonlyMap<string, TypedValue>;

const colon = 58;
const maxDepth = 64;
/** Digits of a length: values are shorter than 10 GB. */
const maxDigits = 10;

/** The payload of a value, as indexes. */
export interface Frame {
  readonly start: number;
  /** Offset of the type byte. */
  readonly end: number;
}

/** The frame of the value at `at`; null when more bytes are needed, or the problem with it as text. */
export function frameAt(bytes: Buffer, at: number): Frame | string | null {
  let length = 0;
  for (let index = at; index < bytes.length && index <= at + maxDigits; index++) {
    const byte = bytes[index] ?? 0;
    if (byte === colon)
      return index === at ? "a value without a length" : { start: index + 1, end: index + 1 + length };
    if (byte < 48 || byte > 57) return "a length that is not a number";
    length = length * 10 + byte - 48;
  }
  return bytes.length - at > maxDigits ? "a length that is not a number" : null;
}

/** The value in a whole frame, or the problem with it as text. Never throws; text payloads are views of the bytes. */
export function readTyped(bytes: Buffer, { start, end }: Frame, depth = 0): TypedValue | string {
  switch (String.fromCharCode(bytes[end] ?? 0)) {
    case ",":
    case ";":
      return bytes.subarray(start, end);
    case "#":
    case "^":
      return Number(bytes.toString("latin1", start, Math.min(end, start + 40)));
    case "!":
      return bytes.toString("latin1", start, end) === "true";
    case "~":
      return null;
    case "]":
      return readList(bytes, { start, end }, depth);
    case "}":
      return readDictionary(bytes, { start, end }, depth);
    default:
      return "a value of an unknown type";
  }
}

function readList(bytes: Buffer, frame: Frame, depth: number): readonly TypedValue[] | string {
  if (depth >= maxDepth) return `values nested deeper than ${maxDepth} levels`;
  const items: TypedValue[] = [];
  for (let at = frame.start; at < frame.end; ) {
    const inner = innerFrame(bytes, at, frame.end);
    if (typeof inner === "string") return inner;
    const item = readTyped(bytes, inner, depth + 1);
    if (typeof item === "string") return item;
    items.push(item);
    at = inner.end + 1;
  }
  return items;
}

function readDictionary(bytes: Buffer, frame: Frame, depth: number): ReadonlyMap<string, TypedValue> | string {
  const items = readList(bytes, frame, depth);
  if (typeof items === "string") return items;
  const members = new Map<string, TypedValue>();
  for (let index = 0; index + 1 < items.length; index += 2) {
    const [name, value] = [items[index], items[index + 1]];
    if (!Buffer.isBuffer(name)) return "a dictionary whose names are not text";
    members.set(name.toString("utf8"), value ?? null);
  }
  return members;
}

function innerFrame(bytes: Buffer, at: number, limit: number): Frame | string {
  const frame = frameAt(bytes.subarray(0, limit), at);
  if (frame === null || (typeof frame !== "string" && frame.end >= limit))
    return "a value that is longer than its container";
  return frame;
}
