// Two `Authorization` fields that were joined into one: the password in the second part is as secret as in the first.
import { expect, test } from "vitest";
import { pseudonymsFromKey } from "../../src/app/pseudonyms.ts";
import { safeAuthorization } from "../../src/sanitising/safe-credentials.ts";
import { secretsOf } from "../../src/sanitising/search/secret-places.ts";
import { withoutPasswords } from "../../src/sanitising/search/without-passwords.ts";
import { actorToken, basic, newStory } from "../diagnosis/story.ts";

const password = "Pa55word!";
const decoded = (text: string): string =>
  [...text.matchAll(/[A-Za-z0-9+/=]{12,}/g)].map(([run]) => Buffer.from(run, "base64").toString("latin1")).join("\n");

test.each([", ", ",", "\n", "\r\n"])("joined by %j", (joint) => {
  const value = `Bearer ${actorToken()}${joint}${basic}`;
  const transaction = newStory()({ authorization: value });
  expect(decoded(value)).toContain(password);
  expect(secretsOf(transaction).secrets).toContain(password);
  const shown = withoutPasswords(transaction)
    .request.headers.map(([, text]) => text)
    .join("\n");
  expect(decoded(shown)).not.toContain(password);
  const safe = safeAuthorization(value, pseudonymsFromKey(new Uint8Array(8)));
  expect(decoded(safe)).not.toContain(password);
  expect(safe).toMatch(/^Bearer eyJ.*, Basic /);
  expect(safeAuthorization(safe, pseudonymsFromKey(new Uint8Array(8)))).toBe(safe);
});
