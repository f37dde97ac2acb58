// The answer of an upstream proxy that refuses a tunnel, so that the client gets it as it is.
import type { Socket } from "node:net";
import { createBodyCollector } from "../../http1/body.ts";
import {
  type BodyReader,
  ChunkedReader,
  createLengthReader,
  createUntilCloseReader,
} from "../../http1/body-readers.ts";
import { type Framing, responseFraming } from "../../http1/framing.ts";
import type { ResponseHead } from "../../http1/head.ts";

export const headLimit = 64 * 1024;
/** A longer refusal, or one that takes longer, is not passed on. */
const bodyLimit = 256 * 1024;
const refusalMs = 3_000;

export interface RefusedTunnel {
  readonly head: ResponseHead;
  /** The head as it was sent. */
  readonly bytes: Buffer;
}

/** Reads the answer that refuses a tunnel to its end. Null when it is too long, too slow, or not whole. */
export function readRefusal(socket: Socket, { head, bytes }: RefusedTunnel): Promise<Buffer | null> {
  const framing = responseFraming(head, "CONNECT");
  const reader = createBodyReader(framing);
  if (framing.kind === "length" && framing.length === 0) return Promise.resolve(bytes);
  if (reader === null) return Promise.resolve(null);
  return new Promise((resolve) => {
    const pieces = [bytes];
    let size = 0;
    const settle = (isWhole: boolean): void => {
      clearTimeout(timer);
      socket.off("data", take).off("end", onEnd).off("close", onEnd).pause();
      resolve(isWhole ? Buffer.concat(pieces) : null);
    };
    const timer = setTimeout(() => settle(false), refusalMs);
    const onEnd = (): void => settle(framing.kind === "until-close" && socket.readableEnded);
    const take = (piece: Buffer): void => {
      size += piece.length;
      const step = reader.push(piece, 0);
      if (step.state === "unclear" || size > bodyLimit) settle(false);
      else if (step.state === "more") pieces.push(piece);
      else {
        pieces.push(piece.subarray(0, step.next));
        settle(true);
      }
    };
    socket.on("end", onEnd).on("close", onEnd);
    socket.on("data", take);
    if (socket.destroyed) onEnd();
  });
}

function createBodyReader(framing: Framing): BodyReader | null {
  const body = createBodyCollector(0);
  if (framing.kind === "length") return createLengthReader(body, framing.length);
  if (framing.kind === "chunked") return new ChunkedReader(body, headLimit);
  return framing.kind === "until-close" ? createUntilCloseReader(body) : null;
}
