// The first two lines of the screen at every size: is OAuth confirmed, and was Basic used. Both can be true, and neither
// hides the other. Mark and colour only repeat the words.

import { safe } from "../../core/safe-text.ts";
import type { Analysis, HandshakeReport } from "../../diagnosis/analysis.ts";
import { basisSuffix, describeOutcome, removalSentence } from "../../diagnosis/outcome-words.ts";
import { widthOf } from "../lines/cell-text.ts";
import { type ScreenLine, spread } from "../lines/screen-line.ts";
import { durationWords } from "../lines/time-bar.ts";
import { basicStatement } from "./basic-statement.ts";
import { directionForms, handshakeForms, isOneWay, otherDirectionForms } from "./direction-forms.ts";
import {
  evidenceOf,
  newestHandshake,
  realmOf,
  removedEvidence,
  type Statement,
  seenText,
  timeOfDay,
  timesText,
} from "./verdict-parts.ts";

export interface VerdictView {
  readonly analysis: Analysis | null;
  readonly columns: number;
  /** Epoch milliseconds; 0 without a clock (a saved capture). */
  readonly now: number;
  /** Shows times instead of ages, so that nothing changes without traffic. */
  readonly isQuiet?: boolean;
  /** No more traffic will come. */
  readonly hasEnded: boolean;
  /** End of the token of a row, epoch milliseconds; null when it is not known. */
  readonly expiryOf?: (rowId: string) => number | null;
}

const staleMs = 30 * 60_000;

/** The two lines: OAuth, then Basic. */
export function verdictLines(view: VerdictView): readonly ScreenLine[] {
  return [oauthStatement(view), basicStatement(view.analysis)].map((statement) =>
    drawStatement(withCapture(statement, view.analysis), view.columns),
  );
}

/** Ids of the rows that the two lines name. */
export function verdictEvidence(view: VerdictView): ReadonlySet<string> {
  return new Set([oauthStatement(view), basicStatement(view.analysis)].flatMap(({ evidence }) => evidence.slice(-3)));
}

/** Names the capture of the evidence where several are judged each by itself. */
function withCapture(statement: Statement, analysis: Analysis | null): Statement {
  const id = statement.evidence.at(-1);
  const capture = analysis?.captures?.find(({ handshakes }) =>
    handshakes.some(({ transactions }) => id !== undefined && transactions.includes(id)),
  );
  if (capture === undefined) return statement;
  const name = capture.path.replace(/^.*[/\\]/, "");
  const { essential = 0 } = statement;
  return { ...statement, details: [`in ${name}`, ...statement.details], essential: essential + 1 };
}

function drawStatement({ mark, words, meaning, details, evidence, essential }: Statement, columns: number): ScreenLine {
  const seen = evidence.slice(-3).join(" ");
  const right: ScreenLine = seen === "" ? [] : [[safe(columns < 100 ? seen : `evidence ${seen}`), "strong"]];
  const room = columns - widthOf(`${mark} ${words}`) - widthOf(right[0]?.[0] ?? "") - 2;
  return spread(
    [
      [`${mark} `, meaning],
      [words, meaning],
      [detailText(details, room, essential), "plain"],
    ],
    right,
    columns,
  );
}

/** The details that fit, in their order, each with two spaces before it. An essential one keeps room for the others. */
function detailText(details: Statement["details"], columns: number, essential = 0): string {
  const parts = details
    .map((detail, index) => ({ forms: [detail].flat().map(safe), isEssential: index < essential }))
    .filter(({ forms: [first = ""] }) => first !== "");
  let room = columns;
  let text = "";
  for (const [index, { forms }] of parts.entries()) {
    const later = parts.slice(index + 1).filter(({ isEssential }) => isEssential);
    const reserved = later.reduce((sum, part) => sum + Math.min(...part.forms.map(widthBehind)), 0);
    const fits = (least: number) => (form: string) => widthBehind(form) <= room - least;
    const last = parts.length === 1 ? forms.at(-1) : undefined;
    const fitting = forms.find(fits(reserved)) ?? forms.find(fits(0)) ?? last;
    if (fitting === undefined) continue;
    text += `  ${fitting}`;
    room -= widthBehind(fitting);
  }
  return text;
}

/** The width of a detail with the spaces before it. */
function widthBehind(detail: string): number {
  return widthOf(detail) + 2;
}

