// Logs in a ZIP file, such as a data package of Microsoft's support: read in place, never unpacked to the disk. ZIP files in it are
// opened, one level deep.
import { isZip, logFormat } from "../input/log-mark.ts";
import { openRandomAccess, type RandomAccessBytes } from "../input/random-access-file.ts";
import {
  MemberTooLargeError,
  memberLimit,
  openMember,
  readZipDirectory,
  streamMember,
  UnsafeNameError,
  type ZipMember,
} from "../saz/zip-archive.ts";
import type { LogFile, PackedLog } from "./log-file.ts";

/** Members that are read; unpack a larger package and give its folder. */
const mostMembers = 20_000;
/** Bytes to which all logs of one package may unpack. */
const unpackedLimit = 64 * 1024 ** 3;

export interface Package {
  readonly logs: readonly LogFile[];
  /** What in it cannot be read, one line each. */
  readonly problems: readonly string[];
}

interface Listing {
  readonly logs: LogFile[];
  readonly problems: string[];
  members: number;
  bytes: number;
}

/** The logs in a ZIP file, recognised by their content. Never rejects. */
export async function listPackage(archive: string): Promise<Package> {
  const listing: Listing = { logs: [], problems: [], members: 0, bytes: 0 };
  let bytes: RandomAccessBytes | null = null;
  try {
    bytes = openRandomAccess(archive);
    await listMembers(bytes, { path: archive, archive, inner: null }, listing);
  } catch (error) {
    listing.problems.push(`${JSON.stringify(archive)} ${whyUnreadable(error)}`);
  } finally {
    bytes?.close();
  }
  return listing;
}

interface Place extends Omit<PackedLog, "member"> {
  readonly path: string;
}

async function listMembers(bytes: RandomAccessBytes, place: Place, listing: Listing): Promise<void> {
  for await (const [name, member] of readZipDirectory(bytes)) {
    if (name.endsWith("/") || member.size === 0) continue;
    listing.members += 1;
    listing.bytes += member.size;
    if (listing.members > mostMembers || listing.bytes > unpackedLimit) {
      listing.problems.push(
        `${JSON.stringify(place.archive)} holds too much to be read as a whole: unpack it and give the folders of the logs`,
      );
      return;
    }
    await listMember(bytes, { ...place, path: `${place.path}/${name}` }, { member, listing });
  }
}

async function listMember(
  bytes: RandomAccessBytes,
  place: Place,
  { member, listing }: { readonly member: ZipMember; readonly listing: Listing },
): Promise<void> {
  const name = JSON.stringify(place.path);
  if (member.isEncrypted || member.packing === "other") {
    const why = member.isEncrypted ? "protected by a password" : "packed in a rare way";
    listing.problems.push(`${name} is ${why}: unpack it and give what is in it`);
    return;
  }
  const start = await startOf(bytes, member);
  if (start === null) listing.problems.push(`${name} is damaged`);
  else if (isZip(start) && place.inner === null) await listInner(bytes, place, { member, listing });
  else {
    const format = logFormat(start);
    if (format !== null) {
      const { archive, inner } = place;
      listing.logs.push({ path: place.path, format, packed: { archive, inner, member } });
    }
  }
}

async function listInner(
  bytes: RandomAccessBytes,
  place: Place,
  { member, listing }: { readonly member: ZipMember; readonly listing: Listing },
): Promise<void> {
  try {
    await listMembers(openInner(bytes, place.archive, member), { ...place, inner: member }, listing);
  } catch (error) {
    listing.problems.push(`${JSON.stringify(place.path)} ${whyUnreadable(error)}`);
  }
}

/** The first bytes of a member, at most one piece; null when it is damaged. */
async function startOf(bytes: RandomAccessBytes, member: ZipMember): Promise<Buffer | null> {
  try {
    const pieces = streamMember(bytes, member, () => undefined);
    const first = await pieces.next();
    await pieces.return(undefined);
    return first.done === true ? null : first.value;
  } catch {
    return null;
  }
}

/** The archive in an archive that was opened last: its members are mostly read one after the other. */
let lastInner: { readonly key: string; readonly opened: RandomAccessBytes } | null = null;

/** An archive in an archive: in place, or unpacked in memory. Throws an error when it is too large or damaged. */
function openInner(bytes: RandomAccessBytes, archive: string, inner: ZipMember): RandomAccessBytes {
  if (inner.packing === "stored") return openMember(bytes, inner);
  const key = `${inner.place} ${inner.checksum} ${archive}`;
  if (lastInner?.key !== key) lastInner = { key, opened: openMember(bytes, inner) };
  return lastInner.opened;
}

/** The bytes of a log in a ZIP file, a piece at a time. Throws an error at the end when it is damaged. */
export async function* readPacked(
  { archive, inner, member }: PackedLog,
  onRead: (packed: number) => void,
): AsyncGenerator<Buffer> {
  const bytes = openRandomAccess(archive);
  try {
    yield* streamMember(inner === null ? bytes : openInner(bytes, archive, inner), member, onRead);
  } finally {
    bytes.close();
  }
}

/** The first bytes of a log in a ZIP file; none when it cannot be read. */
export async function startOfPacked(packed: PackedLog): Promise<Buffer> {
  const pieces = readPacked(packed, () => undefined);
  try {
    const first = await pieces.next();
    return first.done === true ? Buffer.alloc(0) : first.value;
  } catch {
    return Buffer.alloc(0);
  } finally {
    await pieces.return(undefined);
  }
}

function whyUnreadable(error: unknown): string {
  if (error instanceof UnsafeNameError) return "has names that lead out of it";
  const code: unknown = error instanceof Error && "code" in error ? error.code : undefined;
  if (typeof code === "string") return `cannot be read (${code})`;
  return error instanceof MemberTooLargeError
    ? `is a ZIP file of more than ${memberLimit / 1024 ** 2} MiB in another one: unpack the outer one and give that`
    : "is a ZIP file that is cut or damaged";
}
