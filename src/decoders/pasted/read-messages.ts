// One reader of pasted text: requests and answers in whatever dress, and what could not be read. Recognisers claim stretches of
// the text; of claims that overlap, the one that explains most counts; of the readings of the text, the one with most in it.
import type { HttpTransaction } from "../../core/http-transaction.ts";
import { readCommands } from "./dress/commands.ts";
import { readDumps } from "./dress/dumps.ts";
import { readEwsTrace } from "./dress/ews-trace.ts";
import { readGlued } from "./dress/glued.ts";
import { readHeads } from "./dress/heads.ts";
import { readLabelled } from "./dress/labelled.ts";
import { exchangesOf } from "./exchanges.ts";
import { type Claim, weightOf } from "./text/claim.ts";
import { type Unread, unreadOf } from "./text/unread.ts";
import { variantsOf } from "./text/variants.ts";

export interface PastedMessages {
  /** In the order of the text; empty when there is no message in it. */
  readonly transactions: readonly HttpTransaction[];
  /** What no recogniser explains, at most 20 stretches. */
  readonly unread: readonly Unread[];
}

/** The recognisers and how far each is trusted where another one reads the same. */
const recognisers: readonly (readonly [(text: string) => readonly Claim[], number])[] = [
  [readHeads, 1],
  [readCommands, 1],
  [readEwsTrace, 1],
  [readDumps, 0.98],
  [readLabelled, 0.9],
  [readGlued, 0.8],
];

/** Reads a text of at most 1 MiB. Never throws; time is linear in its length. */
export function readMessages(text: string): PastedMessages {
  let best: { readonly text: string; readonly claims: readonly Claim[]; readonly weight: number } | null = null;
  for (const variant of variantsOf(text)) {
    const { claims, weight } = chooseClaims(variant);
    if (best === null || weight > best.weight) best = { text: variant, claims, weight };
  }
  if (best === null || !best.claims.some(({ parts }) => parts.some(isOfMessage)))
    return { transactions: [], unread: [] };
  const transactions = exchangesOf(best.claims.map(({ parts }) => parts));
  return { transactions, unread: unreadOf(best.text, best.claims) };
}

/** A start line or a field; labels alone stand in any prose. */
function isOfMessage({ kind, ...part }: Claim["parts"][number]): boolean {
  return kind === "field" || ("isWhole" in part && part.isWhole);
}

interface Reading {
  /** In the order of the text, without overlaps. */
  readonly claims: readonly Claim[];
  readonly weight: number;
}

/** The claims that together explain most: weighted interval scheduling over their ends. */
function chooseClaims(text: string): Reading {
  const claims = recognisers
    .flatMap(([recognise, trust]) => recognise(text).map((claim) => ({ claim, weight: weightOf(claim.parts) * trust })))
    .sort((a, b) => a.claim.to - b.claim.to || a.claim.from - b.claim.from);
  const best = new Float64Array(claims.length + 1);
  const before = claims.map(({ claim }) => endedBy(claims, claim.from));
  for (const [at, { weight }] of claims.entries())
    best[at + 1] = Math.max(best[at] ?? 0, weight + (best[before[at] ?? 0] ?? 0));
  const chosen: Claim[] = [];
  for (let at = claims.length; at > 0; ) {
    if (best[at] === best[at - 1]) at--;
    else {
      chosen.push((claims[at - 1] as (typeof claims)[number]).claim);
      at = before[at - 1] ?? 0;
    }
  }
  return { claims: chosen.reverse(), weight: best[claims.length] ?? 0 };
}

/** How many of the claims, sorted by their ends, end before an offset. */
function endedBy(claims: readonly { readonly claim: Claim }[], from: number): number {
  let low = 0;
  let high = claims.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((claims[middle]?.claim.to ?? 0) <= from) low = middle + 1;
    else high = middle;
  }
  return low;
}
