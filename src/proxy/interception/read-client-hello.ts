import type { Socket } from "node:net";
import { type ClientHello, lookForHello } from "./client-hello.ts";

export type FirstFlight =
  /** The bytes are put back, to be read again. */
  | { readonly kind: "hello"; readonly hello: ClientHello }
  /** Bytes that are not a ClientHello, or one that cannot be read; put back as well. */
  | { readonly kind: "other" }
  /** The client closed its connection, or did not send the rest in time. */
  | { readonly kind: "left" | "timeout"; readonly bytes: number };

/** Reads the ClientHello at the beginning of a connection, at most for `limitMs`. */
export function readClientHello(client: Socket, limitMs: number): Promise<FirstFlight> {
  return new Promise((resolve) => {
    const pieces: Buffer[] = [];
    let [held, need] = [0, 1];
    const settle = (flight: FirstFlight): void => {
      clearTimeout(timer);
      client.off("readable", look).off("end", leave).off("close", leave);
      // At once: after the end of the stream nothing can be put back.
      if (held > 0 && (flight.kind === "hello" || flight.kind === "other")) client.unshift(Buffer.concat(pieces));
      // A stream without a reader may keep flowing, and lose what is put back.
      client.pause();
      resolve(flight);
    };
    const leave = (): void => settle({ kind: "left", bytes: held });
    const timer = setTimeout(() => settle({ kind: "timeout", bytes: held }), limitMs);
    const look = (): void => {
      for (let bytes: Buffer | null = client.read(); bytes !== null; bytes = client.read()) {
        pieces.push(bytes);
        held += bytes.length;
      }
      if (held < need) return;
      const step = lookForHello(Buffer.concat(pieces));
      if (step.state === "more") need = step.need;
      else settle(step.state === "whole" ? { kind: "hello", hello: step.hello } : { kind: "other" });
    };
    client.on("readable", look).on("end", leave).on("close", leave);
    // A stream that has already ended emits no event.
    if (client.destroyed || client.readableEnded) leave();
  });
}
