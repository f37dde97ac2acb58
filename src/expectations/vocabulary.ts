// Every name that an expectation file may use: read this file first. docs/expectations.md is written from it.
import { findingCatalogue } from "../diagnosis/catalogue.ts";
import type { FactDefinition, InputFact } from "./fact.ts";
import { answerFacts, outcomeFacts } from "./handshake-facts.ts";
import { leakKinds, leaksIn } from "./leak-facts.ts";
import { messageFacts } from "./message-facts.ts";
import { tokenFacts } from "./token-facts.ts";

/** The code of a finding in the form of expectation files: `basic-fallback` for `BASIC_FALLBACK`. */
export function findingWord(code: string): string {
  return code.toLowerCase().replaceAll("_", "-");
}

const codes = findingCatalogue.map(({ code }) => findingWord(code));

/** Former names of findings. */
const formerNames: ReadonlyMap<string, string> = new Map([["alg-none-unsigned-outer-without-actor", "unsigned-token"]]);

/** The current name of a finding from any letter case, `_` or `-`, or a former name. */
export function canonicalFinding(word: string): string {
  const plain = findingWord(word);
  return formerNames.get(plain) ?? plain;
}

const leakFact: InputFact = {
  name: "leak.kind",
  type: "text",
  values: leakKinds,
  description: "secrets that the trace still holds",
  read: leaksIn,
};

const findingFact: FactDefinition = {
  name: "finding.code",
  type: "text",
  values: codes,
  description: "findings about the entry",
  readOutcome: ({ findings }) => findings.map(({ code }) => findingWord(code)),
};

const oneFinding = codes.map(
  (code): FactDefinition => ({
    name: `finding.${code}`,
    type: "flag",
    description: "the finding is about this entry",
    readOutcome: ({ findings }) => findings.some((finding) => findingWord(finding.code) === code),
  }),
);

const oneLeak = leakKinds.map(
  (kind): InputFact => ({
    name: `leak.${kind}`,
    type: "flag",
    description: "the entry still holds such a secret",
    read: (entry) => leaksIn(entry).includes(kind),
  }),
);

/** The facts that the documentation lists one by one. */
export const namedFacts: readonly FactDefinition[] = [
  ...messageFacts,
  ...tokenFacts,
  ...answerFacts,
  ...outcomeFacts,
  findingFact,
  leakFact,
];

/** All facts, with one for each finding and each leak. */
export const allFacts: ReadonlyMap<string, FactDefinition> = new Map(
  [...namedFacts, ...oneFinding, ...oneLeak].map((fact) => [fact.name, fact]),
);

/** Names for `forbid`: every finding and every leak. */
export const forbiddenNames: readonly string[] = [...oneFinding, ...oneLeak].map(({ name }) => name);

/** A fact by its name in a file, else undefined. */
export function findFact(name: string): FactDefinition | undefined {
  const known = allFacts.get(name);
  if (known !== undefined || !name.startsWith("finding.")) return known;
  return allFacts.get(`finding.${canonicalFinding(name.slice("finding.".length))}`);
}
