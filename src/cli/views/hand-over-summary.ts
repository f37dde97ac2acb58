import type { SafeCopy } from "../../app/hand-over/make-safe-copy.ts";
import { safeJson } from "../../core/safe-json.ts";
import { safe } from "../../core/safe-text.ts";
import type { CommonOptions } from "../options/common-options.ts";

export interface Told {
  readonly output: string;
  readonly isQuiet: boolean;
  readonly isJson: boolean;
  readonly isSanitised: boolean;
  readonly keyPath: string | null;
}

/** What of the command line this goes by. */
export function toldBy(
  options: CommonOptions & { readonly output: string },
): Pick<Told, "output" | "isQuiet" | "isJson"> {
  return { output: options.output, isQuiet: options.quiet === true, isJson: options.json === true };
}

/** Says what was written, what was removed by which rule, and where the key lies. */
export function printSummary(handed: SafeCopy, told: Told): void {
  const { output, isQuiet, isSanitised, keyPath } = told;
  const line = (text: string): void => {
    process.stdout.write(`${safe(text)}\n`);
  };
  for (const problem of handed.problems) process.stderr.write(`${safe(`realmscope: ${problem}`)}\n`);
  if (!handed.isJudgedAlike) {
    process.stderr.write(
      "realmscope: what was removed changes how the capture is judged; compare the report with a replay of the original.\n",
    );
  }
  const { beyond } = handed.search;
  if (beyond > 0) {
    process.stderr.write(
      `realmscope: ${beyond} secrets and names more than can be looked for: they are replaced where they stand, but were not looked for in other texts. Hand over fewer requests at a time, or look through what was written before you send it.\n`,
    );
  }
  if (told.isJson) {
    process.stdout.write(`${safeJson(handedOverJson(handed, told))}\n`);
    return;
  }
  if (isQuiet) return;
  const { counts, verdict } = handed.analysis;
  line(
    `${output}: ${counts.transactions} requests, ${isSanitised ? "made safe" : "NOT SANITISED"}; verdict ${verdict}`,
  );
  for (const capture of handed.analysis.captures ?? []) line(`${capture.path}: verdict ${capture.verdict}`);
  if (!isSanitised) return;
  const removed = Object.entries(handed.removed);
  if (removed.length === 0) line("replaced: nothing; there was nothing of that kind");
  for (const [rule, count] of removed) line(`replaced: ${count} x ${rule}`);
  if (keyPath !== null) line(`${keyPath}: the key of the pseudonyms; keep it, do not send it`);
}

/** Schema `realmscope.handed-over/1`, for scripts. */
function handedOverJson(handed: SafeCopy, { output, isSanitised, keyPath }: Told): object {
  return {
    schema: "realmscope.handed-over/1",
    output,
    sanitised: isSanitised,
    key: keyPath,
    verdict: handed.analysis.verdict,
    ...(handed.analysis.captures === undefined
      ? {}
      : { captures: handed.analysis.captures.map(({ path, verdict }) => ({ path, verdict })) }),
    transactions: handed.analysis.counts.transactions,
    isJudgedLikeOriginal: handed.isJudgedAlike,
    truncated: handed.isTruncated,
    sources: handed.sources,
    removed: isSanitised ? handed.removed : {},
    searchedFor: handed.search.values,
    notSearchedFor: handed.search.beyond,
  };
}
