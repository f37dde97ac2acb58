// The outcome of a handshake in words, the same in every view, report and log.
import { printable } from "../core/printable-text.ts";
import type { Analysis, Basis, HandshakeReport, SignIn, Verdict } from "./analysis.ts";
import { graphOperations } from "./catalogue/graph-permissions.ts";
import { routeWords } from "./direction-words.ts";

export interface OutcomeWords {
  /** Suffix of the verdict's name: the lane or the servers that refuse, with a leading blank; empty when neither applies. */
  readonly place: string;
  /** A clause without a full stop; the only captured text in it are printable names of servers and key owners. */
  readonly sentence: string;
  /** A policy stops the calls, and not their token: views name that in place of "undecided". */
  readonly isBlocked?: true;
  /** The sentence names caller and server, and may be several sentences: views add neither. */
  readonly isWhole?: true;
}

/** The words for one handshake. */
export function describeOutcome(handshake: HandshakeReport): OutcomeWords {
  const outcome = outcomeOf(handshake);
  return handshake.basis === "log" ? byLog(handshake, outcome) : outcome;
}

function outcomeOf(handshake: HandshakeReport): OutcomeWords {
  switch (handshake.verdict) {
    case "oauth-confirmed":
      return { place: "", sentence: `the server accepted a token${signatureWords(handshake)}` };
    case "oauth-rejected":
      return refusalOf(handshake);
    case "basic-fallback":
      return { place: "", sentence: "a service sent a user name and password where its token belongs" };
    case "other-auth":
      return {
        place: "",
        sentence: handshake.signIns.map(signInWords).join("; ") || "a service used another sign-in in place of a token",
      };
    case "inconclusive":
      return undecided(handshake);
  }
}

/** The words where only the log of the server shows the outcome. */
function byLog(handshake: HandshakeReport, outcome: OutcomeWords): OutcomeWords {
  const place = byServersLog;
  switch (handshake.verdict) {
    case "oauth-confirmed":
      return { place, sentence: acceptedSentence(handshake), isWhole: true };
    case "oauth-rejected":
      return { place: `${outcome.place}${place}`, sentence: refusedSentence(handshake), isWhole: true };
    case "inconclusive":
      return outcome.isBlocked === true ? outcome : { place: "", sentence: openSentence(handshake) };
    default:
      return { ...outcome, place };
  }
}

/** The suffix of a verdict that rests on rows of a log. */
const byServersLog = " by the server's log";

/** The basis of handshakes with one verdict; `traffic` for none. */
export function basisOf(handshakes: readonly Pick<HandshakeReport, "basis">[]): Basis {
  const [first, ...others] = new Set(handshakes.map(({ basis }) => basis));
  return others.length > 0 ? "both" : (first ?? "traffic");
}

/** The suffix of a verdict with its basis; empty for traffic, which every view expects. */
export function basisSuffix(handshakes: readonly Pick<HandshakeReport, "basis">[]): string {
  const basis = basisOf(handshakes);
  if (basis === "traffic") return "";
  return basis === "log" ? byServersLog : " by traffic and the server's log";
}

/** `Skype for Business Online (00000004-…) called EWS on mail.contoso.com and Exchange accepted it 41 times. The log shows no token: …` */
function acceptedSentence(handshake: HandshakeReport): string {
  const { loggedCalls, lanes, server } = handshake;
  const { all, accepted } = loggedCalls ?? { all: 1, accepted: 1 };
  const times = accepted === 1 ? "once" : `${accepted} times`;
  const ofAll = all > accepted ? ` (of ${all} calls)` : "";
  const asUser = lanes.user === "accepted" ? " as a user" : "";
  const called = `${logCaller(handshake)} called ${logRoute(handshake)} on ${printable(server)}${asUser}`;
  return `${called} and Exchange accepted it ${times}${ofAll}. ${logEvidence(handshake)}`;
}

