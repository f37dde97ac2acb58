// A handshake as three lifelines, client, token service and server, with its requests and answers in order.

import { safe } from "../../../core/safe-text.ts";
import type { Analysis, HandshakeReport, HandshakeStep } from "../../../diagnosis/analysis.ts";
import { routesText, tokenServiceWords } from "../../../diagnosis/direction-words.ts";
import { padEnd, wrap } from "../../lines/cell-text.ts";
import { type PaneLine, textLine } from "../../lines/pane-line.ts";
import type { Meaning, ScreenLine, Span } from "../../lines/screen-line.ts";
import { renderHandshakeLine } from "../../words/plain-text.ts";

/** The ladder of the handshake of the selected row, else of the newest one; below it the others, one a line. */
export function ladderPane(
  analysis: Analysis | null,
  handshakeId: string | null,
  columns: number,
): readonly PaneLine[] {
  const handshakes = analysis?.handshakes ?? [];
  const shown = shownHandshake(analysis, handshakeId);
  if (shown === null) return [textLine("No handshake was seen yet.", "dim")];
  const others = handshakes.filter(({ id }) => id !== shown.id);
  return [
    ...ladder(shown, columns),
    ...wrap(renderHandshakeLine(shown), columns).map((text) => textLine(text, "dim")),
    ...others.map((other): PaneLine => {
      const rowId = other.transactions.at(-1);
      const text = wrap(renderHandshakeLine(other), columns)[0] ?? "";
      return rowId === undefined ? textLine(text, "dim") : { ...textLine(text, "dim"), rowId };
    }),
  ];
}

/** The handshake with that id, else the newest; null without one. */
export function shownHandshake(analysis: Analysis | null, handshakeId: string | null): HandshakeReport | null {
  const handshakes = analysis?.handshakes ?? [];
  return handshakes.find(({ id }) => id === handshakeId) ?? handshakes.at(-1) ?? null;
}

/** Columns of the three lifelines and of the evidence at the right. */
interface Lanes {
  readonly client: number;
  readonly service: number;
  readonly server: number;
  readonly notes: number;
  readonly columns: number;
}

function lanesFor(columns: number): Lanes {
  // State and evidence need 22 columns at the right.
  const notes = Math.max(34, Math.min(columns - 22, Math.round(columns * 0.68)));
  const client = 2;
  const server = notes - 3;
  return { client, service: client + Math.round((server - client) * 0.45), server, notes, columns };
}

function ladder(handshake: HandshakeReport, columns: number): readonly PaneLine[] {
  const lanes = lanesFor(columns);
  const step = (name: HandshakeStep["step"]): HandshakeStep =>
    handshake.steps.find((one) => one.step === name) ?? { step: name, state: "unseen", transactionId: null, note: "" };
  const [probe, challenge, key, token, call, answer] = [
    step("probe"),
    step("challenge"),
    step("signing-key"),
    step("token"),
    step("call"),
    step("answer"),
  ];
  return [
    { line: [[partyLine(handshake, lanes), "strong"]] },
    ...discoveryLines(lanes, handshake),
    ...exchange(lanes, { number: 1, name: "challenge", asks: "probe", sent: probe, got: challenge }),
    ...keyLines(lanes, key),
    ...tokenLines(lanes, token, call),
    ...exchange(lanes, { number: 4, name: "accepted", asks: callWords(handshake), sent: call, got: answer }),
  ];
}

/** The look-up of EWS, only where it was seen. */
function discoveryLines(lanes: Lanes, { steps }: HandshakeReport): readonly PaneLine[] {
  const found = steps.find(({ step }) => step === "discovery");
  if (found === undefined) return [];
  const word = found.state === "failed" ? "look-up failed" : "EWS found";
  return [
    row(lanes, lifelines(lanes, "looks for EWS"), [found.transactionId ?? "", "dim"], found.transactionId),
    row(lanes, answerArrow(lanes, found.note), stateSpan(0, found, word), found.transactionId),
  ];
}

function callWords({ route }: HandshakeReport): string {
  return route === null ? "call" : `call ${routesText([route])}`;
}

function partyLine({ principal, server, tokenService }: HandshakeReport, lanes: Lanes): string {
  const caller = safe(principal?.name ?? principal?.id ?? "unknown caller");
  const first = padEnd(caller, lanes.service - 3);
  const room = lanes.server - lanes.service - 1;
  const second = padEnd(tokenServiceTitle(tokenService, room - 1), room);
  return padEnd(`${first} ${second}${safe(server)}`, lanes.columns);
}

