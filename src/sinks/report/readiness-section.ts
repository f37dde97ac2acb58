// The ten answers of `readiness` in a report; left out where no question is answered.
import type { Analysis } from "../../diagnosis/analysis.ts";
import {
  type AnswerDetail,
  type AnswerState,
  joinWords,
  type ReadinessAnswer,
  type ReadinessOptions,
  stateWords,
} from "../../diagnosis/readiness/answer.ts";
import { answerReadiness } from "../../diagnosis/readiness/answer-all.ts";
import { html, type Markup, nothing } from "./html-text.ts";
import { code, plain } from "./markdown-text.ts";
import type { Tone } from "./report-words.ts";
import type { RowLinks } from "./row-links.ts";

const nothingKnown: ReadinessOptions = { hybridApp: null, applications: new Map(), certificates: [] };
const title = "Hybrid Exchange of today: ten questions";

const tones: Readonly<Record<AnswerState, Tone>> = {
  ok: "good",
  partly: "good",
  attention: "warn",
  problem: "bad",
  "not-seen": "plain",
};

/** The answers; none where the analysis did not collect for them, or no question is answered. */
function answersOf(analysis: Analysis, known = nothingKnown): readonly ReadinessAnswer[] {
  const all = [analysis, ...(analysis.captures ?? [])];
  if (all.every(({ readiness }) => readiness === undefined)) return [];
  const answers = answerReadiness(analysis, known);
  return answers.some(({ state }) => state !== "not-seen") ? answers : [];
}

/** The section of the HTML report, in the form of its list of sections: one or none. */
export function readinessSection(
  analysis: Analysis,
  known: ReadinessOptions | undefined,
  links: RowLinks,
): readonly (readonly [id: string, title: string, markup: Markup])[] {
  const answers = answersOf(analysis, known);
  if (answers.length === 0) return [];
  const seen = answers.filter(({ state }) => state !== "not-seen");
  const unseen = answers.filter(({ state }) => state === "not-seen");
  const list = html`<ul class="told">${unseen.map(
    ({ id, question, open }) => html`<li><strong>${id}</strong> ${question} ${open.join(" ")}</li>
`,
  )}</ul>`;
  const markup = html`<p class="soft">The last answer counts, over all captures. Nothing is answered from what they do not show.</p>
${seen.map((answer) => answerCard(answer, links))}${
  unseen.length === 0
    ? nothing
    : html`<h3>Not seen here</h3>
${list}`
}`;
  return [["readiness", title, markup]];
}

function answerCard(answer: ReadinessAnswer, links: RowLinks): Markup {
  const { id, question, state, details, open, evidence, captures } = answer;
  const from = captures.length === 0 ? "" : ` of ${joinWords(captures, 3)}`;
  return html`<article class="card ${tones[state]}" aria-labelledby="a-${id}"><h3 id="a-${id}">${pill(state)} ${id} ${question}</h3>
<p>${answer.answer}</p>
${details.length < 2 ? nothing : html`<ul class="told">${details.map((detail) => detailItem(detail, links))}</ul>`}
${open.length === 0 ? nothing : html`<p class="soft">${open.join(" ")}</p>`}
${evidence.length === 0 ? nothing : html`<p class="evidence">Seen in ${links.list(evidence, 10)}${from}</p>`}</article>
`;
}

function detailItem({ name, state, text, evidence }: AnswerDetail, links: RowLinks): Markup {
  return html`<li>${pill(state)} <strong>${name}</strong>: ${text} <span class="evidence">${links.list(evidence, 5)}</span></li>
`;
}

function pill(state: AnswerState): Markup {
  const { mark, words } = stateWords[state];
  return html`<span class="pill ${tones[state]}">${mark} ${words}</span>`;
}

/** The lines of the Markdown report; none where the section is left out. */
export function readinessLines(analysis: Analysis, known?: ReadinessOptions): readonly string[] {
  const answers = answersOf(analysis, known);
  if (answers.length === 0) return [];
  return [`## ${title}`, "", ...answers.flatMap(answerLines), ""];
}

function answerLines({ id, question, state, answer, details, open, evidence }: ReadinessAnswer): readonly string[] {
  const rows = evidence.length === 0 ? "" : ` ${code(evidence.join(" "))}`;
  return [
    `- **${id} ${stateWords[state].words}**: ${plain(question)} ${plain(answer)}${rows}`,
    ...(details.length < 2
      ? []
      : details.map(
          (one) =>
            `  - ${stateWords[one.state].words}: ${plain(one.name)}: ${plain(one.text)} ${code(one.evidence.join(" "))}`,
        )),
    ...(open.length === 0 ? [] : [`  - Open: ${plain(open.join(" "))}`]),
  ];
}
