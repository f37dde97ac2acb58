// The ten questions, in order. Read first.
import type { Analysis } from "../analysis.ts";
import type { ReadinessEvidence } from "../readiness-evidence.ts";
import type { Answered, QuestionId, ReadinessAnswer, ReadinessOptions } from "./answer.ts";
import { answerCertificates } from "./answer-certificates.ts";
import { answerEwsEnd } from "./answer-ews-end.ts";
import { answerIdentity, answerSharedPrincipal } from "./answer-identity.ts";
import { answerCallers, answerDirections } from "./answer-inbound.ts";
import { answerPermissions } from "./answer-permissions.ts";
import { answerGate, answerRoutes } from "./answer-routes.ts";
import { answerServers } from "./answer-servers.ts";
import type { Seen } from "./read-evidence.ts";

interface Question {
  readonly id: QuestionId;
  readonly question: string;
  readonly answer: (seen: Seen) => Answered;
}

const questions: readonly Question[] = [
  { id: "Q1", question: "Does Exchange Server act as the dedicated hybrid application?", answer: answerIdentity },
  { id: "Q2", question: "By which route does it call Exchange Online and Graph?", answer: answerRoutes },
  { id: "Q3", question: "With which permissions?", answer: answerPermissions },
  { id: "Q4", question: "Does the EWS gate of Exchange Online let it in, and until when?", answer: answerGate },
  { id: "Q5", question: "With the certificate of today and of the next rollover?", answer: answerCertificates },
  { id: "Q6", question: "Is the shared service principal of Exchange Online clean?", answer: answerSharedPrincipal },
  { id: "Q7", question: "Do all servers do it?", answer: answerServers },
  { id: "Q8", question: "Do Teams and Cloud Voicemail still get in?", answer: answerCallers },
  { id: "Q9", question: "Which direction is broken?", answer: answerDirections },
  { id: "Q10", question: "What still uses EWS of Exchange Online and ends on 1 April 2027?", answer: answerEwsEnd },
];

/** The answers to all questions from an analysis that collected `readiness`; over all its captures when it holds several. */
export function answerReadiness(analysis: Analysis, options: ReadinessOptions): readonly ReadinessAnswer[] {
  const captures = analysis.captures ?? [{ ...analysis, path: "" }];
  const evidence = captures.flatMap(({ readiness }) => (readiness === undefined ? [] : [readiness]));
  const seen: Seen = {
    ...joinEvidence(evidence),
    directions: analysis.directions,
    handshakes: analysis.handshakes,
    ewsOnline: analysis.ewsOnline ?? [],
    options,
  };
  const beyond = evidence.reduce((sum, one) => sum + one.beyond, 0);
  const captureOf = captureNames(analysis);
  return questions.map(({ id, question, answer }) => {
    const { state, open = [], details = [], evidence: rows = [], ...rest } = answer(seen);
    const more = beyond > 0 && state !== "not-seen" ? [`${beyond} more sightings are not listed.`] : [];
    return {
      id,
      question,
      state: state === "ok" && open.length > 0 ? "partly" : state,
      answer: rest.answer,
      open: [...open, ...more],
      details,
      evidence: rows,
      captures: [...new Set(rows.map(captureOf))].filter((name) => name !== ""),
    };
  });
}

function joinEvidence(all: readonly ReadinessEvidence[]): Omit<ReadinessEvidence, "beyond"> {
  return {
    calls: all.flatMap(({ calls }) => calls),
    grants: all.flatMap(({ grants }) => grants),
    requests: all.flatMap(({ requests }) => requests),
    servers: all.flatMap(({ servers }) => servers),
  };
}

/** The capture of a row by the prefix of its id (`f2.t7`); empty where one capture was judged. */
function captureNames({ captures = [] }: Analysis): (id: string) => string {
  const names = new Map<string, string>();
  for (const { path, handshakes, readiness } of captures) {
    const rows = readiness === undefined ? [] : rowsIn(readiness);
    for (const id of [...handshakes.flatMap(({ transactions }) => transactions), ...rows])
      names.set(prefixOf(id), path);
  }
  return (id) => names.get(prefixOf(id)) ?? "";
}

function rowsIn({ calls, grants, requests, servers }: ReadinessEvidence): readonly string[] {
  const answers = [...calls, ...grants].flatMap(({ accepted, refused, undecided }) => [accepted, refused, undecided]);
  const others = [...requests.flatMap(({ issued, denied }) => [issued, denied]), ...servers.map((one) => one.answers)];
  return [...answers, ...others].flatMap(({ evidence }) => evidence);
}

function prefixOf(id: string): string {
  return /^(?:[fm]\d{1,4}\.)+/.exec(id)?.[0] ?? "";
}