function oauthStatement(view: VerdictView): Statement {
  const { analysis, hasEnded } = view;
  if (analysis === null || analysis.handshakes.length === 0) return waitingStatement(analysis, hasEnded);
  const { handshakes } = analysis;
  const of = (verdict: HandshakeReport["verdict"]): readonly HandshakeReport[] =>
    handshakes.filter((handshake) => handshake.verdict === verdict);
  // A password or NTLM after a refused token means that OAuth has failed as well.
  const refused = [...of("basic-fallback"), ...of("other-auth").filter(isTokenRefused)].filter(({ steps }) =>
    steps.some(({ step, state }) => state === "failed" && step !== "signing-key"),
  );
  const failed = [...of("oauth-rejected"), ...refused];
  const [confirmed, open] = [of("oauth-confirmed"), of("inconclusive")];
  if (failed.length > 0) return failedStatement(failed, confirmed, analysis);
  if (removalSentence(analysis) !== null) return removedStatement(analysis, confirmed);
  // A policy that stops the calls is no refusal of trust, and still what must be seen first.
  const blocked = open.filter((handshake) => describeOutcome(handshake).isBlocked === true);
  if (blocked.length > 0) return openStatement(blocked, analysis, hasEnded);
  if (confirmed.length > 0) return confirmedStatement(confirmed, analysis, view);
  return open.length > 0 ? openStatement(open, analysis, hasEnded) : otherStatement(handshakes, analysis);
}

function waitingStatement(analysis: Analysis | null, hasEnded: boolean): Statement {
  if (analysis !== null && removalSentence(analysis) !== null) return removedStatement(analysis, []);
  const seen = analysis === null ? "" : seenText(analysis.counts);
  const what = seen === "" ? "no traffic yet" : `${seen}, none of a sign-in between Exchange and the cloud`;
  const words = hasEnded ? "OAuth NOT SEEN" : "WAITING for OAuth";
  return { mark: hasEnded ? "[??]" : "[..]", words, meaning: "strong", details: [what], evidence: [] };
}

function removedStatement({ findings }: Analysis, confirmed: readonly HandshakeReport[]): Statement {
  return {
    mark: "[??]",
    words: "OAuth UNDECIDED",
    meaning: "warning",
    details: [
      "credentials were removed from this capture",
      ...(confirmed.length === 0 ? [] : [`CONFIRMED for ${callers(confirmed)}`]),
    ],
    evidence: removedEvidence(findings),
  };
}

function failedStatement(
  failed: readonly HandshakeReport[],
  confirmed: readonly HandshakeReport[],
  { directions }: Analysis,
): Statement {
  const last = newestHandshake(failed);
  const step = last.steps.findLast(({ state }) => state === "failed");
  const place = step === undefined ? "" : stepWords[step.step];
  // The short form has no number of the refusal.
  const note = step?.note ?? "";
  const sameWay = confirmed.filter(({ direction }) => direction === last.direction);
  const at = step === undefined ? "" : [`at ${place}: ${note}`, note, note.replace(/ \(\d+\)$/, "")];
  return {
    mark: "[XX]",
    words: `OAuth FAILED${placeAndBasis(last, failed)}${timesText(failed)}`,
    meaning: "bad",
    details: [
      at,
      handshakeForms(last),
      otherDirectionForms(directions, last),
      acceptedLane(last),
      sameWay.length === 0 ? "" : `CONFIRMED for ${callers(sameWay)}`,
      `${callerOf(last)} → ${last.server}`,
      realmOf(last),
    ],
    essential: 2,
    evidence: step?.transactionId === null || step === undefined ? last.transactions : [step.transactionId],
  };
}

/** Where it failed, and what shows it unless the place says so. */
function placeAndBasis(last: HandshakeReport, like: readonly HandshakeReport[]): string {
  const { place } = describeOutcome(last);
  return last.basis === "log" && place.includes("log") ? place : `${place}${basisSuffix(like)}`;
}

/** Whether a token was refused or not issued; in other cases OAuth was not tried. */
function isTokenRefused({ lanes, isTokenDenied }: HandshakeReport): boolean {
  return isTokenDenied || lanes.application === "refused" || lanes.user === "refused";
}

function acceptedLane({ verdict, lanes }: HandshakeReport): string {
  if (verdict !== "oauth-rejected") return "";
  if (lanes.user === "refused" && lanes.application === "accepted") return "accepted as the application";
  return lanes.application === "refused" && lanes.user === "accepted" ? "accepted as a user" : "";
}

const stepWords: Readonly<Record<HandshakeReport["steps"][number]["step"], string>> = {
  discovery: "the look-up of EWS",
  probe: "probe",
  challenge: "step 1, challenge",
  "signing-key": "step 2, signing key",
  token: "step 3, token",
  call: "step 4, call",
  answer: "step 4, answer",
};

