// Q1: the application as which Exchange Server calls. Q6: the shared service principal.
import { exchangeId } from "../catalogue/application-kind.ts";
import { moveToDedicatedApp } from "../catalogue/commands.ts";
import type { CloudCalls, TokenRequests } from "../readiness-evidence.ts";
import { blockedSince } from "../rules/judge-shared-principal.ts";
import {
  type AnswerDetail,
  type Answered,
  type AnswerState,
  counted,
  joinWords,
  rowsOf,
  worstState,
} from "./answer.ts";
import { adviceOf, captureOutbound, readSharedKeys } from "./how-to-see.ts";
import {
  answerWords,
  applicationWords,
  decidingRows,
  groupBy,
  isNamed,
  joinAnswers,
  joinSightings,
  latestRequest,
  type Seen,
  serverCalls,
} from "./read-evidence.ts";

/** One application as which Exchange Server calls or requests tokens. */
interface Identity {
  readonly id: string;
  readonly calls: readonly CloudCalls[];
  readonly requests: readonly TokenRequests[];
  readonly detail: AnswerDetail;
}

function identitiesOf(seen: Seen): readonly Identity[] {
  const all = serverCalls(seen).filter(({ signIn }) => signIn === "token");
  const asking = seen.requests.filter(({ caller, service }) => caller !== exchangeId || service === "exchange-online");
  const ids = [...groupBy<CloudCalls | TokenRequests>([...all, ...asking], ({ caller }) => caller).keys()];
  const { hybridApp } = seen.options;
  const isOwnSeen = hybridApp !== null && ids.includes(hybridApp);
  return ids.map((id) => {
    const calls = all.filter(({ caller }) => caller === id);
    const requests = asking.filter(({ caller }) => caller === id);
    const identity = { id, calls, requests };
    const state = stateOf(identity, isExpected(id, seen), isOwnSeen);
    return { ...identity, detail: detailOf(identity, state, seen) };
  });
}

/** False for another application than the one that `--hybrid-app` names. */
function isExpected(id: string, { options: { hybridApp, applications } }: Seen): boolean {
  return hybridApp === null || id === hybridApp || applications.has(id);
}

function stateOf(
  { id, calls, requests }: Pick<Identity, "id" | "calls" | "requests">,
  isExpectedOne: boolean,
  isOwnSeen: boolean,
): AnswerState {
  const joined = joinAnswers(calls);
  if (id === exchangeId) {
    const lastAt = Math.max(...[...calls, ...requests].map((one) => one.lastAt));
    return lastAt < blockedSince ? "attention" : "problem";
  }
  // A 403 is the answer of a permission or a policy: the application itself was recognised.
  if (joined.last === "refused" && joined.lastStatus === 401) return "problem";
  if (latestRequest(requests)?.lastIsIssued === false && joined.last !== "accepted") return "problem";
  if (isExpectedOne) return "ok";
  return isOwnSeen ? "attention" : "problem";
}

function detailOf(
  { id, calls, requests }: Pick<Identity, "id" | "calls" | "requests">,
  state: AnswerState,
  { options }: Seen,
): AnswerDetail {
  const joined = joinAnswers(calls);
  const issued = joinSightings(requests.map((one) => one.issued));
  const denied = joinSightings(requests.map((one) => one.denied));
  const error = latestRequest(requests.filter((one) => one.denied.count > 0))?.error ?? "";
  const parts = [
    calls.length > 0 ? answerWords(joined) : "",
    issued.count > 0 ? `${counted(issued.count, "token")} issued` : "",
    denied.count > 0 ? `${counted(denied.count, "token request")} refused${error === "" ? "" : ` (${error})`}` : "",
  ].filter((part) => part !== "");
  const name = applicationWords(id, calls[0]?.callerName ?? requests[0]?.callerName ?? null, options);
  const text = parts.length === 0 ? "a token request without an answer" : parts.join(", ");
  return { name, state, text, evidence: rowsOf(decidingRows(joined), denied.count > 0 ? denied : issued) };
}

