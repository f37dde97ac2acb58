// What a row of a log says in words: how the caller signed in, what the row proves, and what it does not.
import type { LogRow, LogSignIn } from "../../core/log-row.ts";
import { type Applications, applicationName } from "../../core/principals.ts";
import { isCloudUserAgent, isPersonsUserAgent } from "../../core/well-known-clients.ts";

/** A sign-in in words. */
export const signInWords: Readonly<Record<LogSignIn, string>> = {
  bearer: "OAuth (Bearer)",
  "bearer-unauthenticated": "OAuth (Bearer), nobody signed in",
  basic: "Basic (a password)",
  ntlm: "NTLM",
  negotiate: "Negotiate (Kerberos or NTLM)",
  forms: "forms (a person in a browser)",
  none: "none (anonymous)",
  unknown: "not shown",
};

export interface Proof {
  readonly proves: string;
  readonly doesNotProve: string;
}

/** `Skype for Business Online (00000004-…)`, or the id alone. */
export function applicationWords(id: string, applications: Applications | undefined): string {
  const name = applicationName(id, applications);
  return name === null ? id : `${name} (${id})`;
}

/** `2000001 InvalidToken: UnknownIssuer`; empty without a refusal. */
export function refusalWords({ log, refusal }: LogRow): string {
  if (refusal === null) return "";
  if (log === "iis") return refusal.text;
  const { code, category } = refusal;
  const number = code === null ? "" : log === "oauth-outbound" ? `AADSTS${code}` : String(code);
  const title = [number, category ?? ""].filter((part) => part !== "").join(" ");
  // The text of a refused token request repeats both.
  const rest = refusal.text.split(" ").filter((word) => !title.split(" ").includes(word));
  return [title, rest.join(" ")].filter((part) => part !== "").join(": ");
}

/** What a row proves and what it does not. */
export function proofOf(row: LogRow, applications: Applications | undefined): Proof {
  switch (row.log) {
    case "oauth-outbound":
      return outboundProof(row);
    case "http-err":
      return {
        proves: `HTTP.sys ended the call itself${reasonOf(row)}: it never reached Exchange.`,
        doesNotProve: "who called, and how the caller would have signed in.",
      };
    case "iis":
      return iisProof(row);
    default:
      return callProof(row, applications);
  }
}

function reasonOf({ refusal }: LogRow): string {
  return refusal?.category == null ? "" : ` (${refusal.category})`;
}

function iisProof({ status, refusal, requestId }: LogRow): Proof {
  const answer = status === null ? "the call arrived" : `IIS answered ${refusal?.category ?? status}`;
  const join = requestId === null ? "" : ` The row of HttpProxy with RequestId ${requestId} shows the sign-in.`;
  return {
    proves: `${answer}.${join}`,
    doesNotProve: "how the caller signed in: this log never names the scheme, and it holds no token.",
  };
}

function outboundProof(row: LogRow): Proof {
  const { isTokenGiven, realm, host } = row;
  const aim = `${realm === null ? "" : ` for the tenant ${realm}`}${host === "" ? "" : ` to call ${host}`}`;
  if (isTokenGiven === true)
    return {
      proves: `Exchange holds a token${aim}.`,
      doesNotProve: "what the other side answered to the call; the log prints tokens without their signature.",
    };
  if (isTokenGiven === false)
    return {
      proves: `Exchange got no token${aim}: ${refusalWords(row) || "the row names no cause"}.`,
      doesNotProve: "that the call itself was sent.",
    };
  return { proves: "Exchange had a token in hand or in mind.", doesNotProve: "that one was given." };
}

/** A row of HttpProxy, Ews or Autodiscover. */
function callProof(row: LogRow, applications: Applications | undefined): Proof {
  const { signIn, refusal, caller, status } = row;
  if (refusal !== null)
    return {
      proves: `Exchange refused a token (${refusalWords(row)}).`,
      doesNotProve:
        caller === null
          ? "whose token it was: the row names no application."
          : "that the named application sent it: a refused token proves nobody.",
    };
  if (signIn === "bearer-unauthenticated")
    return {
      proves: "nothing about trust: the empty Bearer of a first call is logged like this.",
      doesNotProve: "a refusal: the row has no OAuth error.",
    };
  if (signIn !== "bearer" && caller === null && row.actsAs === null) return otherSignIn(row);
  if (status !== null && status >= 400) return failedCall(row, applications);
  return acceptedCall(row, applications);
}

function failedCall(row: LogRow, applications: Applications | undefined): Proof {
  const cause = row.failure === "" ? "" : `, ${row.failure}`;
  return {
    proves: `Exchange took the sign-in${whoseOf(row, applications)}, and the call then failed (${row.status}${cause}).`,
    doesNotProve: "that the sign-in was refused: the row has no OAuth error.",
  };
}

function whoseOf({ caller }: LogRow, applications: Applications | undefined): string {
  return caller === null ? "" : ` of ${applicationWords(caller.applicationId, applications)}`;
}

const noSignature = "the signature and its key: Exchange checked them, the log does not show them";

function acceptedCall(row: LogRow, applications: Applications | undefined): Proof {
  const { caller, actsAs, isPerson, userAgent } = row;
  if (caller !== null) {
    const acting = actsAs === null ? "" : ", which acts as a user";
    const realm = row.realm === null ? ", and the realm: no part of the row shows it" : "";
    return {
      proves: `Exchange accepted a token of ${applicationWords(caller.applicationId, applications)}${acting}.`,
      doesNotProve: `${noSignature}${realm}.`,
    };
  }
  if (actsAs !== null)
    return {
      proves: "Exchange accepted a token of an application that acts as a user.",
      doesNotProve: "which application: the row names none (OAuthExtraInfo would).",
    };
  if (!isPerson)
    return {
      proves: "Exchange accepted a token.",
      doesNotProve: "whose: AuthenticatedUser names no application, and its shape is not that of a person.",
    };
  if (isPersonsUserAgent(userAgent))
    return {
      proves: "a person signed in with OAuth (hybrid modern authentication).",
      doesNotProve: "anything about the trust between services.",
    };
  const service = isCloudUserAgent(userAgent) ? ", and the program names itself a cloud service" : "";
  return {
    proves: `Exchange accepted a token for a user${service}.`,
    doesNotProve:
      "whether an application acts as the user: the row has no ActAsUserVerified, and it names no application.",
  };
}

function otherSignIn({ signIn, status, isPerson }: LogRow): Proof {
  const isTaken = status === null || status < 400;
  switch (signIn) {
    case "basic":
    case "ntlm":
    case "negotiate":
      return {
        proves: `the caller ${isTaken ? "signed in" : "tried to sign in"} with ${signInWords[signIn]}, not with OAuth.`,
        doesNotProve: isPerson
          ? "that a service called: programs of persons sign in like this."
          : "that a service called: servers and health checks sign in like this.",
      };
    case "forms":
      return { proves: "a person signed in with forms.", doesNotProve: "anything about the trust between services." };
    case "none":
      return { proves: "an anonymous call.", doesNotProve: "that a sign-in failed: none was tried." };
    default:
      return {
        proves: isTaken ? "Exchange answered the call." : `Exchange answered ${String(status)}.`,
        doesNotProve: "how the caller signed in: the word of this row is not a known one.",
      };
  }
}
