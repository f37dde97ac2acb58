// Reads a collection of Postman (format 2): folders of requests, each with the answers that were saved with it.
import type { CaptureEvent, SourceSummary } from "../../core/capture-event.ts";
import { ToolError } from "../../core/tool-error.ts";
import type { ByteInput } from "../input/byte-input.ts";
import type { FileReading, Provenance } from "../input/capture.ts";
import { collectProblems, type Problems } from "../input/problems.ts";
import { type JsonObject, listOf, memberOf, objectOf, textOf } from "../values/foreign-json.ts";
import { type Exchange, type PostmanPlace, readPostmanExchange } from "./postman-exchange.ts";

/** A collection is one JSON value, and read as a whole. */
const fileLimit = 64 * 1024 * 1024;
const exchangeLimit = 100_000;
const depthLimit = 64;

/** Reads a collection. Its events throw ToolError `too-long` or `not-a-collection`. */
export function readPostman(path: string, input: ByteInput): FileReading {
  const progress: Progress = {
    transactions: 0,
    problems: collectProblems(),
    said: { isNamed: false, isTimed: true },
  };
  return {
    events: readAll(path, input, progress),
    provenanceOf: () => progress.said,
    summary: (): SourceSummary => ({
      ...{ path, format: "postman", transactions: progress.transactions, truncated: false },
      problems: progress.problems.lines(),
    }),
  };
}

interface Progress {
  transactions: number;
  readonly problems: Problems;
  said: Provenance;
}

async function* readAll(path: string, input: ByteInput, progress: Progress): AsyncGenerator<CaptureEvent> {
  const root = await parseWhole(path, input);
  const inner = memberOf(root, "collection");
  const collection = inner === undefined ? root : objectOf(inner);
  const variables = new Map<string, string>();
  for (const item of listOf(collection, "variable").slice(0, 1000)) {
    const variable = objectOf(item);
    variables.set(textOf(variable, "key") || textOf(variable, "id"), textOf(variable, "value"));
  }
  let [number, before] = [0, 0];
  for (const exchange of exchangesOf(collection, { auth: memberOf(collection, "auth"), depth: 0 }, progress.problems)) {
    number += 1;
    if (number > exchangeLimit) {
      progress.problems.add(`only the first ${exchangeLimit} requests were read`);
      return;
    }
    const place: PostmanPlace = { number, before, variables };
    const read = readPostmanExchange(exchange, place);
    if (typeof read === "string") {
      progress.problems.add(`request ${number} was skipped: ${read}`);
      continue;
    }
    ({ said: progress.said } = read);
    before = read.transaction.startedAt;
    progress.transactions += 1;
    yield { kind: "transaction", transaction: read.transaction };
  }
}

async function parseWhole(path: string, input: ByteInput): Promise<JsonObject> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of input.chunks) {
    size += piece.length;
    if (size > fileLimit) {
      throw new ToolError("too-long", `${JSON.stringify(path)} is a collection of Postman of more than 64 MiB.`, {
        hint: "Export the folder with the requests alone.",
      });
    }
    pieces.push(piece);
  }
  try {
    return objectOf(
      JSON.parse(
        Buffer.concat(pieces)
          .toString("utf8")
          .replace(/^\ufeff/, ""),
      ),
    );
  } catch (cause) {
    throw new ToolError(
      "not-a-collection",
      `${JSON.stringify(path)} is a collection of Postman that is cut or damaged.`,
      {
        hint: "Export it again in Postman: Export > Collection v2.1.",
        cause,
      },
    );
  }
}

interface Level {
  /** The authorisation of the collection or folder, for requests without their own. */
  readonly auth: unknown;
  readonly depth: number;
}

/** Each saved answer with its request; a request without a saved answer stands for itself. */
function* exchangesOf(folder: JsonObject, level: Level, problems: Problems): Generator<Exchange> {
  for (const child of listOf(folder, "item")) {
    const item = objectOf(child);
    const auth = memberOf(item, "auth") ?? level.auth;
    if (Array.isArray(memberOf(item, "item"))) {
      if (level.depth < depthLimit) yield* exchangesOf(item, { auth, depth: level.depth + 1 }, problems);
      else problems.add(`a folder was skipped: it is nested deeper than ${depthLimit} levels`);
      continue;
    }
    const request = memberOf(item, "request");
    if (request === undefined) continue;
    const answers = listOf(item, "response");
    if (answers.length === 0) yield { request, used: request, answer: null, auth };
    for (const answer of answers) {
      const saved = objectOf(answer);
      yield { request, used: memberOf(saved, "originalRequest") ?? request, answer: saved, auth };
    }
  }
}
