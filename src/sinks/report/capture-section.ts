import type { Analysis } from "../../diagnosis/analysis.ts";
import { directionSummary } from "../../diagnosis/direction-words.ts";
import type { AnalysisSource } from "../analysis-json.ts";
import { html, type Markup } from "./html-text.ts";
import { verdictWords } from "./report-words.ts";

/** The verdict of each of several captures. */
export function captureSection({ captures = [] }: Analysis): Markup {
  const rows = captures.map(({ path, verdict, directions, counts, handshakes }) => {
    const { mark, title, tone } = verdictWords[verdict];
    return html`<tr class="${tone}"><th scope="row">${path}</th><td><span class="pill ${tone}">${mark} ${title}</span></td><td>${directionSummary(directions.inbound)}</td><td>${directionSummary(directions.outbound)}</td><td>${requestsText(counts)}</td><td>${handshakes.length}</td></tr>
`;
  });
  return html`<p>Each capture is judged separately; the verdict at the top of the page is the worst of them.</p>
<div class="scroll" role="region" aria-label="Captures and their verdicts" tabindex="0"><table><caption>${captures.length} captures</caption><thead><tr><th scope="col">capture</th><th scope="col">verdict</th><th scope="col">inbound</th><th scope="col">outbound</th><th scope="col">requests</th><th scope="col">handshakes</th></tr></thead><tbody>${rows}</tbody></table></div>`;
}

/** `10`, or `10 and 3 rows of logs`. */
export function requestsText({ transactions, logRows }: Analysis["counts"]): string {
  return logRows === 0 ? String(transactions) : `${transactions} and ${logRows} rows of logs`;
}

/** One sentence about captures that were judged as one (`--together`); empty for any other analysis. */
export function mergedCapturesSentence(analysis: Analysis, sources: readonly AnalysisSource[]): string {
  if (analysis.captures !== undefined || sources.length < 2) return "";
  const names = sources.map(({ path }, index) => `m${index + 1} is ${path}`).join(", ");
  return `${sources.length} captures were judged as one, merged by time: ${names}.`;
}
