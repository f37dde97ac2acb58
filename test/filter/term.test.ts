import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { filterFields } from "../../src/filter/fields.ts";
import { readFilter } from "../../src/filter/filter.ts";
import { rowValue, withTerm } from "../../src/filter/term.ts";
import { subject } from "../tui/row-maker.ts";

const now = Date.UTC(2026, 0, 15, 12, 30);
const fits = (text: string, over: ReturnType<typeof subject>): boolean => {
  const read = readFilter(text, now);
  if (!read.ok) throw new Error(`column ${read.column}: ${read.problem} in ${text}`);
  return read.filter === null || read.filter.matches(over);
};

describe("a value as text of the language", () => {
  test.each([
    ["", "host", "mail.contoso.example", "host=mail.contoso.example"],
    ["auth=basic", "status", "401", "auth=basic & status=401"],
    ["auth=basic | status=401", "dir", "S>X", '(auth=basic | status=401) & dir="S>X"'],
    ["host=a & auth=basic", "auth", "basic", "host=a & auth=basic"],
    ["", "path", '/a "b" \\c\u001b[2J', 'path="/a \\"b\\" \\\\c\\x1b[2J"'],
    ["", "path", "/e\u202e\u{e0041}\u3164", 'path="/e\\u202e\\u{e0041}\\u3164"'],
    ["", "what", "", 'what=""'],
  ])("%j and %s %j", (before, field, value, text) => {
    expect(withTerm(before, "only", field, value)).toBe(text);
  });

  test("it is not added twice, and its opposite begins with !", () => {
    const text = withTerm("host=a", "without", "path", "/x & host=b") ?? "";
    expect(text).toBe('host=a & !path="/x & host=b"');
    expect(withTerm(text, "only", "host", "b")).toBe(`${text} & host=b`);
    expect(withTerm(text, "without", "path", "/x & host=b")).toBe(text);
  });

  test("what is longer than a filter may be is refused", () => {
    expect(withTerm("host=a", "only", "path", "x".repeat(500))).toBeNull();
  });

  test("whatever the traffic holds, the text is safe to show, is read back as just that value, and changes nothing before it", () => {
    const hostile = fc.oneof(
      fc.string({ unit: "binary", maxLength: 40 }),
      fc.string({
        unit: fc.constantFrom('"', "\\", "/", "i", " ", "&", "|", ")", ",", "x", "u", "1", "\u001b", "\ud800"),
        maxLength: 30,
      }),
    );
    const before = fc.constantFrom(
      "",
      "/EWS",
      "EWS",
      "/EWS|asmx/",
      "auth=bearer",
      "auth=bearer | auth=basic",
      "!status=401",
    );
    fc.assert(
      fc.property(hostile, hostile, before, (value, other, text) => {
        const [same, different] = [
          subject("t1", { path: "/EWS/Exchange.asmx", detail: value }),
          subject("t2", { detail: other }),
        ];
        const only = withTerm(text, "only", "what", value) ?? "";
        const without = withTerm(text, "without", "what", value) ?? "";
        const isSame = value.toLowerCase() === other.toLowerCase();
        expect(only).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Cn}\p{Zl}\p{Zp}]/u);
        expect([fits(only, same), fits(without, same)]).toEqual([true, false]);
        expect([fits(only, different), fits(without, different)]).toEqual([isSame, !isSame]);
      }),
      { numRuns: 400 },
    );
  });
});

describe("what a row has", () => {
  const row = subject(
    "t7",
    {
      ...{ status: 401, durationMs: 12.7, bytes: 1234, worst: "error" },
      log: { kind: "http-proxy", file: "HttpProxy/Ews/HttpProxy_2026113008-1.LOG", line: 7 },
    },
    {
      findings: ["TOKEN_EXPIRED"],
      token: {
        issuer: "00000001-0000-0000-c000-000000000000@7f3c",
        audience: "00000002-0000-0ff1-ce00-000000000000/mail.contoso.example@7f3c",
        application: "Skype for Business Online 00000004-0000-0ff1-ce00-000000000000",
        realm: "7f3c",
        algorithm: "RS256",
        expiresAt: Date.UTC(2026, 0, 15, 20, 0, 33),
      },
    },
  );
  const other = subject(
    "t8",
    {
      host: "x",
      path: "/",
      method: "GET",
      auth: "BASIC",
      detail: "y",
      client: "z",
      handshakeId: null,
      direction: "outbound",
      route: "graph",
      tokenService: "entra-v2",
      at: 0,
      bytes: 1,
      durationMs: 900,
      status: null,
    },
    { direction: "X>S" },
  );

  test.each(filterFields.filter((name) => !/^(?:body|graph\.|header\.)/.test(name)))(
    "%s: found by its own value, and nothing else is",
    (name) => {
      const value = rowValue(row, name);
      expect(value).not.toBeNull();
      const text = withTerm("", "only", name, value ?? "") ?? "";
      expect(fits(text, row)).toBe(true);
      expect(fits(text, other)).toBe(false);
    },
  );

  test("one without an answer, a token or a duration", () => {
    expect(rowValue(other, "status")).toBe("none");
    expect(rowValue(other, "exp")).toBeNull();
    expect(rowValue(other, "finding")).toBeNull();
    expect(rowValue(subject("t9", { durationMs: null }), "dur")).toBeNull();
    expect(rowValue(other, "no-such-field")).toBeNull();
    expect(fits(withTerm("", "only", "status", "none") ?? "", other)).toBe(true);
  });
});
