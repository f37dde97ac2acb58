// Details from the entries of each handshake: sign-in schemes, audiences, diagnostics of the server.
import type { LoggedEntry } from "./entry-log.ts";

const names = {
  scheme: "auth.scheme",
  audience: "token.aud",
  "token kind": "token.kind",
  diagnostics: "diagnostics.code",
  cause: "diagnostics.cause",
  "graph call": "graph.family",
  "graph error": "graph.error",
  status: "response.status",
} as const;

/** The facts that each entry needs for this. */
export const handshakeDetailFacts: ReadonlySet<string> = new Set(["handshake.id", ...Object.values(names)]);

type Details = Map<string, Set<string>>;

/** Details by handshake id: each kind with its distinct values, sorted. */
export function handshakeDetails(
  entries: readonly LoggedEntry[],
): ReadonlyMap<string, Readonly<Record<string, readonly string[]>>> {
  const byHandshake = new Map<string, Details>();
  for (const { facts } of entries) {
    const id = facts.get("handshake.id")?.[0];
    if (id === undefined) continue;
    const details = byHandshake.get(String(id)) ?? emptyDetails();
    byHandshake.set(String(id), details);
    for (const [detail, fact] of Object.entries(names)) {
      for (const value of facts.get(fact) ?? []) details.get(detail)?.add(String(value).slice(0, 200));
    }
  }
  return new Map([...byHandshake].map(([id, details]) => [id, sorted(details)]));
}

function emptyDetails(): Details {
  return new Map(Object.keys(names).map((detail) => [detail, new Set<string>()]));
}

function sorted(details: Details): Record<string, readonly string[]> {
  return Object.fromEntries([...details].map(([detail, values]) => [detail, [...values].sort()]));
}
