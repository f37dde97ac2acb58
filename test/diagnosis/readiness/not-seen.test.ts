// No answer is drawn from absence: a capture without the subject of a question answers "not seen", whatever else it holds.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Analysis } from "../../../src/diagnosis/analysis.ts";
import { joinAnalyses } from "../../../src/diagnosis/join-analyses.ts";
import type { QuestionId } from "../../../src/diagnosis/readiness/answer.ts";
import { startReadinessCollector } from "../../../src/diagnosis/readiness/collector.ts";
import {
  actorToken,
  basic,
  cloudAgent,
  type Exchanged,
  judge,
  newStory,
  outlookAgent,
  probe,
  scheduler,
} from "../story.ts";
import {
  answersTo,
  answerTo,
  entraRequest,
  ewsCall,
  gateOff,
  graphCall,
  seenIn,
  server1,
  server2,
  sharedCall,
  sharedRequest,
  today,
} from "./cloud-story.ts";

const teams: Exchanged = { authorization: `Bearer ${actorToken({ caller: scheduler })}`, agent: cloudAgent };

/** Parts of stories, each with the questions that it can answer. */
const parts: readonly (readonly [story: readonly Exchanged[], questions: readonly QuestionId[]])[] = [
  [[teams], ["Q8", "Q9"]],
  [[{ ...teams, status: 401 }], ["Q8", "Q9"]],
  [
    [probe, { authorization: basic, agent: cloudAgent }],
    ["Q8", "Q9"],
  ],
  [[ewsCall()], ["Q1", "Q2", "Q3", "Q4", "Q7", "Q9", "Q10"]],
  [[ewsCall(gateOff)], ["Q1", "Q2", "Q3", "Q4", "Q7", "Q9", "Q10"]],
  [[graphCall()], ["Q1", "Q2", "Q3", "Q7", "Q9"]],
  [[entraRequest()], ["Q1", "Q3", "Q5", "Q7", "Q9"]],
  [[sharedCall()], ["Q1", "Q2", "Q4", "Q6", "Q7", "Q9", "Q10"]],
  [[sharedRequest(true)], ["Q1", "Q6", "Q7", "Q9"]],
  [[{ ...teams, answer: [["X-OWA-Version", "15.2.2562.41"]] }], ["Q8", "Q9"]],
  // A person's program, a browser, a page: none of the ten questions is about them.
  [[{ authorization: basic, agent: outlookAgent, path: "/Microsoft-Server-ActiveSync" }], []],
  [[{ host: "www.contoso.com", method: "GET", path: "/", agent: "Mozilla/5.0" }], []],
];

const all: readonly QuestionId[] = ["Q1", "Q2", "Q3", "Q4", "Q5", "Q6", "Q7", "Q8", "Q9", "Q10"];

test("a capture answers no question whose subject it does not hold", () => {
  fc.assert(
    fc.property(fc.subarray([...parts.keys()]), fc.integer({ min: 0, max: 400 }), (chosen, days) => {
      const some = chosen.flatMap((index) => parts[index] ?? []).filter((part) => part !== undefined);
      const story = some.flatMap((part) => (isStory(part) ? part : []));
      const answered = new Set(some.flatMap((part) => (isStory(part) ? [] : part)));
      const answers = answersTo(seenIn(story, today - days * 86_400_000));
      for (const { id, state, answer, open } of answers) {
        if (answered.has(id)) continue;
        expect([id, state]).toEqual([id, "not-seen"]);
        expect(answer).toMatch(/^Not seen here/);
        expect(open.join(" ")).not.toBe("");
      }
    }),
    { numRuns: 200 },
  );
});

function isStory(part: readonly Exchanged[] | readonly QuestionId[]): part is readonly Exchanged[] {
  return typeof part[0] === "object";
}

test.each(parts.map(([story, questions]) => [questions.join(" ") || "none", story, questions] as const))(
  "what answers %s answers exactly these",
  (_name, story, questions) => {
    const seen = answersTo(seenIn(story)).filter(({ state }) => state !== "not-seen");
    expect(seen.map(({ id }) => id)).toEqual(all.filter((id) => questions.includes(id)));
  },
);

test("an analysis that did not collect for it is answered by what every analysis holds", () => {
  const plain = judge([newStory()(ewsCall())]);
  expect(plain.readiness).toBeUndefined();
  const states = answersTo(plain).map(({ id, state }) => [id, state]);
  expect(states).toEqual(all.map((id) => [id, id === "Q9" ? "partly" : id === "Q10" ? "attention" : "not-seen"]));
});

describe("several captures", () => {
  const judged = (
    path: string,
    prefix: string,
    story: readonly Exchanged[],
    at = today,
  ): { path: string; analysis: Analysis } => ({
    path,
    analysis: seenIn(story, at, `${prefix}t`),
  });

  test("are answered together, and evidence names the capture", () => {
    const joined = joinAnalyses([
      judged("out.ndjson", "f1.", [ewsCall()]),
      judged("in.har", "f2.", [teams]),
      judged("other.har", "f3.", [{ ...sharedCall(), client: `${server2}:1` }]),
    ]);
    expect(answerTo("Q1", joined)).toMatchObject({
      state: "problem",
      evidence: ["f1.t1", "f3.t1"],
      captures: ["out.ndjson", "other.har"],
    });
    expect(answerTo("Q8", joined)).toMatchObject({ state: "partly", evidence: ["f2.t1"], captures: ["in.har"] });
    expect(answerTo("Q7", joined).details.map(({ name, state }) => [name, state])).toEqual([
      [server1, "ok"],
      [server2, "problem"],
    ]);
  });

  test("the later one counts, in whatever order they are named", () => {
    const before = judged("before.har", "f1.", [ewsCall(gateOff)], today - 86_400_000);
    const after = judged("after.har", "f2.", [ewsCall()]);
    for (const captures of [
      [before, after],
      [after, before],
    ])
      expect(answerTo("Q4", joinAnalyses(captures))).toMatchObject({ state: "ok", captures: ["after.har"] });
  });
});

test("memory is bounded, and what is beyond the bound is said", () => {
  const collector = startReadinessCollector();
  const step = newStory();
  const answer = answersTo(
    judge(
      Array.from({ length: 700 }, (_, index) => step({ ...ewsCall(), client: `10.0.${index >> 8}.${index & 255}:1` })),
      { startReadiness: () => collector },
    ),
  ).find(({ id }) => id === "Q7");
  expect(collector.evidence().calls).toHaveLength(512);
  expect(answer?.open.join(" ")).toMatch(/\d+ more sightings are not listed/);
  expect(answer?.evidence.length).toBeLessThanOrEqual(10);
});
