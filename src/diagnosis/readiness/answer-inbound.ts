// Q8: Teams and Cloud Voicemail at Exchange Server. Q9: the direction that is broken.
import { printable } from "../../core/printable-text.ts";
import { wellKnownApplication } from "../../core/well-known-applications.ts";
import type { DirectionReport, HandshakeReport, Verdict } from "../analysis.ts";
import { routeWords } from "../direction-words.ts";
import { describeOutcome } from "../outcome-words.ts";
import { type AnswerDetail, type Answered, type AnswerState, joinWords, rowsOf, worstState } from "./answer.ts";
import { captureInbound, captureOutbound } from "./how-to-see.ts";
import { groupBy, type Seen } from "./read-evidence.ts";

const stateOfVerdict: Readonly<Record<Verdict, AnswerState>> = {
  "oauth-confirmed": "ok",
  inconclusive: "partly",
  "other-auth": "problem",
  "oauth-rejected": "problem",
  "basic-fallback": "problem",
};

const verdictWords: Readonly<Record<Verdict, string>> = {
  "oauth-confirmed": "gets in",
  inconclusive: "not decided",
  "other-auth": "signs in without OAuth",
  "oauth-rejected": "is refused",
  "basic-fallback": "falls back to a password",
};

/** The callers of today; the legacy application of Skype for Business Online is answered for where it is seen. */
const callersOfToday = ["7557eb47-c689-4224-abcf-aef9bd7573df", "db7de2b5-2149-435e-8043-e080dd50afae"];

/** Q8: do Teams and Cloud Voicemail still get in? */
export function answerCallers(seen: Seen): Answered {
  const inbound = seen.handshakes.filter(({ direction, principal, verdict }) => {
    if (direction !== "inbound") return false;
    // Without a token the caller is unknown; a password or another sign-in in its place is still a service's.
    if (principal === null) return verdict === "basic-fallback" || verdict === "other-auth";
    return wellKnownApplication(principal.id)?.role === "caller";
  });
  const details = [...groupBy(inbound, ({ principal }) => principal?.id ?? "").values()].map(callerDetail);
  const ids = new Set(inbound.map(({ principal }) => principal?.id));
  const missing = callersOfToday.filter((id) => !ids.has(id)).map((id) => wellKnownApplication(id)?.name ?? id);
  const open = missing.length === 0 ? [] : [`${joinWords(missing)}: not seen here.`, captureInbound];
  if (details.length === 0)
    return {
      state: "not-seen",
      answer: "Not seen here: no call of Teams or Cloud Voicemail to Exchange Server.",
      open,
    };
  return {
    state: worstState(details.map(({ state }) => state)),
    answer: `${joinWords(details.map(({ name, text }) => `${name} ${text}`))}.`,
    open,
    details,
    evidence: rowsOf(...details),
  };
}

function callerDetail(same: readonly HandshakeReport[]): AnswerDetail {
  const worst = [...same].sort((one, other) => rank(other.verdict) - rank(one.verdict))[0];
  const [first] = same;
  if (first === undefined || worst === undefined) throw new Error("a group has a member");
  const { principal } = first;
  const deciding = same.filter(({ verdict }) => verdict === worst.verdict);
  const servers = joinWords([...new Set(deciding.map(({ server }) => printable(server)))], 3);
  const why = worst.verdict === "oauth-confirmed" ? "" : ` (${describeOutcome(worst).sentence})`;
  return {
    name: principal === null ? "a service without a token" : printable(principal.name ?? principal.id),
    state: stateOfVerdict[worst.verdict],
    text: `${verdictWords[worst.verdict]} at ${servers}${why}`,
    evidence: rowsOf(...deciding.map(rowsOfHandshake)),
  };
}

function rank(verdict: Verdict): number {
  return fromBestToWorst.indexOf(verdict);
}

const fromBestToWorst: readonly Verdict[] = [
  "oauth-confirmed",
  "inconclusive",
  "other-auth",
  "oauth-rejected",
  "basic-fallback",
];

/** The row that decides: the last step, or the last request where another sign-in took the place of a token. */
function rowsOfHandshake(handshake: HandshakeReport): { readonly evidence: readonly string[] } {
  const { steps, transactions, verdict } = handshake;
  if (verdict === "basic-fallback" || verdict === "other-auth") return { evidence: transactions.slice(-1) };
  const last = steps.findLast(({ transactionId }) => transactionId !== null)?.transactionId ?? transactions.at(-1);
  return { evidence: last === undefined ? [] : [last] };
}

const directionWords: Readonly<Record<Verdict, string>> = {
  "oauth-confirmed": "works",
  inconclusive: "is not decided",
  "other-auth": "signs in without OAuth",
  "oauth-rejected": "is broken",
  "basic-fallback": "is broken, a password was sent",
};

/** Q9: which direction is broken? */
export function answerDirections({ directions: { inbound, outbound }, handshakes }: Seen): Answered {
  const directions: readonly (readonly [name: string, report: DirectionReport | null, howToSee: string])[] = [
    ["inbound (cloud to Exchange Server)", inbound, captureInbound],
    ["outbound (Exchange Server to cloud)", outbound, captureOutbound],
  ];
  const details = directions.flatMap(([name, report]) =>
    report === null ? [] : [directionDetail(name, report, handshakes)],
  );
  const missing = directions.filter(([, report]) => report === null);
  const open = missing.flatMap(([name, , howToSee]) => [`${name} is not seen here.`, howToSee]);
  if (details.length === 0)
    return { state: "not-seen", answer: "Not seen here: no sign-in in either direction.", open };
  const broken = details.filter(({ state }) => state === "problem");
  const isDecided = details.every(({ state }) => state !== "partly");
  const none = isDecided ? "None that was seen" : "Not decided";
  const lead = broken.length === 0 ? none : joinWords(broken.map(({ name }) => name.replace(/ .*/, "")));
  return {
    state: worstState(details.map(({ state }) => state)),
    answer: `${lead[0]?.toUpperCase() ?? ""}${lead.slice(1)}: ${details.map(({ name, text }) => `${name} ${text}`).join("; ")}.`,
    open,
    details,
    evidence: rowsOf(...details),
  };
}

function directionDetail(name: string, report: DirectionReport, handshakes: readonly HandshakeReport[]): AnswerDetail {
  const { verdict, routes, hosts, evidence } = report;
  const by = routes.length === 0 ? "" : ` by ${joinWords(routes.map((route) => routeWords[route]))}`;
  const at = ` at ${joinWords(hosts.map(printable), 3)}`;
  // A policy says nothing about trust, so the verdict stays undecided; the direction is closed all the same.
  const direction = name.startsWith("inbound") ? "inbound" : "outbound";
  const closed = handshakes.filter((one) => one.direction === direction && one.policy !== undefined);
  return verdict === "inconclusive" && closed.length > 0
    ? {
        name,
        state: "problem",
        text: `is closed by a policy of EWS${at}`,
        evidence: rowsOf(...closed.map(rowsOfHandshake)),
      }
    : {
        name,
        state: stateOfVerdict[verdict],
        text: `${directionWords[verdict]}${by}${at}`,
        evidence: evidence.slice(0, 10),
      };
}
