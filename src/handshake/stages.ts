// Everything that can change a stage is in this table; nothing else may.
export type Signal = "probed" | "challenged" | "token-issued" | "token-presented" | "accepted" | "refused";
export type Stage = "idle" | "probing" | "challenged" | "holding-token" | "presenting" | "trusted" | "rejected";

/** A signal missing from a row leaves the stage alone and is kept as unexpected. */
export const nextStage: Readonly<Record<Stage, Readonly<Partial<Record<Signal, Stage>>>>> = {
  idle: { probed: "probing", challenged: "challenged", "token-presented": "presenting" },
  probing: { challenged: "challenged" },
  challenged: { "token-issued": "holding-token", "token-presented": "presenting" },
  "holding-token": { "token-presented": "presenting" },
  presenting: { accepted: "trusted", refused: "rejected" },
  trusted: { "token-presented": "presenting" },
  rejected: { probed: "probing", challenged: "challenged" },
};
