// The captures of the lab: which question each answers, and how. What is right follows from the story of its scenario.
import { expect, test } from "vitest";
import { type CaptureGroup, groupsOf, judgingOptions, readInto } from "../../../src/app/reading/capture-group.ts";
import { type Pipeline, startPipeline } from "../../../src/app/run-pipeline.ts";
import type { AnswerState, QuestionId } from "../../../src/diagnosis/readiness/answer.ts";
import { startReadinessCollector } from "../../../src/diagnosis/readiness/collector.ts";
import { answersTo } from "./cloud-story.ts";

function start(group: CaptureGroup): Pipeline {
  return startPipeline({
    ...{ verification: {}, journal: null, ...judgingOptions(group) },
    pseudonymise: () => "",
    onChange: () => undefined,
    startReadiness: startReadinessCollector,
  });
}

async function statesOf(name: string): Promise<Partial<Record<QuestionId, AnswerState>>> {
  const [group] = groupsOf([`captures/${name}.ndjson`], false);
  if (group === undefined) throw new Error("nothing was named");
  let pipeline = start(group);
  await readInto(group, () => {
    pipeline = start(group);
    return ({ event }) => pipeline.accept(event);
  });
  const answered = answersTo(pipeline.snapshot()).filter(({ state }) => state !== "not-seen");
  return Object.fromEntries(answered.map(({ id, state }) => [id, state]));
}

// Exchange calls Skype for Business Online as the shared service principal and gets a token: a key is on it, although it does not
// call Exchange Online.
const olderForm = { Q6: "attention" } as const;
// The dedicated application calls from the one server; whether the next certificate is uploaded is in no traffic.
const hybridApp = { Q1: "ok", Q5: "partly", Q7: "partly" } as const;

/** Questions that are not in a row are not seen in its capture. */
const stories: readonly (readonly [name: string, Partial<Record<QuestionId, AnswerState>>])[] = [
  ["trust-works", { ...olderForm, Q8: "partly", Q9: "ok" }],
  ["legacy-and-new-principals", { ...olderForm, Q8: "ok", Q9: "ok" }],
  ["one-way", { Q8: "partly", Q9: "partly" }],
  ["cached-token", { Q8: "partly", Q9: "partly" }],
  ["basic-fallback", { Q8: "problem", Q9: "problem" }],
  ["ntlm-only", { Q8: "problem", Q9: "problem" }],
  ["issuer-unknown", { ...olderForm, Q8: "problem", Q9: "problem" }],
  ["signature-wrong", { ...olderForm, Q8: "problem", Q9: "problem" }],
  ["token-expired", { ...olderForm, Q8: "problem", Q9: "problem" }],
  ["user-unknown", { ...olderForm, Q8: "problem", Q9: "problem" }],
  ["wrong-audience", { ...olderForm, Q8: "problem", Q9: "problem" }],
  ["hybrid-app-graph", { ...hybridApp, Q2: "ok", Q3: "partly", Q8: "ok", Q9: "ok" }],
  ["outbound-only", { ...hybridApp, Q2: "ok", Q3: "ok", Q4: "ok", Q9: "partly", Q10: "attention" }],
  ["hybrid-app-role-missing", { ...hybridApp, Q2: "problem", Q3: "problem", Q8: "partly", Q9: "problem" }],
  [
    "ews-gate-closed",
    { ...hybridApp, Q2: "problem", Q3: "partly", Q4: "problem", Q8: "partly", Q9: "problem", Q10: "attention" },
  ],
  [
    "shared-principal-blocked",
    {
      Q1: "problem",
      Q2: "problem",
      Q4: "attention",
      Q6: "problem",
      Q7: "problem",
      Q8: "partly",
      Q9: "problem",
      Q10: "attention",
    },
  ],
  ["teams-first-leg", { Q8: "partly", Q9: "partly" }],
];

test.each(stories)("%s", async (name, answered) => {
  expect(await statesOf(name)).toEqual(answered);
});