/** `token service Entra v2`, or its name alone where that does not fit. */
function tokenServiceTitle(service: HandshakeReport["tokenService"], room: number): string {
  if (service === null) return "token service";
  const name = tokenServiceWords[service];
  const whole = service === "own-key" ? "no token service: own key" : `token service ${name}`;
  return whole.length <= room ? whole : name;
}

interface Exchange {
  readonly number: 1 | 4;
  readonly name: string;
  readonly asks: string;
  readonly sent: HandshakeStep;
  readonly got: HandshakeStep;
}

/** A request and its answer: the probe with its challenge, or the call. */
function exchange(lanes: Lanes, { number, name, asks, sent, got }: Exchange): readonly PaneLine[] {
  const isUnseen = sent.state === "unseen" && got.state === "unseen";
  if (isUnseen) return [row(lanes, lifelines(lanes, "not seen"), stateSpan(number, got, name), null)];
  const word = got.state === "failed" ? "refused" : name;
  return [
    row(lanes, lifelines(lanes, asks), [sent.transactionId ?? "", "dim"], sent.transactionId),
    row(lanes, arrow(lanes, { to: lanes.server }), [shortNote(sent), "dim"], null),
    row(lanes, answerArrow(lanes, got.note), stateSpan(number, got, word), got.transactionId),
  ];
}

function shortNote({ step, note }: HandshakeStep): string {
  return step === "call" ? note : "";
}

function keyLines(lanes: Lanes, key: HandshakeStep): readonly PaneLine[] {
  const state = stateSpan(2, key, "signing key");
  return [row(lanes, lifelines(lanes, key.state === "unseen" ? key.note : ""), state, key.transactionId)];
}

function tokenLines(lanes: Lanes, token: HandshakeStep, call: HandshakeStep): readonly PaneLine[] {
  if (token.state === "unseen") {
    const isCached = call.state !== "unseen";
    const state: Span = isCached ? ["[3 --] cached token", "dim"] : stateSpan(3, token, "token");
    return [row(lanes, lifelines(lanes, isCached ? "has a token" : "not asked for"), state, null)];
  }
  return [
    row(lanes, lifelines(lanes, "asks token"), [token.transactionId ?? "", "dim"], token.transactionId),
    row(
      lanes,
      arrow(lanes, { to: lanes.service, label: token.note }),
      stateSpan(3, token, "token"),
      token.transactionId,
    ),
  ];
}

const states: Readonly<Record<HandshakeStep["state"], readonly [word: string, meaning: Meaning]>> = {
  ok: ["OK", "good"],
  failed: ["XX", "bad"],
  unseen: ["--", "dim"],
};

function stateSpan(number: number, { state }: HandshakeStep, name: string): Span {
  const [word, meaning] = states[state];
  return [`[${number} ${word}] ${name}`, meaning];
}

/** The three lifelines with a text that starts after the first. */
function lifelines({ client, service, server }: Lanes, text: string): string {
  const room = server - client - 3;
  const shown = padEnd(safe(text), room);
  const line = `${" ".repeat(client)}│ ${shown} │`;
  // A long text covers the middle lifeline.
  const at = service;
  const isFree = [...shown].slice(at - client - 3, at - client).every((character) => character === " ");
  return isFree ? `${line.slice(0, at)}│${line.slice(at + 1)}` : line;
}

function arrow(lanes: Lanes, { to, label = "" }: { readonly to: number; readonly label?: string }): string {
  const { client, service, server } = lanes;
  const shaft = Array.from({ length: to - client - 1 }, (_, at) => (client + 1 + at === service ? "┼" : "─")).join("");
  const line = `${" ".repeat(client)}├${shaft.slice(0, -1)}>│`;
  if (to === server) return line;
  return `${line} ${padEnd(safe(label), server - to - 2)}│`;
}

function answerArrow({ client, service, server }: Lanes, label: string): string {
  const length = server - client - 1;
  const text = ` ${safe(label)} `;
  // A long label starts before the middle lifeline.
  const from = text.length <= server - service - 4 ? service + 2 : client + 3;
  const shown = padEnd(text, Math.min(text.length, server - from - 2));
  const head = Array.from({ length: from - client - 1 }, (_, at) => (client + 1 + at === service ? "┼" : "─")).join("");
  const tail = "─".repeat(Math.max(0, length - head.length - shown.length));
  return `${" ".repeat(client)}│<${head.slice(1)}${shown}${tail}┤`;
}

function row(lanes: Lanes, picture: string, state: Span, rowId: string | null): PaneLine {
  const evidence = rowId === null || state[0] === rowId ? "" : `  ${rowId}`;
  const line: ScreenLine = [
    [padEnd(picture, lanes.notes), "plain"],
    [safe(state[0]), state[1]],
    [safe(evidence), "dim"],
  ];
  return rowId === null ? { line } : { line, rowId };
}
