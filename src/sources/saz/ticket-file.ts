// Reads the capture inside a ticket of this program (`realmscope ticket`): the HAR in the ZIP, whose names never become
// paths and which is not unpacked to the disk.
import type { ByteInput } from "../input/byte-input.ts";
import type { Capture } from "../input/capture.ts";
import type { RandomAccessBytes } from "../input/random-access-file.ts";
import { readHar } from "../json/har-file.ts";
import type { LeanReader } from "../json/lean-entry.ts";
import { streamMember, type ZipMember } from "./zip-archive.ts";

/** The member of a ticket that is read, and the one by which a ticket is recognised. */
export const ticketCapture = "capture.har";
export const ticketManifest = "MANIFEST.json";

/** A larger capture is a bomb. */
const unpackedLimit = 16 * 1024 ** 3;

/**
 * Opens the HAR of a ticket; the bytes are opened when reading begins and closed when it ends. Rejects with the file
 * system's error, or with ToolError `not-a-har`.
 */
export async function readTicket(
  path: string,
  ticket: { readonly member: ZipMember; open(): RandomAccessBytes },
  lean: LeanReader | null,
): Promise<Capture> {
  const state: State = { done: 0, isDamaged: false };
  const pieces = readMember(ticket, state);
  const first = await pieces.next();
  const start = first.done === true ? Buffer.alloc(0) : first.value;
  const input: ByteInput = {
    start,
    chunks: rejoin(start, pieces),
    isPlainFile: false,
    reuseChunks: () => undefined,
    isDamaged: () => state.isDamaged,
    progress: () => ({ done: state.done, total: ticket.member.packedSize }),
  };
  return { ...readHar(path, input, lean), progress: input.progress };
}

interface State {
  /** Packed bytes read. */
  done: number;
  isDamaged: boolean;
}

async function* readMember(
  { member, open }: { readonly member: ZipMember; open(): RandomAccessBytes },
  state: State,
): AsyncGenerator<Buffer> {
  const bytes = open();
  let size = 0;
  try {
    const pieces = streamMember(bytes, member, (packed) => {
      state.done += packed;
    });
    for await (const piece of pieces) {
      size += piece.length;
      if (size > unpackedLimit) throw new Error("a bomb");
      yield piece;
    }
  } catch {
    // The HAR reader reports it, after the whole entries before the damage.
    state.isDamaged = true;
  } finally {
    bytes.close();
  }
}

async function* rejoin(first: Buffer, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  if (first.length > 0) yield first;
  yield* rest;
}
