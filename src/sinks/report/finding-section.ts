import type { Analysis } from "../../diagnosis/analysis.ts";
import type { FindingReport } from "../../diagnosis/catalogue/finding.ts";
import { worstFirst } from "../../diagnosis/catalogue/finding-text.ts";
import { captureNames } from "../../diagnosis/join-analyses.ts";
import { html, type Markup, nothing } from "./html-text.ts";
import { toneOf } from "./report-words.ts";
import type { RowLinks } from "./row-links.ts";

/** The findings with their remedies, the worst first; those of severity `info` follow as a short list. */
export function findingSection(analysis: Analysis, links: RowLinks): Markup {
  const { findings } = analysis;
  const captureOf = captureNames(analysis);
  if (findings.length === 0) return html`<p>Nothing was found.</p>`;
  const notes = findings.filter(({ severity }) => severity === "info");
  const found = worstFirst(findings).filter(({ severity }) => severity !== "info");
  return html`${found.map((finding, index) => findingCard(finding, { index, links, capture: captureOf(finding) }))}${found.length === 0 ? html`<p>Nothing that needs work was found.</p>` : nothing}${
    notes.length === 0
      ? nothing
      : html`<h3>For your information</h3>
<ul class="told">${notes.map((finding, index) => noteItem(finding, { index, links, capture: captureOf(finding) }))}</ul>`
  }`;
}

interface CardPlace {
  readonly index: number;
  readonly links: RowLinks;
  /** Null when there is only one capture. */
  readonly capture: string | null;
}

function findingCard(
  { code, severity, message, remedy, evidence, count }: FindingReport,
  { index, links, capture }: CardPlace,
): Markup {
  const tone = toneOf(severity);
  return html`<article class="card ${tone}" aria-labelledby="f${index}"><h3 id="f${index}"><span class="pill ${tone}">${severity.toUpperCase()}</span> ${code}${count > 1 ? html` <span class="soft">${count} times</span>` : nothing}</h3>
<p>${message}${inCapture(capture)}</p>
<div class="remedy"><h4>What to do</h4><p>${remedy}</p></div>
${evidence.length === 0 ? nothing : html`<p class="evidence">Seen in ${links.list(evidence, 12)}</p>`}</article>
`;
}

function inCapture(capture: string | null): Markup {
  return capture === null ? nothing : html` <span class="soft">in ${capture}</span>`;
}

function noteItem({ code, message, evidence, count }: FindingReport, { links, capture }: CardPlace): Markup {
  return html`<li><strong>${code}</strong>${count > 1 ? html` <span class="soft">${count} times</span>` : nothing}: ${message}${inCapture(capture)} <span class="evidence">${links.list(evidence, 6)}</span></li>
`;
}
