// Copying through the terminal itself (OSC 52), so that it works over SSH as well. The clipboard is never read.
import { safe } from "../../core/safe-text.ts";

/** What terminals take at most, in characters of base64. */
const clipboardLimit = 74_994;

/** Captured text as it is copied: line ends stay, every other control is written out, so that pasting runs nothing. */
export function clipboardText(text: string): string {
  return text.split(/\r?\n/).map(safe).join("\n");
}

/** The sequence that asks the terminal to copy; null when the text is more than terminals take. */
export function clipboardSequence(
  text: string,
  environment: Readonly<Record<string, string | undefined>>,
): string | null {
  const data = Buffer.from(text, "utf8").toString("base64");
  if (data.length > clipboardLimit) return null;
  const plain = `\u001b]52;c;${data}\u0007`;
  // tmux with set-clipboard on takes the plain form, with allow-passthrough on the wrapped one; twice the same does no harm.
  if ((environment.TMUX ?? "") !== "") return `${plain}\u001bPtmux;\u001b${plain}\u001b\\`;
  if ((environment.STY ?? "") === "") return plain;
  // GNU screen passes strings on in pieces of at most 256 bytes.
  return (plain.match(/[\s\S]{1,240}/g) ?? []).map((piece) => `\u001bP${piece}\u001b\\`).join("");
}
