import type { Analysis, FindingReport } from "../../diagnosis/analysis.ts";
import { html, type Markup, nothing } from "./html-text.ts";
import { ordered, toneOf } from "./report-words.ts";
import type { RowLinks } from "./row-links.ts";

/** What was found and what to do, the worst first; what is only told stands below in short. */
export function findingSection({ findings }: Analysis, links: RowLinks): Markup {
  if (findings.length === 0) return html`<p>Nothing was found.</p>`;
  const told = findings.filter(({ severity }) => severity === "info");
  const found = ordered(findings).filter(({ severity }) => severity !== "info");
  return html`${found.map((finding, index) => findingCard(finding, index, links))}${found.length === 0 ? html`<p>Nothing that needs work was found.</p>` : nothing}${
    told.length === 0
      ? nothing
      : html`<h3>For your information</h3>
<ul class="told">${told.map((finding) => toldItem(finding, links))}</ul>`
  }`;
}

function findingCard(
  { code, severity, message, remedy, evidence, count }: FindingReport,
  index: number,
  links: RowLinks,
): Markup {
  const tone = toneOf(severity);
  return html`<article class="card ${tone}" aria-labelledby="f${index}"><h3 id="f${index}"><span class="pill ${tone}">${severity.toUpperCase()}</span> ${code}${count > 1 ? html` <span class="soft">${count} times</span>` : nothing}</h3>
<p>${message}</p>
<div class="remedy"><h4>What to do</h4><p>${remedy}</p></div>
${evidence.length === 0 ? nothing : html`<p class="evidence">Seen in ${links.list(evidence, 12)}</p>`}</article>
`;
}

function toldItem({ code, message, evidence, count }: FindingReport, links: RowLinks): Markup {
  return html`<li><strong>${code}</strong>${count > 1 ? html` <span class="soft">${count} times</span>` : nothing}: ${message} <span class="evidence">${links.list(evidence, 6)}</span></li>
`;
}
