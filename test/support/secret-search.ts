// Looks for a secret in bytes as an attacker would: through every coding that this traffic uses, several deep. It knows
// nothing of how the product hides things.
import { createHash } from "node:crypto";
import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync } from "node:zlib";
import { unzipSync } from "fflate";

const maxDepth = 4;

/** How the secret was found (`base64 > gzip`), or null. */
export function findSecret(bytes: Buffer, secret: string): string | null {
  return findSecrets(bytes, [secret]).get(secret) ?? null;
}

/** Each secret that is in the bytes, with the way to it. All are looked for in one walk through the codings. */
export function findSecrets(bytes: Buffer, secrets: readonly string[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const seen = new Set<string>();
  let level: readonly (readonly [content: Buffer, way: readonly string[]])[] = [[bytes, []]];
  // Level by level: the same text comes out of several orders of decoding, and the shortest way leads farthest.
  for (let depth = 0; depth <= maxDepth && found.size < secrets.length; depth++) {
    const next: (readonly [Buffer, readonly string[]])[] = [];
    for (const [content, way] of level) {
      const name = createHash("sha1").update(content).digest("hex");
      if (seen.has(name)) continue;
      seen.add(name);
      const text = content.toString("latin1").toLowerCase();
      for (const secret of secrets) {
        if (!found.has(secret) && holds(content, text, secret)) found.set(secret, [...way, "found"].join(" > "));
      }
      if (depth < maxDepth) for (const [step, decoded] of decodings(content)) next.push([decoded, [...way, step]]);
    }
    level = next;
  }
  return found;
}

function holds(bytes: Buffer, text: string, secret: string): boolean {
  if (text.includes(secret.toLowerCase())) return true;
  const wide = Buffer.from(secret, "utf16le");
  return bytes.includes(wide) || bytes.includes(wide.swap16());
}

function* decodings(bytes: Buffer): Generator<readonly [string, Buffer]> {
  if (bytes.toString("latin1", 0, 4) === "PK\u0003\u0004") {
    for (const [name, member] of Object.entries(unzipSync(bytes))) yield [`member ${name}`, Buffer.from(member)];
    return;
  }
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
  const named = text.replace(/&(amp|lt|gt|quot|apos);/g, (_, name: string) => entityNames[name] ?? "");
  if (named !== text) yield ["named entities", Buffer.from(named, "latin1")];
  const entities = text.replace(/&#(x?)([0-9a-f]{1,6});/gi, (_, hex: string, code: string) =>
    String.fromCharCode(Number.parseInt(code, hex === "" ? 10 : 16)),
  );
  if (entities !== text) yield ["entities", Buffer.from(entities, "latin1")];
  for (const [run] of text.matchAll(/[A-Za-z0-9+/_-]{12,}={0,2}/g)) {
    // A coded secret may begin inside a longer run, at any of four alignments.
    for (let start = 0; start < 4; start++) yield ["base64", Buffer.from(run.slice(start), "base64")];
  }
}

const entityNames: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

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
