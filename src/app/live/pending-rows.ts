// Requests that have no end yet, as rows of the live screen: made as those of whole ones are, by an analysis of their own
// that is thrown away, so that nothing of what is judged, written or counted knows of them.
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
  /** Those of the run; one name for everybody without them. */
  readonly pseudonymise?: Pseudonymise;
}

/** Gives the rows of what is open, safe to show. Each is made once for each step that it gets further. */
export function startPendingRows(options: PendingRowOptions): (open: PendingExchanges) => PendingRows {
  let known = new Map<string, FilterSubject>();
  return ({ exchanges, more }) => {
    const next = new Map<string, FilterSubject>();
    for (const exchange of exchanges) {
      const key = `${exchange.transaction.id} ${exchange.step}`;
      const subject = known.get(key) ?? waitingRow(exchange, options);
      if (subject !== null) next.set(key, subject);
    }
    known = next;
    return { rows: [...next.values()], more };
  };
}

function waitingRow(
  { transaction, step }: PendingExchange,
  { pseudonymise = constantPseudonym, ...options }: PendingRowOptions,
): FilterSubject | null {
  const { row: made, facts } = startAnalysis(options).accept({ kind: "transaction", transaction });
  if (made === null) return null;
  const row = safeRow(made, transaction, pseudonymise);
  const detail = row.detail === "" ? words[step] : `${words[step]}, ${row.detail}`;
  // What it belongs to and what is wrong with it is known when it has ended.
  return safeSubject(filterSubject({ ...row, detail, handshakeId: null, worst: null }, facts, []), pseudonymise);
}
