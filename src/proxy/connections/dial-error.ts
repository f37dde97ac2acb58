/** `abandoned`: the client left while the target was dialled; this is not a failure of the target. */
type DialErrorKind = "denied" | "failed" | "abandoned";

/** Why a target was not reached. `reason` is this program's own text plus an error code; it never quotes a peer. */
export class DialError extends Error {
  readonly kind: DialErrorKind;
  readonly reason: string;
  /** The whole answer of an upstream proxy that refused the tunnel, to be passed on; null where there is none. */
  readonly answer: Uint8Array | null;

  constructor(kind: DialErrorKind, reason: string, answer: Uint8Array | null = null) {
    super(reason);
    this.name = "DialError";
    this.kind = kind;
    this.reason = reason;
    this.answer = answer;
  }
}

export function targetDeniedError(): DialError {
  return new DialError("denied", "the target is not allowed");
}

export function clientLeftError(): DialError {
  return new DialError("abandoned", "the client went away");
}

/**
 * Turns a system error of connecting into a DialError; a DialError is returned unchanged. `peer` is who was connected to.
 */
export function toDialError(error: NodeJS.ErrnoException, peer: "the target" | "the upstream proxy"): DialError {
  if (error instanceof DialError) return error;
  const code = error.code ?? "unknown error";
  const known = Object.hasOwn(problems, code) ? problems[code] : undefined;
  const words = known ?? "the connection failed";
  if (peer === "the target") return new DialError("failed", `${words} (${code})`);
  const ofProxy = words.includes("the target") ? words.replace("the target", peer) : `${peer}: ${words}`;
  return new DialError("failed", `${ofProxy} (${code})`);
}

const problems: Readonly<Record<string, string>> = {
  ECONNREFUSED: "the target refused the connection",
  ECONNRESET: "the target broke the connection",
  ENOTFOUND: "the name is not known",
  EAI_AGAIN: "the name server did not answer",
  ETIMEDOUT: "the connection took too long",
  EHOSTUNREACH: "the target's machine cannot be reached",
  ENETUNREACH: "the target's network cannot be reached",
  EMFILE: "this process has no more file descriptors",
};
