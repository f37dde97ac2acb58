// Fiddler archives: a ZIP with raw/N_c.txt (request), raw/N_s.txt (answer as on the wire) and raw/N_m.xml for each session.
// Names in the archive are looked up and never become paths.
import { openAsBlob } from "node:fs";
import { crc32, inflateRawSync } from "node:zlib";
import { BlobReader, configure, ERR_UNSAFE_FILENAME, type FileEntry, ZipReader } from "@zip.js/zip.js";
import type { CaptureEvent, SourceSummary } from "../core/capture-event.ts";
import { ToolError } from "../core/tool-error.ts";
import type { ByteInput } from "./byte-input.ts";
import type { Capture } from "./open-capture.ts";
import { collectProblems, type Problems } from "./problems.ts";
import { readSazSession, type SessionFiles } from "./saz-session.ts";

configure({ useWebWorkers: false });

/** What one file of a session may unpack to. */
const fileLimit = 64 * 1024 * 1024;
const sessionLimit = 1_000_000;
const pipedLimit = 512 * 1024 * 1024;

/** Opens a SAZ file. The password of a protected one is taken from the environment. Throws ToolError. */
export async function readSaz(path: string, input: ByteInput): Promise<Capture> {
  const blob = path === "-" ? await collect(input) : await openAsBlob(path);
  const sessions = await listSessions(new ZipReader(new BlobReader(blob)), path);
  const problems = collectProblems();
  const summary = { transactions: 0, truncated: false };
  const progress = { path, blob, problems, summary, done: 0 };
  const total = sessions.reduce((sum, session) => sum + packedSize(session), 0);
  return {
    events: readSessions(sessions, progress),
    progress: () => ({ done: progress.done, total }),
    summary: (): SourceSummary => ({ path, format: "saz", ...summary, problems: problems.lines() }),
  };
}

/** A ZIP file is read from its end: standard input is kept in memory, up to a limit. */
async function collect(input: ByteInput): Promise<Blob> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of input.chunks) {
    size += piece.length;
    if (size > pipedLimit) {
      throw new ToolError("too-long", "The SAZ file on standard input is longer than 512 MiB.", {
        hint: "Name the file instead of piping it.",
      });
    }
    pieces.push(piece);
  }
  return new Blob(pieces);
}

interface SessionEntries {
  readonly number: number;
  c?: FileEntry;
  s?: FileEntry;
  m?: FileEntry;
}

function packedSize({ c, s, m }: SessionEntries): number {
  return [c, s, m].reduce((sum, entry) => sum + (entry?.compressedSize ?? 0), 0);
}

async function listSessions(zip: ZipReader<Blob>, path: string): Promise<readonly SessionEntries[]> {
  const sessions = new Map<number, SessionEntries>();
  try {
    for await (const entry of zip.getEntriesGenerator()) {
      const [, digits, part] = /^raw[/\\](\d{1,9})_([csm])\.(?:txt|xml)$/i.exec(entry.filename) ?? [];
      if (digits === undefined || part === undefined || entry.directory || sessions.size >= sessionLimit) continue;
      const number = Number(digits);
      const session = sessions.get(number) ?? { number };
      session[part.toLowerCase() as "c" | "s" | "m"] = entry;
      sessions.set(number, session);
    }
  } catch (cause) {
    throw unreadable(path, cause);
  }
  if (sessions.size === 0) {
    throw new ToolError("not-a-saz", `${JSON.stringify(path)} is a ZIP file without Fiddler sessions.`, {
      hint: "Save the sessions from Fiddler as SAZ, or unpack the archive and name the captures in it.",
    });
  }
  return [...sessions.values()].sort((one, other) => one.number - other.number);
}

function unreadable(path: string, cause: unknown): ToolError {
  const leadsOut = cause instanceof Error && cause.message === ERR_UNSAFE_FILENAME;
  const what = leadsOut ? "with names that lead out of it" : "that is cut or damaged";
  return new ToolError("not-a-zip", `${JSON.stringify(path)} is a ZIP file ${what}.`, {
    hint: "Save the archive again in Fiddler, or copy it again.",
    cause,
  });
}

