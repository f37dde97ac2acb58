// The verdict of a handshake and of a capture.
//
// A password in place of a token decides the verdict, whatever else worked. Next comes a refusal that stands: the last
// answer to the application's own calls, or to its calls as a user, was a refusal; the token service refused and has not
// issued a token since; one server refuses what another behind the same name accepts; or Microsoft Graph refuses one family of
// calls for a permission, whichever other family it answers. A 401 to a request without a token
// is a challenge, not a refusal, and a refusal followed by acceptance of the same kind of call is recovered: such a
// handshake is confirmed, with its findings, unless the gate of EWS in Exchange Online closed on it since. Other sign-ins count
// after that; a handshake without any is inconclusive.
import type { Handshake } from "../handshake/reduce.ts";
import { shownHandshake } from "../handshake/rows/shown-handshake.ts";
import type { CaptureVerdict, Verdict } from "./analysis.ts";

/** The current verdict of one handshake. */
export function judgeHandshake(judged: Handshake): Verdict {
  const handshake = shownHandshake(judged);
  const { lanes, otherSignIns } = handshake;
  if (otherSignIns.some(({ scheme }) => scheme === "basic")) return "basic-fallback";
  const answers = [lanes.application, lanes.user];
  if (answers.includes("refused") || handshake.isTokenDenied) return "oauth-rejected";
  if (handshake.refusingServers.length > 0 || handshake.refusedGraphCalls.length > 0) return "oauth-rejected";
  // The gate of Exchange Online closed on this caller: whatever was accepted before, its calls do not get through now.
  const isGateClosed = handshake.policy === "online-off" || handshake.policy === "online-not-allowed";
  if (answers.includes("accepted") && !isGateClosed) return "oauth-confirmed";
  return otherSignIns.length > 0 ? "other-auth" : "inconclusive";
}

/** From best to worst; the capture's verdict is the worst of its handshakes. */
const fromBestToWorst: readonly CaptureVerdict[] = [
  "none",
  "oauth-confirmed",
  "inconclusive",
  "other-auth",
  "oauth-rejected",
  "basic-fallback",
];

/** The worse of two verdicts; `none` is that of a capture without handshakes. */
export function worseVerdict(one: CaptureVerdict, other: CaptureVerdict): CaptureVerdict {
  return fromBestToWorst.indexOf(one) >= fromBestToWorst.indexOf(other) ? one : other;
}
