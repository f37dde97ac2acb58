import type { TransactionFacts } from "../decoders/facts.ts";
import type { Correlation } from "../handshake/correlation.ts";
import { type Handshake, laneOf } from "../handshake/reduce.ts";
import { presentedToken } from "../handshake/role.ts";
import type { Finding, FindingReport } from "./catalogue/finding.ts";
import { type Ledger, timesOf } from "./ledger.ts";
import { allRules } from "./rules/all-rules.ts";
import type { RuleInput } from "./rules/rule.ts";

/** Runs every rule over one transaction and records what they find; gives the findings that are new or changed. */
export function judgeTransaction(input: RuleInput, ledger: Ledger): readonly FindingReport[] {
  const { transaction, facts, correlation } = input;
  const sighted = {
    transactionId: transaction.id,
    at: timesOf(transaction),
    isAccepted: correlation.outcome === "accepted",
    recovery: recoveryOf(correlation, facts),
  };
  const all: Finding[] = [];
  for (const rule of allRules) for (const finding of rule(input)) all.push(finding);
  const changed = distinct(all).map((finding) =>
    ledger.record(
      finding,
      finding.code === "SERVERS_DISAGREE" ? { ...sighted, recovery: serversOf(correlation) } : sighted,
    ),
  );
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

/** The name of what would get over a disagreement of servers: that they all accept that kind of call. */
function serversOf({ servers }: Correlation): string | null {
  return servers === null ? null : `servers ${servers.id}`;
}

function recoverFindings(correlation: Correlation, facts: TransactionFacts, ledger: Ledger): readonly FindingReport[] {
  const { handshake, recovered, changed, servers } = correlation;
  if (handshake === null) return noReports;
  const names = changed.flatMap(acceptedLanes);
  if (servers?.refusing.length === 0) names.push(`servers ${servers.id}`);
  if (recovered !== null) names.push(`${handshake.id} ${recovered}`);
  else if (facts.tokenAnswer?.isIssued === true) names.push(`${handshake.id} token`);
  return names.length === 0 ? noReports : names.flatMap((name) => ledger.recover(name));
}

/** A server that refused another handshake's calls may have been the last that did. */
function acceptedLanes({ id, lanes, refusingServers }: Handshake): string[] {
  if (refusingServers.length > 0) return [];
  return (["application", "user"] as const).filter((lane) => lanes[lane] === "accepted").map((lane) => `${id} ${lane}`);
}
