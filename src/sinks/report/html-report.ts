// The HTML report for a ticket: one file without network access and script, readable in light and dark, on paper and aloud.
import type { Analysis } from "../../diagnosis/analysis.ts";
import { severitiesWorstFirst, worstFirst } from "../../diagnosis/catalogue/finding-text.ts";
import type { ReadinessOptions } from "../../diagnosis/readiness/answer.ts";
import type { Removals } from "../../sanitising/search/count-removals.ts";
import type { AnalysisSource } from "../analysis-json.ts";
import { captureSection, mergedCapturesSentence } from "./capture-section.ts";
import { directionList } from "./direction-section.ts";
import { findingSection } from "./finding-section.ts";
import { handshakeSection } from "./handshake-section.ts";
import { html, type Markup, nothing } from "./html-text.ts";
import { readinessSection } from "./readiness-section.ts";
import type { ReportFacts } from "./report-facts.ts";
import { reportStyle } from "./report-style.ts";
import { captureWords, signWords, timeText, toneOf, unseenSentence } from "./report-words.ts";
import { type RowLinks, rowLinks } from "./row-links.ts";
import { timelineSection } from "./timeline-section.ts";
import { tokenSection } from "./token-section.ts";

export interface ReportOptions {
  readonly title: string;
  readonly version: string;
  /** When the report was made, epoch milliseconds. */
  readonly madeAt: number;
  /** What the user told about the organisation, for the answers of `readiness`. */
  readonly known?: ReadinessOptions;
}

export interface ReportContent {
  readonly analysis: Analysis;
  readonly facts: ReportFacts;
  readonly sources: readonly AnalysisSource[];
}

/** The whole page. Captured values are in it as text only, never as markup. */
export function htmlReport(content: ReportContent, options: ReportOptions): string {
  const { analysis, facts } = content;
  const links = rowLinks(facts.rows);
  const sections: readonly (readonly [id: string, title: string, markup: Markup])[] = [
    ...(analysis.captures === undefined
      ? []
      : [["captures", "Captures, each judged by itself", captureSection(analysis)] as const]),
    ...readinessSection(analysis, options.known, links),
    ["findings", "Findings and what to do", findingSection(analysis, links)],
    ["handshakes", "Handshakes", handshakeSection(analysis, links)],
    ["checklist", "Success signs of the procedure", checklistSection(analysis, links)],
    ["timeline", "Timeline", timelineSection(facts, links)],
    ["tokens", "Tokens", tokenSection(facts, links)],
    ["sources", "Sources", sourceSection(content, options)],
  ];
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${captureWords(analysis).title}: ${options.title}</title>
<style>${{ markup: reportStyle }}</style>
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
${head(content, options, links)}
<nav aria-label="On this page"><ul>${sections.map(([id, title]) => html`<li><a href="#${id}">${title}</a></li>`)}</ul></nav>
<main id="content">
${sections.map(
  ([id, title, markup]) => html`<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>
${markup}</section>
`,
)}</main>
<footer><p>Made by realmscope ${options.version}, ${timeText(options.madeAt)}.</p></footer>
</body>
</html>
`;
  return page.markup;
}

function head({ analysis, facts }: ReportContent, options: ReportOptions, links: RowLinks): Markup {
  const { mark, title, meaning, tone } = captureWords(analysis);
  const { counts, findings, handshakes } = analysis;
  const [worst] = worstFirst(findings).filter(({ severity }) => severity !== "info");
  const bad = counts.basicCredentials > 0 ? "bad" : "plain";
  const numbers: readonly (readonly [count: number, one: string, many: string, tone: string])[] = [
    [counts.transactions, "request", "requests", "plain"],
    ...(counts.logRows + counts.logRowsDropped === 0
      ? []
      : ([
          [counts.logRows, "row of logs", "rows of logs", "plain"],
          [counts.logRowsDropped, "other row, not judged", "other rows, not judged", "plain"],
        ] as const)),
    [handshakes.length, "handshake", "handshakes", "plain"],
    [counts.jwts, "token", "tokens", "plain"],
    [counts.status401, "answer 401", "answers 401", "plain"],
    [counts.basicCredentials, "Basic credential", "Basic credentials", bad],
    ...severitiesWorstFirst.map((severity) => {
      const count = findings.filter((finding) => finding.severity === severity).length;
      const word = severity === "info" ? "note" : severity;
      return [count, word, `${word}s`, count > 0 ? toneOf(severity) : "plain"] as const;
    }),
  ];
  const first =
    worst === undefined
      ? nothing
      : html`<div class="first"><h2>Do this first</h2><p>${worst.message}</p><p><strong>${worst.remedy}</strong></p></div>`;
  const began = facts.rows[0] === undefined ? "" : `, captured ${timeText(facts.rows[0].at)}`;
  return html`<header class="banner ${tone}"><p class="soft">Handshake report: ${options.title}${began}</p>
<h1><span class="mark" aria-hidden="true">${mark}</span> ${title}</h1>
<p class="meaning">${meaning}</p>
${directionList(analysis.directions, links, unseenSentence(analysis))}
${first}
<ul class="numbers">${numbers.map(([count, one, many, of]) => html`<li class="${of}"><strong>${count}</strong> ${count === 1 ? one : many}</li>`)}</ul></header>`;
}

function checklistSection({ checklist }: Analysis, links: RowLinks): Markup {
  return html`<ul class="checklist">${checklist.map(
    ({ sign, isSeen, evidence }) =>
      html`<li class="${isSeen ? "good" : "plain"}"><span class="pill ${isSeen ? "good" : "plain"}">${isSeen ? "OK seen" : "not seen"}</span> ${signWords[sign]}${isSeen ? html` <span class="evidence">${links.list(evidence, 5)}</span>` : nothing}</li>`,
  )}</ul>
<p class="soft">A sign that is not seen is not a fault by itself: the capture may have ended before it, or nothing called for it.</p>`;
}

function sourceSection({ analysis, sources, facts }: ReportContent, options: ReportOptions): Markup {
  const together = mergedCapturesSentence(analysis, sources);
  const rows = sources.map(
    ({ path, format, transactions, truncated, problems }) =>
      html`<tr><th scope="row">${path}</th><td>${format}</td><td>${transactions}</td><td>${truncated ? "cut short" : "whole"}</td><td>${problems.length === 0 ? "none" : problems.slice(0, 10).join("; ")}</td></tr>`,
  );
  const table =
    sources.length === 0
      ? nothing
      : html`<div class="scroll" role="region" aria-label="Captures that were read" tabindex="0"><table><caption>Captures that were read</caption><thead><tr><th scope="col">file</th><th scope="col">format</th><th scope="col">requests</th><th scope="col">state</th><th scope="col">problems</th></tr></thead><tbody>${rows}</tbody></table></div>`;
  return html`${table}${together === "" ? nothing : html`<p>${together}</p>`}
<p>Credentials, signatures and cookies are replaced; people and clients have pseudonyms, whose key stays with the person who made this report with realmscope ${options.version}.</p>
${removedList(facts.removed)}`;
}

function removedList(removed: Removals): Markup {
  const rules = Object.entries(removed);
  if (rules.length === 0) return nothing;
  return html`<h3>What was replaced</h3><ul>${rules.map(([rule, count]) => html`<li>${count} × ${rule}</li>`)}</ul>`;
}
