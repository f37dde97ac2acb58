// The JSON Schema of expectation files, with which editors complete and explain every name. The program refuses all that the schema
// refuses, and also what a schema cannot express, such as a value that a fact never has.
import type { operators } from "./condition.ts";
import type { FactDefinition } from "./fact.ts";
import { directionKeys, verdictWords } from "./read-direction.ts";
import { withinPattern } from "./read-expectations.ts";
import { allFacts, forbiddenNames } from "./vocabulary.ts";

/** Schema (draft-07) of `version: 1`. scripts/write-schema.ts writes it to schema/. */
export function expectationsSchema(): object {
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    $id: "realmscope-expectations-1",
    title: "Expectations of realmscope, version 1",
    description: "What a saved trace must show: realmscope replay TRACE --expect FILE",
    type: "object",
    required: ["version"],
    additionalProperties: false,
    anyOf: ["require", "inbound", "outbound", "expect", "forbid", "snapshot"].map((key) => ({ required: [key] })),
    properties: {
      $schema: { type: "string", description: "The schema, for editors of JSON." },
      version: { const: 1 },
      clock: {
        type: "string",
        description:
          "trace: judge tokens at the time of each entry; or one time, ISO 8601 with its zone. Never the current time.",
      },
      require: requireSchema,
      ...directionSchemas,
      expect: { type: "array", items: { $ref: "#/definitions/check" } },
      forbid: {
        type: "array",
        items: {
          anyOf: [
            { enum: ["finding.*", "leak.*", ...forbiddenNames] },
            { type: "string", pattern: "[*?]|^(?:[Ff][Ii][Nn][Dd][Ii][Nn][Gg]|[Ll][Ee][Aa][Kk])[.]" },
            { $ref: "#/definitions/match" },
          ],
        },
      },
      snapshot: { type: "string", minLength: 1, description: "A snapshot file, relative to this file." },
    },
    definitions: {
      check: checkSchema,
      match: matchSchema(),
      count: countSchema,
      ...conditionSchemas(),
    },
  };
}

const comparison = { type: "string", pattern: "^\\s*(?:>=|<=|>|<)\\s*[0-9]{1,9}\\s*$" };
const wholeNumber = { type: "integer", minimum: 0, maximum: 999_999_999 };

const countSchema = {
  description: 'How many: a number, a comparison such as ">= 1" (the default), or several that hold together.',
  anyOf: [
    wholeNumber,
    comparison,
    {
      type: "object",
      minProperties: 1,
      additionalProperties: false,
      properties: Object.fromEntries(
        [">=", ">", "<=", "<"].map((operator) => [operator, { ...wholeNumber, type: ["integer", "string"] }]),
      ),
    },
  ],
};

const verdictSchema = oneOrMore(verdictWords);

/** One of the words, or a list of them of which any may hold. */
function oneOrMore(words: readonly string[]): object {
  return { anyOf: [{ enum: words }, { type: "array", minItems: 1, items: { enum: words } }] };
}

function directionSchema(description: string): object {
  return {
    description,
    anyOf: [
      verdictSchema,
      {
        type: "object",
        minProperties: 1,
        additionalProperties: false,
        properties: Object.fromEntries(Object.entries(directionKeys).map(([key, words]) => [key, oneOrMore(words)])),
      },
    ],
  };
}

const directionSchemas = {
  inbound: directionSchema("Calls of services to Exchange Server; none: not seen."),
  outbound: directionSchema("Calls of Exchange Server to the cloud; none: not seen."),
};

const requireSchema = {
  type: "object",
  description: "Conditions on the trace as a whole.",
  additionalProperties: false,
  properties: {
    entries: { $ref: "#/definitions/count" },
    handshakes: { $ref: "#/definitions/count" },
    truncated: { type: "boolean" },
    verdict: verdictSchema,
    basis: oneOrMore(directionKeys.basis),
    ...directionSchemas,
  },
};

const checkSchema = {
  type: "object",
  additionalProperties: false,
  anyOf: [{ required: ["match"] }, { required: ["sequence"] }],
  properties: {
    name: { type: ["string", "number"], description: "The purpose of the check; reports show it." },
    match: { $ref: "#/definitions/match" },
    sequence: {
      type: "array",
      minItems: 2,
      maxItems: 50,
      description: "Steps in order of time; other entries may lie between.",
      items: { $ref: "#/definitions/match" },
    },
    count: { $ref: "#/definitions/count" },
    each: { $ref: "#/definitions/match" },
    by: { type: "string", description: "A fact; the check is made for each of its values." },
    within: { type: "string", pattern: withinPattern.source },
  },
};

function matchSchema(): object {
  const properties = Object.fromEntries(
    [...allFacts.values()].map((fact) => [fact.name, { description: fact.description, ...conditionOf(fact) }]),
  );
  return {
    type: "object",
    minProperties: 1,
    additionalProperties: false,
    properties,
    // Findings in any spelling: BASIC_FALLBACK, basic-fallback.
    patternProperties: { "^finding\\.(?!(?:code|severity)$)[A-Za-z][A-Za-z0-9_-]*$": { $ref: "#/definitions/flag" } },
  };
}

function conditionOf(fact: FactDefinition): object {
  if (fact.values === undefined) return { $ref: `#/definitions/${fact.type}` };
  return { anyOf: [{ enum: fact.values }, { $ref: `#/definitions/${fact.type}` }] };
}

function conditionSchemas(): Record<string, object> {
  const literals: Readonly<Record<FactDefinition["type"], readonly string[]>> = {
    text: ["string", "number"],
    number: ["number", "string"],
    flag: ["boolean"],
    time: ["string"],
  };
  return Object.fromEntries(Object.entries(literals).map(([type, types]) => [type, conditionSchema(type, types)]));
}

function conditionSchema(type: string, types: readonly string[]): object {
  const literal = { type: types, ...(types.includes("string") ? { minLength: 1 } : {}) };
  const values: Readonly<Record<(typeof operators)[number], object>> = {
    equals: { type: types },
    glob: { type: "string", minLength: 1 },
    regex: { type: "string", minLength: 1, maxLength: 1000 },
    in: { type: "array", minItems: 1, items: literal },
    ">=": { type: ["number", "string"] },
    ">": { type: ["number", "string"] },
    "<=": { type: ["number", "string"] },
    "<": { type: ["number", "string"] },
    exists: { type: "boolean" },
    not: { $ref: `#/definitions/${type}` },
  };
  return {
    anyOf: [literal, { type: "object", minProperties: 1, additionalProperties: false, properties: values }],
  };
}
