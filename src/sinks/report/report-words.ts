// The words that both reports share, for verdicts, severities, steps and times.
import type {
  Analysis,
  CaptureVerdict,
  ChecklistItem,
  HandshakeReport,
  HandshakeStep,
} from "../../diagnosis/analysis.ts";
import type { FindingReport } from "../../diagnosis/catalogue/finding.ts";
import { directionNames, unseenWords } from "../../diagnosis/direction-words.ts";
import {
  basisSuffix,
  decisiveOutcome,
  describeOutcome,
  type OutcomeWords,
  removalSentence,
  unseenEnd,
} from "../../diagnosis/outcome-words.ts";

export type Tone = "good" | "bad" | "warn" | "plain";

export interface VerdictWords {
  readonly mark: string;
  readonly title: string;
  readonly meaning: string;
  readonly tone: Tone;
}

export const verdictWords: Readonly<Record<CaptureVerdict, VerdictWords>> = {
  "oauth-confirmed": {
    mark: "OK",
    title: "OAuth confirmed",
    meaning: "The server accepted a token of the service. The trust works for what this capture shows.",
    tone: "good",
  },
  "oauth-rejected": {
    mark: "XX",
    title: "OAuth refused",
    meaning: "A service sent a token and the server refused it. The findings below name the reason.",
    tone: "bad",
  },
  "basic-fallback": {
    mark: "!!",
    title: "Basic fallback",
    meaning:
      "A service sent a user name and password where its token belongs: OAuth does not work, and nobody was told.",
    tone: "bad",
  },
  "other-auth": {
    mark: "??",
    title: "Another sign-in",
    meaning: "A service signed in, or tried to, in another way than OAuth.",
    tone: "warn",
  },
  inconclusive: {
    mark: "..",
    title: "Undecided",
    meaning: "The capture does not show how the handshake ended.",
    tone: "plain",
  },
  none: {
    mark: "..",
    title: "No handshake",
    meaning: "No service-to-service sign-in is in this capture.",
    tone: "plain",
  },
};

/** The words where a policy of EWS stops the calls, and not their token. */
export const blockedWords = { mark: "XX", title: "Blocked", tone: "bad" } as const;

/** The words for a capture, by the handshake that decides its verdict. */
export function captureWords(analysis: Analysis): VerdictWords {
  const words = wordsOf(analysis);
  const suffix = basisSuffix(analysis.handshakes.filter(({ verdict }) => verdict === analysis.verdict));
  if (suffix === "") return words;
  const title = words.title.includes(suffix) ? words.title : `${words.title}${suffix}`;
  const meaning = words.meaning.replace(/^(?:The|A|No|Calls) /, (first) => first.toLowerCase());
  return { ...words, title, meaning: `${asClause(suffix)}: ${meaning}` };
}

/** ` by the server's log` at the beginning of a sentence. */
function asClause(suffix: string): string {
  return suffix.trim().replace(/^./, (letter) => letter.toUpperCase());
}

function wordsOf(analysis: Analysis): VerdictWords {
  const words = verdictWords[analysis.verdict];
  const removed = removalSentence(analysis);
  if (removed !== null) return { ...words, meaning: asSentence(removed), tone: "warn" };
  const outcome = decisiveOutcome(analysis);
  if (analysis.verdict === "oauth-confirmed") {
    const meaning = outcome?.isWhole === true ? asSentence(outcome.sentence) : words.meaning;
    return withUnseen({ ...words, meaning }, analysis);
  }
  if (outcome === null) return words;
  const named = withOutcome(words, outcome, analysis.verdict);
  return { ...named, title: `${named.title}${decidingDirection(analysis)}` };
}

/** A confirmed capture names the direction that it does not show. */
function withUnseen(words: VerdictWords, { directions }: Analysis): VerdictWords {
  const unseen = directionNames.filter((name) => directions[name] === null);
  const [only] = unseen;
  if (unseen.length !== 1 || only === undefined) return words;
  return {
    ...words,
    title: `${words.title}, one way`,
    meaning: `${words.meaning} The ${only} direction was not seen.`,
  };
}

/** `, outbound`: the direction of the handshakes that decide the verdict; empty when they have several or none. */
function decidingDirection({ verdict, handshakes }: Analysis): string {
  const deciding = handshakes.filter((handshake) => handshake.verdict === verdict);
  const [first, ...others] = new Set(deciding.map(({ direction }) => direction));
  return first === undefined || first === null || others.length > 0 ? "" : `, ${first}`;
}

/** The words for a direction that the capture does not show. */
export function unseenSentence(analysis: Pick<Analysis, "verdict" | "findings">): string {
  return unseenWords(removalSentence(analysis) !== null);
}

/** The words for one handshake. */
export function handshakeWords(handshake: HandshakeReport): VerdictWords {
  return withOutcome(verdictWords[handshake.verdict], describeOutcome(handshake), handshake.verdict);
}

function withOutcome(
  words: VerdictWords,
  { place, sentence, isBlocked }: OutcomeWords,
  verdict: CaptureVerdict,
): VerdictWords {
  if (isBlocked === true)
    return { ...blockedWords, title: `${blockedWords.title}${place}`, meaning: asSentence(sentence) };
  const title = `${words.title}${place}`;
  const meaning = asSentence(sentence);
  if (verdict === "other-auth") return { ...words, title, meaning };
  if (verdict === "inconclusive" && sentence !== unseenEnd) return { ...words, title, meaning };
  return verdict === "oauth-rejected"
    ? { ...words, title, meaning: `${meaning} The findings below name the reason.` }
    : words;
}

function asSentence(clause: string): string {
  return `${clause.slice(0, 1).toUpperCase()}${clause.slice(1)}.`;
}

export function toneOf(severity: FindingReport["severity"]): Tone {
  if (severity === "info") return "plain";
  return severity === "warning" ? "warn" : "bad";
}

export const signWords: Readonly<Record<ChecklistItem["sign"], string>> = {
  "voicemail-greeting": "Voicemail greetings are read from or written to the mailbox",
  "conversation-history": "Conversation History is written to the mailbox",
  "archived-messages": "Archived messages are written to Purges",
  "out-of-office": "Out-of-office settings are read",
};

export const stepWords: Readonly<Record<HandshakeStep["step"], string>> = {
  discovery: "looks for EWS",
  probe: "asks without a token",
  challenge: "names its realm and whom it trusts",
  "signing-key": "knows the signing keys",
  token: "asks for a token",
  call: "calls with the token",
  answer: "answers",
};

/** `2026-01-15 12:00:00 UTC`. */
export function timeText(at: number): string {
  const time = new Date(at);
  return Number.isNaN(time.getTime()) ? "unknown" : `${time.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/** A length of time, rounded for reading: `850 ms`, `12.3 s`, `8 h 5 min`, `3 d 2 h`. */
export function spanText(ms: number): string {
  const size = Math.abs(ms);
  if (size < 1000) return `${Math.round(size)} ms`;
  if (size < 60_000) return `${Number((size / 1000).toFixed(1))} s`;
  const minutes = Math.round(size / 60_000);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return pair(hours, "h", minutes % 60, "min");
  return pair(Math.floor(hours / 24), "d", hours % 24, "h");
}

function pair(...[large, largeUnit, small, smallUnit]: readonly [number, string, number, string]): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}
