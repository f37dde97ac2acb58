import { html, type Markup, nothing } from "./html-text.ts";
import type { ReportFacts, ReportRow } from "./report-facts.ts";
import { spanText, type Tone, timeText } from "./report-words.ts";
import type { RowLinks } from "./row-links.ts";

const drawnLimit = 400;
const laneLimit = 8;
const axis = { left: 220, right: 880 };
const laneHeight = 46;

/** The requests on a time axis with one lane for each server, and as a table. */
export function timelineSection({ rows, moreRows }: ReportFacts, links: RowLinks): Markup {
  if (rows.length === 0) return html`<p>There is no request in the capture.</p>`;
  const ofLogs = rows.filter(({ log }) => log !== null).length;
  const named = [
    ...(ofLogs === rows.length ? [] : [`${rows.length - ofLogs} requests`]),
    ...(ofLogs === 0 ? [] : [`${ofLogs} rows of logs, marked log`]),
  ].join(" and ");
  const first = Math.min(...rows.map(({ at }) => at));
  return html`<div class="scroll" role="region" aria-label="Timeline, drawn" tabindex="0">${timelineSvg(rows.slice(0, drawnLimit), first)}</div>
<ul class="legend"><li>${symbol("good")} accepted</li><li>${symbol("warn")} 401 or refused</li><li>${symbol("bad")} Basic: a password</li><li>${symbol("plain")} other</li></ul>
<div class="scroll" role="region" aria-label="Requests" tabindex="0"><table><caption>${named}${moreRows > 0 ? `; ${moreRows} more are not listed` : ""}, the first at ${timeText(first)}</caption>
<thead><tr><th scope="col">#</th><th scope="col">after</th><th scope="col">request</th><th scope="col">status</th><th scope="col">sign-in, route (token service)</th><th scope="col">took</th></tr></thead>
<tbody>${rows.map((row, index) => tableRow(row, first, links.anchor(index)))}</tbody></table></div>`;
}

function tableRow(row: ReportRow, first: number, anchor: string): Markup {
  const tone = toneOfRow(row);
  const status = row.status === null ? "none" : String(row.status);
  return html`<tr id="${anchor}" class="${tone}"><th scope="row">${row.id}${row.log === null ? nothing : html` <span class="soft">log</span>`}</th><td>+${spanText(row.at - first)}</td><td class="request"><span>${row.method}</span> ${row.host}<wbr>${row.path}${row.log === null ? nothing : html`<br><span class="soft">${row.log.file}:${row.log.line}</span>`}</td><td>${status}</td><td>${signInWords(row.auth)}<br><span class="soft">${row.way}</span></td><td>${row.durationMs === null ? "" : spanText(row.durationMs)}</td></tr>
`;
}

function toneOfRow({ auth, status }: ReportRow): Tone {
  if (auth === "basic") return "bad";
  if (status === null || status >= 400) return "warn";
  return auth === "bearer" ? "good" : "plain";
}

function signInWords(auth: string): string {
  if (auth === "bearer-probe") return "Bearer, empty";
  if (auth === "basic") return "BASIC";
  return auth === "none" ? "none" : auth.replace(/^./, (letter) => letter.toUpperCase());
}

function timelineSvg(rows: readonly ReportRow[], first: number): Markup {
  const last = Math.max(...rows.map(({ at, durationMs }) => at + (durationMs ?? 0)), first + 1);
  const hosts = [...new Set(rows.map(({ host }) => host))];
  const lanes = hosts.length > laneLimit ? [...hosts.slice(0, laneLimit - 1), "other servers"] : hosts;
  const laneOf = (host: string): number => Math.min(hosts.indexOf(host), lanes.length - 1);
  const place = (at: number): number => axis.left + ((at - first) / (last - first)) * (axis.right - axis.left);
  const height = 30 + lanes.length * laneHeight;
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((part) => {
    const x = axis.left + part * (axis.right - axis.left);
    return html`<path d="M${x} 22V${height}" class="tick"/><text x="${x}" y="14" class="when">+${spanText(part * (last - first))}</text>`;
  });
  const ends = new Map<string, number>();
  const marks = rows.map((row) => {
    const lane = laneOf(row.host);
    const x = place(row.at);
    // Marks that would overlap are moved down, at most three deep.
    const level = [0, 1, 2].find((deep) => (ends.get(`${lane}/${deep}`) ?? 0) <= x) ?? 2;
    ends.set(`${lane}/${level}`, x + 11);
    return mark(row, x, 30 + lane * laneHeight + 10 + level * 12, place(row.at + (row.durationMs ?? 0)));
  });
  return html`<svg class="timeline" role="img" viewBox="0 0 900 ${height}" aria-labelledby="tl-t tl-d"><title id="tl-t">Timeline of the requests</title><desc id="tl-d">${rows.length} requests to ${hosts.length} servers within ${spanText(last - first)}; the table below lists them.</desc>
${ticks}${lanes.map((host, index) => html`<path d="M0 ${30 + index * laneHeight}H900" class="tick"/><text x="4" y="${30 + index * laneHeight + 27}" class="host">${host.length > 32 ? `${host.slice(0, 31)}…` : host}</text>`)}
${marks}</svg>`;
}

function mark(row: ReportRow, x: number, y: number, end: number): Markup {
  const tone = toneOfRow(row);
  const words = `${row.id}${row.log === null ? "" : " log"} ${row.method} ${row.path.slice(0, 80)}: ${row.status ?? "no answer"}, ${signInWords(row.auth)}`;
  const length = Math.max(0, end - x);
  return html`<g class="${tone}"><title>${words}</title>${length > 1 ? html`<path d="M${x.toFixed(1)} ${y}h${length.toFixed(1)}" class="took"/>` : nothing}${shape(tone, x, y)}</g>`;
}

/** Shapes as well as colours: a diamond for a password, a triangle for a refusal, discs for the rest. */
function shape(tone: Tone, x: number, y: number): Markup {
  const at = x.toFixed(1);
  switch (tone) {
    case "bad":
      return html`<path d="M${at} ${y - 7}l7 7-7 7-7-7Z"/>`;
    case "warn":
      return html`<path d="M${at} ${y - 6}l6 11h-12Z"/>`;
    case "good":
      return html`<circle cx="${at}" cy="${y}" r="5"/>`;
    default:
      return html`<circle cx="${at}" cy="${y}" r="4" class="hollow"/>`;
  }
}

function symbol(tone: Tone): Markup {
  return html`<svg class="timeline symbol" viewBox="0 0 16 16" aria-hidden="true"><g class="${tone}">${shape(tone, 8, 8)}</g></svg>`;
}
