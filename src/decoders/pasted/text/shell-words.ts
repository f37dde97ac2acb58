// The words of one command as the shells of "Copy as cURL" write them: quotes of bash (also $'…'), carets of cmd.

export interface ShellWords {
  readonly words: readonly string[];
  /** Offset behind the command. */
  readonly end: number;
}

const longestCommand = 256 * 1024;

/** Reads the words from `start` to the end of the command: a line end that nothing carries over. */
export function shellWords(text: string, start: number): ShellWords {
  const limit = Math.min(text.length, start + longestCommand);
  const isCmd = /\^["%\r\n]/.test(text.slice(start, Math.min(limit, start + 4096)));
  const words: string[] = [];
  let word: string | null = null;
  let at = start;
  while (at < limit) {
    const char = text[at] ?? "";
    if (/[\n;|]/.test(char)) break;
    if (/[ \t\r]/.test(char)) {
      if (word !== null) words.push(word);
      word = null;
      at++;
    } else if (isCarried(text, at, isCmd)) at = text.indexOf("\n", at) + 1;
    else {
      const read = readPiece(text, at, { limit, isCmd });
      word = (word ?? "") + read.text;
      at = read.end;
    }
  }
  if (word !== null) words.push(word);
  return { words, end: at };
}

/** `\`, `^` or a backtick at the end of a line. */
function isCarried(text: string, at: number, isCmd: boolean): boolean {
  const char = text[at];
  if (char !== "\\" && char !== "`" && !(isCmd && char === "^")) return false;
  return /^[ \t]{0,8}\r?\n/.test(text.slice(at + 1, at + 12));
}

interface Piece {
  readonly text: string;
  readonly end: number;
}

interface Reach {
  readonly limit: number;
  readonly isCmd: boolean;
}

function readPiece(text: string, at: number, reach: Reach): Piece {
  if (reach.isCmd && text.startsWith('^"', at)) return readCaretQuoted(text, at + 2, reach.limit);
  if (text.startsWith("$'", at)) return readQuoted(text, at + 2, { quote: "'", hasEscapes: true, limit: reach.limit });
  const char = text[at] ?? "";
  if (char === "'") return readQuoted(text, at + 1, { quote: "'", hasEscapes: false, limit: reach.limit });
  if (char === '"') return readQuoted(text, at + 1, { quote: '"', hasEscapes: true, limit: reach.limit });
  if (char === "\\" || (reach.isCmd && char === "^")) return { text: text[at + 1] ?? "", end: at + 2 };
  return { text: char, end: at + 1 };
}

/** cmd: `^"` opens and closes, `^\^"` is a quote inside, `^x` is x. */
function readCaretQuoted(text: string, start: number, limit: number): Piece {
  const out: string[] = [];
  let at = start;
  while (at < limit) {
    if (text.startsWith('^\\^"', at) || text.startsWith('\\^"', at)) {
      out.push('"');
      at += text[at] === "^" ? 4 : 3;
    } else if (text.startsWith('^"', at)) return { text: out.join(""), end: at + 2 };
    else if (text[at] === "^") {
      out.push(text[at + 1] ?? "");
      at += 2;
    } else out.push(text[at++] ?? "");
  }
  return { text: out.join(""), end: at };
}

interface Quoting {
  readonly quote: string;
  readonly hasEscapes: boolean;
  readonly limit: number;
}

function readQuoted(text: string, start: number, { quote, hasEscapes, limit }: Quoting): Piece {
  const out: string[] = [];
  for (let at = start; at < limit; at++) {
    const char = text[at] ?? "";
    if (char === quote) return { text: out.join(""), end: at + 1 };
    if (char === "\\" && hasEscapes) {
      const code = /^u([0-9a-f]{4})/i.exec(text.slice(at + 1, at + 6))?.[1];
      out.push(code === undefined ? (text[at + 1] ?? "") : String.fromCharCode(Number.parseInt(code, 16)));
      at += code === undefined ? 1 : 5;
    } else out.push(char);
  }
  return { text: out.join(""), end: limit };
}
