import type { CaptureEvent } from "../../core/capture-event.ts";
import type { LogRow } from "../../core/log-row.ts";
import { packedText } from "../coded-text.ts";
import type { Redacted } from "../sanitise.ts";
import { textWithDecodedTokens, withDecodedSegments } from "./decoded-text.ts";

export type Removals = Readonly<Record<string, number>>;

// Counts replacements by their marks, so that a second safe copy has the same numbers.
const rules: readonly (readonly [rule: string, mark: RegExp])[] = [
  ["signatures of tokens", /<sig:[a-z2-7]{4}>|%3Csig%3A[a-z2-7]{4}%3E/g],
  ["values of fields, claims and cookies", /<redacted(?: len=\d+ tag=[a-z2-7]{4})?>|%3Credacted%20len%3D\d+/g],
  ["values in addresses and elsewhere", /(?<![A-Za-z])redacted-[a-z2-7]{4}(?![a-z2-7])/g],
  ["user info and fragments of addresses", /#redacted|(?<![A-Za-z0-9])redacted(?:@|%(?:25)*40)/g],
  ["accounts", /user-[a-z2-7]{10}/g],
  ["machines", /machine-[a-z2-7]{10}/g],
  ["domains of mail addresses", /domain-[a-z2-7]{10}/g],
  ["words of messages", /(?<![*\w])\*\*\*(?![*\w])/g],
];

/** Adds the replacements of an event to the counts by rule; passwords are counted by their credentials. */
export function countRemovals(event: Redacted<CaptureEvent>, counts: Record<string, number>): void {
  if ("client" in event && /^client-/.test(event.client)) add(counts, "addresses of clients", 1);
  if (event.kind === "log-row") countInRow(event.row, counts);
  if (event.kind !== "transaction") return;
  const { client, request, response } = event.transaction;
  if (/^client-/.test(client)) add(counts, "addresses of clients", 1);
  const bodies = response === null ? [request.body] : [request.body, response.body];
  const text = textWithDecodedTokens(event.transaction);
  for (const [rule, mark] of rules) add(counts, rule, text.match(mark)?.length ?? 0);
  add(counts, "passwords", passwordsIn(text));
  add(
    counts,
    "bodies taken away whole",
    bodies.filter(({ bytes, totalBytes }) => bytes.length === 0 && (totalBytes ?? 0) > 0).length,
  );
  add(counts, "bodies reduced to their elements", bodies.filter(({ bytes }) => bytes[0] === 0x3c).length);
}

/** The words `***` of a User-Agent or an error are counted one by one. */
function countInRow(row: LogRow, counts: Record<string, number>): void {
  if (/^client-/.test(row.client)) add(counts, "addresses of clients", 1);
  const text = withDecodedSegments(JSON.stringify(row));
  for (const [rule, mark] of rules) add(counts, rule, text.match(mark)?.length ?? 0);
}

// RFC 9110 §11.4: the scheme in any letter case, then one blank or more.
const basic = /(?<![A-Za-z0-9])basic\s{1,16}([A-Za-z0-9+/=_-]{8,4096})/gi;

function passwordsIn(text: string): number {
  const credentials = [...text.matchAll(basic)].filter(([, packed = ""]) =>
    packedText(packed)?.endsWith(":<password>"),
  );
  return credentials.length + (text.match(/=%3Cpassword%3E/g)?.length ?? 0);
}

function add(counts: Record<string, number>, rule: string, count: number): void {
  if (count > 0) counts[rule] = (counts[rule] ?? 0) + count;
}