function confirmedStatement(
  confirmed: readonly HandshakeReport[],
  { directions }: Analysis,
  view: VerdictView,
): Statement {
  const last = newestHandshake(confirmed);
  const { stale, left } = ageOf(last, view);
  const isStale = stale !== "";
  return {
    mark: isStale ? "[--]" : "[OK]",
    words: `OAuth CONFIRMED${basisSuffix(confirmed)}${isOneWay(directions) ? " ONE WAY" : ""}${isStale ? ", STALE" : ""}`,
    meaning: isStale ? "warning" : "good",
    details: [stale, directionForms(directions), left, realmOf(last), signatureWords(last), callers(confirmed)],
    essential: 2,
    evidence: newestOfEach(confirmed),
  };
}

/** The evidence, with the newest handshake of each direction last. */
function newestOfEach(confirmed: readonly HandshakeReport[]): readonly string[] {
  const ids = (direction: HandshakeReport["direction"]): readonly string[] =>
    [...confirmed.filter((one) => one.direction === direction)].sort((a, b) => a.endedAt - b.endedAt).map(evidenceOf);
  const [inbound, outbound] = [ids("inbound"), ids("outbound")];
  const newest = new Set([...inbound.slice(-1), ...outbound.slice(-1)]);
  const older = new Set([...ids(null), ...inbound, ...outbound].filter((id) => !newest.has(id)));
  return [...older, ...newest];
}

/** The state of the signature, with the name of the key in the long form. */
function signatureWords({ signature, signingKey }: HandshakeReport): readonly [string, string] | string {
  if (signature !== "verified") return `signature ${signature}`;
  return signingKey === "" ? "signature verified" : [`signature verified by ${signingKey}`, "signature verified"];
}

/** Why a confirmed handshake is stale, else how long its token is valid; both empty without a clock. */
function ageOf(
  last: HandshakeReport,
  { now, isQuiet = false, expiryOf = () => null }: VerdictView,
): { readonly stale: string; readonly left: string } {
  if (now === 0) return { stale: "", left: "" };
  const expires = expiryOf(evidenceOf(last));
  // Traffic after the end of that token used a newer one.
  if (expires !== null && now >= expires && last.endedAt < expires) {
    return { stale: `token expired ${isQuiet ? timeOfDay(expires) : `${durationWords(now - expires)} ago`}`, left: "" };
  }
  if (now - last.endedAt > staleMs) {
    const when = isQuiet ? `at ${timeOfDay(last.endedAt)}` : `${Math.floor((now - last.endedAt) / 60_000)} min ago`;
    return { stale: `last seen ${when}`, left: "" };
  }
  if (expires === null || now >= expires) return { stale: "", left: "" };
  return { stale: "", left: `token exp ${isQuiet ? timeOfDay(expires) : durationWords(expires - now)}` };
}

function openStatement(open: readonly HandshakeReport[], { directions }: Analysis, hasEnded: boolean): Statement {
  const last = newestHandshake(open);
  const { place, sentence, isBlocked = false } = describeOutcome(last);
  const done = ["challenge", "signing-key", "token", "answer"].filter((name) =>
    last.steps.some(({ step, state }) => step === name && state === "ok"),
  ).length;
  return {
    mark: isBlocked ? "[XX]" : hasEnded ? "[??]" : "[..]",
    words:
      hasEnded || place !== ""
        ? `OAuth ${isBlocked ? "BLOCKED" : "UNDECIDED"}${placeAndBasis(last, open)}`
        : `OAuth IN PROGRESS ${done}/4`,
    meaning: isBlocked ? "bad" : "strong",
    details: [
      handshakeForms(last),
      otherDirectionForms(directions, last),
      `${callerOf(last)} → ${last.server}`,
      hasEnded || place !== "" ? sentence : "",
      realmOf(last),
    ],
    evidence: [evidenceOf(last)],
  };
}

function otherStatement(handshakes: readonly HandshakeReport[], { directions }: Analysis): Statement {
  const last = newestHandshake(handshakes);
  return {
    mark: "[??]",
    words: `OAuth NOT USED${basisSuffix(handshakes)}`,
    meaning: "warning",
    details: [
      describeOutcome(last).sentence,
      handshakeForms(last),
      otherDirectionForms(directions, last),
      `${callerOf(last)} → ${last.server}`,
    ],
    evidence: [evidenceOf(last)],
  };
}

function callerOf({ principal }: HandshakeReport): string {
  return principal?.name ?? principal?.id ?? "an unknown caller";
}

function callers(handshakes: readonly HandshakeReport[]): string {
  return [...new Set(handshakes.map(callerOf))].join(", ");
}
