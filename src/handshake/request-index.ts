// The last requests by client-request-id: which handshake each belongs to, and how its calls ended. A row of a server's log about
// the same request finds both here.
import { recentMap } from "../core/recent-map.ts";
import type { Outcome } from "./signals.ts";

/** What is known of the requests with one client-request-id: a probe and the call after it share it. */
export interface SeenRequest {
  readonly handshakeId: string;
  /** How its calls with a token ended; a call that was repeated may end differently. */
  readonly isAccepted: boolean;
  readonly isRefused: boolean;
  /** There was a call with a token. */
  readonly isCall: boolean;
  /** A password was sent. */
  readonly isPassword: boolean;
}

export interface RequestIndex {
  find(requestId: string): SeenRequest | undefined;
  note(
    requestId: string,
    handshakeId: string,
    seen: { readonly outcome: Outcome | null; readonly isPassword: boolean },
  ): void;
}

/** Creates an index that holds at least the `limit` last requests. */
export function startRequestIndex(limit: number): RequestIndex {
  const requests = recentMap<string, SeenRequest>(limit);
  return {
    find: (requestId) => (requestId === "" ? undefined : requests.get(requestId)),
    note(requestId, handshakeId, { outcome, isPassword }) {
      const before = requests.get(requestId);
      requests.set(requestId, {
        handshakeId,
        isAccepted: outcome === "accepted" || before?.isAccepted === true,
        isRefused: outcome === "refused" || before?.isRefused === true,
        isCall: outcome !== null || before?.isCall === true,
        isPassword: isPassword || before?.isPassword === true,
      });
    },
  };
}
