// Reads Fiddler archives: a ZIP with raw/N_c.txt (request), raw/N_s.txt (answer as on the wire) and raw/N_m.xml for
// each session. Names in the archive never become paths.
import type { FileEntry } from "@zip.js/zip.js";
import type { CaptureEvent, SourceSummary } from "../../core/capture-event.ts";
import { ToolError } from "../../core/tool-error.ts";
import type { ByteInput } from "../input/byte-input.ts";
import type { Capture, EntryPlace, Provenance } from "../input/capture.ts";
import { type ClosedTunnels, countClosed } from "../input/closed-tunnels.ts";
import { describeFile } from "../input/foreign-file.ts";
import { collectProblems, type Problems } from "../input/problems.ts";
import { openRandomAccess, type RandomAccessBytes, randomAccessTo } from "../input/random-access-file.ts";
import type { LeanReader } from "../json/lean-entry.ts";
import { noTime, undecodedBodies } from "../values/lost-content.ts";
import { readSazSession, type SessionFiles } from "./read-saz-session.ts";
import { readTicket, ticketCapture, ticketManifest } from "./ticket-file.ts";
import { MemberTooLargeError, readZipDirectory, UnsafeNameError, unpackMember, type ZipMember } from "./zip-archive.ts";

const sessionLimit = 1_000_000;
const pipedLimit = 512 * 1024 * 1024;

export interface ZipOptions {
  /** Bounds the bytes of standard input. */
  readonly limit?: number;
  /** For the HAR in a ticket. */
  readonly lean?: LeanReader | null;
}

/**
 * Opens a SAZ file, or a ticket of this program. The password of a protected SAZ is read from the environment
 * (REALMSCOPE_SAZ_PASSWORD). Rejects with ToolError `too-long`, `not-a-saz` or `not-a-zip`.
 */
export async function readSaz(path: string, input: ByteInput, options: ZipOptions = {}): Promise<Capture> {
  const from = path === "-" ? await collect(input, options.limit ?? pipedLimit) : path;
  const plain = await plainArchive(path, from);
  const { ticket } = plain;
  if (ticket !== null) return readTicket(path, { member: ticket, open: () => openBytes(from) }, options.lean ?? null);
  const archive = await openArchive(plain, path, from);
  const problems = collectProblems();
  const summary = { transactions: 0, truncated: false };
  const progress: Progress = {
    path,
    problems,
    summary,
    done: 0,
    said: { isNamed: true, isTimed: true },
    closed: countClosed("tunnels (CONNECT)"),
    withoutMetadata: 0,
  };
  return {
    provenanceOf: () => progress.said,
    events: archive.read(progress),
    progress: () => ({ done: progress.done, total: archive.packedSize }),
    summary: (): SourceSummary => ({ path, format: "saz", ...summary, problems: problems.lines() }),
  };
}

/** A ZIP is read from its end, so standard input is kept in memory: raw captures are never written to the disk. */
async function collect(input: ByteInput, limit: number): Promise<readonly Buffer[]> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of input.chunks) {
    size += piece.length;
    if (size > limit) {
      throw new ToolError("too-long", `The SAZ file on standard input is longer than ${limit / 1024 ** 2} MiB.`, {
        hint: "Give the file instead of piping it.",
      });
    }
    pieces.push(piece);
  }
  return pieces;
}

/** The members of one session: client's request, server's answer, metadata. */
interface Session<Member> {
  readonly number: number;
  c?: Member;
  s?: Member;
  m?: Member;
}

/** An archive, read by yauzl (zip-archive.ts) or zip.js (protected-zip.ts). */
interface Archive<Member> {
  readonly sessions: readonly Session<Member>[];
  /** The capture in a ticket; null for a SAZ. */
  readonly ticket: Member | null;
  packedSize(member: Member): number;
  isEncrypted(member: Member): boolean;
  /** Opens the archive for unpacking members; `close` ends it. */
  open(): { unpack(member: Member): Uint8Array | Promise<Uint8Array>; close(): void };
}

interface Opened {
  readonly packedSize: number;
  read(progress: Progress): AsyncGenerator<CaptureEvent>;
}

