import { parsePrincipal } from "../../core/principals.ts";
import { html, type Markup, nothing } from "./html-text.ts";
import type { ReportFacts, ReportToken, SeenToken } from "./report-facts.ts";
import { spanText, timeText } from "./report-words.ts";
import type { RowLinks } from "./row-links.ts";

/** Every token once: its place, its validity, and its claims as a tree with the token inside it. */
export function tokenSection({ tokens, moreTokens }: ReportFacts, links: RowLinks): Markup {
  if (tokens.length === 0) return html`<p>No token that can be read was seen.</p>`;
  return html`<p class="soft">Decoding does not verify: only “signature verified” shows that a token is genuine.</p>
${tokens.map((seen, index) => tokenCard(seen, index, links))}${moreTokens > 0 ? html`<p>${moreTokens} more tokens are not shown.</p>` : nothing}`;
}

function tokenCard(seen: SeenToken, index: number, links: RowLinks): Markup {
  const { transactionId, place, token, uses, serverAheadSeconds } = seen;
  const clock =
    serverAheadSeconds === null
      ? "the server's clock is not known"
      : serverAheadSeconds === 0
        ? "the server's clock agreed"
        : `the server's clock was ${spanText(serverAheadSeconds * 1000)} ${serverAheadSeconds > 0 ? "ahead" : "behind"}`;
  return html`<article class="card" aria-labelledby="k${index}"><h3 id="k${index}">Token ${index + 1} <span class="soft">in ${place}</span></h3>
<p class="evidence">First seen in ${links.list([transactionId], 1)}${uses > 1 ? `, used ${uses} times` : ""}; ${clock}.</p>
<ul class="tree">${tokenNode(token, seen.at, "token")}</ul></article>
`;
}

function tokenNode(token: ReportToken, at: number, label: string): Markup {
  const { kind, claims, header, actor, actorProblem } = token;
  const shown = Object.entries(claims).filter(([name]) => !isActorClaim(name, token));
  const inner = actor === null ? nothing : tokenNode(actor, at, "actor token inside");
  const problem = actorProblem === "" ? nothing : html`<li class="bad">actor token: ${actorProblem}</li>`;
  return html`<li><p class="node"><strong>${label}</strong> <span class="kind">${kind}</span> ${signaturePill(token)}</p>${validityBar(token, at)}
<details open><summary>Header and claims</summary><ul><li class="branch"><span class="name">header</span>${members(header)}</li><li class="branch"><span class="name">claims</span>${members(Object.fromEntries(shown))}</li></ul></details>
${actor === null && actorProblem === "" ? nothing : html`<ul>${inner}${problem}</ul>`}</li>
`;
}

function isActorClaim(name: string, { actor, actorProblem }: ReportToken): boolean {
  return (actor !== null || actorProblem !== "") && /^actort(?:oken)?$/i.test(name);
}

function signaturePill({ isSigned, alg, signature, kind }: ReportToken): Markup {
  if (!isSigned) {
    // An unsigned outer token is normal; its actor token carries the signature.
    const isUsual = kind === "app-acts-as-user";
    return html`<span class="pill ${isUsual ? "plain" : "warn"}">unsigned${isUsual ? ", as usual here" : ""}</span>`;
  }
  switch (signature) {
    case "verified":
      return html`<span class="pill good">signature verified (${alg})</span>`;
    case "failed":
      return html`<span class="pill bad">signature does not match (${alg})</span>`;
    default:
      return html`<span class="pill plain">signed (${alg}), not checked: no key known</span>`;
  }
}

function members(object: Readonly<Record<string, unknown>>): Markup {
  return html`<ul>${Object.entries(object).map(([name, value]) => member(name, value))}</ul>`;
}

function member(name: string, value: unknown): Markup {
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    return html`<li class="branch"><span class="name">${name}</span><ul>${items.map((item, index) => member(String(index + 1), item))}</ul></li>`;
  }
  if (typeof value === "object" && value !== null) {
    return html`<li class="branch"><span class="name">${name}</span>${members({ ...value })}</li>`;
  }
  const text = String(value);
  const words = meaningOf(name, value);
  return html`<li><span class="name">${name}</span> <code>${text}</code>${words === "" ? nothing : html` <span class="meaning">${words}</span>`}</li>`;
}

/** The meaning of a claim's value: the name of an application, or a time. */
function meaningOf(name: string, value: unknown): string {
  if (/^(?:nbf|exp|iat)$/.test(name)) {
    const seconds = Number(value);
    return Number.isFinite(seconds) && Math.abs(seconds) < 8.64e12 ? timeText(seconds * 1000) : "";
  }
  if (typeof value !== "string" || value.length > 300) return "";
  return parsePrincipal(value).name ?? "";
}

const bar = { left: 12, width: 376 };

/** The validity of a token as a bar with the time of the request, and in words. */
function validityBar({ notBefore, expires }: ReportToken, at: number): Markup {
  if (notBefore === null || expires === null || expires <= notBefore) {
    return html`<p class="soft">Its time of validity is not stated.</p>`;
  }
  const part = (at - notBefore) / (expires - notBefore);
  const [words, tone] =
    part < 0
      ? [`not valid yet: ${spanText(notBefore - at)} too early`, "bad"]
      : part > 1
        ? [`expired ${spanText(at - expires)} before the request`, "bad"]
        : [`valid at the request, for ${spanText(expires - at)} more`, "good"];
  const x = (bar.left + bar.width * Math.max(-0.02, Math.min(1.02, part))).toFixed(1);
  const used = (bar.width * Math.max(0, Math.min(1, part))).toFixed(1);
  return html`<div class="life"><p><strong class="${tone}">${words[0]?.toUpperCase() ?? ""}${words.slice(1)}</strong></p><svg role="img" viewBox="0 0 400 22" aria-label="${words}"><rect x="${bar.left}" y="7" width="${bar.width}" height="8" rx="4" class="bar"/><rect x="${bar.left}" y="7" width="${used}" height="8" rx="4" class="used ${tone}"/><path d="M${x} 1v20" class="now ${tone}"/></svg>
<p class="ends"><span>${timeText(notBefore)}</span> <span>${timeText(expires)}</span></p></div>`;
}
