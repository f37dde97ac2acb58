// Requests that have no end yet, as rows of the live screen: made as those of whole ones are, by an analysis of their own
// that is thrown away, so that nothing of what is judged, written or counted knows of them.
import { type AnalysisOptions, startAnalysis } from "../diagnosis/analyze.ts";
import { type FilterSubject, filterSubject } from "../filter/subject.ts";
import type { OpenExchange, OpenExchanges } from "../proxy/open-requests.ts";
import type { WaitingRows } from "../tui/messages.ts";

const words: Readonly<Record<OpenExchange["step"], string>> = {
  request: "the request is still coming",
  answer: "no answer yet",
  rest: "the answer is still coming",
};

/** Gives the rows of what is open. Each is made once for each step that it gets further. */
export function startWaitingRows(options: Pick<AnalysisOptions, "applications">): (open: OpenExchanges) => WaitingRows {
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
  { transaction, step }: OpenExchange,
  options: Pick<AnalysisOptions, "applications">,
): FilterSubject | null {
  const { row, facts } = startAnalysis(options).accept({ kind: "transaction", transaction });
  if (row === null) return null;
  const detail = row.detail === "" ? words[step] : `${words[step]}, ${row.detail}`;
  // What it belongs to and what is wrong with it is known when it has ended.
  return filterSubject({ ...row, detail, handshakeId: null, worst: null }, facts, []);
}
