// The reasons with which an answer of Graph stops a run.
import type { Reason } from "../model/stop.ts";

export function untrustedReason(origin: string, problem: string): Reason {
  return {
    code: "graph-unreachable",
    message: `The certificate of ${origin} is not trusted here (${problem}).`,
    hint: "Nothing was sent. If a proxy inspects TLS, give its root certificate with NODE_EXTRA_CA_CERTS=FILE.",
  };
}

export function unauthorizedReason(message: string): Reason {
  return {
    code: "graph-unauthorized",
    message: `Microsoft Graph refused the token twice (401)${message === "" ? "" : `: ${message}`}.`,
    hint: "Sign in again (see --sign-in), then run `realmscope provision resume`.",
  };
}

export function forbiddenReason(message: string, requestId: string): Reason {
  return {
    code: "graph-forbidden",
    message: `Microsoft Graph forbids this (403)${message === "" ? "" : `: ${message}`}${requestId === "" ? "" : ` [request-id ${requestId}]`}.`,
    hint: "Either the signed-in account lacks a role that may change applications (Application.ReadWrite.All with an administrator role), or the tenant protects this first-party service principal. Not retried; the bundle and `realmscope provision script` let someone else do this half.",
    isRefusal: true,
  };
}

export function unexpectedReason(status: number, message: string, requestId: string): Reason {
  return {
    code: "graph-error",
    message: `Microsoft Graph answered ${status}${message === "" ? "" : `: ${message}`}${requestId === "" ? "" : ` [request-id ${requestId}]`}.`,
    hint: "Look up the code, then run `realmscope provision resume`, or make a new plan.",
  };
}

/** For a write whose last attempt needed a new sign-in: the read it was computed from is outdated by then. */
export function newTokenReason(): Reason {
  return {
    code: "token-unfit",
    message: "The last attempt to write to Microsoft Graph needed a new token; the write was not sent.",
    hint: "Run `realmscope provision resume`: it reads the current state before it changes anything.",
  };
}

/** For an answer that is not the requested object. */
export function foreignAnswer(answer: {
  readonly kind: string;
  readonly code?: string;
  readonly message?: string;
}): Reason {
  const detail = answer.kind === "bad-request" ? ` (${answer.code}: ${answer.message})` : "";
  return {
    code: "graph-error",
    message: `Microsoft Graph answered with something other than the requested object${detail}.`,
    hint: "Check --graph-url and --cloud; a proxy in between may have answered instead of Graph.",
  };
}
