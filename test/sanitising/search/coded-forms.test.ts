// The codings of a value, held against those that Node itself writes.
import { describe, expect, test } from "vitest";
import { changeInCodings, textOfBytes } from "../../../src/sanitising/coded-text.ts";
import { codedForms } from "../../../src/sanitising/search/coded-forms.ts";

const value = "Büro-Müller";
const percent = (bytes: Buffer): string => Array.from(bytes, (byte) => `%${byte.toString(16)}`).join("");

describe("a value beyond ASCII is looked for", () => {
  const { plain, packed } = codedForms(value);
  test.each([
    ["as it is", value],
    ["decomposed", value.normalize("NFD")],
    ["in percent coding", encodeURIComponent(value)],
    ["in UTF-8 that was read as Latin-1", Buffer.from(value).toString("latin1")],
    ["in Latin-1 and percent coding", percent(Buffer.from(value, "latin1"))],
    ["escaped as in JSON", value.replace(/ü/g, "\\u00fc")],
    ["in entities", value.replace(/[^A-Za-z0-9]/g, (letter) => `&#${letter.charCodeAt(0)};`)],
  ])("%s", (_name, written) => {
    expect(plain).toContain(written.toLowerCase());
  });

  test.each(["utf8", "latin1", "utf16le"] as const)(
    "in base64 of its bytes in %s, wherever these begin",
    (encoding) => {
      for (const before of ["", "a", "ab"]) {
        const text = Buffer.concat([Buffer.from(before), Buffer.from(value, encoding), Buffer.from("xyz")]);
        const written = text.toString("base64").toLowerCase();
        expect(packed.some((form) => written.includes(form))).toBe(true);
      }
    },
  );

  test("in no Latin-1 where Latin-1 cannot hold it", () => {
    const name = "Бюро-связь";
    const { plain: forms } = codedForms(name);
    expect(forms).toContain(Buffer.from(name).toString("latin1").toLowerCase());
    expect(forms.every((form) => !/^(?:%[0-9a-f]{2})+$/.test(form) || form.startsWith("%d0"))).toBe(true);
  });
});

describe("a coded text is changed and coded again", () => {
  const hide = (text: string): string => text.replaceAll("Müller", "user-1");
  test.each([
    [
      "UTF-8 that was read as Latin-1",
      Buffer.from("an Müller, ü").toString("latin1"),
      Buffer.from("an user-1, ü").toString("latin1"),
    ],
    ["bytes that are not UTF-8", "an M\xfcller \xff", "an user-1 \xff"],
    ["Latin-1 in percent coding", "/x/M%FCller", "/x/user-1"],
    ["nothing to hide", Buffer.from("grün").toString("latin1"), Buffer.from("grün").toString("latin1")],
  ])("%s", (_name, text, expected) => {
    expect(changeInCodings(text, hide)).toBe(expected);
  });

  test("bytes that are not UTF-8 are read as Latin-1", () => {
    expect(textOfBytes(Buffer.from("grün", "latin1"))).toBe("grün");
  });
});
