import type { Key } from "./parse-keys.ts";

const textLimit = 500;

/** The line with the key typed into it; null when it is none that types. */
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
