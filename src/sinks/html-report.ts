// The report that goes with a ticket: one file, no network, no script, readable in light and dark, on paper and aloud.
import type { Analysis, CaptureVerdict, FindingReport, HandshakeReport } from "../diagnosis/analysis.ts";
import { html, type Markup } from "./html-text.ts";
import { ladderSvg } from "./ladder-svg.ts";
import type { ReportFacts, ReportRow, ReportToken } from "./report-facts.ts";
import { reportStyle } from "./report-style.ts";

export interface ReportOptions {
  readonly title: string;
  readonly version: string;
  /** When the report was made, epoch milliseconds. */
  readonly madeAt: number;
}

const verdicts: Readonly<Record<CaptureVerdict, readonly [mark: string, words: string, tone: string]>> = {
  "oauth-confirmed": ["OK", "OAuth confirmed: the server accepted a token", "good"],
  "oauth-rejected": ["XX", "OAuth failed: the server refused the token", "bad"],
  "basic-fallback": ["!!", "Basic fallback: a service sent a user name and password where its token belongs", "bad"],
  "other-auth": ["??", "Another sign-in: NTLM or Negotiate although OAuth was offered", "warn"],
  inconclusive: ["..", "Undecided: the capture does not show how it ended", "plain"],
  none: ["..", "No service-to-service sign-in is in this capture", "plain"],
};

