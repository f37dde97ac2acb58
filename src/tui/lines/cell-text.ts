import stringWidth from "string-width";
import { withAsciiSigns } from "./ascii-signs.ts";

const printable = /^[\x20-\x7e]*$/;
const characters = new Intl.Segmenter();
// Characters of ASCII beside each other are one each; the last of them may have marks that follow it.
const runs = /[\x20-\x7e]+(?![^\x20-\x7e])|[\x20-\x7e]?[^\x20-\x7e]+/g;

/** A process draws on one terminal, and every width there depends on it. */
let isAmbiguousWide = false;

/** Says whether the terminal draws what Unicode calls ambiguous two columns wide; our own signs are then drawn in ASCII. */
export function setAmbiguousWide(isWide: boolean): void {
  isAmbiguousWide = isWide;
}

/** Whether each character of the text takes one column and one place in the string. */
export function isPrintable(text: string): boolean {
  return printable.test(text);
}

/** Columns that a safe text takes on the terminal. */
export function widthOf(text: string): number {
  if (printable.test(text)) return text.length;
  if (text.length <= shortText) return measured(text);
  let width = 0;
  for (const [run] of text.matchAll(runs)) width += printable.test(run) ? run.length : measured(run);
  return width;
}

/** Longer ones are measured where they are not ASCII only: the library takes its time over each character. */
const shortText = 200;

function measured(text: string): number {
  return isAmbiguousWide ? stringWidth(withAsciiSigns(text), { ambiguousIsNarrow: false }) : stringWidth(text);
}

/** The text in at most so many columns, `…` at the end of what was cut. The text must be safe. */
export function cutToCells(text: string, columns: number): string {
  if (columns <= 0) return "";
  if (printable.test(text)) return text.length <= columns ? text : `${text.slice(0, columns - 1)}…`;
  if (widthOf(text) <= columns) return text;
  let width = 0;
  let kept = "";
  for (const { segment } of characters.segment(text.slice(0, columns * 8))) {
    width += widthOf(segment);
    if (width > columns - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}

/** As `cut`, filled with spaces on the right to exactly so many columns. */
export function padEnd(text: string, columns: number): string {
  const shown = cutToCells(text, columns);
  return shown + " ".repeat(Math.max(0, columns - widthOf(shown)));
}

/** As `padEnd`, filled on the left: for numbers. */
export function padStart(text: string, columns: number): string {
  const shown = cutToCells(text, columns);
  return " ".repeat(Math.max(0, columns - widthOf(shown))) + shown;
}

/** The text in lines of at most so many columns, broken at spaces where there are any. */
export function wrap(text: string, columns: number): readonly string[] {
  const width = Math.max(8, columns);
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (widthOf(longer) <= width) {
      line = longer;
      continue;
    }
    // A word longer than most of the line goes on where it is: half a line of nothing helps nobody.
    const goesOn = isLong(word, line, width);
    if (line !== "" && !goesOn) lines.push(line);
    line = goesOn ? longer : word;
    line = breakLong(line, width, lines);
  }
  return line === "" && lines.length > 0 ? lines : [...lines, line];
}

function isLong(word: string, line: string, width: number): boolean {
  return line !== "" && width - widthOf(line) > 8 && widthOf(word) > width * 0.6;
}

/** Moves whole lines out of a text without spaces; gives what is left of it. */
function breakLong(text: string, width: number, lines: string[]): string {
  const pieces = piecesOf(text, { first: width, others: width });
  lines.push(...pieces.slice(0, -1).map((piece) => piece.text));
  return pieces.at(-1)?.text ?? "";
}

/** A part of a text and the columns that it takes. */
export interface Piece {
  readonly text: string;
  readonly width: number;
}

/** What stands on the terminal as one character each, in its order. */
export function* charactersIn(text: string): Generator<Piece> {
  for (const [run] of text.matchAll(runs)) {
    if (printable.test(run)) for (const character of run) yield { text: character, width: 1 };
    else yield* wideCharactersIn(run);
  }
}

function* wideCharactersIn(text: string): Generator<Piece> {
  for (const { segment } of characters.segment(text)) {
    const width = widthOf(segment);
    // What Unicode takes for one character may be of any width, a base with a thousand marks that have columns of their own.
    if (width <= 2) yield { text: segment, width };
    else for (const point of segment) yield { text: point, width: widthOf(point) };
  }
}

/**
 * The text in pieces that fit, the first into what is left of a line; whole characters only. Goes over the text once: the
 * traffic chooses how long it is, and of what characters.
 */
export function piecesOf(text: string, room: { readonly first: number; readonly others: number }): readonly Piece[] {
  // Where there is no room at all a column is taken, and the work ends.
  const atLeast = { first: Math.max(0, room.first), others: Math.max(1, room.others) };
  return printable.test(text) ? plainPieces(text, atLeast) : widePieces(text, atLeast);
}

type Room = Parameters<typeof piecesOf>[1];

function plainPieces(text: string, { first, others }: Room): readonly Piece[] {
  const pieces = [text.slice(0, first)];
  for (let at = first; at < text.length; at += others) pieces.push(text.slice(at, at + others));
  return pieces.map((piece) => ({ text: piece, width: piece.length }));
}

function widePieces(text: string, { first, others }: Room): readonly Piece[] {
  const pieces: Piece[] = [];
  let piece = { text: "", width: 0 };
  for (const character of charactersIn(text)) {
    if (piece.width + character.width > (pieces.length === 0 ? first : others)) {
      pieces.push(piece);
      piece = { text: "", width: 0 };
    }
    piece = { text: piece.text + character.text, width: piece.width + character.width };
  }
  return [...pieces, piece];
}
