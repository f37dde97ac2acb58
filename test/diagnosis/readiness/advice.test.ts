// The commands in the answers: none writes a list that it has not read, all are parsed, and the findings that they name exist.
import { expect, test } from "vitest";
import { findingTexts } from "../../../src/diagnosis/catalogue/finding.ts";
import { complaintsOf, pipelinesIn } from "../../support/command-rules.ts";
import type { Exchanged } from "../story.ts";
import {
  answersTo,
  entraRequest,
  ewsCall,
  gateOff,
  graphCall,
  otherApp,
  seenIn,
  sharedCall,
  sharedRequest,
} from "./cloud-story.ts";

const stories: readonly (readonly Exchanged[])[] = [
  [],
  [ewsCall(gateOff), graphCall({ roles: [], status: 403 })],
  [sharedCall(), sharedRequest(true)],
  [ewsCall({ caller: otherApp })],
  [entraRequest(), entraRequest({ error: "AADSTS700027" })],
  [{ ...ewsCall(), client: "x';Remove-Item *" }],
];
const texts = stories
  .flatMap((story) => answersTo(seenIn(story), { hybridApp: "5c3f1a7e-2b44-4f0e-9a61-0d6d7c1be001" }))
  .flatMap(({ answer, open, details }) => [answer, ...open, ...details.map(({ text }) => text)]);

test("every command in an answer keeps to the rules of advice", () => {
  expect(texts.flatMap(pipelinesIn).length).toBeGreaterThan(20);
  expect(texts.flatMap((text) => complaintsOf(text))).toEqual([]);
});

test("the findings that an answer names exist", () => {
  const named = texts.flatMap((text) =>
    [...text.matchAll(/realmscope findings ([A-Z_]+)/g)].map(([, code = ""]) => code),
  );
  expect(new Set(named).size).toBeGreaterThan(3);
  for (const code of named) expect(Object.keys(findingTexts)).toContain(code);
});
