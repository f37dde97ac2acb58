// Pending requests as rows of the live screen. Each row comes from a throw-away analysis, so that pending requests appear in
// no verdict, journal or count.
import { type AnalysisOptions, startAnalysis } from "../../diagnosis/analyze.ts";
import { type FilterSubject, filterSubject } from "../../filter/subject.ts";
import type { PendingExchange, PendingExchanges } from "../../proxy/tap/pending-requests.ts";
import type { Pseudonymise } from "../../sanitising/sanitise.ts";
import type { PendingRows } from "../../tui/model/messages.ts";
import { constantPseudonym } from "../pseudonyms.ts";
import { safeRow, safeSubject } from "../safe-change.ts";

const words: Readonly<Record<PendingExchange["step"], string>> = {
  request: "the request is still coming",
  answer: "no answer yet",
  rest: "the answer is still coming",
};

export interface PendingRowOptions extends Pick<AnalysisOptions, "applications"> {
  /** Those of the run; one pseudonym for every value when left out. */
  readonly pseudonymise?: Pseudonymise;
}

/** Returns the rows of pending requests, safe to show. A row is made again only when its request reaches the next step. */
export function startPendingRows(options: PendingRowOptions): (open: PendingExchanges) => PendingRows {
  let known = new Map<string, FilterSubject>();
  return ({ exchanges, more }) => {
    const next = new Map<string, FilterSubject>();
    for (const exchange of exchanges) {
      const key = `${exchange.transaction.id} ${exchange.step}`;
      const subject = known.get(key) ?? pendingRow(exchange, options);
      if (subject !== null) next.set(key, subject);
    }
    known = next;
    return { rows: [...next.values()], more };
  };
}

function pendingRow(
  { transaction, step }: PendingExchange,
  { pseudonymise = constantPseudonym, ...options }: PendingRowOptions,
): FilterSubject | null {
  const { row: made, facts } = startAnalysis(options).accept({ kind: "transaction", transaction });
  if (made === null) return null;
  const row = safeRow(made, transaction, pseudonymise);
  const detail = row.detail === "" ? words[step] : `${words[step]}, ${row.detail}`;
  // Handshake and findings are known when the request has ended.
  return safeSubject(filterSubject({ ...row, detail, handshakeId: null, worst: null }, facts, []), pseudonymise);
}
