// The answers of `readiness` as lines: one for each question, below it what is open.
import { safe } from "../../core/safe-text.ts";
import { type AnswerState, joinWords, type ReadinessAnswer, stateWords } from "../../diagnosis/readiness/answer.ts";
import type { Meaning } from "../../tui/lines/screen-line.ts";
import { themeOf } from "../../tui/lines/theme.ts";
import type { CommonOptions } from "../options/common-options.ts";

const meanings: Readonly<Record<AnswerState, Meaning>> = {
  ok: "good",
  partly: "good",
  attention: "warning",
  problem: "bad",
  "not-seen": "dim",
};

/** All lines, coloured only on a terminal that can show it. */
export function renderReadiness(
  answers: readonly ReadinessAnswer[],
  options: CommonOptions,
  configuredTheme: string | null,
): string {
  const paint = painterFor(options, configuredTheme);
  const lines: string[] = [];
  const printed = new Map<string, string>();
  if (options.quiet !== true) for (const answer of answers) lines.push(...linesOf(answer, { paint, printed, options }));
  lines.push(...summaryOf(answers, paint));
  return lines.map((line) => `${line}\n`).join("");
}

type Paint = (text: string, meaning: Meaning) => string;

interface Printing {
  readonly paint: Paint;
  /** The question under which a text was printed first. */
  readonly printed: Map<string, string>;
  readonly options: CommonOptions;
}

function linesOf(answer: ReadinessAnswer, { paint, printed, options }: Printing): readonly string[] {
  const { id, question, state, details, evidence, open, captures } = answer;
  const rows = evidence.length === 0 ? "" : ` (rows ${evidence.join(", ")}${ofCaptures(captures)})`;
  const lines = [`${id} ${paint(markOf(state), meanings[state])}: ${safe(`${question} ${answer.answer}${rows}`)}`];
  if (details.length > 1 || options.verbose === true)
    for (const detail of details) {
      const shown = detail.evidence.length === 0 ? "" : ` (rows ${detail.evidence.join(", ")})`;
      lines.push(
        `   - ${paint(markOf(detail.state), meanings[detail.state])}: ${safe(`${detail.name}: ${detail.text}${shown}`)}`,
      );
    }
  const repeated = new Set<string>();
  for (const text of open) {
    const before = printed.get(text);
    if (before === undefined) lines.push(`   ${safe(text)}`);
    else repeated.add(before);
    if (before === undefined) printed.set(text, id);
  }
  if (repeated.size > 0) lines.push(`   How to see it: as for ${joinWords([...repeated])}.`);
  return lines;
}

/** `[XX] problem`. */
function markOf(state: AnswerState): string {
  const { mark, words } = stateWords[state];
  return `[${mark}] ${words}`;
}

function ofCaptures(captures: readonly string[]): string {
  return captures.length === 0 ? "" : ` of ${joinWords(captures, 3)}`;
}

/** The last line: how many questions show a problem, are answered and are not seen. */
function summaryOf(answers: readonly ReadinessAnswer[], paint: Paint): readonly string[] {
  const of = (wanted: AnswerState): readonly string[] =>
    answers.filter(({ state }) => state === wanted).map(({ id }) => id);
  const problems = of("problem");
  const looks = of("attention");
  const unseen = of("not-seen");
  const answered = answers.length - unseen.length;
  const parts = [
    problems.length > 0 ? `problem in ${joinWords(problems, 10)}` : "no problem seen",
    ...(looks.length > 0 ? [`attention for ${joinWords(looks, 10)}`] : []),
    ...(unseen.length > 0 ? [`not seen here: ${joinWords(unseen, 10)}`] : []),
  ];
  const state = problems.length > 0 ? "problem" : answered === 0 ? "not-seen" : looks.length > 0 ? "attention" : "ok";
  return [
    `${paint(`[${stateWords[state].mark}]`, meanings[state])} ${answered} of ${answers.length} questions answered; ${parts.join("; ")}`,
  ];
}

function painterFor(options: CommonOptions, configuredTheme: string | null): Paint {
  const isPlain = !options.color || options.plain === true || (process.env.NO_COLOR ?? "") !== "";
  if (process.stdout.isTTY !== true || process.env.TERM === "dumb" || isPlain) return (text) => text;
  const { colours } = themeOf(options.theme ?? configuredTheme ?? "default", { isAscii: true, isWide: false });
  return (text, meaning) => (colours[meaning] === "" ? text : `\u001b[${colours[meaning]}m${text}\u001b[0m`);
}
