import fc from "fast-check";
import { expect, test } from "vitest";
import { tokenIdentity } from "../../src/handshake/token-identity.ts";

const nameOf = (compact: string): string => tokenIdentity({ compact });

test("the same text has the same name, and a changed letter another", () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 200 }), fc.nat(), (text, at) => {
      const index = at % text.length;
      const changed = `${text.slice(0, index)}${text[index] === "x" ? "y" : "x"}${text.slice(index + 1)}`;
      expect(nameOf(text)).toBe(nameOf(`${text}`));
      expect(nameOf(changed)).not.toBe(nameOf(text));
    }),
  );
});

test("the name is short and holds nothing of the token", () => {
  const name = nameOf("eyJhbGciOiJub25lIn0.eyJub25jZSI6InNlY3JldCJ9.".repeat(100));
  expect(name).toMatch(/^[0-9a-z.]{3,24}$/);
});