async function openArchive(
  archive: Archive<ZipMember>,
  path: string,
  from: string | readonly Buffer[],
): Promise<Opened> {
  const isUsual = ({ packing, isEncrypted }: ZipMember): boolean => packing !== "other" && !isEncrypted;
  if (archive.sessions.every((session) => members(session).every(isUsual))) return opened(archive);
  return opened(await protectedArchive(path, from));
}

async function plainArchive(path: string, from: string | readonly Buffer[]): Promise<Archive<ZipMember>> {
  const bytes = openBytes(from);
  try {
    return {
      ...(await listSessions(readZipDirectory(bytes), path)),
      packedSize: ({ packedSize }) => packedSize,
      isEncrypted: ({ isEncrypted }) => isEncrypted,
      open() {
        const reopened = openBytes(from);
        return { unpack: (member) => unpackMember(reopened, member), close: () => reopened.close() };
      },
    };
  } finally {
    bytes.close();
  }
}

function openBytes(from: string | readonly Buffer[]): RandomAccessBytes {
  return typeof from === "string" ? openRandomAccess(from) : randomAccessTo(from);
}

async function protectedArchive(path: string, from: string | readonly Buffer[]): Promise<Archive<FileEntry>> {
  // Loaded on demand: the library is large, and few archives need it.
  const { readProtectedDirectory, unpackProtected } = await import("./protected-zip.ts");
  return {
    ...(await listSessions(readProtectedDirectory(from), path)),
    packedSize: ({ compressedSize }) => compressedSize,
    isEncrypted: ({ encrypted }) => encrypted,
    open: () => ({ unpack: (entry) => unpackProtected(entry, password()), close: () => undefined }),
  };
}

function opened<Member>(archive: Archive<Member>): Opened {
  const sizes = archive.sessions.map((session) => packedSize(session, archive));
  return {
    packedSize: sizes.reduce((sum, size) => sum + size, 0),
    read: (progress) => readSessions(archive, progress),
  };
}

function members<Member>({ c, s, m }: Session<Member>): readonly Member[] {
  return [c, s, m].filter((member) => member !== undefined);
}

function packedSize<Member>(session: Session<Member>, archive: Archive<Member>): number {
  return members(session).reduce((sum, member) => sum + archive.packedSize(member), 0);
}

type Named<Member> = readonly [name: string, member: Member];

type Listed<Member> = Pick<Archive<Member>, "sessions" | "ticket">;

async function listSessions<Member>(directory: AsyncIterable<Named<Member>>, path: string): Promise<Listed<Member>> {
  const sessions = new Map<number, Session<Member>>();
  let capture: Member | null = null;
  let hasManifest = false;
  try {
    for await (const [name, member] of directory) {
      if (name === ticketManifest) hasManifest = true;
      if (name === ticketCapture) capture = member;
      const [, digits, part] = /^raw[/\\](\d{1,9})_([csm])\.(?:txt|xml)$/i.exec(name) ?? [];
      if (digits === undefined || part === undefined || sessions.size >= sessionLimit) continue;
      const number = Number(digits);
      const session = sessions.get(number) ?? { number };
      session[part.toLowerCase() as "c" | "s" | "m"] = member;
      sessions.set(number, session);
    }
  } catch (cause) {
    throw unreadable(path, cause);
  }
  const ticket = sessions.size === 0 && hasManifest ? capture : null;
  if (sessions.size === 0 && ticket === null) throw withoutSessions(path);
  return { sessions: [...sessions.values()].sort((one, other) => one.number - other.number), ticket };
}

function withoutSessions(path: string): ToolError {
  // Some tools save their sessions as ZIP files: their names say what they are.
  const known = describeFile(nothing, path);
  if (known !== null)
    return new ToolError("not-a-capture", `${JSON.stringify(path)} ${known.what}.`, { hint: known.hint });
  return new ToolError("not-a-saz", `${JSON.stringify(path)} is a ZIP file without Fiddler sessions.`, {
    hint: "Save the sessions from Fiddler as SAZ, or unpack the archive and give the captures in it.",
  });
}

