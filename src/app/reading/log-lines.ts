// The lines around a row of a log, read again from its file for the person at this machine.
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { Pseudonymise } from "../../sanitising/redaction.ts";
import { safeLogCells } from "../../sanitising/safe-log-row.ts";
import { csvCells } from "../../server-logs/csv-cells.ts";
import { isHeaderLine, type LogHeader, noHeader, readHeaderLine } from "../../server-logs/log-header.ts";
import { readLines } from "../../sources/input/lines.ts";
import type { LogLine } from "../../tui/model/messages.ts";
import type { LogPlace } from "../safe-change.ts";

const linesAround = 2;
const lineLimit = 1024 * 1024;
const fileLimit = 256 * 1024 * 1024;

/** The row's line and up to two on each side, cell by cell and made safe; null when the file cannot be read as lines of a log. */
export async function readLogLines(place: LogPlace, pseudonymise: Pseudonymise): Promise<readonly LogLine[] | null> {
  try {
    const { size } = await stat(place.file);
    return size > fileLimit ? null : await readAround(place, pseudonymise);
  } catch {
    // Moved, deleted by its age, locked, or a member of an archive.
    return null;
  }
}

async function readAround({ file, line }: LogPlace, pseudonymise: Pseudonymise): Promise<readonly LogLine[] | null> {
  const chunks = createReadStream(file);
  const found: LogLine[] = [];
  let header = noHeader;
  try {
    for await (const { bytes, number } of readLines(chunks, lineLimit)) {
      if (number > line + linesAround) break;
      const text = textOf(bytes, number);
      if (isHeaderLine(text)) header = readHeaderLine(header, text);
      if (number >= line - linesAround) found.push(lineOf(text, { number, header, pseudonymise }));
    }
  } finally {
    chunks.destroy();
  }
  const isRow = found.some(({ number, cells }) => number === line && cells.length > 0);
  return isRow ? found : null;
}

function textOf(bytes: Buffer | null, number: number): string {
  const text = bytes === null ? "" : bytes.toString("utf8").replace(/\r$/, "");
  return number === 1 ? text.replace(/^\uFEFF/, "") : text;
}

interface LineContext {
  readonly number: number;
  readonly header: LogHeader;
  readonly pseudonymise: Pseudonymise;
}

function lineOf(text: string, { number, header, pseudonymise }: LineContext): LogLine {
  if (isHeaderLine(text)) return { number, isHeader: true, cells: [] };
  const isSpaced = header.log === "iis" || header.log === "http-err";
  const cells = isSpaced ? text.split(" ") : csvCells(text);
  return { number, isHeader: false, cells: cells === null ? [] : safeLogCells(header.columns, cells, pseudonymise) };
}
