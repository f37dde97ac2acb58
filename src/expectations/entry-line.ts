import { shown } from "../core/printable-text.ts";
import { withoutTokens } from "../decoders/token-text.ts";
import type { TrafficRow } from "../diagnosis/analysis.ts";

/** One entry in one line of printable text: id, request, how it signs in, answer. No query, no secret. */
export function renderEntry(row: TrafficRow): string {
  const answer = row.status === null ? "no answer" : String(row.status);
  const detail = row.detail === "" ? "" : ` (${row.detail})`;
  return `${shown(row.id)}  ${shown(row.method)} ${row.scheme}://${shown(row.host)}${shown(withoutTokens(row.path))}  ${shown(row.auth)} -> ${answer}${shown(detail)}`;
}
