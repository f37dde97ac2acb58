// Q2: the routes by which Exchange Server calls the cloud. Q4: the gate of EWS in Exchange Online.
import { printable } from "../../core/printable-text.ts";
import type { Answers, CloudCalls } from "../readiness-evidence.ts";
import { type AnswerDetail, type Answered, type AnswerState, dayOf, joinWords, rowsOf, worstState } from "./answer.ts";
import { adviceOf, captureOutbound, readOverrides, readTheGate } from "./how-to-see.ts";
import {
  answerWords,
  applicationWords,
  decidingRows,
  gateSince,
  groupBy,
  joinAnswers,
  type Seen,
  serverCalls,
  stateOfCalls,
} from "./read-evidence.ts";

/** Q2: by which route does Exchange Server call the cloud? */
export function answerRoutes(seen: Seen): Answered {
  const calls = serverCalls(seen);
  // Discovery only prepares a call: it counts where nothing else was called.
  const telling = calls.filter(({ route }) => route !== "autodiscover" && route !== "other");
  const counted = telling.length > 0 ? telling : calls;
  if (counted.length === 0)
    return {
      state: "not-seen",
      answer: "Not seen here: no call of Exchange Server to the cloud.",
      open: [captureOutbound],
    };
  const details = [...groupBy(counted, routeName).entries()].map(([name, some]) => routeDetail(name, some));
  const isGraph = counted.some(({ service }) => service === "graph");
  return {
    state: worstState(details.map(({ state }) => state)),
    answer: `By ${joinWords(details.map(({ name, text }) => `${name} (${text})`))}.`,
    open: isGraph ? [] : ["Microsoft Graph is not seen here.", readOverrides],
    details,
    evidence: rowsOf(...details),
  };
}

function routeName({ route, service, signIn }: CloudCalls): string {
  if (service === "graph") return "Microsoft Graph";
  const way = signIn === "federation" ? " with federation" : "";
  const name = route === "ews" ? "EWS" : route === "autodiscover" ? "Autodiscover" : route.toUpperCase();
  return `${name} of Exchange Online${way}`;
}

function routeDetail(name: string, calls: readonly CloudCalls[]): AnswerDetail {
  const joined = joinAnswers(calls);
  const hosts = joinWords([...new Set(calls.map(({ host }) => printable(host)))], 3);
  const state = joined.last === "undecided" ? "partly" : stateOfCalls(joined);
  return { name, state, text: `${hosts}, ${answerWords(joined)}`, evidence: rowsOf(decidingRows(joined)) };
}

const gateEnd = "As far as public sources say, EWS in Exchange Online ends for everybody on 1 April 2027.";

/** Q4: does the gate of EWS in Exchange Online let Exchange Server in, and until when? */
export function answerGate(seen: Seen): Answered {
  const calls = serverCalls(seen).filter(
    ({ service, route, signIn }) => service === "exchange-online" && route === "ews" && signIn === "token",
  );
  if (calls.length === 0)
    return {
      state: "not-seen",
      answer: "Not seen here: no EWS call of Exchange Server to Exchange Online.",
      open: [captureOutbound, readTheGate],
    };
  const details = [...groupBy(calls, ({ caller }) => caller).entries()].map(([id, some]) => {
    const joined = joinAnswers(some);
    const name = applicationWords(id, some[0]?.callerName ?? null, seen.options);
    return { name, ...gateOf(joined), evidence: rowsOf(decidingRows(joined)) };
  });
  const state = worstState(details.map((detail) => detail.state));
  const lead = leads[state];
  return {
    state,
    answer: `${lead}: ${joinWords(details.map(({ name, text }) => `${name}: ${text}`))}. ${gateEnd}`,
    open: state === "ok" ? [] : [...(state === "problem" ? [adviceOf("EWS_APP_NOT_ALLOWED")] : []), readTheGate],
    details,
    evidence: rowsOf(...details),
  };
}

const leads: Readonly<Record<AnswerState, string>> = {
  ok: "Yes",
  partly: "Not decided",
  "not-seen": "Not seen here",
  attention: "Not decided",
  problem: "No",
};

/** Only a 403 with the header of the gate shows it; a bare 403 or a 401 has other causes. */
function gateOf(answers: Answers): Pick<AnswerDetail, "state" | "text"> {
  const { last, lastAt, policy, lastStatus } = answers;
  if (last === "accepted") {
    const day = dayOf(lastAt);
    return lastAt < gateSince
      ? { state: "partly", text: `let in on ${day}, before the list of applications counted (10 October 2026)` }
      : { state: "ok", text: `let in on ${day}` };
  }
  if (last === "undecided") return { state: "not-seen", text: "no call has a deciding answer" };
  if (policy === "online-off") return { state: "problem", text: "refused, EWS is off for the tenant or the mailbox" };
  if (policy === "online-not-allowed")
    return { state: "problem", text: "refused, the application or its User-Agent is not on the list" };
  return { state: "attention", text: `refused (${lastStatus ?? "no status"}) without the header of the gate` };
}
