// Q5: the certificate with which Exchange Server proves itself to the token service, today and after the next rollover.
import { printable } from "../../core/printable-text.ts";
import { exchangeId } from "../catalogue/application-kind.ts";
import { stsErrorOf } from "../catalogue/sts-errors.ts";
import type { TokenRequests } from "../readiness-evidence.ts";
import {
  type AnswerDetail,
  type Answered,
  dayOf,
  type GivenCertificate,
  joinWords,
  rowsOf,
  worstState,
} from "./answer.ts";
import { adviceOf, captureTokenRequest, verifyNextCertificate } from "./how-to-see.ts";
import { groupBy, latestRequest, type Seen } from "./read-evidence.ts";

/** A certificate that ends within this time is worth a look. */
const soonMs = 60 * 86_400_000;

/** Q5: does the token service take the certificate of today and the one of the next rollover? */
export function answerCertificates(seen: Seen): Answered {
  const requests = seen.requests.filter(({ x5t, x5tS256 }) => x5t !== "" || x5tS256 !== "");
  const own = requests.filter(({ caller }) => caller !== exchangeId);
  if (own.length === 0) return notSeen(requests);
  const { certificates } = seen.options;
  const byKey = groupBy(own, ({ x5t, x5tS256 }) => `${x5t} ${x5tS256}`);
  const details = [...byKey.values()].map((same) => detailOf(same, certificates));
  const isComplete = certificates.length > 1 && certificates.every((one) => isIssuedFor(one, own));
  return {
    state: worstState(details.map(({ state }) => state)),
    answer: `Seen: ${joinWords(details.map(({ name, text }) => `${name}, ${text}`))}.`,
    open: [
      ...(details.some(({ state }) => state === "problem") ? [adviceOf("STS_REFUSED_CERTIFICATE")] : []),
      ...(isComplete ? [] : [verifyNextCertificate]),
    ],
    details,
    evidence: rowsOf(...details),
  };
}

/** The shared principal proves itself with the same certificate, but its keys are not those of the dedicated application. */
function notSeen(shared: readonly TokenRequests[]): Answered {
  const thumbprints = [...new Set(shared.map(({ x5t, x5tS256 }) => x5t || x5tS256))];
  const only =
    shared.length === 0 ? "" : `, only one of the shared service principal (thumbprint ${joinWords(thumbprints, 3)})`;
  return {
    state: "not-seen",
    answer: `Not seen here: no token request of a dedicated application with a certificate${only}.`,
    open: [captureTokenRequest, verifyNextCertificate],
    evidence: rowsOf(...shared.map(({ issued, denied }) => (issued.count > 0 ? issued : denied))),
  };
}

function isSame({ x5t, x5tS256 }: Pick<TokenRequests, "x5t" | "x5tS256">, given: GivenCertificate): boolean {
  return (x5t !== "" && x5t === given.x5t) || (x5tS256 !== "" && x5tS256 === given.x5tS256);
}

function isIssuedFor(given: GivenCertificate, requests: readonly TokenRequests[]): boolean {
  return latestRequest(requests.filter((request) => isSame(request, given)))?.lastIsIssued === true;
}

function detailOf(same: readonly TokenRequests[], certificates: readonly GivenCertificate[]): AnswerDetail {
  const latest = latestRequest(same);
  const given = latest === undefined ? undefined : certificates.find((one) => isSame(latest, one));
  const thumbprint = latest === undefined ? "" : latest.x5t || latest.x5tS256;
  const isForeign = certificates.length > 0 && given === undefined;
  const answer = answerOf(latest);
  const isSoon = given !== undefined && latest !== undefined && given.expires - latest.lastAt < soonMs;
  const states = [answer.state, isForeign ? "problem" : "ok", isSoon ? "attention" : "ok"] as const;
  const name = given === undefined ? `thumbprint ${thumbprint}` : `${printable(given.name)}, thumbprint ${thumbprint}`;
  const until = given === undefined ? "" : `, valid until ${dayOf(given.expires)}`;
  const not = isForeign ? ", which is none of the certificates of --auth-cert" : "";
  return {
    name,
    state: worstState(states),
    text: `${answer.text}${until}${not}`,
    evidence: rowsOf(...same.map(({ issued, denied, lastIsIssued }) => (lastIsIssued === false ? denied : issued))),
  };
}

function answerOf(latest: TokenRequests | undefined): Pick<AnswerDetail, "state" | "text"> {
  if (latest === undefined || latest.lastIsIssued === null)
    return { state: "partly", text: "no answer of the token service" };
  if (latest.lastIsIssued) return { state: "ok", text: "taken by the token service" };
  const error = printable(latest.error);
  return stsErrorOf(latest.error, latest.error).code === "STS_REFUSED_CERTIFICATE"
    ? { state: "problem", text: `refused by the token service (${error})` }
    : { state: "attention", text: `not decided, the token service refused for another reason (${error})` };
}
