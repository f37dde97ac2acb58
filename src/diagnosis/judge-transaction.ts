import type { TransactionFacts } from "../decoders/facts.ts";
import type { GraphFamily } from "../decoders/graph-facts.ts";
import type { Correlation } from "../handshake/correlation.ts";
import { acceptedFamilies, isPermissionRefused } from "../handshake/graph-outcome.ts";
import { type Handshake, laneOf } from "../handshake/reduce.ts";
import { presentedToken } from "../handshake/role.ts";
import type { Finding, FindingReport } from "./catalogue/finding.ts";
import { type Ledger, type Sighting, timesOf } from "./ledger.ts";
import { allRules } from "./rules/all-rules.ts";
import { isRefusedForRole } from "./rules/judge-hybrid-app.ts";
import type { RuleInput } from "./rules/rule.ts";

/** Runs every rule over one transaction and records the findings; returns those that are new or changed. */
export function judgeTransaction(input: RuleInput, ledger: Ledger): readonly FindingReport[] {
  const { transaction, facts, correlation } = input;
  const sighted: Sighting = {
    transactionId: transaction.id,
    at: timesOf(transaction),
    isAccepted: correlation.outcome === "accepted",
    recovery: recoveryOf(correlation, facts),
  };
  const all: Finding[] = [];
  for (const rule of allRules) for (const finding of rule(input)) all.push(finding);
  const changed = distinct(all).map((finding) => ledger.record(finding, sightingOf(finding, input, sighted)));
  for (const recovered of recoverFindings(correlation, facts, ledger)) changed.push(recovered);
  if (changed.length < 2) return changed;
  // A finding that was seen again and recovered by the same transaction is reported once, in its final state.
  return [...new Map(changed.map((report) => [`${report.code} ${report.message}`, report])).values()];
}

function sightingOf(finding: Finding, input: RuleInput, sighted: Sighting): Sighting {
  switch (finding.code) {
    case "GRAPH_PERMISSION_REFUSED":
      return { ...sighted, recovery: familyRecovery(input, finding.family) };
    case "SERVERS_DISAGREE":
      return { ...sighted, recovery: serversOf(input.correlation) };
    case "HYBRID_APP_ROLE_MISSING":
      return { ...sighted, isAccepted: !isRefusedForRole(input) };
    default:
      return sighted;
  }
}

const noReports: readonly FindingReport[] = [];

/** The two layers of a token can yield equal findings, which count once. */
function distinct(findings: readonly Finding[]): readonly Finding[] {
  if (findings.length < 2) return findings;
  return [...new Map(findings.map((finding) => [JSON.stringify(finding), finding])).values()];
}

/** Graph's permissions are one for each family of calls, so the success of another family recovers nothing. */
function familyRecovery({ correlation: { handshake, outcome }, facts }: RuleInput, family: GraphFamily): string | null {
  return handshake === null || outcome !== "refused" ? null : `${laneName(handshake, facts)} ${family}`;
}

function laneName({ id }: Handshake, facts: TransactionFacts): string {
  return `${id} ${laneOf(presentedToken(facts))}`;
}

/** Key of the success that recovers a refusal: the same kind of call in the same handshake, or a token that is issued. */
function recoveryOf({ handshake, role, outcome }: Correlation, facts: TransactionFacts): string | null {
  if (handshake === null) return null;
  if (role === "token-request" && facts.tokenAnswer?.isIssued !== true) return `${handshake.id} token`;
  if (role === "discovery" && handshake.steps.discovery?.state === "failed") return `${handshake.id} discovery`;
  if (outcome !== "refused") return null;
  const lane = laneName(handshake, facts);
  return isPermissionRefused(facts.graph) ? `${lane} ${facts.graph.family}` : lane;
}

/** Key of the success that recovers a disagreement of servers: all of them accept that kind of call. */
function serversOf({ servers }: Correlation): string | null {
  return servers === null ? null : `servers ${servers.id}`;
}

function recoverFindings(correlation: Correlation, facts: TransactionFacts, ledger: Ledger): readonly FindingReport[] {
  const { handshake, recovered, changed, servers } = correlation;
  if (handshake === null) return noReports;
  const names = changed.flatMap(acceptedLanes);
  if (servers?.refusing.length === 0) names.push(`servers ${servers.id}`);
  if (facts.graph !== null && correlation.outcome === "accepted")
    for (const family of acceptedFamilies(facts.graph)) names.push(`${laneName(handshake, facts)} ${family}`);
  if (recovered !== null) names.push(`${handshake.id} ${recovered}`);
  else if (handshake.steps.discovery?.state === "ok" && correlation.role === "discovery")
    names.push(`${handshake.id} discovery`);
  else if (facts.tokenAnswer?.isIssued === true) names.push(`${handshake.id} token`);
  return names.length === 0 ? noReports : names.flatMap((name) => ledger.recover(name));
}

/** An acceptance may also recover other handshakes, when the server that accepts was the last one that refused their calls. */
function acceptedLanes({ id, lanes, refusingServers }: Handshake): string[] {
  if (refusingServers.length > 0) return [];
  return (["application", "user"] as const).filter((lane) => lanes[lane] === "accepted").map((lane) => `${id} ${lane}`);
}