function refusedSentence(handshake: HandshakeReport): string {
  const { isTokenDenied, server, direction } = handshake;
  const host = printable(server);
  if (isTokenDenied) {
    const who = handshake.principal === null && direction === "outbound" ? "Exchange Server" : logCaller(handshake);
    return `the token service gave no token to ${who} for ${host}${knownForm(handshake)}`;
  }
  return `Exchange refused the token of ${logCaller(handshake)} at ${host}. ${logEvidence(handshake)}`;
}

function openSentence({ stage, steps, server }: HandshakeReport): string {
  const answer = steps.find(({ step }) => step === "answer");
  if (stage === "holding-token")
    return `a token for ${printable(server)} was held; what was answered to it is not in the log`;
  if (answer !== undefined && /^(?:403|5\d\d)$/.test(answer.note))
    return `the call was let in and then failed (${answer.note}); whether for its token is not in the log`;
  return "the log does not show how it ended";
}

/** What a log shows of the caller: `The log shows no token: caller from AuthenticatedUser, realm not shown`. */
function logEvidence(handshake: HandshakeReport): string {
  const { callerShownBy, realm } = handshake;
  const inRealm = realm === "" ? "realm not shown" : `realm ${printable(realm)}`;
  const caller = callerShownBy === null ? "application not named" : `caller from ${callerSources[callerShownBy]}`;
  // Of the members that name a caller, only a token and a sign-in show a realm.
  const isPrinted =
    callerShownBy === "token" || callerShownBy === "event" || (realm !== "" && callerShownBy !== "sign-in log");
  const token = isPrinted ? "The log holds the token, whose signature was not checked" : "The log shows no token";
  return `${token}: ${caller}, ${inRealm}${knownForm(handshake)}`;
}

const callerSources: Readonly<Record<NonNullable<HandshakeReport["callerShownBy"]>, string>> = {
  AuthenticatedUser: "AuthenticatedUser",
  OAuthExtraInfo: "OAuthExtraInfo",
  token: "its claims",
  event: "its claims in the event",
  "sign-in log": "the sign-in log",
};

function knownForm({ isFormUnproven }: HandshakeReport): string {
  return isFormUnproven === true ? ", as far as the log's known form goes" : "";
}

function logCaller({ principal }: HandshakeReport): string {
  if (principal === null) return "a cloud service, application not named,";
  return principal.name === null ? principal.id : `${printable(principal.name)} (${principal.id})`;
}

function logRoute({ route }: HandshakeReport): string {
  return route === null || route === "other" ? "it" : routeWords[route];
}

/** The sentence for a handshake whose end is not in the capture. */
export const unseenEnd = "the capture does not show how it ended";

/** A call that a policy refused, or that was forbidden without a reason: the token was not what was refused. */
function undecided({ policy, steps }: HandshakeReport): OutcomeWords {
  switch (policy) {
    case "online-off":
      return {
        isBlocked: true,
        place: " at the gate of EWS",
        sentence:
          "the call does not get through: EWS of Exchange Online is switched off for this user or tenant; the token was not refused",
      };
    case "online-not-allowed":
      return {
        isBlocked: true,
        place: " at the gate of EWS",
        sentence:
          "the call does not get through: Exchange Online does not let this application use EWS; the token was not refused",
      };
    case "other":
      return {
        isBlocked: true,
        place: " at a policy of EWS",
        sentence: "the call does not get through: a policy of the server blocks EWS for it; the token was not refused",
      };
    default: {
      const lookUp = lookUpWords(steps);
      if (lookUp !== null) return lookUp;
      const isForbidden = steps.some(({ step, note }) => step === "answer" && note === "403");
      const forbidden = "the call was forbidden (403) without a reason; whether for its token cannot be seen";
      return { place: "", sentence: isForbidden ? forbidden : unseenEnd };
    }
  }
}

function signatureWords({ signature, signingKey }: HandshakeReport): string {
  if (signature !== "verified" || signingKey === "") return "";
  return `, its signature verified by ${signingKey}`;
}

