// The outcome of a handshake in words, the same in every view, report and log.
import type { Analysis, HandshakeReport, SignIn, Verdict } from "./analysis.ts";
import { graphOperations } from "./catalogue/graph-permissions.ts";

export interface OutcomeWords {
  /** Suffix of the verdict's name: the lane or the servers that refuse, with a leading blank; empty when neither applies. */
  readonly place: string;
  /** A clause without a full stop; the only captured text in it are printable names of servers and key owners. */
  readonly sentence: string;
  /** A policy stops the calls, and not their token: views name that in place of "undecided". */
  readonly isBlocked?: true;
}

/** The words for one handshake. */
export function describeOutcome(handshake: HandshakeReport): OutcomeWords {
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
        sentence: handshake.signIns.map(signInWords).join("; ") || "a service signed in another way",
      };
    case "inconclusive":
      return undecided(handshake);
  }
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
  return others.every(({ place }) => place === first.place) ? first : { place: "", sentence: generalWords[verdict] };
}

const generalWords: Readonly<Record<Verdict | "none", string>> = {
  "oauth-confirmed": "the server accepted a token",
  "oauth-rejected": "calls were refused",
  "basic-fallback": "a service sent a user name and password where its token belongs",
  "other-auth": "a service signed in another way",
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
