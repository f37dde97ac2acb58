// Widths of text in terminal cells, and cutting, padding and wrapping by them.
import stringWidth from "string-width";
import { withAsciiSigns } from "./ascii-signs.ts";

const printable = /^[\x20-\x7e]*$/;
const characters = new Intl.Segmenter();
// Splits a text into ASCII runs, one cell a character, and the rest; an ASCII character before a combining mark belongs to
// the rest.
const runs = /[\x20-\x7e]+(?![^\x20-\x7e])|[\x20-\x7e]?[^\x20-\x7e]+/g;

/** State of the process, because a process draws on one terminal and every width depends on it. */
let isAmbiguousWide = false;

/**
 * Sets whether this terminal draws ambiguous characters (Unicode UAX #11) two columns wide; the screen's own signs are then
 * measured as ASCII.
 */
export function setAmbiguousWide(isWide: boolean): void {
  isAmbiguousWide = isWide;
}

/** Whether each character of the text takes one column and one place in the string. */
export function isPrintable(text: string): boolean {
  return printable.test(text);
}

/** Columns that a text without control characters takes on the terminal. */
export function widthOf(text: string): number {
  if (printable.test(text)) return text.length;
  if (text.length <= shortText) return measureWidth(text);
  let width = 0;
  for (const [run] of text.matchAll(runs)) width += printable.test(run) ? run.length : measureWidth(run);
  return width;
}

/** In a longer text only the non-ASCII runs are measured by the library, which is slow for each character. */
const shortText = 200;

function measureWidth(text: string): number {
  return isAmbiguousWide ? stringWidth(withAsciiSigns(text), { ambiguousIsNarrow: false }) : stringWidth(text);
}

/** Cuts a text without control characters to `columns` columns; a cut text ends with `…`. */
export function cutToCells(text: string, columns: number): string {
  if (columns <= 0) return "";
  if (printable.test(text)) return text.length <= columns ? text : `${text.slice(0, columns - 1)}…`;
  if (widthOf(text) <= columns) return text;
  let width = 0;
  let cut = "";
  for (const { segment } of characters.segment(text.slice(0, columns * 8))) {
    width += widthOf(segment);
    if (width > columns - 1) break;
    cut += segment;
  }
  return `${cut}…`;
}

/** Cuts the text, or fills it with spaces on the right, to exactly `columns` columns. */
export function padEnd(text: string, columns: number): string {
  const shown = cutToCells(text, columns);
  return shown + " ".repeat(Math.max(0, columns - widthOf(shown)));
}

/** As `padEnd`, with the spaces on the left: for numbers. */
export function padStart(text: string, columns: number): string {
  const shown = cutToCells(text, columns);
  return " ".repeat(Math.max(0, columns - widthOf(shown))) + shown;
}

/** Breaks the text into lines of at most `columns` columns (at least 8), at spaces where possible. */
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
    // A word longer than most of a line starts on the current line, so that no half line stays empty.
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

/** Moves whole lines of a text without spaces to `lines`; returns the rest. */
function breakLong(text: string, width: number, lines: string[]): string {
  const pieces = piecesOf(text, { first: width, others: width });
  lines.push(...pieces.slice(0, -1).map((piece) => piece.text));
  return pieces.at(-1)?.text ?? "";
}

/** A part of a text and its width in columns. */
export interface Piece {
  readonly text: string;
  readonly width: number;
}

/** The text in units that a terminal draws as one character each. */
export function* charactersIn(text: string): Generator<Piece> {
  for (const [run] of text.matchAll(runs)) {
    if (printable.test(run)) for (const character of run) yield { text: character, width: 1 };
    else yield* wideCharactersIn(run);
  }
}

function* wideCharactersIn(text: string): Generator<Piece> {
  for (const { segment } of characters.segment(text)) {
    const width = widthOf(segment);
    // A grapheme can be of any width (a base with a thousand spacing marks): a wide one is split into code points.
    if (width <= 2) yield { text: segment, width };
    else for (const point of segment) yield { text: point, width: widthOf(point) };
  }
}

/**
 * Splits the text into pieces of whole characters: the first at most `room.first` columns wide, the others `room.others`.
 * Linear in the length of the text, because the traffic decides how long it is.
 */
export function piecesOf(text: string, room: { readonly first: number; readonly others: number }): readonly Piece[] {
  // At least one column a piece, so that the loops end.
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
