import type { HandshakeReport, HandshakeStep } from "../diagnosis/analysis.ts";
import { html, type Markup } from "./html-text.ts";

const lanes = { client: 110, server: 430, sts: 750 } as const;
const rungs: Readonly<
  Record<HandshakeStep["step"], readonly [from: keyof typeof lanes, to: keyof typeof lanes, words: string]>
> = {
  probe: ["client", "server", "asks without a token"],
  challenge: ["server", "client", "names its realm and whom it trusts"],
  "signing-key": ["server", "sts", "fetches signing keys"],
  token: ["client", "sts", "asks for a token"],
  call: ["client", "server", "calls with the token"],
  answer: ["server", "client", "answers"],
};
const rowHeight = 52;

/** The steps of a handshake as arrows between the three parties; what was not seen is dashed. */
export function ladderSvg(handshake: HandshakeReport, label: string): Markup {
  const height = 44 + handshake.steps.length * rowHeight;
  const names = {
    client: handshake.client === "" ? "client" : `client ${handshake.client}`,
    server: handshake.server,
    sts: "token service",
  };
  return html`<svg class="ladder" role="img" viewBox="0 0 860 ${height}" aria-label="${label}">
${Object.entries(lanes).map(([name, x]) => html`<text x="${x}" y="16" class="lane">${names[name as keyof typeof lanes]}</text><path d="M${x} 24V${height - 4}" class="line"/>`)}
${handshake.steps.map((step, index) => rung(step, 44 + index * rowHeight))}
</svg>`;
}

function rung({ step, state, note }: HandshakeStep, top: number): Markup {
  const [from, to, words] = rungs[step];
  const [start, end] = [lanes[from], lanes[to]];
  const tip = end > start ? end - 8 : end + 8;
  const middle = (start + end) / 2;
  const said = state === "unseen" ? "not seen in this capture" : note;
  return html`<g class="${state}"><text x="${middle}" y="${top}">${words}</text><path d="M${start} ${top + 10}H${tip}" class="arrow"/><path d="M${end} ${top + 10}L${tip} ${top + 5}V${top + 15}Z" class="tip"/><text x="${middle}" y="${top + 27}" class="note">${said}</text></g>`;
}
