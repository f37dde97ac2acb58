// Typing into one line of text.
import type { Key } from "./parse-keys.ts";

const textLimit = 500;

/** The text after a key of a line editor; null for any other key. A text has at most 500 characters. */
export function editText(text: string, key: Key): string | null {
  switch (key.name) {
    case "character":
      return (text + key.character).slice(0, textLimit);
    case "paste":
      return (text + key.text.replace(/\s+/g, " ")).slice(0, textLimit);
    case "backspace":
      return [...text].slice(0, -1).join("");
    case "ctrl-u":
      return "";
    case "ctrl-w":
      return text.replace(/\S+\s*$/, "");
    default:
      return null;
  }
}
