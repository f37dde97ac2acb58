// What an answer of Microsoft Graph proves about the token ("Resolve Microsoft Graph authorization errors").
import type { BatchedAnswer, GraphCause, GraphError, GraphFacts, GraphFamily } from "../decoders/graph-facts.ts";

type Outcome = "accepted" | "refused" | "undecided";

/** The outcome of a call by its status and, for a batch, the answers inside; says nothing about the token itself. */
export function graphOutcome(status: number, { family, error, batch }: GraphFacts): Outcome {
  if (status < 200 || status >= 300) return outcomeOf(status, error);
  return family === "batch" ? batchOutcome(batch) : "accepted";
}

/**
 * "A 200 status code on the batch response doesn't indicate that the individual requests inside the batch succeeded": one of them that
 * was let in proves the token, and only a batch without any can be refused.
 */
function batchOutcome(batch: readonly BatchedAnswer[]): Outcome {
  const outcomes = batch.map(({ status, error }) =>
    status >= 200 && status < 300 ? "accepted" : outcomeOf(status, error),
  );
  if (outcomes.includes("accepted")) return "accepted";
  return outcomes.includes("refused") ? "refused" : "undecided";
}

function outcomeOf(status: number, error: GraphError | null): Outcome {
  if (status === 401) return "refused";
  if (error === null) return "undecided";
  if (status === 403 || status === 400) return ofRefusal.has(error.cause) ? "refused" : "undecided";
  // A resource is looked up only for a caller that was let in.
  return status === 404 ? "accepted" : "undecided";
}

/**
 * True for an answer that refuses what is asked for and not the token: each family of calls has its own permission. Of a batch, every
 * refusal inside is one.
 */
export function isPermissionRefused(graph: GraphFacts | null): graph is GraphFacts {
  if (graph === null) return false;
  const refused = graph.batch.filter(isRefusedInside);
  return isOfPermission(graph.error) || (refused.length > 0 && refused.every(({ error }) => isOfPermission(error)));
}

function isRefusedInside({ status, error }: BatchedAnswer): boolean {
  return (status < 200 || status >= 300) && outcomeOf(status, error) === "refused";
}

function isOfPermission(error: GraphError | null): boolean {
  return error?.cause === "permission" || error?.cause === "policy";
}

/** The families whose last call was refused for a permission, after another answer; each call of a batch counts by itself. */
export function refusedCallsAfter(
  before: readonly GraphFamily[],
  graph: GraphFacts,
  outcome: Outcome,
): readonly GraphFamily[] {
  let refused = before;
  for (const { family, status, error } of graph.batch.filter((one) => one.family !== "unknown"))
    refused = noteAnswer(refused, family, status >= 200 && status < 300 ? "accepted" : outcomeOf(status, error), error);
  if (graph.family !== "batch" || outcome === "accepted" || graph.error !== null)
    return noteAnswer(refused, graph.family, outcome, graph.error);
  // A batch of which only paths without a known family were refused is named as a whole.
  const isUnnamed = isPermissionRefused(graph) && graph.batch.filter(isRefusedInside).every(isUnknown);
  return isUnnamed && !refused.includes("batch") ? [...refused, "batch"] : refused;
}

function isUnknown({ family }: BatchedAnswer): boolean {
  return family === "unknown";
}

/** The families of calls that an answer let in: of a batch, itself and those inside. */
export function acceptedFamilies({ family, batch }: GraphFacts): readonly GraphFamily[] {
  return [family, ...batch.filter(({ status }) => status >= 200 && status < 300).map((one) => one.family)];
}

function noteAnswer(
  refused: readonly GraphFamily[],
  family: GraphFamily,
  outcome: Outcome,
  error: GraphError | null,
): readonly GraphFamily[] {
  if (outcome === "accepted") return refused.includes(family) ? refused.filter((one) => one !== family) : refused;
  return outcome === "refused" && isOfPermission(error) && !refused.includes(family) ? [...refused, family] : refused;
}

const ofRefusal: ReadonlySet<GraphCause> = new Set<GraphCause>([
  ...(["token", "token-missing", "token-expired", "token-audience", "token-signature", "token-malformed"] as const),
  ...(["token-revoked", "application-unknown", "permission", "policy"] as const),
]);
