// What several questions read from the evidence: who calls as Exchange Server, and in which words.
import { printable } from "../../core/printable-text.ts";
import { wellKnownApplication } from "../../core/well-known-applications.ts";
import { wellKnownClient } from "../../core/well-known-clients.ts";
import type { Directions, HandshakeReport } from "../analysis.ts";
import { applicationKind, exchangeId } from "../catalogue/application-kind.ts";
import type { EwsOnlineUse } from "../ews-online.ts";
import type { Answers, CloudCalls, ReadinessEvidence, Sightings, TokenRequests } from "../readiness-evidence.ts";
import { type AnswerState, counted, type ReadinessOptions } from "./answer.ts";

/** Everything that the questions read, of all captures. */
export interface Seen extends Omit<ReadinessEvidence, "beyond"> {
  readonly directions: Directions;
  readonly handshakes: readonly HandshakeReport[];
  readonly ewsOnline: readonly EwsOnlineUse[];
  readonly options: ReadinessOptions;
}

/** Since then EWS in Exchange Online is open to listed applications alone, as far as public sources say. */
export const gateSince = Date.UTC(2026, 9, 10);

/** True for a caller that can be Exchange Server: the shared principal or an application of the tenant. */
export function isServersApplication(caller: string): boolean {
  const kind = applicationKind(caller);
  return kind === "exchange" || kind === "own";
}

/** Calls of Exchange Server: by token as one of its applications, or by federation. */
export function serverCalls({ calls }: Pick<Seen, "calls">): readonly CloudCalls[] {
  return calls.filter(({ caller, signIn }) => signIn === "federation" || isServersApplication(caller));
}

/** An application in words; the id is always among them. */
export function applicationWords(id: string, name: string | null, options: ReadinessOptions): string {
  if (id === "") return "a caller whose token cannot be read";
  if (id === exchangeId) return `the shared service principal ${id}`;
  if (id === options.hybridApp) return `your dedicated hybrid application ${id}`;
  const own = options.applications.get(id);
  if (own !== undefined) return `your application ${printable(own)} (${id})`;
  const known = wellKnownApplication(id)?.name ?? wellKnownClient(id) ?? name;
  if (applicationKind(id) === "own") return `application ${id} of this tenant`;
  return known === null ? id : `${printable(known)} (${id})`;
}

/** True when the user named the application, by `--hybrid-app` or in the configuration. */
export function isNamed(id: string, { hybridApp, applications }: ReadinessOptions): boolean {
  return id === hybridApp || applications.has(id);
}

/** `3 calls accepted, 1 refused (403), the last one accepted`. */
export function answerWords(answers: Answers): string {
  const { accepted, refused, undecided, last, lastStatus } = answers;
  const parts = [
    accepted.count > 0 ? `${counted(accepted.count, "call")} accepted` : "",
    refused.count > 0 ? `${counted(refused.count, "call")} refused` : "",
    undecided.count > 0 ? `${counted(undecided.count, "call")} without a deciding answer` : "",
  ].filter((part) => part !== "");
  const isMixed = accepted.count > 0 && refused.count > 0;
  const status = last === "refused" && lastStatus !== null ? ` (${lastStatus})` : "";
  return `${parts.join(", ")}${isMixed ? `, the last one ${last}` : ""}${status}`;
}

/** Equal sightings of several captures or addresses as one: the latest decided answer counts. */
export function joinAnswers(all: readonly Answers[]): Answers {
  const decided = all.filter(({ last }) => last !== "undecided");
  const [first, ...rest] = decided.length > 0 ? decided : all;
  // At the same time a refusal counts as the last one, as in the judgement of a capture.
  const latest = rest.reduce<Answers | undefined>(
    (before, one) =>
      before === undefined || one.lastAt > before.lastAt || (one.lastAt === before.lastAt && one.last === "refused")
        ? one
        : before,
    first,
  );
  return {
    accepted: joinSightings(all.map(({ accepted }) => accepted)),
    refused: joinSightings(all.map(({ refused }) => refused)),
    undecided: joinSightings(all.map(({ undecided }) => undecided)),
    last: latest?.last ?? "undecided",
    lastAt: latest?.lastAt ?? 0,
    lastStatus: latest?.lastStatus ?? null,
    policy: latest?.policy ?? null,
  };
}

export function joinSightings(all: readonly Sightings[]): Sightings {
  return {
    count: all.reduce((sum, { count }) => sum + count, 0),
    evidence: all.flatMap(({ evidence }) => evidence),
  };
}

/** The rows that decide: the last refusals while they stand, else the accepted calls. */
export function decidingRows({ accepted, refused, undecided, last }: Answers): Sightings {
  if (last === "refused") return refused;
  return last === "accepted" ? accepted : undecided;
}

/** The state of calls by their last decided answer. */
export function stateOfCalls({ last }: Answers): AnswerState {
  if (last === "accepted") return "ok";
  return last === "refused" ? "problem" : "not-seen";
}

/** Groups by a key, in the order of the first of each. */
export function groupBy<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
): ReadonlyMap<string, readonly Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

/** The request whose answer came last; undefined for none. */
export function latestRequest(requests: readonly TokenRequests[]): TokenRequests | undefined {
  return requests.reduce<TokenRequests | undefined>(
    (before, one) => (before === undefined || one.lastAt >= before.lastAt ? one : before),
    undefined,
  );
}
