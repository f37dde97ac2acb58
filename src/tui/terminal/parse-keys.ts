// Keys from the bytes of a terminal. Ink's own reading takes three fast letters for one word and mouse reports for typing.

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
  /** A press of the mouse, by its button (64 and 65 are the wheel) and place, from 1. Sent only where it was asked for. */
  | { readonly name: "mouse"; readonly button: number; readonly column: number; readonly row: number }
  /** The terminal's answer where its cursor is: no key, and never asked for but at the start. */
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

/** The names that a key may have in a configuration, beside single characters. */
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

/** Collects input and gives keys; `isWaiting` says that a lone escape may be the beginning of more. */
export class KeyReader {
  #rest = "";

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

  /** What has not gone on within a moment is what it looks like: an escape key, or nothing. */
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

  /** An unknown sequence is swallowed whole, never typed. */
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
    // Alt with a character: no meaning here.
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

/** Shift, Meta and Control are other bits of the button. */
function mouseKey([, button, column, row]: RegExpExecArray): Key {
  return { name: "mouse", button: Number(button) & ~28, column: Number(column), row: Number(row) };
}
