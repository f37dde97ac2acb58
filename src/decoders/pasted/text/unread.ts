// What no recogniser explains, shown by its first words and never more: an unread stretch may hold anything.
import type { Claim } from "./claim.ts";

/** A stretch of lines that was not read. */
export interface Unread {
  /** First line, counted from 1, of the text as it was read. */
  readonly line: number;
  readonly lines: number;
  /** Its first words; empty where they are not plain words. Never what may be a credential. */
  readonly begins: string;
}

interface Stretch {
  readonly line: number;
  lines: number;
  readonly begins: string;
}

const most = 20;
// Tags of traces, remarks of curl, ends of commands and brackets of dumps tell nothing.
const furniture =
  /^(?:(?:-->|<--) END\b.*|["']?[A-Za-z]{1,20}["']?\s{0,4}[:=]>?\s{0,4}[[{(]{1,4},?|<\/?Trace\b.*|\* .*|[{}] \[\d+ bytes data\]|[\s"'`,;:(){}[\]<>|=*#_~^$\\/+-]*|={3,}.*={3,}|-{3,}.*-{3,})$/;

/** The lines between the claims, joined to stretches. */
export function unreadOf(text: string, claims: readonly Claim[]): readonly Unread[] {
  const unread: Stretch[] = [];
  let claim = 0;
  let from = 0;
  let open: Stretch | null = null;
  for (const [index, line] of text.split("\n").entries()) {
    const to = from + line.length;
    while (claim < claims.length && (claims[claim]?.to ?? 0) <= from) claim++;
    if (isWithin(claims[claim], from, to)) open = null;
    else if (!furniture.test(line.slice(0, 400).trim())) {
      open ??= startStretch(unread, index + 1, line);
      open.lines = index + 2 - open.line;
    }
    from = to + 1;
  }
  return unread.slice(0, most);
}

function startStretch(unread: Stretch[], line: number, text: string): Stretch {
  const stretch = { line, lines: 1, begins: unread.length < most ? firstWords(text) : "" };
  unread.push(stretch);
  return stretch;
}

function isWithin(claim: Claim | undefined, from: number, to: number): boolean {
  return claim !== undefined && claim.from <= to && claim.to > from;
}

const secretWord =
  /pass|pwd|kennwort|secret|geheim|token|key|pin|credential|login|user|mot\b|contrase|parola|wachtwoord/i;

/** At most six plain words from the beginning, none behind a word that announces a secret. */
export function firstWords(line: string): string {
  const words: string[] = [];
  for (const word of line.slice(0, 200).trim().split(/\s+/)) {
    if (words.length === 6 || secretWord.test(word) || !/^[("'“]?\p{L}[\p{L}'’-]{0,20}[)"'”]?[,.;:!?]?$/u.test(word))
      break;
    words.push(word);
  }
  // One word alone may be anything.
  return words.length > 1 ? words.join(" ") : "";
}
