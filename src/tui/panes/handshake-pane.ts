import type { Analysis, HandshakeReport, HandshakeStep } from "../../diagnosis/analysis.ts";
import { wrap } from "../cut.ts";
import { renderHandshakeLine } from "../plain-text.ts";
import { safe } from "../safe-text.ts";
import { type Meaning, plainLine, type ScreenLine } from "../screen-line.ts";

const steps: Readonly<Record<HandshakeStep["step"], string>> = {
  probe: "client -> server   asks without a token",
  challenge: "client <- server   names its realm and whom it trusts",
  "signing-key": "anyone -> STS      fetches the keys that sign tokens",
  token: "client -> STS      asks for a token",
  call: "client -> server   calls with the token",
  answer: "client <- server   answers",
};
const marks: Readonly<Record<HandshakeStep["state"], readonly [string, Meaning]>> = {
  ok: ["[OK]", "good"],
  failed: ["[XX]", "bad"],
  unseen: ["[--]", "dim"],
};

/** The ladder of the handshake that the selected row belongs to, else of the newest one; the others below it in a line each. */
export function handshakePane(
  analysis: Analysis | null,
  handshakeId: string | null,
  columns: number,
): readonly ScreenLine[] {
  const handshakes = analysis?.handshakes ?? [];
  const shown = handshakes.find(({ id }) => id === handshakeId) ?? handshakes.at(-1);
  if (shown === undefined) return [plainLine("No handshake was seen yet.", "dim")];
  const others = handshakes.filter(({ id }) => id !== shown.id);
  return [
    ...ladder(shown, columns),
    ...others.map((other) => plainLine(wrap(renderHandshakeLine(other), columns)[0] ?? "", "dim")),
  ];
}

function ladder(handshake: HandshakeReport, columns: number): readonly ScreenLine[] {
  const title = wrap(renderHandshakeLine(handshake), columns).map((line) => plainLine(line, "strong"));
  const rungs = handshake.steps.map(({ step, state, transactionId, note }): ScreenLine => {
    const [mark, meaning] = marks[state];
    const said = state === "unseen" ? "not seen in this capture" : note;
    return [
      [`${mark} `, meaning],
      [steps[step].padEnd(54), "plain"],
      [safe(` ${transactionId ?? ""}`.padEnd(8)), "dim"],
      [safe(` ${said}`), "plain"],
    ];
  });
  return [...title, ...rungs];
}
