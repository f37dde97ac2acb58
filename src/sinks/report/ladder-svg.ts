import type { HandshakeReport, HandshakeStep } from "../../diagnosis/analysis.ts";
import { tokenServiceWords } from "../../diagnosis/direction-words.ts";
import { html, type Markup, nothing } from "./html-text.ts";
import { stepWords } from "./report-words.ts";

type Lane = "client" | "server" | "sts";

const lanes: Readonly<Record<Lane, number>> = { client: 150, server: 450, sts: 750 };
const width = 900;
const rungs: Readonly<Record<HandshakeStep["step"], readonly [from: Lane, to: Lane]>> = {
  discovery: ["client", "server"],
  probe: ["client", "server"],
  challenge: ["server", "client"],
  "signing-key": ["server", "sts"],
  token: ["client", "sts"],
  call: ["client", "server"],
  answer: ["server", "client"],
};
const top = 66;
const rowHeight = 62;
const longestName = 30;

/** The steps of a handshake as arrows between the three parties; steps that were not seen are dashed and marked. */
export function ladderSvg(handshake: HandshakeReport, id: string): Markup {
  const height = top + handshake.steps.length * rowHeight + 6;
  const names: Readonly<Record<Lane, readonly [title: string, name: string]>> = {
    client: ["Caller", handshake.principal?.name ?? (handshake.client === "" ? "unknown" : handshake.client)],
    server: ["Server", handshake.server],
    sts: [tokenServiceTitle(handshake), handshake.realm === "" ? "" : handshake.realm],
  };
  const heads = (Object.keys(lanes) as Lane[]).map((lane) => {
    const [title, name] = names[lane];
    return html`<rect x="${lanes[lane] - 130}" y="4" width="260" height="42" rx="8" class="party"/><text x="${lanes[lane]}" y="21" class="lane">${title}</text><text x="${lanes[lane]}" y="38" class="name">${cut(name)}</text><path d="M${lanes[lane]} 46V${height}" class="line"/>`;
  });
  return html`<svg class="ladder" role="img" viewBox="0 0 ${width} ${height}" aria-labelledby="${id}-t ${id}-d"><title id="${id}-t">Ladder of the handshake with ${handshake.server}</title><desc id="${id}-d">${handshake.steps.map((step, index) => html`${index + 1}: ${stepSentence(step)} `)}</desc>
${heads}${handshake.steps.map((step, index) => rung(step, index))}
</svg>`;
}

function tokenServiceTitle({ tokenService }: HandshakeReport): string {
  if (tokenService === null) return "Token service";
  return tokenService === "own-key" ? "No token service: own key" : `Token service: ${tokenServiceWords[tokenService]}`;
}

/** One step as a sentence, for screen readers and narrow screens. */
export function stepSentence({ step, state, note, transactionId }: HandshakeStep): string {
  const [from] = rungs[step];
  const who = from === "client" ? "The caller" : "The server";
  const what = state === "unseen" ? `not seen (${note})` : `${state === "failed" ? "FAILED: " : ""}${note}`;
  return `${who} ${stepWords[step]}: ${what}${transactionId === null ? "" : `, ${transactionId}`}.`;
}

function rung({ step, state, note, transactionId }: HandshakeStep, index: number): Markup {
  const [from, to] = rungs[step];
  const [start, end] = [lanes[from], lanes[to]];
  const y = top + index * rowHeight + 22;
  const isRight = end > start;
  const tip = isRight ? end - 9 : end + 9;
  // Centred over the arrow, or over its first half when it crosses the middle lane.
  const middle = from === "client" && to === "sts" ? (lanes.client + lanes.server) / 2 : (start + end) / 2;
  const mark = state === "ok" ? "OK" : state === "failed" ? "XX" : "–";
  const badge = html`<g class="badge"><rect x="4" y="${y - 13}" width="52" height="26" rx="13"/><text x="30" y="${y + 4}">${index + 1} ${mark}</text></g>`;
  const evidence =
    transactionId === null
      ? nothing
      : html`<text x="${width - 4}" y="${y + 4}" class="evidence">${cut(transactionId)}</text>`;
  return html`<g class="${state}">${badge}<text x="${middle}" y="${y - 8}" class="step">${stepWords[step]}</text><path d="M${start} ${y}H${tip}" class="arrow"/><path d="M${end} ${y}L${tip} ${y - 6}V${y + 6}Z" class="tip"/><text x="${middle}" y="${y + 18}" class="note">${note}</text>${evidence}</g>`;
}

function cut(text: string): string {
  return text.length <= longestName ? text : `${text.slice(0, longestName - 1)}…`;
}