/** Q1: does Exchange Server act as the dedicated application? */
export function answerIdentity(seen: Seen): Answered {
  const identities = identitiesOf(seen);
  const federated = serverCalls(seen).filter(({ signIn }) => signIn === "federation");
  const details = identities.map(({ detail }) => detail);
  if (federated.length > 0) details.push(federationDetail(federated));
  if (details.length === 0) return notSeen(seen);
  const state = worstState(details.map((detail) => detail.state));
  return {
    state,
    answer: wordsOf(identities, seen),
    open: adviceFor(identities, seen),
    details,
    evidence: rowsOf(...details),
  };
}

function wordsOf(identities: readonly Identity[], seen: Seen): string {
  const own = identities.filter(({ id }) => id !== exchangeId);
  const shared = identities.find(({ id }) => id === exchangeId);
  const names = joinWords(own.map(({ detail }) => detail.name));
  if (own.length === 0) {
    const how =
      shared === undefined
        ? "signs in by federation (WS-Security), not as an application"
        : `calls as ${shared.detail.name}`;
    return `No: it ${how}.`;
  }
  if (shared !== undefined) return `In part: it calls as ${names}, and as ${shared.detail.name}.`;
  if (own.every(({ id }) => !isExpected(id, seen)))
    return `No: it calls as ${names}, and --hybrid-app names ${seen.options.hybridApp ?? ""}.`;
  if (own.some(({ detail }) => detail.state === "problem")) return `Yes, and it is refused: it calls as ${names}.`;
  if (own.every(({ id }) => isNamed(id, seen.options))) return `Yes: it calls as ${names}.`;
  return `Yes, as far as its traffic tells: it calls as ${names} (the dedicated hybrid application? --hybrid-app ID says that it is yours).`;
}

/** What to do where it does not call as the dedicated application that is yours. */
function adviceFor(identities: readonly Identity[], seen: Seen): readonly string[] {
  const isShared = identities.some(({ id }) => id === exchangeId);
  const isOther = identities.some(
    ({ id, detail }) => id !== exchangeId && !isExpected(id, seen) && detail.state === "problem",
  );
  return [...(isShared ? [moveToDedicatedApp] : []), ...(isOther ? [adviceOf("HYBRID_APP_OTHER_ID")] : [])];
}

function notSeen({ calls }: Seen): Answered {
  const unread = calls.filter(({ caller, signIn }) => caller === "" && signIn === "token");
  const answer =
    unread.length === 0
      ? "Not seen here: the captures hold no call of Exchange Server to Exchange Online or Graph."
      : "Not seen here: the tokens of its calls cannot be read.";
  return { state: "not-seen", answer, open: [captureOutbound], evidence: rowsOf(...unread.map(decidingRows)) };
}

function federationDetail(calls: readonly CloudCalls[]): AnswerDetail {
  const joined = joinAnswers(calls);
  return {
    name: "federation (WS-Security)",
    state: "attention",
    text: answerWords(joined),
    evidence: rowsOf(decidingRows(joined)),
  };
}

/** Q6: is the shared service principal of Exchange Online clean? Traffic shows its use and that a key is on it, never its keys. */
export function answerSharedPrincipal(seen: Seen): Answered {
  const calls = serverCalls(seen).filter(({ caller }) => caller === exchangeId);
  const requests = seen.requests.filter(({ caller }) => caller === exchangeId);
  const issued = joinSightings(requests.map((one) => one.issued));
  if (calls.length === 0 && requests.length === 0) return sharedNotSeen(seen);
  const identity = { id: exchangeId, calls, requests };
  const isForOnline = calls.length > 0 || requests.some(({ service }) => service === "exchange-online");
  const state = isForOnline ? stateOf(identity, true, false) : "attention";
  const { text, evidence } = detailOf(identity, state, seen);
  const key = issued.count === 0 ? "" : "; a token was issued for it, so a key is still on it";
  return { state, answer: `No: Exchange Server still uses it (${text})${key}.`, open: [readSharedKeys], evidence };
}

function sharedNotSeen(seen: Seen): Answered {
  const { accepted, refused, undecided } = joinAnswers(serverCalls(seen));
  const count = accepted.count + refused.count + undecided.count;
  const what = count === 0 ? "no use of it" : `no use of it among ${counted(count, "call")} of Exchange Server`;
  return { state: "not-seen", answer: `Not seen here: ${what}.`, open: [readSharedKeys] };
}
