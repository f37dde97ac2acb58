import type { Analysis, HandshakeReport } from "../../diagnosis/analysis.ts";
import { directionTitles, seenWay } from "../../diagnosis/direction-words.ts";
import { captureNames } from "../../diagnosis/join-analyses.ts";
import { wayCells } from "./direction-section.ts";
import { html, type Markup, nothing } from "./html-text.ts";
import { ladderSvg, stepSentence } from "./ladder-svg.ts";
import { handshakeWords, spanText, verdictWords } from "./report-words.ts";
import type { RowLinks } from "./row-links.ts";

const drawnLimit = 40;

const signatureWords: Readonly<Record<HandshakeReport["signature"], string>> = {
  verified: "verified with the key it names",
  failed: "does not match the key it names",
  "no-key": "could not be checked: no key known",
  unchecked: "not checked",
};

/** The handshakes with their ladders, the worst first. */
export function handshakeSection(analysis: Analysis, links: RowLinks): Markup {
  const { handshakes } = analysis;
  const captureOf = captureNames(analysis);
  if (handshakes.length === 0) return html`<p>No service-to-service handshake was seen.</p>`;
  const tones = ["bad", "warn", "plain", "good"];
  const worstFirst = [...handshakes].sort(
    (one, other) => tones.indexOf(verdictWords[one.verdict].tone) - tones.indexOf(verdictWords[other.verdict].tone),
  );
  const more = handshakes.length - drawnLimit;
  return html`${worstFirst.slice(0, drawnLimit).map((handshake, index) => handshakeCard(handshake, { index, links, capture: captureOf(handshake) }))}${more > 0 ? html`<p>${more} more handshakes are not drawn; realmscope replay lists them all.</p>` : nothing}`;
}

interface CardPlace {
  readonly index: number;
  readonly links: RowLinks;
  /** Null when there is only one capture. */
  readonly capture: string | null;
}

function handshakeCard(handshake: HandshakeReport, { index, links, capture }: CardPlace): Markup {
  const { principal, realm, server, direction, signature, actingAs, lanes, steps, transactions } = handshake;
  const { route, tokenService } = wayCells(seenWay(handshake));
  const { mark, title, tone } = handshakeWords(handshake);
  const caller = principal === null ? "An unknown caller" : (principal.name ?? "An unknown application");
  const span = handshake.endedAt - handshake.startedAt;
  return html`<article class="card ${tone}" aria-labelledby="h${index}"><h3 id="h${index}"><span class="pill ${tone}">${mark} ${title}</span> ${caller} → ${server}</h3>
<dl class="facts">${capture === null ? nothing : html`<div><dt>Capture</dt><dd>${capture}</dd></div>`}<div><dt>Direction</dt><dd>${direction === null ? "not known" : directionTitles[direction]}</dd></div><div><dt>Route</dt><dd>${route}</dd></div><div><dt>Token service</dt><dd>${tokenService}</dd></div><div><dt>Application</dt><dd>${code(principal?.id ?? "")}</dd></div><div><dt>Realm</dt><dd>${code(realm)}</dd></div><div><dt>Issuer as seen</dt><dd>${code(handshake.issuerAsSeen)}</dd></div><div><dt>Acts as</dt><dd>${actingAs === null ? "the application alone" : `a user, named by ${actingAs}`}</dd></div><div><dt>Calls of the application</dt><dd>${lanes.application}</dd></div><div><dt>Calls as a user</dt><dd>${lanes.user}</dd></div><div><dt>Signature</dt><dd>${signatureWords[signature]}${handshake.signingKey === "" ? nothing : html`: ${handshake.signingKey}`}</dd></div><div><dt>Took</dt><dd>${spanText(span)}</dd></div></dl>
${ladderSvg(handshake, `l${index}`)}
<ol class="steps">${steps.map((step) => html`<li class="${step.state}">${stepSentence(step)}</li>`)}</ol>
<p class="evidence">Requests: ${links.list(transactions, 24)}</p></article>
`;
}

function code(text: string): Markup {
  return text === "" ? html`not seen` : html`<code>${text}</code>`;
}
