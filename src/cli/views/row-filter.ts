// `replay --filter`: lists the rows that match. All rows are judged, so that no filter can hide evidence.

import type { View } from "../../app/live/view.ts";
import type { SafeChange } from "../../app/safe-change.ts";
import type { CaptureEvent } from "../../core/capture-event.ts";
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
        if (change.row !== null) seen += 1;
        if (change.row === null || !isMatch(filter, event, change)) return;
        matched += 1;
        if (options.json === true && rows.length < listLimit) rows.push(change.row);
        // With --verbose the view prints every row already.
        if (options.json !== true && options.quiet !== true && options.verbose !== true) {
          process.stdout.write(`${renderRowLine(change.row, change.place)}\n`);
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

function isMatch(filter: Filter, event: CaptureEvent, change: SafeChange): boolean {
  if (event.kind !== "transaction") return change.subject !== null && filter.matches(change.subject, null);
  if (change.row === null) return false;
  // Matches the path as it was sent: the expression has the name of a person, the output the pseudonym.
  const row = { ...change.row, path: requestPath(event.transaction).replace(/[?#].*$/s, "") };
  return filter.matches(filterSubject(row, change.facts, change.findings), event.transaction);
}

type Filter = NonNullable<Extract<ReturnType<typeof readFilter>, { ok: true }>["filter"]>;

function filterOf(expression: string): Filter {
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
