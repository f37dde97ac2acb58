// The lifetime of a token as a bar and in words, durations and times.
import type { S2sToken } from "../../decoders/facts.ts";

const barWidth = 28;

/** The lifetime of a token as a bar with `at` (epoch ms) marked: `|==>-----|`. Null without `nbf` or `exp`. */
export function lifeBar({ notBefore, expires }: S2sToken, at: number): string | null {
  if (notBefore === null || expires === null || expires <= notBefore) return null;
  const part = (at - notBefore) / (expires - notBefore);
  if (part < 0) return `>|${"-".repeat(barWidth)}|`;
  if (part > 1) return `|${"=".repeat(barWidth)}|>`;
  const place = Math.min(barWidth - 1, Math.floor(part * barWidth));
  return `|${"=".repeat(place)}>${"-".repeat(barWidth - 1 - place)}|`;
}

/** `7h41m left`, `expired 12m before`, `valid only in 3m`: the bar in words, for screen readers. */
export function lifeWords({ notBefore, expires }: S2sToken, at: number): string {
  if (expires === null) return "no expiry stated";
  if (notBefore !== null && at < notBefore) return `valid only in ${durationWords(notBefore - at)}`;
  return at < expires ? `${durationWords(expires - at)} left` : `expired ${durationWords(at - expires)} before`;
}

/** `8h00m`, `12m`, `40s`, `3d04h`. */
export function durationWords(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours}h${two(minutes % 60)}m` : `${Math.floor(hours / 24)}d${two(hours % 24)}h`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

/** Date and time, UTC, to the second. */
export function momentText(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replace("T", " ");
}
