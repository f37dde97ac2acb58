/** One step of a setup as the screen draws it: plain data, whatever runs the steps. Texts are ours or safe to escape. */
export interface SetupStep {
  readonly id: string;
  readonly title: string;
  readonly state: "waiting" | "running" | "done" | "skipped" | "failed" | "undone";
  /** What it waits for, found or failed at; empty when there is nothing to say. */
  readonly note: string;
  readonly seconds: number | null;
}

export interface SetupProgress {
  readonly title: string;
  readonly steps: readonly SetupStep[];
}
