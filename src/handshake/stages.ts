// The table of stages: only its entries change a stage.
//
// The protocol runs probe, challenge, token, call, answer ([MS-XOAUTH] 4.6), but a capture need not hold every step: a client with
// a token neither probes nor requests one, a capture can begin anywhere, and the token may have been fetched outside of it. So
// every row has every signal that can follow in valid traffic.

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

/** A signal missing from a row does not change the stage and is recorded as unexpected. */
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
  // Another call of the same client may be challenged before the token is used: the client still holds it.
  "holding-token": {
    probed: "holding-token",
    challenged: "holding-token",
    "token-issued": "holding-token",
    "token-denied": "rejected",
    "token-presented": "presenting",
  },
  // `token-presented` again: the last call had no answer, or an undecided one.
  presenting: {
    accepted: "trusted",
    refused: "rejected",
    "token-presented": "presenting",
    probed: "presenting",
    challenged: "presenting",
    "token-issued": "presenting",
    "token-denied": "rejected",
  },
  // A new probe, challenge or token does not undo the proof; only a new call does, or a refused renewal of the token.
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
