// Rows that Exchange's own probes and its calls between servers write: most rows of a server.
import type { LogSignIn } from "../core/log-row.ts";
import type { SignedIn } from "./signed-in.ts";

const probeAgents = /^AMProbe\/|Ews_AM_Probe|ActiveMonProbe|MSEXCHMON|ACTIVEMONITORING/i;
const localAddress = /^(?:127\.|::1(?:%|$)|::ffff:127\.|fe80:|169\.254\.)/i;

export interface Caller {
  readonly account: SignedIn;
  readonly signIn: LogSignIn;
  readonly userAgent: string;
  readonly client: string;
  readonly path: string;
}

/**
 * True for a row of Exchange's own health checks (agent and account must both be theirs: anyone can name his program AMProbe) and
 * for the hop between its servers, which signs in as a machine. A Basic sign-in from another address is never noise.
 */
export function isNoise(caller: Caller): boolean {
  if (caller.signIn === "basic" && !localAddress.test(caller.client)) return false;
  return isHop(caller) || isProbe(caller);
}

/** A machine account with NTLM, Negotiate or `Logon`. */
function isHop({ account, signIn }: Caller): boolean {
  return account.kind === "machine" && signIn !== "bearer" && signIn !== "bearer-unauthenticated";
}

function isProbe({ account, userAgent, path, signIn }: Caller): boolean {
  const isOwn = account.kind === "health-mailbox" || account.kind === "machine";
  if (isOwn || (account.kind === "none" && signIn !== "bearer")) {
    if (probeAgents.test(userAgent)) return true;
    return /\/healthcheck\.htm$/i.test(path) && (isOwn || signIn === "none" || signIn === "unknown");
  }
  return false;
}
