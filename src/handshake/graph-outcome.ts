// What an answer of Microsoft Graph proves about the token ("Resolve Microsoft Graph authorization errors").
import type { BatchedAnswer, GraphCause, GraphError, GraphFacts } from "../decoders/graph-facts.ts";

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

const ofRefusal: ReadonlySet<GraphCause> = new Set<GraphCause>([
  ...(["token", "token-missing", "token-expired", "token-audience", "token-signature", "token-malformed"] as const),
  ...(["token-revoked", "application-unknown", "permission", "policy"] as const),
]);
