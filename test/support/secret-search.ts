// Looks for a secret in bytes as an attacker would: through every coding that this traffic uses, several deep. It knows
// nothing of how the product hides things.
import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync } from "node:zlib";

const maxDepth = 4;

/** How the secret was found (`base64 > gzip`), or null. */
export function findSecret(bytes: Buffer, secret: string, depth = 0, way: readonly string[] = []): string | null {
  if (holds(bytes, secret)) return [...way, "found"].join(" > ");
  if (depth >= maxDepth) return null;
  for (const [name, decoded] of decodings(bytes)) {
    const found = findSecret(decoded, secret, depth + 1, [...way, name]);
    if (found !== null) return found;
  }
  return null;
}

function holds(bytes: Buffer, secret: string): boolean {
  const lower = secret.toLowerCase();
  return (
    bytes.toString("latin1").toLowerCase().includes(lower) ||
    bytes.includes(Buffer.from(secret, "utf16le")) ||
    bytes.includes(Buffer.from(secret, "utf16le").swap16())
  );
}

function* decodings(bytes: Buffer): Generator<readonly [string, Buffer]> {
  for (const [name, unpack] of unpackers) {
    const unpacked = attempt(() => unpack(bytes));
    if (unpacked !== null && unpacked.length > 0) yield [name, unpacked];
  }
  const text = bytes.toString("latin1");
  const unescaped = text.replace(/\\u([0-9a-f]{4})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  const plain = unescaped.replace(/\\(["\\/])/g, "$1");
  if (plain !== text) yield ["JSON escapes", Buffer.from(plain, "latin1")];
  const percent = text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  if (percent !== text) yield ["percent", Buffer.from(percent, "latin1")];
  const entities = text.replace(/&#(x?)([0-9a-f]{1,6});/gi, (_, hex: string, code: string) =>
    String.fromCharCode(Number.parseInt(code, hex === "" ? 10 : 16)),
  );
  if (entities !== text) yield ["entities", Buffer.from(entities, "latin1")];
  for (const [run] of text.matchAll(/[A-Za-z0-9+/_-]{12,}={0,2}/g)) {
    // A coded secret may begin inside a longer run, at any of four alignments.
    for (let start = 0; start < 4; start++) yield ["base64", Buffer.from(run.slice(start), "base64")];
  }
}

const unpackers: readonly (readonly [string, (bytes: Buffer) => Buffer])[] = [
  ["gzip", gunzipSync],
  ["zlib", inflateSync],
  ["deflate", inflateRawSync],
  ["brotli", brotliDecompressSync],
];

function attempt(unpack: () => Buffer): Buffer | null {
  try {
    return unpack();
  } catch {
    return null;
  }
}
