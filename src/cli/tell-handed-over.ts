import { safe } from "../tui/safe-text.ts";
import type { HandedOver } from "./read-twice.ts";

export interface Told {
  readonly output: string;
  readonly isQuiet: boolean;
  readonly isSanitised: boolean;
  readonly keyPath: string | null;
}

/** Says what was written, what was removed by which rule, and where the key lies. */
export function tellHandedOver(handed: HandedOver, { output, isQuiet, isSanitised, keyPath }: Told): void {
  const line = (text: string): void => {
    process.stdout.write(`${safe(text)}\n`);
  };
  for (const problem of handed.problems) process.stderr.write(`${safe(`realmscope: ${problem}`)}\n`);
  if (!handed.isJudgedAlike) {
    process.stderr.write(
      "realmscope: what was removed changes how the capture is judged; compare the report with a replay of the original.\n",
    );
  }
  if (isQuiet) return;
  const { counts, verdict } = handed.analysis;
  line(
    `${output}: ${counts.transactions} requests, ${isSanitised ? "made safe" : "NOT SANITISED"}; verdict ${verdict}`,
  );
  if (!isSanitised) return;
  const removed = Object.entries(handed.removed);
  if (removed.length === 0) line("replaced: nothing; there was nothing of that kind");
  for (const [rule, count] of removed) line(`replaced: ${count} x ${rule}`);
  if (keyPath !== null) line(`${keyPath}: the key of the pseudonyms; keep it, do not send it`);
}
