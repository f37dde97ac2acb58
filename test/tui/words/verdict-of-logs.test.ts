// The first two lines of the screen for rows of logs: the basis is named, and "no Basic" is never claimed from logs alone.
import { expect, test } from "vitest";
import type { Analysis, Basis } from "../../../src/diagnosis/analysis.ts";
import { basisOf, basisSuffix } from "../../../src/diagnosis/outcome-words.ts";
import { captureWords } from "../../../src/sinks/report/report-words.ts";
import { basicStatement } from "../../../src/tui/words/basic-statement.ts";
import { verdictLines } from "../../../src/tui/words/verdict-lines.ts";
import { analysis, handshake } from "../row-maker.ts";

const counted = (one: Analysis, transactions: number, logRows: number): Analysis => ({
  ...one,
  counts: { ...one.counts, transactions, logRows },
});

const withBasis = (...bases: readonly Basis[]): Analysis =>
  analysis({ handshakes: bases.map((basis, index) => handshake({ id: `h${index + 1}`, basis })) });

test("the basis of several handshakes is both as soon as they differ", () => {
  expect(basisOf([])).toBe("traffic");
  for (const basis of ["traffic", "log", "both"] as const) expect(basisOf([{ basis }, { basis }])).toBe(basis);
  expect(basisOf([{ basis: "traffic" }, { basis: "log" }])).toBe("both");
});

test("without rows of logs alone passwords are judged as before, and from logs their absence proves nothing", () => {
  expect(basicStatement(counted(withBasis("traffic"), 3, 0)).words).toBe("Basic NOT used");
  expect(basicStatement(counted(withBasis("both"), 3, 40)).words).toBe("Basic NOT used");
  const alone = basicStatement(counted(withBasis("log"), 0, 40));
  expect([alone.mark, alone.words]).toEqual(["[..]", "Basic NOT SEEN"]);
  expect(JSON.stringify(alone.details)).toContain("proves nothing");
});

test("a password in a row of a log is said as one in traffic", () => {
  const one = analysis({ handshakes: [handshake({ verdict: "basic-fallback", basis: "log" })] });
  expect(basicStatement(counted(one, 0, 2)).words).toBe("BASIC FALLBACK");
});

test("the first line names the basis at every width", () => {
  for (const columns of [60, 80, 100, 120])
    for (const [basis, words] of [
      ["log", "[OK] OAuth CONFIRMED by the server's log"],
      ["both", "[OK] OAuth CONFIRMED by traffic and the server's log"],
    ] as const) {
      const [first = []] = verdictLines({ analysis: withBasis(basis), columns, now: 0, hasEnded: true });
      expect(first.map(([text]) => text).join("")).toContain(words);
    }
});

test.each(["log", "both"] as const)("a report names the basis %s in its first sentence", (basis) => {
  const { title, meaning } = captureWords(withBasis(basis));
  expect(title).toContain(basisSuffix([{ basis }]));
  expect(title.match(/log/g)).toHaveLength(1);
  expect(meaning).toMatch(
    basis === "log"
      ? /^By the server's log: .* and Exchange accepted it /
      : /^By traffic and the server's log: the server /,
  );
  expect(captureWords(withBasis("traffic")).meaning).not.toMatch(/log/);
});
