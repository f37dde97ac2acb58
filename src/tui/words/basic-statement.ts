// The second line of the verdict: whether a password was sent, and to which server.
import type { Analysis, HandshakeReport } from "../../diagnosis/analysis.ts";
import { describeOutcome } from "../../diagnosis/outcome-words.ts";
import { evidenceOf, newestHandshake, removedEvidence, type Statement, timeOfDay, timesText } from "./verdict-parts.ts";

/** The statement about passwords. */
export function basicStatement(analysis: Analysis | null): Statement {
  const fallen = analysis?.handshakes.filter(({ verdict }) => verdict === "basic-fallback") ?? [];
  const counts = analysis?.counts;
  if (fallen.length > 0) {
    const last = newestHandshake(fallen);
    return {
      mark: "[!!]",
      words: `BASIC FALLBACK${timesText(fallen)}`,
      meaning: "bad",
      details: [
        [`a password was sent to ${last.server}`, "a password was sent"],
        `last ${timeOfDay(last.endedAt)}`,
        "n next",
        `${counts?.basicCredentials ?? 0} in all`,
      ],
      evidence: basicEvidence(analysis, last),
    };
  }
  if (counts !== undefined && counts.basicCredentials > 0) {
    return {
      mark: "[!!]",
      words: `BASIC USED ×${counts.basicCredentials}`,
      meaning: "warning",
      details: ["not by a service that has a token", "n next"],
      evidence: basicEvidence(analysis, null),
    };
  }
  return unseenInLogs(analysis) ?? noBasicStatement(analysis);
}

function noBasicStatement(analysis: Analysis | null): Statement {
  const counts = analysis?.counts;
  const hidden = analysis === null ? [] : removedEvidence(analysis.findings);
  if (hidden.length > 0) {
    const details = ["credentials were removed from this capture"];
    return { mark: "[??]", words: "Basic CANNOT BE SEEN", meaning: "warning", details, evidence: hidden };
  }
  const other = analysis?.handshakes.filter(({ verdict }) => verdict === "other-auth") ?? [];
  const last = other.length === 0 ? null : newestHandshake(other);
  const signIn = last === null ? [] : [`${describeOutcome(last).sentence}${timesText(other)}`];
  const isQuiet = counts === undefined || counts.transactions === 0;
  return {
    mark: isQuiet ? "[..]" : other.length > 0 ? "[??]" : "[OK]",
    words: isQuiet ? "Basic: nothing seen yet" : "Basic NOT used",
    meaning: isQuiet ? "strong" : other.length > 0 ? "warning" : "good",
    details: isQuiet ? [] : [...signIn, `no password in ${counts.transactions} requests`],
    evidence: other.map(evidenceOf),
  };
}

/** For rows of logs alone: a log does not show what it did not write, so that no row has a password proves nothing. */
function unseenInLogs(analysis: Analysis | null): Statement | null {
  const { transactions = 0, logRows = 0 } = analysis?.counts ?? {};
  const hasOther = analysis?.handshakes.some(({ verdict }) => verdict === "other-auth") ?? false;
  if (transactions > 0 || logRows === 0 || hasOther) return null;
  const details = [[`no row of ${logRows} shows a password, which proves nothing`, "in the logs"]];
  return { mark: "[..]", words: "Basic NOT SEEN", meaning: "strong", details, evidence: [] };
}

function basicEvidence(analysis: Analysis | null, last: HandshakeReport | null): readonly string[] {
  const found = analysis?.findings.findLast(({ code }) => code === "BASIC_FALLBACK" || code === "BASIC_USED");
  return found?.evidence ?? (last === null ? [] : [evidenceOf(last)]);
}
