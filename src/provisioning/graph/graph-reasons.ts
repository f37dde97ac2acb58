// Why Graph stops a run, by what it answered.
import type { Reason } from "../model/stop.ts";

export function untrusted(origin: string, problem: string): Reason {
  return {
    code: "graph-unreachable",
    message: `The certificate of ${origin} is not trusted here (${problem}).`,
    hint: "Where a proxy opens TLS, give its root with NODE_EXTRA_CA_CERTS=FILE; nothing was sent.",
  };
}

export function unauthorized(message: string): Reason {
  return {
    code: "graph-unauthorized",
    message: `Microsoft Graph refused the token twice (401)${message === "" ? "" : `: ${message}`}.`,
    hint: "Sign in again (see --sign-in), then run `realmscope provision resume`.",
  };
}

export function forbidden(message: string, requestId: string): Reason {
  return {
    code: "graph-forbidden",
    message: `Microsoft Graph forbids this (403)${message === "" ? "" : `: ${message}`}${requestId === "" ? "" : ` [request-id ${requestId}]`}.`,
    hint: "Two suspects: the signed-in account lacks a role that may change applications (Application.ReadWrite.All with an administrator role), or the tenant guards this first-party service principal. Not sent again; the bundle and `realmscope provision script` let someone else do this half.",
  };
}

export function unexpected(status: number, message: string, requestId: string): Reason {
  return {
    code: "graph-error",
    message: `Microsoft Graph answered ${status}${message === "" ? "" : `: ${message}`}${requestId === "" ? "" : ` [request-id ${requestId}]`}.`,
    hint: "Look the code up, then run `realmscope provision resume`, or plan again.",
  };
}

/** The last of several attempts of a write needed a new sign-in, and what it was computed from is old by then. */
export function newToken(): Reason {
  return {
    code: "token-unfit",
    message: "The write to Microsoft Graph needed a new token, and was tried often enough before; it was not sent.",
    hint: "Run `realmscope provision resume`: it looks again before it changes anything.",
  };
}
