import type { TransactionFacts } from "../decoders/facts.ts";
import { laneOf } from "../handshake/reduce.ts";
import { presentedToken } from "../handshake/role.ts";
import type { Correlation } from "../handshake/sighting.ts";
import type { FindingReport } from "./analysis.ts";
import type { Finding } from "./finding.ts";
import type { Ledger } from "./ledger.ts";
import type { RuleInput } from "./rule.ts";
import { allRules } from "./rules/all-rules.ts";

/** Runs every rule over one transaction and records what they find; gives the findings that are new or changed. */
export function judgeTransaction(input: RuleInput, ledger: Ledger): readonly FindingReport[] {
  const { transaction, facts, correlation } = input;
  const sighted = {
    transactionId: transaction.id,
    isAccepted: correlation.outcome === "accepted",
    recovery: recoveryOf(correlation, facts),
  };
  const all: Finding[] = [];
  for (const rule of allRules) for (const finding of rule(input)) all.push(finding);
  const changed = distinct(all).map((finding) => ledger.record(finding, sighted));
  for (const recovered of recoverFindings(correlation, facts, ledger)) changed.push(recovered);
  if (changed.length < 2) return changed;
  // What was seen again and got over in one step is told once, as it is now.
  return [...new Map(changed.map((report) => [`${report.code} ${report.message}`, report])).values()];
}

const noReports: readonly FindingReport[] = [];

/** The two layers of a token can show the same thing: it is one sighting. */
function distinct(findings: readonly Finding[]): readonly Finding[] {
  if (findings.length < 2) return findings;
  return [...new Map(findings.map((finding) => [JSON.stringify(finding), finding])).values()];
}

/** The name of what would get over a refusal: the same kind of call in the same handshake, or a token at last. */
function recoveryOf({ handshake, role, outcome }: Correlation, facts: TransactionFacts): string | null {
  if (handshake === null) return null;
  if (role === "token-request" && facts.tokenAnswer?.isIssued !== true) return `${handshake.id} token`;
  return outcome === "refused" ? `${handshake.id} ${laneOf(presentedToken(facts))}` : null;
}

function recoverFindings(
  { handshake, recovered }: Correlation,
  facts: TransactionFacts,
  ledger: Ledger,
): readonly FindingReport[] {
  if (handshake === null) return noReports;
  if (recovered !== null) return ledger.recover(`${handshake.id} ${recovered}`);
  return facts.tokenAnswer?.isIssued === true ? ledger.recover(`${handshake.id} token`) : noReports;
}
