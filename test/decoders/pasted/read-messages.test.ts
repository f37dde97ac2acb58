import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { HttpTransaction } from "../../../src/core/http-transaction.ts";
import { readMessages } from "../../../src/decoders/pasted/read-messages.ts";
import { dresses } from "./dresses.ts";
import { truths } from "./truths.ts";

const exchange = truths.PARTNER_APPLICATION_UNKNOWN as NonNullable<(typeof truths)[string]>;

const lower = (fields: readonly (readonly [string, string])[]): readonly (readonly [string, string])[] =>
  fields.map(([name, value]) => [name.toLowerCase(), value]);

/** What the reader says of an exchange: names in lower case, as tools change them. */
function outline({ request, response }: HttpTransaction) {
  return {
    request: Object.fromEntries(lower(request.headers)),
    status: response?.status ?? null,
    response: Object.fromEntries(lower(response?.headers ?? [])),
  };
}

describe("every field in every dress, to the letter", () => {
  test.each(Object.entries(dresses).filter(([name]) => name !== "everything glued"))("%s", (_, put) => {
    const { transactions } = readMessages(put(exchange));
    expect(transactions).toHaveLength(1);
    const [read] = transactions.map(outline);
    expect(read?.status).toBe(401);
    expect(read?.request).toMatchObject(Object.fromEntries(lower(exchange.request).slice(1)));
    expect(read?.response).toMatchObject(Object.fromEntries(lower(exchange.response)));
  });
});

test.each([
  ["raw", 13],
  ["mitmdump", 13],
  ["EWS trace", 13],
  ["Apache wire log", 13],
  ["with more blank lines", 13],
  ["line numbers", 13],
  ["quoted in a mail", 13],
] as const)("%s: the body of the request is read", (dress, length) => {
  const [read] = readMessages((dresses[dress] as (typeof dresses)[string])(exchange)).transactions;
  expect(read?.request.body.totalBytes).toBe(length);
  expect(read?.request.target).toContain("/EWS/Exchange.asmx");
});

const words = fc
  .array(fc.constantFrom("we", "see", "this", "since", "Monday", "on", "both", "servers", "please", "help"), {
    minLength: 2,
    maxLength: 8,
  })
  .map((list) => list.join(" "));
const prose = fc.array(words, { minLength: 0, maxLength: 4 }).map((lines) => lines.join("\n"));
const blocks = Object.entries(dresses).filter(
  ([name]) => !["UTF-16 read as bytes", "wrapped at 80", "wrapped at 120"].includes(name),
);

test.each(blocks)("prose before and after changes nothing: %s", (_, put) => {
  const block = put(exchange);
  const alone = readMessages(block).transactions.map(outline);
  fc.assert(
    fc.property(prose, prose, fc.constantFrom("\n", "\n\n"), (before, after, gap) => {
      const { transactions } = readMessages(`${before}${gap}${block}\n${gap}${after}`);
      expect(transactions.map(outline)).toEqual(alone);
    }),
    { numRuns: 12 },
  );
});

describe("several exchanges", () => {
  test.each(["raw", "curl -v", "Apache wire log", "mitmdump", "Python dictionaries", "line numbers", "EWS trace"])(
    "%s, twice",
    (dress) => {
      const put = dresses[dress] as (typeof dresses)[string];
      const second = { ...exchange, status: 200, reason: "OK", response: exchange.response.slice(0, 2) };
      const text = `${put(exchange)}\n\n${put(second)}`;
      expect(readMessages(text).transactions.map(({ id, response }) => [id, response?.status])).toEqual([
        ["t1", 401],
        ["t2", 200],
      ]);
    },
  );

  test("an interim answer belongs to the request of the final one", () => {
    const text =
      "POST /EWS HTTP/1.1\nExpect: 100-continue\n\nHTTP/1.1 100 Continue\n\nHTTP/1.1 401 Unauthorized\nServer: x";
    expect(readMessages(text).transactions.map(({ response }) => response?.status)).toEqual([401]);
  });
});

test("prose without a message has none", () => {
  for (const text of [
    "Note: all is well\nThanks",
    "Error 401 again, see https://example.com/a",
    "From: Anna\nTo: Ben\nSubject: x",
  ])
    expect(readMessages(text).transactions).toEqual([]);
});

test("what is left over is named by its first words", () => {
  const { unread } = readMessages(
    `Hi all,\nthis is what we see\n\n${dresses.raw?.(exchange)}\n\nAny idea would help us`,
  );
  expect(unread).toEqual([
    { line: 1, lines: 2, begins: "Hi all," },
    { line: expect.any(Number), lines: 1, begins: "Any idea would help us" },
  ]);
});

describe("hostile text", () => {
  const half = 512 * 1024;
  test.each([
    ["colons", ":".repeat(half)],
    ["names", "Server: ".repeat(half / 8)],
    ["names on lines", "Server: x\n".repeat(half / 10)],
    ["open bodies", "X-FEServer: a\nServer: b\n\n<a>\n\n".repeat(half / 30)],
    ["open quotes", "'Server': '".repeat(half / 11)],
    ["open brackets", "Server=[".repeat(half / 8)],
    ["folded lines", `Server: x\n${" ,\n".repeat(half / 3)}`],
    ["commands", "curl -H '".repeat(half / 9)],
    ["fetch", "fetch(".repeat(half / 6)],
    ["traces", '<Trace Tag="A">'.repeat(half / 15)],
    ["start lines", "HTTP/1.1 401 \n".repeat(half / 14)],
    ["prefixes", Array.from({ length: half / 24 }, (_, at) => `[${at}] x${at % 90}: Host: a`).join("\n")],
    ["escapes", '\\r\\n\\"'.repeat(half / 6)],
    ["one word", "a".repeat(half)],
    ["blanks", " ".repeat(half)],
    ["labels", "status: 401 url: https://a ".repeat(half / 27)],
  ])("%s: time stays linear", (_, text) => {
    const time = (length: number): number => {
      const start = performance.now();
      readMessages(text.slice(0, length));
      return performance.now() - start;
    };
    time(half / 8);
    const [short, long] = [time(half / 4), time(half)];
    expect(long).toBeLessThan(Math.max(3000, short * 12));
  });

  test("any text is read without an error", () => {
    const piece = fc.constantFrom(
      "HTTP/1.1 401 x",
      "GET /a HTTP/1.1",
      "Server: ",
      "'Server': '",
      "{",
      "}",
      "\n",
      "\\n",
      '"',
      "curl -H ",
      "> ",
      "[",
      "\u0000",
      "<a>",
    );
    fc.assert(
      fc.property(
        fc.array(fc.oneof(piece, fc.string()), { maxLength: 60 }).map((parts) => parts.join("")),
        (text) => {
          expect(Array.isArray(readMessages(text).transactions)).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });
});
