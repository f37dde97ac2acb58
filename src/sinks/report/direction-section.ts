import type { DirectionReport, Directions } from "../../diagnosis/analysis.ts";
import {
  directionNames,
  directionTitles,
  routeWords,
  tokenServiceWords,
  wayText,
} from "../../diagnosis/direction-words.ts";
import { html, type Markup, nothing } from "./html-text.ts";
import { blockedWords, verdictWords } from "./report-words.ts";
import type { RowLinks } from "./row-links.ts";

/** One line for each direction; `unseen` is the sentence for one that was not seen. */
export function directionList(directions: Directions, links: RowLinks, unseen: string): Markup {
  const items = directionNames.map((name) => {
    const report = directions[name];
    const title = html`<strong>${directionTitles[name]}</strong>`;
    return report === null
      ? html`<li>${title}: ${unseen}</li>
`
      : html`<li>${title}: ${directionLine(report, links)}</li>
`;
  });
  return html`<ul class="told directions" aria-label="Directions and their verdicts">${items}</ul>`;
}

function directionLine(report: DirectionReport, links: RowLinks): Markup {
  const { verdict, hosts, evidence } = report;
  const { mark, title, tone } = report.isBlocked === true ? blockedWords : verdictWords[verdict];
  const at =
    hosts.length === 0
      ? ""
      : ` at ${hosts.slice(0, 8).join(", ")}${hosts.length > 8 ? ` and ${hosts.length - 8} more` : ""}`;
  const shown = evidence.length === 0 ? nothing : html` <span class="evidence">${links.list(evidence, 8)}</span>`;
  return html`<span class="pill ${tone}">${mark} ${title}</span> ${wayText(report)}${at}${shown}`;
}

/** The routes and the token services of a direction, each in words; `not seen` where there is none. */
export function wayCells({ routes, tokenServices }: Pick<DirectionReport, "routes" | "tokenServices">): {
  readonly route: string;
  readonly tokenService: string;
} {
  return {
    route: routes.map((one) => routeWords[one]).join(", ") || "not seen",
    tokenService: tokenServices.map((one) => tokenServiceWords[one]).join(", ") || "not seen",
  };
}
