// Keys from the bytes of a terminal. Ink's parser takes letters typed fast for one key and mouse reports for typed text.

export type Key =
  | { readonly name: "character"; readonly character: string }
  | {
      readonly name:
        | "up"
        | "down"
        | "left"
        | "right"
        | "home"
        | "end"
        | "page-up"
        | "page-down"
        | "enter"
        | "escape"
        | "tab"
        | "back-tab"
        | "backspace"
        | "delete"
        | "interrupt"
        | "suspend"
        | "redraw"
        | `ctrl-${string}`
        | `f${number}`;
    }
  | { readonly name: "paste"; readonly text: string }
  /** A mouse press: button (64 and 65 are the wheel), column and row from 1. Sent only after `mouseOn`. */
  | { readonly name: "mouse"; readonly button: number; readonly column: number; readonly row: number }
  /** A cursor position report: the answer to the question for the character width at the start. */
  | { readonly name: "cursor-report"; readonly column: number };

type NamedKey = Exclude<Key["name"], "character" | "paste" | "mouse" | "cursor-report">;

const sequences: ReadonlyMap<string, NamedKey> = new Map<string, NamedKey>([
  ...(["[", "O"] as const).flatMap((intro): [string, NamedKey][] => [
    [`${intro}A`, "up"],
    [`${intro}B`, "down"],
    [`${intro}C`, "right"],
    [`${intro}D`, "left"],
    [`${intro}H`, "home"],
    [`${intro}F`, "end"],
  ]),
  ["[1~", "home"],
  ["[7~", "home"],
  ["[4~", "end"],
  ["[8~", "end"],
  ["[5~", "page-up"],
  ["[6~", "page-down"],
  ["[3~", "delete"],
  ["[Z", "back-tab"],
  ...Array.from("PQRS", (letter, at): [string, NamedKey] => [`O${letter}`, `f${at + 1}`]),
  ...[15, 17, 18, 19, 20, 21, 23, 24].map((code, at): [string, NamedKey] => [`[${code}~`, `f${at + 5}`]),
]);
const controls: ReadonlyMap<string, NamedKey> = new Map<string, NamedKey>([
  ["\r", "enter"],
  ["\n", "enter"],
  ["\t", "tab"],
  ["\u007f", "backspace"],
  ["\b", "backspace"],
  ["\u0003", "interrupt"],
  ["\u001a", "suspend"],
  ["\u000c", "redraw"],
  ...Array.from("abdefgknopqrstuvwxy", (letter): [string, NamedKey] => [
    String.fromCharCode(letter.charCodeAt(0) - 96),
    `ctrl-${letter}`,
  ]),
]);

/** Whether a configuration may use this name: one visible character, `space`, or the name of a key. */
export function isKeyName(name: string): boolean {
  if ([...name].length === 1) return !/[\s\p{C}]/u.test(name);
  return name === "space" || [...sequences.values(), ...controls.values()].includes(name as NamedKey);
}

const pasteStart = "\u001b[200~";
const pasteEnd = "\u001b[201~";
const pasteLimit = 4096;
const introducer = "\u001b";
// ECMA-48 §5.4, after the introducer: parameters and intermediates, then the final byte.
const controlSequence = /^\[[0-?]{0,32}[ -/]{0,8}[@-~]/;
const cursorReport = /^\[\d{1,4};(\d{1,4})R$/;
// SGR mode of xterm: button, column and row; `m` instead of `M` is a release.
const mousePress = /^\[<(\d{1,4});(\d{1,5});(\d{1,5})M$/;
const singleShift = /^O[ -~]/;
/** Introduce strings (OSC, DCS, SOS, PM, APC), which end with BEL or ST. */
const stringIntroducers = "]PX^_";

/** Turns chunks of input into keys; an incomplete sequence is kept for the next chunk. */
export class KeyReader {
  #rest = "";

  /** Whether an incomplete sequence is kept, perhaps a lone Escape. */
  get isWaiting(): boolean {
    return this.#rest !== "";
  }

  push(text: string): readonly Key[] {
    this.#rest += text;
    const keys: Key[] = [];
    while (this.#rest !== "") {
      const before = this.#rest.length;
      const key = this.#next();
      if (key !== null) keys.push(key);
      if (this.#rest.length === before) break;
    }
    return keys;
  }

  /** Ends the kept sequence: a lone escape character is the Escape key, anything else is dropped. */
  flush(): readonly Key[] {
    const rest = this.#rest;
    this.#rest = "";
    return rest === introducer ? [{ name: "escape" }] : [];
  }

  #next(): Key | null {
    const rest = this.#rest;
    if (rest.startsWith(pasteStart)) return this.#paste();
    if (rest.startsWith(introducer)) return this.#sequence();
    const [character = ""] = rest;
    this.#rest = rest.slice(character.length);
    const name = controls.get(character);
    if (name !== undefined) return { name };
    return character < " " ? null : { name: "character", character };
  }

  #paste(): Key | null {
    const end = this.#rest.indexOf(pasteEnd);
    if (end === -1) {
      if (this.#rest.length > pasteLimit) this.#rest = "";
      return null;
    }
    const text = this.#rest.slice(pasteStart.length, end);
    this.#rest = this.#rest.slice(end + pasteEnd.length);
    return { name: "paste", text };
  }

  /** An unknown sequence is dropped whole and never typed. */
  #sequence(): Key | null {
    const rest = this.#rest;
    if (rest.startsWith(introducer + introducer)) {
      this.#rest = rest.slice(1);
      return { name: "escape" };
    }
    const found = sequenceIn(rest.slice(1));
    if (found !== null) {
      this.#rest = rest.slice(1 + found.length);
      const column = cursorReport.exec(found)?.[1];
      if (column !== undefined) return { name: "cursor-report", column: Number(column) };
      const press = mousePress.exec(found);
      if (press !== null) return mouseKey(press);
      const name = sequences.get(found);
      return name === undefined ? null : { name };
    }
    const isBegun = rest.length === 1 || `[O${stringIntroducers}`.includes(rest[1] ?? "");
    if (isBegun && rest.length < pasteLimit) return null;
    // Alt with a character: dropped.
    this.#rest = rest.slice(isBegun ? rest.length : 2);
    return null;
  }
}

function sequenceIn(text: string): string | null {
  if (stringIntroducers.includes(text[0] ?? "?")) {
    const ends = [text.indexOf("\u0007"), text.indexOf("\u001b\\") + 1].filter((at) => at > 0);
    return ends.length === 0 ? null : text.slice(0, Math.min(...ends) + 1);
  }
  return (controlSequence.exec(text) ?? singleShift.exec(text))?.[0] ?? null;
}

/** The bits of Shift, Meta and Control are removed from the button. */
function mouseKey([, button, column, row]: RegExpExecArray): Key {
  return { name: "mouse", button: Number(button) & ~28, column: Number(column), row: Number(row) };
}
