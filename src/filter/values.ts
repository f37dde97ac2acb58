// Values as a person writes them: 500ms, 1mb, 4xx, -5m, 12:04, warning.
import { readDuration } from "../core/quantities.ts";
import { severities } from "../diagnosis/catalogue/finding-text.ts";

/** Milliseconds; a bare number is milliseconds. Null when the text is not a duration. */
export function readMilliseconds(text: string): number | null {
  return readDuration(/^[\d.]+$/.test(text) ? `${text}ms` : text);
}

export interface Span {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

/**
 * A moment: `-5m` before now, `12:04` or `12:04:33` of the current day in UTC, or an ISO time. It spans the named minute or second.
 * Null for any other text.
 */
export function readMoment(text: string, now: number): Span | null {
  const ago = /^-(.+)$/.exec(text)?.[1];
  const before = ago === undefined ? null : readMilliseconds(ago);
  if (before !== null) return { from: now - before, to: now - before + 1 };
  return clockTime(text, now) ?? date(text);
}

function clockTime(text: string, now: number): Span | null {
  const [, hours, minutes, seconds = ""] = /^([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$/.exec(text) ?? [];
  if (hours === undefined) return null;
  const midnight = Math.floor(now / 86_400_000) * 86_400_000;
  const second = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  return span(midnight + second * 1000, seconds === "" ? 60_000 : 1000);
}

function date(text: string): Span | null {
  if (!/^\d{4}-\d{2}-\d{2}(?:T[\d:.]{2,12}Z?)?$/.test(text)) return null;
  const at = Date.parse(text.includes("T") && !text.endsWith("Z") ? `${text}Z` : text);
  return Number.isNaN(at) ? null : span(at, text.includes("T") ? 1000 : 86_400_000);
}

function span(from: number, length: number): Span {
  return { from, to: from + length };
}

/** The statuses that a text names: `401`, `4xx`, or `none` for no answer. Null for any other text. */
export function readStatus(text: string): Span | "none" | null {
  if (/^(?:none|err|-)$/i.test(text)) return "none";
  const head = /^([1-9])xx$/i.exec(text)?.[1];
  if (head !== undefined) return span(Number(head) * 100, 100);
  return /^\d{3}$/.test(text) ? span(Number(text), 1) : null;
}

const severityWords = ["none", ...severities];

/** `none` 0, `info` 1, `warning` 2, `error` 3, `alarm` 4; null for any other text. */
export function severityRank(text: string): number | null {
  const wanted = text.toLowerCase();
  const rank = severityWords.findIndex((name) => name === wanted || (wanted.length >= 3 && name.startsWith(wanted)));
  return rank === -1 ? null : rank;
}
