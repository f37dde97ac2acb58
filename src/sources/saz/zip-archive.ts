// Reads ZIP archives with any number of members: yauzl reads the directory through one window over the file, and only
// the offset and sizes of each member are kept. An archive may lie about itself: sizes and checksums are verified.
import { constants, crc32, inflateRawSync } from "node:zlib";
import yauzl, { type Entry } from "yauzl";
import type { RandomAccessBytes } from "../input/random-access-file.ts";

/** Bytes to which a member may unpack, and which it may take in the archive. */
export const memberLimit = 64 * 1024 * 1024;

/** A member as the directory describes it. */
export interface ZipMember {
  readonly place: number;
  readonly packedSize: number;
  readonly size: number;
  readonly checksum: number;
  readonly packing: "stored" | "deflated" | "other";
  readonly isEncrypted: boolean;
}

/** A member that is larger than `memberLimit`, or states so. */
export class MemberTooLargeError extends Error {}

/** A name that leads out of the archive. */
export class UnsafeNameError extends Error {}

/**
 * The members with their names, in the order of the directory. Throws UnsafeNameError, or another error for a cut or
 * damaged archive.
 */
export async function* readZipDirectory(
  bytes: RandomAccessBytes,
): AsyncGenerator<readonly [name: string, member: ZipMember]> {
  const options = { autoClose: false, decodeStrings: false };
  const zip = await yauzl.fromRandomAccessReaderPromise(new Reader(bytes), bytes.size, options);
  for await (const entry of zip.eachEntry()) yield [safeName(entry), memberOf(entry)];
}

type ReadDone = (error: Error | null, length?: number) => void;

/** The library's access to the bytes, which it cannot close. */
class Reader extends yauzl.RandomAccessReader {
  readonly #bytes: RandomAccessBytes;

  constructor(bytes: RandomAccessBytes) {
    super();
    this.#bytes = bytes;
  }

  override read(...[buffer, offset, length, place, done]: [Buffer, number, number, number, ReadDone]): void {
    let read: number;
    try {
      read = this.#bytes.read(buffer.subarray(offset, offset + length), place);
    } catch (error) {
      done(error instanceof Error ? error : new Error("cannot be read"));
      return;
    }
    done(null, read);
  }
}

function safeName({ generalPurposeBitFlag, fileNameRaw, extraFields }: Entry): string {
  const name = yauzl.getFileNameLowLevel(generalPurposeBitFlag, fileNameRaw, extraFields, false);
  const why = yauzl.validateFileName(name);
  if (why !== null) throw new UnsafeNameError(why);
  return name;
}

const packings: ReadonlyMap<number, ZipMember["packing"]> = new Map([
  [0, "stored"],
  [8, "deflated"],
]);

function memberOf(entry: Entry): ZipMember {
  return {
    place: entry.relativeOffsetOfLocalHeader,
    packedSize: entry.compressedSize,
    size: entry.uncompressedSize,
    checksum: entry.crc32,
    packing: packings.get(entry.compressionMethod) ?? "other",
    isEncrypted: entry.isEncrypted(),
  };
}

/** APPNOTE 4.3.7: the length of a local header before the name; the lengths of name and extra field are at its end. */
const localHeader = 30;
const localSignature = 0x04034b50;

/**
 * The bytes of a member that is not encrypted. Throws MemberTooLargeError, or another error when it is damaged, cut or
 * compressed in a rare way.
 */
export function unpackMember(bytes: RandomAccessBytes, member: ZipMember): Uint8Array {
  if (Math.max(member.size, member.packedSize) > memberLimit) throw new MemberTooLargeError();
  const head = bytesAt(bytes, member.place, localHeader);
  if (head.readUInt32LE(0) !== localSignature) throw new Error("no member at this offset");
  const start = member.place + localHeader + head.readUInt16LE(26) + head.readUInt16LE(28);
  const unpacked = withoutPacking(bytesAt(bytes, start, member.packedSize), member);
  if (unpacked.length !== member.size || crc32(unpacked) !== member.checksum) throw new Error("damaged");
  return unpacked;
}

function withoutPacking(packed: Uint8Array, { packing, size }: ZipMember): Uint8Array {
  if (packing === "stored") return packed;
  if (packing === "other") throw new Error("packed in a rare way");
  // The stated size may be wrong on purpose: the output is limited to it.
  return inflateRawSync(packed, { maxOutputLength: Math.max(1, size), chunkSize: chunkFor(size) });
}

/** Most members are small: zlib's default chunk of 16 KiB would be most of the memory allocated. */
function chunkFor(size: number): number {
  return Math.min(Math.max(size + 1, constants.Z_MIN_CHUNK), 64 * 1024);
}

function bytesAt(bytes: RandomAccessBytes, place: number, length: number): Buffer {
  // The length may be wrong as well: nothing is allocated for bytes that do not exist.
  if (place + length > bytes.size) throw new Error("cut");
  const found = Buffer.allocUnsafe(length);
  if (bytes.read(found, place) !== length) throw new Error("cut");
  return found;
}
