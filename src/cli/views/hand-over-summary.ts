import type { SafeCopy } from "../../app/hand-over/make-safe-copy.ts";
import { safeJson } from "../../core/safe-json.ts";
import { safe } from "../../core/safe-text.ts";
import type { Analysis } from "../../diagnosis/analysis.ts";
import { directionsSummary } from "../../diagnosis/direction-words.ts";

/** How to print the summary of a safe copy. */
export interface HandOverSummary {
  readonly output: string;
  readonly isQuiet: boolean;
  readonly isJson: boolean;
  readonly isSanitised: boolean;
  /** The format has no place for rows of logs. */
  readonly holdsNoRows?: boolean;
  /** The key file of the pseudonyms; null when nothing was replaced. */
  readonly keyPath: string | null;
}

/** Prints what was written, how often each rule replaced something, and the path of the key. */
export function printSummary(copy: SafeCopy, summary: HandOverSummary): void {
  const { output, isQuiet, isSanitised, keyPath } = summary;
  const line = (text: string): void => {
    process.stdout.write(`${safe(text)}\n`);
  };
  for (const problem of copy.problems) process.stderr.write(`${safe(`realmscope: ${problem}`)}\n`);
  if (!copy.isJudgedAlike) {
    process.stderr.write(
      "realmscope: the copy is judged differently from the original, because of what was removed; compare the report with a replay of the original.\n",
    );
  }
  if (summary.holdsNoRows === true && copy.analysis.counts.logRows > 0) {
    process.stderr.write(
      "realmscope: rows of logs are not in a pcapng file, which holds packets alone; --to har, saz or ndjson keeps them.\n",
    );
  }
  const { beyond } = copy.search;
  if (beyond > 0) {
    process.stderr.write(
      `realmscope: ${beyond} secrets and names more than can be looked for: they are replaced in their own fields, but were not searched for in other texts. Hand over fewer requests at a time, or look through the file before you send it.\n`,
    );
  }
  if (summary.isJson) {
    process.stdout.write(`${safeJson(summaryJson(copy, summary))}\n`);
    return;
  }
  if (isQuiet) return;
  const { counts } = copy.analysis;
  const rows = counts.logRows === 0 ? "" : `, ${counts.logRows} rows of logs`;
  line(
    `${output}: ${counts.transactions} requests${rows}, ${isSanitised ? "made safe" : "NOT SANITISED"}; ${verdictOf(copy.analysis)}`,
  );
  for (const capture of copy.analysis.captures ?? []) line(`${capture.path}: ${verdictOf(capture)}`);
  if (!isSanitised) return;
  const removed = Object.entries(copy.removed);
  if (removed.length === 0) line("replaced: nothing; the capture holds no secret and no name");
  for (const [rule, count] of removed) line(`replaced: ${count} x ${rule}`);
  if (keyPath !== null) line(`${keyPath}: the key of the pseudonyms; keep it, do not send it`);
}

function verdictOf({ verdict, directions }: Pick<Analysis, "verdict" | "directions">): string {
  const both = directionsSummary(directions);
  return both === "" ? `verdict ${verdict}` : `verdict ${verdict} (${both})`;
}

/** Schema `realmscope.handed-over/1`, for scripts. */
function summaryJson(copy: SafeCopy, { output, isSanitised, keyPath }: HandOverSummary): object {
  return {
    schema: "realmscope.handed-over/1",
    output,
    sanitised: isSanitised,
    key: keyPath,
    verdict: copy.analysis.verdict,
    directions: copy.analysis.directions,
    ...(copy.analysis.captures === undefined
      ? {}
      : { captures: copy.analysis.captures.map(({ path, verdict, directions }) => ({ path, verdict, directions })) }),
    transactions: copy.analysis.counts.transactions,
    logRows: copy.analysis.counts.logRows,
    isJudgedLikeOriginal: copy.isJudgedAlike,
    truncated: copy.isTruncated,
    sources: copy.sources,
    removed: isSanitised ? copy.removed : {},
    searchedFor: copy.search.values,
    notSearchedFor: copy.search.beyond,
  };
}