/** The whole page. All that was captured stands in it as text. */
export function htmlReport(analysis: Analysis, facts: ReportFacts, options: ReportOptions): string {
  const [mark, words, tone] = verdicts[analysis.verdict];
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${options.title}: ${words}</title>
<style>${{ markup: reportStyle }}</style>
</head>
<body>
<header><h1>${options.title}</h1>
<p class="verdict ${tone}"><span class="mark">[${mark}]</span> ${words}</p>
<p class="small">Made by realmscope ${options.version} at ${timeText(options.madeAt)}. Credentials and signatures are replaced, people have pseudonyms.</p></header>
<main>
${section("handshakes", "Handshakes", analysis.handshakes.map(handshakePart), "No service-to-service handshake was seen.")}
${section("findings", "Findings and what to do", ordered(analysis.findings).map(findingPart), "Nothing was found.")}
${section("checklist", "Success signs of the procedure", [checklistPart(analysis)], "")}
${section("timeline", "Timeline", [timelinePart(facts)], "")}
${section("tokens", "Tokens", facts.tokens.map(tokenPart), "No token was seen.")}
</main>
</body>
</html>
`;
  return page.markup;
}

function section(id: string, title: string, parts: readonly Markup[], none: string): Markup {
  const content = parts.length === 0 ? [html`<p>${none}</p>`] : parts;
  return html`<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>
${content}</section>`;
}

function handshakePart(handshake: HandshakeReport): Markup {
  const { principal, realm, server, signature, actingAs, verdict, id } = handshake;
  const [mark, , tone] = verdicts[verdict];
  const caller =
    principal === null ? "An unknown caller" : `${principal.name ?? "Unknown application"} (${principal.id})`;
  return html`<article class="handshake"><h3><span class="mark ${tone}">[${mark}]</span> ${caller} → ${server}</h3>
<dl><dt>realm</dt><dd>${realm === "" ? "not seen" : realm}</dd><dt>acting as</dt><dd>${actingAs === null ? "application only" : `a user, named by ${actingAs}`}</dd><dt>signature</dt><dd>${signature}</dd><dt>requests</dt><dd>${handshake.transactions.slice(0, 20).join(" ")}</dd></dl>
${ladderSvg(handshake, `Ladder of handshake ${id}`)}
<ol class="steps">${handshake.steps.map(({ step, state, note, transactionId }) => html`<li>${step}: ${state === "unseen" ? "not seen in this capture" : `${state}, ${note}`} ${transactionId ?? ""}</li>`)}</ol></article>
`;
}

const severities = ["alarm", "error", "warning", "info"] as const;

function ordered(findings: readonly FindingReport[]): readonly FindingReport[] {
  return severities.flatMap((severity) => findings.filter((finding) => finding.severity === severity));
}

function findingPart({ code, severity, message, remedy, evidence, count }: FindingReport): Markup {
  const tone = severity === "info" ? "plain" : severity === "warning" ? "warn" : "bad";
  return html`<article class="finding"><h3><span class="${tone}">${severity.toUpperCase()}</span> ${code}${count > 1 ? ` ×${count}` : ""}</h3>
<p>${message}</p>${severity === "info" ? [] : [html`<p><strong>What to do:</strong> ${remedy}</p>`]}
<p class="small">${evidence.length === 0 ? "" : `seen in ${evidence.slice(0, 12).join(" ")}`}</p></article>
`;
}

const signs = {
  "voicemail-greeting": "Voicemail greetings are read from or written to the mailbox",
  "conversation-history": "Conversation History is written to the mailbox",
  "archived-messages": "Archived messages are written to Purges",
  "out-of-office": "Out-of-office settings are read",
} as const;

function checklistPart({ checklist }: Analysis): Markup {
  return html`<ul class="checklist">${checklist.map(({ sign, isSeen, evidence }) => html`<li>[${isSeen ? "OK" : "--"}] ${signs[sign]}: ${isSeen ? `seen in ${evidence.slice(0, 5).join(" ")}` : "not seen in this capture"}</li>`)}</ul>`;
}

function timelinePart({ rows, moreRows }: ReportFacts): Markup {
  const first = rows[0]?.at ?? 0;
  return html`<div class="scroll"><table><caption>${rows.length} requests${moreRows > 0 ? `, ${moreRows} more are not listed` : ""}</caption>
<thead><tr><th scope="col">#</th><th scope="col">time</th><th scope="col">after</th><th scope="col">request</th><th scope="col">status</th><th scope="col">sign-in</th><th scope="col">ms</th></tr></thead>
<tbody>${rows.map((row) => timelineRow(row, first))}</tbody></table></div>`;
}

function timelineRow(row: ReportRow, first: number): Markup {
  const tone = row.auth === "basic" ? "bad" : row.status !== null && row.status >= 400 ? "warn" : "plain";
  return html`<tr class="${tone}"><td>${row.id}</td><td>${timeText(row.at)}</td><td>+${((row.at - first) / 1000).toFixed(3)} s</td><td>${row.method} ${row.host}${row.path}</td><td>${row.status ?? "none"}</td><td>${row.auth}</td><td>${row.durationMs === null ? "" : Math.round(row.durationMs)}</td></tr>
`;
}

function tokenPart(token: ReportToken): Markup {
  return html`<article class="token"><h3>${token.transactionId}, ${token.place}: ${token.kind}, ${token.isSigned ? "signed" : "unsigned"}</h3>
${lifeBar(token)}<dl>${token.claims.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl></article>
`;
}

/** The life of a token as a bar, the moment of the request in it, and the same in words. */
function lifeBar({ notBefore, expires, at }: ReportToken): Markup {
  if (notBefore === null || expires === null || expires <= notBefore) return html`<p>life: not stated</p>`;
  const part = (at - notBefore) / (expires - notBefore);
  const words =
    part < 0 ? "not valid yet at the request" : part > 1 ? "expired at the request" : "valid at the request";
  const x = (20 + 160 * Math.max(-0.1, Math.min(1.1, part))).toFixed(1);
  return html`<p class="life"><svg role="img" width="200" height="16" viewBox="0 0 200 16" aria-label="${words}"><rect x="20" y="5" width="160" height="6" class="bar"/><path d="M${x} 0v16" class="now ${part < 0 || part > 1 ? "bad" : "good"}"/></svg> ${timeText(notBefore)} to ${timeText(expires)}, ${words}</p>`;
}

function timeText(at: number): string {
  const time = new Date(at);
  return Number.isNaN(time.getTime()) ? "unknown" : `${time.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}
