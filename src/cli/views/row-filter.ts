// `replay --filter`: lists the rows that match. All rows are judged, so that no filter can hide evidence.

import type { View } from "../../app/live/view.ts";
import { requestPath } from "../../core/http-transaction.ts";
import { safe } from "../../core/safe-text.ts";
import { ToolError } from "../../core/tool-error.ts";
import type { TrafficRow } from "../../diagnosis/analysis.ts";
import { readFilter } from "../../filter/filter.ts";
import { filterSubject } from "../../filter/subject.ts";
import { renderRowLine } from "../../tui/words/plain-text.ts";
import type { CommonOptions } from "../options/common-options.ts";

export interface RowFilter {
  /** The view, which also lists the matching rows. */
  wrapView(view: View): View;
  /** The `filter` member of the final JSON object; empty without a filter. */
  json(): object;
}

/** How many rows JSON lists; all are counted. */
const listLimit = 10_000;

/** Reads the expression. Throws ToolError `usage` with the column of an error. */
export function startRowFilter(options: CommonOptions & { readonly filter?: string | undefined }): RowFilter {
  const expression = options.filter;
  if (expression === undefined) return { wrapView: (view) => view, json: () => ({}) };
  const filter = filterOf(expression);
  const rows: TrafficRow[] = [];
  let matched = 0;
  let seen = 0;
  // The counts before the current capture, for a restart of it.
  let before = { rows: 0, matched: 0, seen: 0 };
  return {
    wrapView: (view) => ({
      ...view,
      beginCapture(capture) {
        before = { rows: rows.length, matched, seen };
        view.beginCapture?.(capture);
      },
      restart() {
        const isListed = options.json !== true && options.quiet !== true && options.verbose !== true;
        if (isListed && matched > before.matched)
          process.stdout.write(
            "This capture is not in the order of time: its requests are listed again, in that order.\n",
          );
        rows.length = before.rows;
        ({ matched, seen } = before);
        view.restart?.();
      },
      change(event, change) {
        view.change(event, change);
        if (change.row === null || event.kind !== "transaction") return;
        seen += 1;
        // Matches the path as it was sent: the expression has the name of a person, the output the pseudonym.
        const row = { ...change.row, path: requestPath(event.transaction).replace(/[?#].*$/s, "") };
        if (!filter.matches(filterSubject(row, change.facts, change.findings), event.transaction)) return;
        matched += 1;
        if (options.json === true && rows.length < listLimit) rows.push(change.row);
        // With --verbose the view prints every row already.
        if (options.json !== true && options.quiet !== true && options.verbose !== true) {
          process.stdout.write(`${renderRowLine(change.row)}\n`);
        }
      },
      async end(analysis, sources, how) {
        if (options.json !== true && options.quiet !== true) {
          process.stdout.write(`${safe(`filter: ${filter.words}: ${matched} of ${seen} requests`)}\n`);
        }
        await view.end(analysis, sources, how);
      },
    }),
    json: () => ({ filter: { expression, understood: filter.words, matched, of: seen, transactions: rows } }),
  };
}

function filterOf(expression: string): NonNullable<Extract<ReturnType<typeof readFilter>, { ok: true }>["filter"]> {
  const read = readFilter(expression, Date.now());
  if (!read.ok) {
    throw new ToolError("usage", `--filter is wrong at column ${read.column}: ${read.problem}.`, {
      hint: "For example --filter 'host~\"office\" & auth=basic & !status=2xx'; docs/screen.md has the language.",
    });
  }
  if (read.filter === null)
    throw new ToolError("usage", "--filter is empty.", { hint: "Leave it out to list nothing." });
  return read.filter;
}