function unreadable(path: string, cause: unknown): ToolError {
  const what = cause instanceof UnsafeNameError ? "with names that lead out of it" : "that is cut or damaged";
  return new ToolError("not-a-zip", `${JSON.stringify(path)} is a ZIP file ${what}.`, {
    hint: "Save the archive again in Fiddler, or copy it again.",
    cause,
  });
}

interface Progress {
  readonly path: string;
  readonly problems: Problems;
  readonly summary: { transactions: number; truncated: boolean };
  /** Packed bytes of the sessions read so far, including the current one. */
  done: number;
  said: Provenance;
  /** Requests whose session has no metadata, so no time of their own. */
  withoutMetadata: number;
  readonly closed: ClosedTunnels;
}

async function* readSessions<Member>(archive: Archive<Member>, progress: Progress): AsyncGenerator<CaptureEvent> {
  let before = 0;
  const reading = archive.open();
  try {
    for (const session of archive.sessions) {
      progress.done += packedSize(session, archive);
      const files = await unpackSession(session, { archive, reading, progress });
      const events = files === null ? [] : await eventsOf(files, { number: session.number, before }, progress);
      for (const event of events) {
        if (event.kind === "transaction") {
          before = event.transaction.startedAt;
          progress.summary.transactions += 1;
        }
        yield event;
      }
    }
    // Beside decrypted sessions the tunnels tell nothing.
    const closed = progress.summary.transactions === 0 ? progress.closed.text() : null;
    if (closed !== null) progress.problems.add(closed);
    if (progress.withoutMetadata > 0) progress.problems.add(`${sessionCount(progress)}: ${noTime}`);
  } finally {
    reading.close();
  }
}

function sessionCount({ withoutMetadata }: Progress): string {
  return withoutMetadata === 1 ? "one session without metadata" : `${withoutMetadata} sessions without metadata`;
}

async function eventsOf(files: SessionFiles, place: EntryPlace, progress: Progress): Promise<readonly CaptureEvent[]> {
  const read = await readSazSession(files, place);
  if (typeof read !== "string") {
    progress.said = read.said;
    if (read.tunnel !== undefined) progress.closed.note(read.tunnel);
    if (!read.said.isTimed || read.said.isServersTime === true) noteNoTime(files, place, progress);
    for (const event of read.events)
      for (const lost of event.kind === "transaction" ? undecodedBodies(event.transaction) : [])
        progress.problems.add(`session ${place.number}: ${lost}`);
    return read.events;
  }
  progress.problems.add(`session ${place.number} was skipped: ${read}`);
  return [];
}

function noteNoTime(files: SessionFiles, place: EntryPlace, progress: Progress): void {
  if (files.metadata.length === 0) progress.withoutMetadata += 1;
  else progress.problems.add(`session ${place.number}: ${noTime}`);
}

interface Unpacking<Member> {
  readonly archive: Archive<Member>;
  readonly reading: ReturnType<Archive<Member>["open"]>;
  readonly progress: Progress;
}

const nothing = new Uint8Array(0);

async function unpackSession<Member>(
  { number, c, s, m }: Session<Member>,
  { archive, reading, progress }: Unpacking<Member>,
): Promise<SessionFiles | null> {
  if (c === undefined) {
    progress.problems.add(`session ${number} was skipped: it has no request`);
    return null;
  }
  try {
    return {
      request: await reading.unpack(c),
      answer: s === undefined ? nothing : await reading.unpack(s),
      metadata: m === undefined ? nothing : await reading.unpack(m),
    };
  } catch (error) {
    if (archive.isEncrypted(c) && password() === undefined) {
      throw new ToolError("protected", `${JSON.stringify(progress.path)} is protected by a password.`, {
        hint: "Set REALMSCOPE_SAZ_PASSWORD to it.",
      });
    }
    progress.summary.truncated = true;
    const why = error instanceof MemberTooLargeError ? "it unpacks to more than 64 MiB" : "it cannot be unpacked";
    progress.problems.add(`session ${number} was skipped: ${why}`);
    return null;
  }
}

function password(): string | undefined {
  const given = process.env.REALMSCOPE_SAZ_PASSWORD;
  return given === "" ? undefined : given;
}