interface Progress {
  readonly path: string;
  readonly blob: Blob;
  readonly problems: Problems;
  readonly summary: { transactions: number; truncated: boolean };
  /** Packed bytes of the sessions that were begun. */
  done: number;
}

async function* readSessions(sessions: readonly SessionEntries[], progress: Progress): AsyncGenerator<CaptureEvent> {
  let before = 0;
  for (const session of sessions) {
    progress.done += packedSize(session);
    const files = await unpackSession(session, progress);
    if (files === null) continue;
    const read = await readSazSession(files, { number: session.number, before });
    if (typeof read === "string") {
      progress.problems.add(`session ${session.number} was left out: ${read}`);
      continue;
    }
    for (const event of read) {
      if (event.kind === "transaction") {
        before = event.transaction.startedAt;
        progress.summary.transactions += 1;
      }
      yield event;
    }
  }
}

async function unpackSession(session: SessionEntries, progress: Progress): Promise<SessionFiles | null> {
  const { number, c, s, m } = session;
  const { blob } = progress;
  if (c === undefined) {
    progress.problems.add(`session ${number} was left out: it has no request`);
    return null;
  }
  try {
    return { request: await unpack(blob, c), answer: await unpack(blob, s), metadata: await unpack(blob, m) };
  } catch (error) {
    if (c.encrypted && password() === undefined) {
      throw new ToolError("protected", `${JSON.stringify(progress.path)} is protected by a password.`, {
        hint: "Set REALMSCOPE_SAZ_PASSWORD to it.",
      });
    }
    progress.summary.truncated = true;
    const why = error instanceof RangeError ? "it unpacks to more than 64 MiB" : "it cannot be unpacked";
    progress.problems.add(`session ${number} was left out: ${why}`);
    return null;
  }
}

function password(): string | undefined {
  const given = process.env.REALMSCOPE_SAZ_PASSWORD;
  return given === "" ? undefined : given;
}

/** A member of the archive. What is neither packed in a rare way nor protected is unpacked here: streams take twenty times as long. */
async function unpack(blob: Blob, entry: FileEntry | undefined): Promise<Uint8Array> {
  if (entry === undefined) return new Uint8Array(0);
  const isUsual = !entry.encrypted && (entry.compressionMethod === stored || entry.compressionMethod === deflated);
  return isUsual && !entry.zip64 ? unpackUsual(blob, entry) : unpackStream(entry);
}

const stored = 0;
const deflated = 8;
/** APPNOTE 4.3.7: a local header is this long before the name, and the extra field has its length at its end. */
const localHeader = 30;

async function unpackUsual(blob: Blob, entry: FileEntry): Promise<Uint8Array> {
  if (entry.uncompressedSize > fileLimit) throw new RangeError("too large");
  const head = await bytesAt(blob, entry.offset, localHeader);
  const start = entry.offset + localHeader + head.readUInt16LE(26) + head.readUInt16LE(28);
  const packed = await bytesAt(blob, start, entry.compressedSize);
  // The size that the archive states may be a lie: no more than that comes out.
  const bytes =
    entry.compressionMethod === stored
      ? packed
      : inflateRawSync(packed, { maxOutputLength: Math.max(1, entry.uncompressedSize) });
  if (bytes.length !== entry.uncompressedSize || crc32(bytes) !== entry.signature) throw new Error("damaged");
  return bytes;
}

async function bytesAt(blob: Blob, start: number, length: number): Promise<Buffer> {
  const bytes = Buffer.from(await blob.slice(start, start + length).arrayBuffer());
  if (bytes.length !== length) throw new Error("cut");
  return bytes;
}

async function unpackStream(entry: FileEntry): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  const sink = new WritableStream<Uint8Array>({
    write(piece) {
      size += piece.length;
      // The size that the archive states may be a lie: what comes out is counted.
      if (size > fileLimit) throw new RangeError("too large");
      pieces.push(piece);
    },
  });
  const given = password();
  await entry.getData(sink, { checkSignature: true, ...(given === undefined ? {} : { password: given }) });
  return Buffer.concat(pieces);
}
