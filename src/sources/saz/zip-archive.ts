// Reads ZIP archives with any number of members: yauzl reads the directory through one window over the file, and only
// the offset and sizes of each member are kept. An archive may lie about itself: sizes and checksums are verified.
import { pipeline, Readable } from "node:stream";
import { constants, crc32, createInflateRaw, inflateRawSync } from "node:zlib";
import yauzl, { type Entry } from "yauzl";
import { type RandomAccessBytes, randomAccessTo } from "../input/random-access-file.ts";

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
  const unpacked = withoutPacking(bytesAt(bytes, contentPlace(bytes, member), member.packedSize), member);
  if (unpacked.length !== member.size || crc32(unpacked) !== member.checksum) throw new Error("damaged");
  return unpacked;
}

/**
 * The bytes of a member as random access: in place where it is stored, else unpacked in memory. Throws as `unpackMember` does.
 */
export function openMember(bytes: RandomAccessBytes, member: ZipMember): RandomAccessBytes {
  if (member.packing !== "stored") {
    const { buffer, byteOffset, length } = unpackMember(bytes, member);
    return randomAccessTo([Buffer.from(buffer, byteOffset, length)]);
  }
  const from = contentPlace(bytes, member);
  const { size } = member;
  return {
    size,
    read: (target, place) => bytes.read(target.subarray(0, Math.max(0, size - place)), from + place),
    close: () => undefined,
  };
}

/** Offset of the packed bytes. Throws an error when no member begins at its stated place. */
function contentPlace(bytes: RandomAccessBytes, member: ZipMember): number {
  const head = bytesAt(bytes, member.place, localHeader);
  if (head.readUInt32LE(0) !== localSignature) throw new Error("no member at this offset");
  return member.place + localHeader + head.readUInt16LE(26) + head.readUInt16LE(28);
}

const pieceSize = 256 * 1024;

/**
 * The bytes of a member of any size, a piece at a time; `onRead` is called with the number of packed bytes that were
 * read. Throws an error at the end when the member is damaged, cut, longer than it states, or compressed in a rare way.
 */
export async function* streamMember(
  bytes: RandomAccessBytes,
  member: ZipMember,
  onRead: (packed: number) => void,
): AsyncGenerator<Buffer> {
  if (member.packing === "other" || member.isEncrypted) throw new Error("packed in a rare way");
  const packed = Readable.from(packedPieces(bytes, member, onRead));
  // An error of either stream ends the loop below.
  const pieces = member.packing === "stored" ? packed : pipeline(packed, createInflateRaw(), () => undefined);
  let [size, checksum] = [0, 0];
  for await (const piece of pieces as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > member.size) throw new Error("longer than stated");
    checksum = crc32(piece, checksum);
    yield piece;
  }
  if (size !== member.size || checksum !== member.checksum) throw new Error("damaged");
}

function* packedPieces(
  bytes: RandomAccessBytes,
  member: ZipMember,
  onRead: (packed: number) => void,
): Generator<Buffer> {
  const start = contentPlace(bytes, member);
  for (let done = 0; done < member.packedSize; done += pieceSize) {
    const length = Math.min(pieceSize, member.packedSize - done);
    yield bytesAt(bytes, start + done, length);
    onRead(length);
  }
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
