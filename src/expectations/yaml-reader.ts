// The syntax of an expectation file: one YAML (or JSON) document of maps, lists and plain values, each with its place. Aliases, tags
// and repeated keys are refused, so that a file has no hidden meaning and cannot grow while it is read.
import {
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseAllDocuments,
  visit,
} from "yaml";
import { suggest } from "./suggest.ts";

export interface FilePosition {
  readonly line: number;
  readonly column: number;
}

/** A problem of a file with its place. */
export interface FileProblem extends FilePosition {
  readonly message: string;
}

export interface YamlField {
  readonly key: string;
  readonly keyPlace: FilePosition;
  readonly value: YamlNode;
}

/** A node of the file with its place. */
export type YamlNode = FilePosition &
  (
    | { readonly type: "map"; readonly fields: readonly YamlField[] }
    | { readonly type: "list"; readonly items: readonly YamlNode[] }
    | { readonly type: "plain"; readonly value: string | number | boolean | null }
  );

const longestFile = 1024 * 1024;
const deepest = 32;

/** Thrown while reading a file, and caught in `readExpectations` only. */
export class ProblemFound extends Error {
  readonly problem: FileProblem;

  constructor(problem: FileProblem) {
    super(problem.message);
    this.problem = problem;
  }
}

export function fail(place: FilePosition, message: string): never {
  throw new ProblemFound({ line: place.line, column: place.column, message });
}

/** Reads the one document of a file. Throws ProblemFound with line and column. */
export function readDocument(text: string): YamlNode {
  if (text.length > longestFile) fail({ line: 1, column: 1 }, "the file is longer than 1 MiB");
  if (text.includes("\u0000")) fail({ line: 1, column: 1 }, "the file is not a text file");
  const lines = new LineCounter();
  const documents = parseAllDocuments(text.replace(/^\uFEFF/, ""), {
    lineCounter: lines,
    uniqueKeys: true,
    merge: false,
    prettyErrors: false,
    strict: true,
  });
  const [document] = "empty" in documents ? [] : documents;
  if (document === undefined) fail({ line: 1, column: 1 }, "the file is empty");
  const placeOf = (offset: number): FilePosition => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const [error] = [...document.errors, ...document.warnings];
  if (error !== undefined) fail(placeOf(error.pos[0]), wordsOf(error.code, error.message));
  if ("length" in documents && documents.length > 1)
    fail(placeOf(documents[1]?.range?.[0] ?? 0), "the file holds more than one document");
  refuseIndirection(document.contents, placeOf);
  return nodeValue(document.contents, { placeOf, depth: 0, fallback: { line: 1, column: 1 } });
}

function wordsOf(code: string, message: string): string {
  if (code === "DUPLICATE_KEY") return "the key is repeated";
  return `this is not YAML: ${message.split("\n", 1)[0] ?? ""}`;
}

function refuseIndirection(contents: Node | null, placeOf: (offset: number) => FilePosition): void {
  if (contents === null) return;
  visit(contents, (_key, node) => {
    if (isAlias(node)) fail(placeOf(node.range?.[0] ?? 0), "aliases (*name) are not supported; write the value out");
    if (!isScalar(node) && !isCollection(node)) return;
    const place = placeOf(node.range?.[0] ?? 0);
    if (node.anchor !== undefined) fail(place, "anchors (&name) are not supported; write the value out");
    if (node.tag !== undefined && !/^tag:yaml\.org,2002:(?:map|seq|str|int|float|bool|null)$/.test(node.tag))
      fail(place, "tags (!name) are not supported");
  });
}

interface Reading {
  readonly placeOf: (offset: number) => FilePosition;
  readonly depth: number;
  readonly fallback: FilePosition;
}

function nodeValue(node: unknown, reading: Reading): YamlNode {
  const place = isScalar(node) || isCollection(node) ? reading.placeOf(node.range?.[0] ?? 0) : reading.fallback;
  if (reading.depth > deepest) fail(place, `the file is nested more than ${deepest} deep`);
  const inner = { ...reading, depth: reading.depth + 1, fallback: place };
  if (isMap(node)) return { ...place, type: "map", fields: node.items.map((pair) => fieldOf(pair, inner)) };
  if (isSeq(node)) return { ...place, type: "list", items: node.items.map((item) => nodeValue(item, inner)) };
  const value = isScalar(node) ? node.value : null;
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean" || value === null)
    return { ...place, type: "plain", value };
  return fail(place, "this kind of value is not supported");
}

function fieldOf(pair: Pair, reading: Reading): YamlField {
  const { key } = pair;
  const keyPlace = isScalar(key) || isCollection(key) ? reading.placeOf(key.range?.[0] ?? 0) : reading.fallback;
  if (!isScalar(key) || typeof key.value !== "string") fail(keyPlace, "a key must be text");
  return { key: key.value, keyPlace, value: nodeValue(pair.value, { ...reading, fallback: keyPlace }) };
}

/** The fields of a map by name. An unknown key fails with the nearest known one. */
export function fieldsOf(value: YamlNode, what: string, known: readonly string[]): ReadonlyMap<string, YamlField> {
  if (value.type !== "map") fail(value, `${what} must be a map of ${known.join(", ")}`);
  for (const { key, keyPlace } of value.fields) {
    if (!known.includes(key)) fail(keyPlace, unknownWord(`key ${quoteForMessage(key)} in ${what}`, key, known));
  }
  return new Map(value.fields.map((field) => [field.key, field]));
}

/** `unknown X; did you mean Y?`, or the known words when none is similar. */
export function unknownWord(what: string, word: string, known: readonly string[]): string {
  const near = suggest(word, known);
  if (near !== null) return `unknown ${what}; did you mean ${quoteForMessage(near)}?`;
  return known.length > 20 ? `unknown ${what}` : `unknown ${what}; known: ${known.join(", ")}`;
}

/** Text of a file for a message: quoted, printable and short. */
export function quoteForMessage(text: string): string {
  return JSON.stringify(text.slice(0, 80)).replace(/[^\x20-\x7e]/g, "?");
}
