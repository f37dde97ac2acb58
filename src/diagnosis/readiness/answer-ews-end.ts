// Q10: the calls of EWS in Exchange Online, which end on 1 April 2027.
import { printable } from "../../core/printable-text.ts";
import type { EwsOnlineOperation, EwsOnlineUse } from "../ews-online.ts";
import { type AnswerDetail, type Answered, counted, joinWords, rowsOf } from "./answer.ts";
import { captureOutbound } from "./how-to-see.ts";
import { applicationWords, groupBy, type Seen } from "./read-evidence.ts";

const end = "1 April 2027, as far as public sources say";

/** Q10: what still uses EWS of Exchange Online? EWS of Exchange Server stays and is not counted. */
export function answerEwsEnd(seen: Seen): Answered {
  const uses = seen.ewsOnline;
  if (uses.length === 0)
    return {
      state: "not-seen",
      answer: "Not seen here: no call of EWS in Exchange Online.",
      open: [captureOutbound, "Programs of other machines are seen where they pass the proxy."],
    };
  const byCaller = [...groupBy(uses, ({ callerId, kind }) => `${callerId} ${kind}`).values()];
  const details = byCaller.flatMap((same) => detailsOf(same, seen));
  const count = uses.reduce((sum, { calls }) => sum + calls, 0);
  const operations = [...new Set(uses.flatMap((use) => use.operations.map(nameOf)))];
  const callers = [...new Set(uses.map((use) => callerWords(use, seen)))];
  return {
    state: "attention",
    answer: `${counted(count, "call")} of EWS (${joinWords(operations)}) by ${joinWords(callers)}; EWS in Exchange Online ends on ${end}.`,
    open: ["Calls that did not pass the proxy are not in the captures."],
    details,
    evidence: rowsOf(...details),
  };
}

/** One line for each operation of one caller. */
function detailsOf(same: readonly EwsOnlineUse[], seen: Seen): readonly AnswerDetail[] {
  const [first] = same;
  if (first === undefined) return [];
  const caller = callerWords(first, seen);
  const byName = groupBy(
    same.flatMap(({ operations }) => operations),
    ({ name }) => name,
  );
  return [...byName.values()].map((operations) => ({
    name: `${joinWords([...new Set(operations.map(nameOf))])} by ${caller}`,
    state: "attention",
    text: countWords(operations),
    evidence: rowsOf(...operations),
  }));
}

function countWords(operations: readonly EwsOnlineOperation[]): string {
  const sum = (of: (one: EwsOnlineOperation) => number): number => operations.reduce((all, one) => all + of(one), 0);
  const counts = [
    [sum(({ accepted }) => accepted), "accepted"],
    [sum(({ refused }) => refused), "refused"],
    [sum(({ undecided }) => undecided), "without a deciding answer"],
  ] as const;
  return counts
    .filter(([count]) => count > 0)
    .map(([count, how]) => `${counted(count, "call")} ${how}`)
    .join(", ");
}

function nameOf({ name }: EwsOnlineOperation): string {
  return name === "unknown" ? "operation not read" : printable(name);
}

function callerWords({ callerId, callerName, kind }: EwsOnlineUse, { options }: Seen): string {
  if (callerId !== "") return applicationWords(callerId, callerName, options);
  return kind === "person" ? "a person's program" : "a caller without a readable token";
}