function refusalOf({ lanes, isTokenDenied, refusingServers, refusedGraphCalls = [] }: HandshakeReport): OutcomeWords {
  const { application, user } = lanes;
  if (refusedGraphCalls.length > 0 && application !== "refused" && user !== "refused" && !isTokenDenied) {
    const calls = refusedGraphCalls.map((family) => graphOperations[family]).join(", ");
    return { place: ` for ${calls}`, sentence: `Microsoft Graph takes the token and refuses ${calls}` };
  }
  if (user === "refused" && application === "accepted")
    return {
      place: " as a user",
      sentence: "the server refuses the token as a user and accepts it as the application",
    };
  if (application === "refused" && user === "accepted")
    return {
      place: " as the application",
      sentence: "the server refuses the token as the application and accepts it as a user",
    };
  if (application === "refused" && user === "refused")
    return { place: "", sentence: "the server refused the token, as the application and as a user" };
  if (user === "refused") return { place: "", sentence: "the server refused the token as a user" };
  if (application === "refused") return { place: "", sentence: "the server refused the token" };
  if (refusingServers.length > 0) {
    const servers = refusingServers.join(", ");
    return { place: ` on ${servers}`, sentence: `${servers} refuses what another server of that name accepts` };
  }
  return { place: "", sentence: isTokenDenied ? "the token service gave no token" : "the server refused the token" };
}

/** Only the look-up of EWS was seen, the first leg of Teams. */
function lookUpWords(steps: HandshakeReport["steps"]): OutcomeWords | null {
  const [first, ...others] = steps;
  if (first?.step !== "discovery" || others.some(({ state }) => state !== "unseen")) return null;
  if (first.state === "failed")
    return { place: " at the look-up of EWS", sentence: `Teams did not find EWS (${first.note}), so it does not call` };
  return { place: "", sentence: "Teams found EWS, and no call with a token followed in this capture" };
}

const schemes = {
  basic: "Basic",
  ntlm: "NTLM",
  negotiate: "Negotiate",
  "ws-security": "WS-Security (federation)",
} as const;

function signInWords({ scheme, answer, afterBearer }: SignIn): string {
  const name = schemes[scheme];
  const although = afterBearer ? ", although OAuth was offered" : "";
  switch (answer) {
    case "accepted":
      return `a service signed in with ${name}${although}`;
    case "refused":
      return `a service tried ${name} and was refused${although}`;
    case "undecided":
      return `a service tried ${name}${although}; no answer shows how it ended`;
  }
}

/** The words for the handshake that decides the verdict of the capture; null when no handshake has that verdict. */
export function decisiveOutcome({ verdict, handshakes }: Analysis): OutcomeWords | null {
  const deciding = handshakes.filter((handshake) => handshake.verdict === verdict);
  const [first, ...others] = deciding.map(describeOutcome);
  if (first === undefined) return null;
  // When several failed differently, the sentence is general, as none of them describes all.
  if (others.some(({ place }) => place !== first.place)) return { place: "", sentence: generalWords[verdict] };
  const isOfOne = first.isWhole === true && others.length > 0;
  return isOfOne ? { place: first.place, sentence: generalWords[verdict] } : first;
}

const generalWords: Readonly<Record<Verdict | "none", string>> = {
  "oauth-confirmed": "the server accepted a token",
  "oauth-rejected": "calls were refused",
  "basic-fallback": "a service sent a user name and password where its token belongs",
  "other-auth": "a service used another sign-in in place of a token",
  inconclusive: unseenEnd,
  none: "no service-to-service sign-in was seen",
};

/** The clause for an inconclusive capture from which credentials were removed; null for any other capture. */
export function removalSentence({ verdict, findings }: Pick<Analysis, "verdict" | "findings">): string | null {
  if (verdict !== "inconclusive") return null;
  return findings.some(({ code }) => code === "CREDENTIALS_REMOVED")
    ? "credentials were removed from this capture, so neither the tokens nor whether Basic was used can be seen"
    : null;
}
