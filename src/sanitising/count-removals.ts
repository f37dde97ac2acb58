import type { CaptureEvent } from "../core/capture-event.ts";
import type { CapturedBody, HttpTransaction } from "../core/http-transaction.ts";
import type { Redacted } from "./sanitise.ts";

export type Removals = Readonly<Record<string, number>>;

const rules: readonly (readonly [rule: string, mark: RegExp])[] = [
  ["signatures of tokens", /<sig:[a-z2-7]{4}>/g],
  ["values", /<redacted(?: len=\d+ tag=[a-z2-7]{4})?>/g],
  ["query values", /=redacted-[a-z2-7]{4}/g],
  ["accounts", /user-[a-z2-7]{10}/g],
];

/** Adds what stands in an event in place of something else, by rule; passwords are counted by the credentials that had one. */
export function countRemovals(event: Redacted<CaptureEvent>, counts: Record<string, number>): void {
  if (event.kind !== "transaction") return;
  const { request, response } = event.transaction;
  const bodies = response === null ? [request.body] : [request.body, response.body];
  const text = textOf(event.transaction, bodies);
  for (const [rule, mark] of rules) add(counts, rule, text.match(mark)?.length ?? 0);
  add(counts, "passwords", text.match(/(?:^|\s)Basic [A-Za-z0-9+/]{8,}|=%3Cpassword%3E/g)?.length ?? 0);
  add(counts, "bodies", bodies.filter(({ bytes, totalBytes }) => bytes.length === 0 && totalBytes > 0).length);
}

function textOf({ request, response }: HttpTransaction, bodies: readonly CapturedBody[]): string {
  const fields = [...request.headers, ...request.trailers, ...(response?.headers ?? []), ...(response?.trailers ?? [])];
  const decoder = new TextDecoder();
  return [
    request.target,
    ...fields.map(([, value]) => value),
    ...bodies.map(({ bytes }) => decoder.decode(bytes)),
  ].join("\n");
}

function add(counts: Record<string, number>, rule: string, count: number): void {
  if (count > 0) counts[rule] = (counts[rule] ?? 0) + count;
}
