// Q7: one verdict for each server: outbound by its address, and by the build that its answers name.
import { exchangeBuild } from "../../core/exchange-builds.ts";
import { printable } from "../../core/printable-text.ts";
import { exchangeId } from "../catalogue/application-kind.ts";
import type { CloudCalls, SeenServer, TokenRequests } from "../readiness-evidence.ts";
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
import { captureOutbound, listServers } from "./how-to-see.ts";
import {
  answerWords,
  applicationWords,
  decidingRows,
  groupBy,
  joinAnswers,
  joinSightings,
  latestRequest,
  type Seen,
  serverCalls,
} from "./read-evidence.ts";

/** Q7: do all servers do it? */
export function answerServers(seen: Seen): Answered {
  const outbound = callersOf(seen);
  const inbound = [...groupBy(seen.servers, ({ name, build }) => `${name} ${build}`).values()].flatMap(serverDetail);
  const details = [...outbound, ...inbound];
  if (details.length === 0)
    return {
      state: "not-seen",
      answer: "Not seen here: no call of a server to the cloud, and no build of a server.",
      open: [captureOutbound, ...listServers],
    };
  return {
    state: worstState(details.map(({ state }) => state)),
    answer: outbound.length === 0 ? buildsAlone(inbound) : `${callerWords(outbound)}${buildWords(inbound)}.`,
    open: outbound.length === 0 ? [captureOutbound, ...listServers] : listServers,
    details,
    evidence: rowsOf(...details),
  };
}

function callerWords(outbound: readonly AnswerDetail[]): string {
  const bad = outbound.filter(({ state }) => state === "problem" || state === "attention");
  const good = outbound.filter((detail) => !bad.includes(detail));
  const not = joinWords(bad.map(({ name, text }) => `${name} (${text})`));
  if (good.length === 0) return `No: ${not}`;
  const names = joinWords(good.map(({ name }) => name));
  const act = `${names} ${good.length === 1 ? "calls" : "call"} as the dedicated application`;
  return bad.length === 0 ? `Yes, all that were seen: ${act}` : `In part: ${act}, not ${not}`;
}

function buildWords(inbound: readonly AnswerDetail[]): string {
  const old = inbound.filter(({ state }) => state === "problem");
  return old.length === 0 ? "" : `; by its build ${joinWords(old.map(({ name }) => name))} cannot do it`;
}

/** A build that can do it does not answer the question. */
function buildsAlone(inbound: readonly AnswerDetail[]): string {
  const old = inbound.filter(({ state }) => state === "problem");
  return old.length === 0
    ? `Not seen here: no call of a server to the cloud; ${counted(inbound.length, "server")} of a build that can do it.`
    : `No: by its build ${joinWords(old.map(({ name }) => name))} cannot do it.`;
}

/** One line for each address that calls the cloud or requests a token for it. */
function callersOf(seen: Seen): readonly AnswerDetail[] {
  const calls = serverCalls(seen);
  const requests = seen.requests.filter(
    ({ caller, service }) => caller !== exchangeId || service === "exchange-online",
  );
  const byClient = groupBy<CloudCalls | TokenRequests>([...calls, ...requests], ({ client }) => client);
  return [...byClient.keys()].map((client) =>
    callerDetail(
      client,
      calls.filter((one) => one.client === client),
      requests.filter((one) => one.client === client),
      seen,
    ),
  );
}

function callerDetail(
  client: string,
  calls: readonly CloudCalls[],
  requests: readonly TokenRequests[],
  { options }: Seen,
): AnswerDetail {
  const joined = joinAnswers(calls);
  const denied = latestRequest(requests)?.lastIsIssued === false && joined.last !== "accepted";
  const ids = [
    ...new Set([...calls.filter(({ signIn }) => signIn === "token"), ...requests].map(({ caller }) => caller)),
  ];
  const ways = ids.map((id) => applicationWords(id, null, options));
  if (calls.some(({ signIn }) => signIn === "federation")) ways.push("federation (WS-Security)");
  const builds = [...new Set(calls.map(({ build }) => build).filter((build) => build !== ""))];
  const answers = calls.length === 0 ? "" : `, ${answerWords(joined)}`;
  const refusedToken = denied ? ", the token service gave it no token" : "";
  return {
    name: `${client === "" ? "address not recorded" : printable(client)}${builds.length === 0 ? "" : ` (${joinWords(builds.map(nameOfBuild))})`}`,
    state: worstState([
      stateOfCaller(calls, ids, (joined.last === "refused" && joined.lastStatus !== 403) || denied),
      ...builds.map(stateOfBuild),
    ]),
    text: `as ${joinWords(ways)}${answers}${refusedToken}`,
    evidence: rowsOf(
      ...calls.filter(({ caller }) => caller === exchangeId).map(decidingRows),
      decidingRows(joined),
      ...requests.map(({ issued, denied: not }) => joinSightings([not, issued])),
    ),
  };
}

function stateOfCaller(calls: readonly CloudCalls[], ids: readonly string[], isRefused: boolean): AnswerState {
  if (ids.includes(exchangeId)) {
    const lastAt = Math.max(...calls.map((one) => one.lastAt));
    return lastAt < blockedSince && calls.length > 0 ? "attention" : "problem";
  }
  if (isRefused) return "problem";
  return calls.some(({ signIn }) => signIn === "federation") ? "attention" : "ok";
}

/** A build that cannot act as the dedicated application answers the question without any call. */
function stateOfBuild(version: string): AnswerState {
  const build = exchangeBuild(version);
  if (build === null) return "not-seen";
  return build.supportsHybridApp ? "ok" : "problem";
}

function nameOfBuild(version: string): string {
  const build = exchangeBuild(version);
  return build === null ? `build ${printable(version)}` : `${build.name}, ${build.build}`;
}

function serverDetail(same: readonly SeenServer[]): readonly AnswerDetail[] {
  const [first] = same;
  if (first === undefined) return [];
  const build = exchangeBuild(first.build);
  // Exchange Online calls itself Exchange, too; only a build of Exchange Server says anything.
  if (build === null) return [];
  const end = build.outOfSupportSince === null ? "" : `, out of support since ${build.outOfSupportSince}`;
  const from = build.hybridAppFrom === null ? "" : `, possible from ${build.hybridAppFrom}`;
  const graph = build.supportsGraph
    ? "knows the dedicated application and Graph"
    : "knows the dedicated application, not Graph";
  return [
    {
      name: `${printable(first.name)} (${nameOfBuild(first.build)})`,
      // That a build can do it does not say that the server does.
      state: build.supportsHybridApp ? "not-seen" : "problem",
      text: build.supportsHybridApp
        ? `${graph}; whether it uses it is not in its answers${end}`
        : `cannot act as the dedicated application${from}${end}`,
      evidence: rowsOf(joinSightings(same.map(({ answers }) => answers))),
    },
  ];
}
