// The progress of a running setup.
import { safe } from "../../../core/safe-text.ts";
import { wrap } from "../../lines/cell-text.ts";
import { type PaneLine, textLine } from "../../lines/pane-line.ts";
import { type Meaning, spread } from "../../lines/screen-line.ts";
import { durationWords } from "../../lines/time-bar.ts";
import type { SetupProgress, SetupStep } from "../../model/messages.ts";

const states: Readonly<Record<SetupStep["state"], readonly [mark: string, words: string, meaning: Meaning]>> = {
  waiting: ["[  ]", "waiting", "dim"],
  running: ["[..]", "running", "strong"],
  done: ["[OK]", "done", "good"],
  skipped: ["[--]", "nothing to do", "dim"],
  failed: ["[XX]", "FAILED", "bad"],
  undone: ["[<-]", "undone", "warning"],
};

/** The steps of a setup with state, duration and note. */
export function setupPane(progress: SetupProgress | null, columns: number): readonly PaneLine[] {
  if (progress === null) return [textLine("No setup is running here. `realmscope provision apply` runs one.", "dim")];
  const { title, steps } = progress;
  const done = steps.filter(({ state }) => state === "done" || state === "skipped").length;
  const failed = steps.filter(({ state }) => state === "failed").length;
  const end = failed === 0 ? "" : `, ${failed} FAILED`;
  return [
    textLine(safe(`${title}: ${done} of ${steps.length} steps done${end}`), failed === 0 ? "strong" : "bad"),
    ...steps.flatMap((step, index) => stepLines(step, index, columns)),
  ];
}

function stepLines({ title, state, note, seconds }: SetupStep, index: number, columns: number): readonly PaneLine[] {
  const [mark, words, meaning] = states[state];
  const time = seconds === null ? "" : ` ${durationWords(seconds * 1000)}`;
  const notes = note === "" ? [] : wrap(safe(note), columns - 9);
  return [
    {
      line: spread(
        [
          [`${mark} `, meaning],
          [safe(`${String(index + 1).padStart(2)}. ${title}`), state === "running" ? "strong" : "plain"],
        ],
        [[`${words}${time}`, meaning]],
        columns,
      ),
    },
    ...notes.map((text) => textLine(`         ${text}`, state === "failed" ? "bad" : "dim")),
  ];
}
