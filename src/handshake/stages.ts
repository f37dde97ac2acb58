// Everything that can change a stage is in this table; nothing else may.
//
// The order of the protocol is probe, challenge, token, call, answer ([MS-XOAUTH] 4.6), but none of its steps has to be
// in a capture: a client that holds a token neither probes nor asks for one, a capture can begin anywhere, and the token
// may have been fetched where nobody listened. So every row takes every signal that can honestly come next.

/**
 * What one transaction proves. `challenged` is a 401 to a request without a token; a 401 to a request with one is
 * `refused`. `token-denied` is the token service saying no.
 */
export type Signal =
  | "probed"
  | "challenged"
  | "token-issued"
  | "token-denied"
  | "token-presented"
  | "accepted"
  | "refused";
export type Stage = "idle" | "probing" | "challenged" | "holding-token" | "presenting" | "trusted" | "rejected";

/** A signal missing from a row leaves the stage alone and is kept as unexpected. */
export const nextStage: Readonly<Record<Stage, Readonly<Partial<Record<Signal, Stage>>>>> = {
  idle: {
    probed: "probing",
    challenged: "challenged",
    "token-issued": "holding-token",
    "token-denied": "rejected",
    "token-presented": "presenting",
  },
  probing: {
    probed: "probing",
    challenged: "challenged",
    "token-issued": "holding-token",
    "token-denied": "rejected",
    "token-presented": "presenting",
  },
  challenged: {
    probed: "probing",
    challenged: "challenged",
    "token-issued": "holding-token",
    "token-denied": "rejected",
    "token-presented": "presenting",
  },
  // Another call of the same client may be challenged while the token is on its way: the token is still there.
  "holding-token": {
    probed: "holding-token",
    challenged: "holding-token",
    "token-issued": "holding-token",
    "token-denied": "rejected",
    "token-presented": "presenting",
  },
  // `token-presented` again: the answer to the last call was not seen, or did not tell.
  presenting: {
    accepted: "trusted",
    refused: "rejected",
    "token-presented": "presenting",
    probed: "presenting",
    challenged: "presenting",
    "token-issued": "presenting",
    "token-denied": "rejected",
  },
  // A new probe, challenge or token does not undo what was proven; only a new call can, or a token that cannot be renewed.
  trusted: {
    probed: "trusted",
    challenged: "trusted",
    "token-issued": "trusted",
    "token-presented": "presenting",
    "token-denied": "rejected",
  },
  rejected: {
    probed: "probing",
    challenged: "challenged",
    "token-issued": "holding-token",
    "token-denied": "rejected",
    "token-presented": "presenting",
  },
};
