// A field may be one long run of `ey…`: the beginning of a token at every second character, and never a token.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createSecretFilter } from "../../src/provisioning/model/hide-secrets.ts";
import { onlyTokens, safeToken, withSafeTokens } from "../../src/sanitising/safe-token.ts";
import { leakIn } from "../../src/sanitising/search/leak-check.ts";
import { actAsToken, actorToken } from "../decoders/token-maker.ts";

const pseudonymise = (kind: string): string => `x-${kind.slice(0, 4)}aaaaaa`;
const noRules = { known: { isIn: () => false, size: 0 } as never, isPublic: () => true };
const hide = createSecretFilter();

const readers: Readonly<Record<string, (text: string) => unknown>> = {
  onlyTokens: (text) => onlyTokens(text, pseudonymise),
  withSafeTokens: (text) => withSafeTokens(text, pseudonymise),
  leakIn: (text) => leakIn(new TextEncoder().encode(text), noRules),
  hideSecrets: (text) => hide.hide(text),
};
const runs = ["ey", "ew", "eyA", "ey_-", "eyeyeyeyeyeyeyeyeyeyeyeyey.", "ey.", "e.y", "eyAAAAAAAAAAAAAAAAAAAA.eyAA"];

describe.each(Object.entries(readers))("%s", (_, read) => {
  test.each(runs)("of %s over and over takes linear time, by the ratio of two lengths", (part) => {
    const best = (length: number): number => {
      const text = part.repeat(Math.ceil(length / part.length));
      return Math.min(
        ...Array.from({ length: 4 }, () => {
          const from = performance.now();
          read(text);
          return performance.now() - from;
        }),
      );
    };
    best(2000);
    // Sixteen times the length: 256 times the time if it were quadratic.
    expect(best(96_000) / Math.max(1, best(6000))).toBeLessThan(96);
  });
});

test("the same tokens are found as by trying every place", () => {
  const every = /e[yw][A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]{4,}\.(?:[A-Za-z0-9_-]+|<sig(?::[0-9a-z]{4,9})?>)?/g;
  const two = /e[yw][A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}(?:\.(?:[A-Za-z0-9_-]+|<sig:[a-z2-7]{4}>)?)?/g;
  const piece = fc.constantFrom(
    "ey",
    "ew",
    "e",
    "y",
    "A",
    "-",
    "_",
    ".",
    ".",
    "<sig>",
    "<sig:abcd>",
    " ",
    "AAAAAAAAAAAAAAAAAA",
    "=",
    "/",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const text = pieces.join("");
      const expected = (text.match(every) ?? []).map((token) => safeToken(token, pseudonymise)).join(" ");
      expect(onlyTokens(text, pseudonymise)).toBe(expected);
      const replaced = text.replace(two, (token) => withSafeTokens(token, pseudonymise));
      expect(withSafeTokens(text, pseudonymise)).toBe(replaced);
    }),
    { numRuns: 3000 },
  );
});

test("a token keeps what stands before and after it", () => {
  expect(onlyTokens(`a=${actorToken}; b=xx${actAsToken()}`, pseudonymise).split(" ")).toHaveLength(2);
  expect(withSafeTokens(`reason-${actorToken} end`, pseudonymise)).toMatch(/^reason-ey[A-Za-z0-9_-]+\.ey[^ ]* end$/);
  expect(hide.hide(`reason-${actorToken} end`)).toBe("reason-<token> end");
  expect(leakIn(new TextEncoder().encode(`xx${actorToken}`), noRules)).toBe("a token with its signature");
});
