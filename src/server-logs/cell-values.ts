// Times, numbers, addresses and names inside the cells of a row.
import { isKnownTime } from "../core/capture-time.ts";
import { detachText } from "../core/detach-text.ts";

const timeForm = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2}(?:\.\d{1,7})?)Z?$/;

/** `2026-11-30T08:00:00.123Z` or `2026-11-30 08:00:00` in UTC as epoch milliseconds; null for another text. */
export function timeOf(text: string): number | null {
  const [, day = "", time = ""] = timeForm.exec(text) ?? [];
  const at = day === "" ? Number.NaN : Date.parse(`${day}T${time.slice(0, 12)}Z`);
  return isKnownTime(at) ? at : null;
}

/** A status or a count of up to nine digits; null for another text. Both states of a retried call (`200;200`) count as the last. */
export function numberOf(text: string): number | null {
  return /^\d{1,9}$/.test(text) ? Number(text) : null;
}

/** An HTTP status from 100 to 599; null for another text. */
export function statusOf(text: string): number | null {
  const status = numberOf(text);
  return status !== null && status >= 100 && status <= 599 ? status : null;
}

/** A duration in milliseconds, perhaps with decimals (`15.6`); null for another text and for more than a day. */
export function durationOf(text: string): number | null {
  const duration = /^\d{1,9}(?:[.,]\d{1,9})?$/.test(text) ? Number.parseFloat(text.replace(",", ".")) : Number.NaN;
  return duration <= 86_400_000 ? Math.round(duration) : null;
}

/** The first address of a cell that may hold a whole `X-Forwarded-For` value, without its port; empty when there is none. */
export function clientOf(text: string): string {
  const first = /[^\s,;]+/.exec(text.slice(0, 512))?.[0] ?? "";
  const bracketed = /^"?\[([0-9a-f:.%]{2,60})\](?::\d{1,5})?"?$/i.exec(first)?.[1];
  if (bracketed !== undefined) return detachText(bracketed.toLowerCase());
  const v4 = /^(\d{1,3}(?:\.\d{1,3}){3})(?::\d{1,5})?$/.exec(first)?.[1];
  if (v4 !== undefined) return detachText(v4);
  return /^[0-9a-f:.]{2,45}(?:%[0-9a-z]{1,16})?$/i.test(first) && first.includes(":")
    ? detachText(first.toLowerCase())
    : "";
}

/** The name of a host in lower case, without a port; empty for a text that is not one. */
export function hostOf(text: string): string {
  const host = /^([a-z0-9_](?:[a-z0-9._-]{0,252})|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?$/i.exec(text)?.[1] ?? "";
  return detachText(host.toLowerCase());
}

/** A method in upper case; empty for a text that is not one. */
export function methodOf(cell: string): string {
  return /^[A-Za-z_-]{1,24}$/.test(cell) ? cell.toUpperCase() : "";
}

/** What a client sent as the id of its call; null when it is empty, longer than 128 characters, or has characters of no id. */
export function idOf(text: string): string | null {
  return /^[\w.:/+={}-]{1,128}$/.test(text) ? detachText(text) : null;
}

/** An id that Exchange gave to a call, in lower case with hyphens: builds of 2013 write it without; null for another text. */
export function requestIdOf(text: string): string | null {
  const plain = text.replace(/^\{(.{1,40})\}$/, "$1").toLowerCase();
  const [, ...parts] = /^([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})$/.exec(plain) ?? [];
  return parts.length === 0 ? idOf(plain) : parts.join("-");
}

// A person's name in a path or in a User-Agent is not needed to judge a row, and must not get into one.
const word = /[^\s/()<>;"']+/g;
const accountName = /@|%40|\\|%5c|^S-1-\d/i;

/** The longest address of a mailbox: one that begins before the cut is recognised as a whole. */
const longestAddress = 320;

/** The text without words that may name an account (addresses, `DOMAIN\name`, SIDs), at most `longest` characters. */
export function withoutAccounts(text: string, longest: number): string {
  const plain = text
    .slice(0, longest + longestAddress)
    .replace(word, (found) => (accountName.test(found) ? "…" : found));
  return detachText(plain.slice(0, longest));
}
