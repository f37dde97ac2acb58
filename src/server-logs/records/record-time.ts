// Times as Windows, PowerShell and the portals of Microsoft write them.

/** `zone`: the text says which; `local`: by the clock of the machine that wrote it, read as UTC. */
export interface RecordTime {
  readonly at: number;
  readonly isLocal: boolean;
}

const iso = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?\s?(Z|UTC|[+-]\d\d:?\d\d)?$/i;
/** `ConvertTo-Json` of Windows PowerShell. */
const microsoft = /^\/Date\((-?\d{1,15})(?:[+-]\d{4})?\)\/$/;
/** By the culture of a machine: `30.11.2026 08:00:00`, `11/30/2026 8:00:00 AM`, `9/27/2026, 10:00:00.000 AM`, `2026. 11. 30. 8:00:00`. */
const cultural =
  /^(\d{1,4})([./-]) ?(\d{1,2})\2 ?(\d{1,4})\.?,?\s+(\d{1,2})[:.](\d\d)(?:[:.](\d\d))?(?:[.,](\d{1,9}))?\s{0,2}([AP])?\.?M?\.?$/i;

const half = /\s?(?:(午前|上午|오전|a\.\s?m\.)|午後|下午|오후|p\.\s?m\.)\s?/i;

/** `2026/11/30 下午 5:00:00` with its half of the day behind the hour and in Latin letters. */
function withLatinHalf(text: string): string {
  const [word, morning] = half.exec(text) ?? [];
  return word === undefined ? text : `${text.replace(word, " ").trim()} ${morning === undefined ? "PM" : "AM"}`;
}

/** Reads a time; null for any other text. A time by a culture is read day first where its form leaves both orders. */
export function readRecordTime(written: string): RecordTime | null {
  const text = written
    .slice(0, 64)
    .replace(/[\u200e\u200f]/g, "")
    .replace(/[\u00a0\u202f]/g, " ")
    .trim();
  const milliseconds = microsoft.exec(text)?.[1];
  if (milliseconds !== undefined) return known(Number(milliseconds), false);
  const parts = iso.exec(text);
  return parts === null ? readCultural(withLatinHalf(text)) : readIso(parts);
}

function readIso([
  ,
  year,
  month,
  day,
  hour,
  minute,
  second,
  fraction = "",
  zone = "",
]: RegExpExecArray): RecordTime | null {
  const at = utc([year, month, day, hour, minute, second], fraction);
  const offset = /^([+-])(\d\d):?(\d\d)$/.exec(zone);
  const minutes = offset === null ? 0 : Number(offset[2]) * 60 + Number(offset[3]);
  return known(at - (offset?.[1] === "-" ? -minutes : minutes) * 60_000, zone === "");
}

function readCultural(text: string): RecordTime | null {
  const [whole, first = "", mark = "", second = "", third = "", hour = "", minute, seconds = "0", fraction = "", half] =
    cultural.exec(text) ?? [];
  if (whole === undefined) return null;
  const isPm = half?.toUpperCase() === "P";
  const hours = half === undefined ? Number(hour) : (Number(hour) % 12) + (isPm ? 12 : 0);
  const [year, month, day] = dateOf([first, second, third], mark === "/" && half !== undefined);
  return known(utc([year, month, day, String(hours), minute, seconds], fraction), true);
}

/** Year, month and day: the year first with four digits; else the month first in the American form. */
function dateOf([first, second, third]: readonly [string, string, string], isAmerican: boolean): readonly string[] {
  if (first.length === 4) return [first, second, third];
  const isMonthFirst = Number(second) > 12 || (isAmerican && Number(first) <= 12);
  const year = third.length === 2 ? `20${third}` : third;
  return isMonthFirst ? [year, first, second] : [year, second, first];
}

function utc(parts: readonly (string | undefined)[], fraction: string): number {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.map(Number);
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60) return Number.NaN;
  return Date.UTC(year, month - 1, day, hour, minute, second, Number(fraction.padEnd(3, "0").slice(0, 3)));
}

function known(at: number, isLocal: boolean): RecordTime | null {
  return Number.isFinite(at) && Math.abs(at) <= 8.64e15 ? { at, isLocal } : null;
}
