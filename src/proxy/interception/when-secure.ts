import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";

export interface Handshake {
  readonly event: "secure" | "secureConnect";
  /** The TCP socket under the TLS stream. */
  readonly raw: Socket;
  readonly limitMs: number;
}

/** Resolves at the end of a handshake, with null or its error. */
export function whenSecure(
  socket: TLSSocket,
  { event, raw, limitMs }: Handshake,
): Promise<{ readonly code?: string | undefined } | null> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => settle({ code: "ETIMEDOUT" }), limitMs);
    const onClose = (): void => settle({ code: "ECONNRESET" });
    // Emitted from within OpenSSL, where promises run as well: destroying the socket there makes OpenSSL use freed
    // memory.
    const onSecure = (): void => {
      // A client may send its Finished and its end in one packet: then the handshake is finished all the same.
      if (event === "secure") forget();
      setImmediate(() => settle(null));
    };
    const forget = (): void => {
      socket.off("error", settle).off("end", onClose).off("close", onClose);
      raw.off("end", onClose).off("close", onClose);
    };
    const settle = (error: { readonly code?: string | undefined } | null): void => {
      clearTimeout(timer);
      socket.off(event, onSecure);
      forget();
      resolve(error);
    };
    // During a handshake an end by the peer is a failure. What the TCP socket read before the TLS stream was put over
    // it, its end included, is reported there only.
    socket.on(event, onSecure).on("error", settle).on("end", onClose).on("close", onClose);
    raw.on("end", onClose).on("close", onClose);
  });
}
