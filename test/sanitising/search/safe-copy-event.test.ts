// The second look: what was taken away in one place is not left in another, and nothing else is changed.
import { describe, expect, test } from "vitest";
import { pseudonymsFromKey } from "../../../src/app/pseudonyms.ts";
import { firstHeader } from "../../../src/core/headers.ts";
import type { HttpTransaction } from "../../../src/core/http-transaction.ts";
import { SecretCollector } from "../../../src/sanitising/search/known-secrets.ts";
import { safeCopyOf } from "../../../src/sanitising/search/safe-copy-event.ts";
import { type KnownValue, ValueSearch } from "../../../src/sanitising/search/value-search.ts";
import { actorClaims, compact, signedHeader, unsignedHeader } from "../../decoders/token-maker.ts";
import { type Parts, transaction } from "../transaction-maker.ts";

const pseudonymise = pseudonymsFromKey(new Uint8Array(32).fill(4));

function collected(...originals: readonly HttpTransaction[]): readonly KnownValue[] {
  const collector = new SecretCollector();
  for (const each of originals) collector.add({ kind: "transaction", transaction: each });
  return collector.values(pseudonymise);
}

function handed(parts: Parts, options: { hidesDomains?: boolean; with?: Parts } = {}): HttpTransaction {
  const original = transaction(parts);
  const known = new ValueSearch(collected(original, transaction(options.with ?? {})));
  const rules = { pseudonymise, known, hidesDomains: options.hidesDomains ?? false };
  const once = safeCopyOf({ kind: "transaction", transaction: original }, rules);
  if (once.kind !== "transaction") throw new Error("a transaction stays one");
  expect(safeCopyOf(once, rules)).toEqual(once);
  return once.transaction;
}

const password = "Zx9-planted-Secret_42q";
const cookie: Parts = { headers: [["Cookie", `sid=${password}`]] };
const bodyText = (body: HttpTransaction["request"]["body"] | undefined): string =>
  new TextDecoder().decode(body?.bytes);

describe("a value that was taken away in one request is taken away", () => {
  test("from a token of another, and from the token inside it, which stay readable", () => {
    const actor = compact(signedHeader, { ...actorClaims, version: password });
    const outer = compact(unsignedHeader, { iss: "a", ver: `v ${password}`, actortoken: actor }, "");
    const after = handed({ headers: [["Authorization", `Bearer ${outer}`]] }, { with: cookie });
    const [, claims = ""] = (firstHeader(after.request.headers, "authorization") ?? "").split(".");
    const opened: Record<string, string> = JSON.parse(Buffer.from(claims, "base64url").toString());
    expect(opened.ver).toMatch(/^v redacted-[a-z2-7]{4}$/);
    const inner = Buffer.from(opened.actortoken?.split(".")[1] ?? "", "base64url").toString();
    expect(JSON.parse(inner)).toMatchObject({ aud: actorClaims.aud, version: expect.stringMatching(/^redacted-/) });
  });

  test("from a path, a reason, a form and an answer", () => {
    const after = handed(
      {
        target: `/x/${password}/y`,
        headers: [["Content-Type", "application/x-www-form-urlencoded"]],
        body: `grant_type=${encodeURIComponent(password)}&realm=a`,
        answerHeaders: [["x-ms-diagnostics", `2000001;reason="${password.toUpperCase()} was refused"`]],
        answer: JSON.stringify({ error: password }),
      },
      { with: cookie },
    );
    expect(after.request.target).toMatch(/^\/x\/redacted-[a-z2-7]{4}\/y$/);
    expect(bodyText(after.request.body)).toMatch(/^grant_type=redacted-[a-z2-7]{4}&realm=a$/);
    expect(after.response?.headers[0]?.[1]).toMatch(/^2000001;reason="redacted-[a-z2-7]{4} was refused"$/);
    expect(bodyText(after.response?.body)).toMatch(/^\{"error":"redacted-[a-z2-7]{4}"\}$/);
  });

  test("whole, when only the beginning of it is looked for", () => {
    const long = Buffer.alloc(90, "k7Q").toString("base64");
    const after = handed(
      { headers: [["User-Agent", `App (${long})`]] },
      { with: { headers: [["Cookie", `sid=${long}`]] } },
    );
    expect(firstHeader(after.request.headers, "user-agent")).toMatch(/^App \((?:<redacted|redacted-)[^)]{4,30}\)$/);
  });
});

test("people are found by the names of their accounts, as words only", () => {
  const after = handed({
    headers: [
      ["Authorization", `Basic ${Buffer.from("CONTOSO\\sam:pw-of-sam-1").toString("base64")}`],
      ["User-Agent", "sample sam/1"],
    ],
    answerHeaders: [["x-ms-diagnostics", '2000005;reason="The user Sam of Samoa is unknown."']],
  });
  expect(firstHeader(after.request.headers, "user-agent")).toMatch(/^sample user-[a-z2-7]{10}\/1$/);
  expect(after.response?.headers[0]?.[1]).toMatch(/The user user-[a-z2-7]{10} of Samoa/);
});

test("request ids stay whatever they look like, and so does what is known to everybody", () => {
  const parts: Parts = {
    headers: [
      ["client-request-id", password],
      ["Cookie", "a=contoso.example; b=Exchange"],
      ["User-Agent", "Exchange of mail.contoso.example"],
    ],
  };
  const after = handed(parts, { with: cookie });
  expect(firstHeader(after.request.headers, "client-request-id")).toBe(password);
  expect(firstHeader(after.request.headers, "user-agent")).toBe("Exchange of mail.contoso.example");
});

test("clients keep apart and lose their addresses; this machine's own stay", () => {
  const client = (address: string): string => {
    const rules = { pseudonymise, known: new ValueSearch([]), hidesDomains: false };
    const after = safeCopyOf({ kind: "transaction", transaction: { ...transaction({}), client: address } }, rules);
    const refused = safeCopyOf({ kind: "refused", at: 1, client: address, reason: "the target is not allowed" }, rules);
    if (after.kind !== "transaction" || refused.kind !== "refused") throw new Error("kinds stay");
    expect(refused).toEqual({
      kind: "refused",
      at: 1,
      client: after.transaction.client,
      reason: "the target is not allowed",
    });
    return after.transaction.client;
  };
  expect(client("10.0.0.7:5000")).toMatch(/^client-[a-z2-7]{10}:5000$/);
  expect(client("10.0.0.7:5001").slice(0, 17)).toBe(client("10.0.0.7:5000").slice(0, 17));
  expect(client("[2001:db8::1]:5000")).toMatch(/^client-[a-z2-7]{10}:5000$/);
  expect(client("2001:db8::1")).toMatch(/^client-[a-z2-7]{10}$/);
  for (const own of ["127.0.0.1:5000", "[::1]:5000", "", "client-abcdefghij:5"]) expect(client(own)).toBe(own);
  expect(client("somebody's name")).toBe("");
});

test("with hidden domains those of mail addresses and accounts go, and those of hosts stay", () => {
  const after = handed(
    {
      headers: [
        ["Authorization", `Basic ${Buffer.from("CONTOSO\\anna:pw-of-anna-1").toString("base64")}`],
        ["X-AnchorMailbox", "anna@contoso.example"],
        ["Referer", "https://mail.contoso.example/x?a=anna%40contoso.example"],
      ],
    },
    { hidesDomains: true },
  );
  const basic = firstHeader(after.request.headers, "authorization")?.slice("Basic ".length) ?? "";
  expect(Buffer.from(basic, "base64").toString()).toMatch(/^domain-[a-z2-7]{10}\\user-[a-z2-7]{10}:<password>$/);
  expect(firstHeader(after.request.headers, "x-anchormailbox")).toMatch(
    /^user-[a-z2-7]{10}@domain-[a-z2-7]{10}\.invalid$/,
  );
  expect(firstHeader(after.request.headers, "referer")).toMatch(/^https:\/\/mail\.contoso\.example\//);
});

test.each<[string, Parts, readonly string[]]>([
  [
    "a digest",
    { headers: [["Authorization", 'Digest username="anna", response="0123456789abcdef", nonce="n0nce-1"']] },
    ["0123456789abcdef", "anna", "n0nce-1"],
  ],
  [
    "user info",
    { answerHeaders: [["Location", "https://bert:pass%2Dword-1@contoso.example/"]] },
    ["bert", "pass-word-1"],
  ],
  ["broken escapes", { answerHeaders: [["Location", "https://contoso.example/?code=%zz-code-1"]] }, ["%zz-code-1"]],
  [
    "XML",
    { body: '<a><o:Username>CONTOSO\\carl</o:Username><o:Password Type="x">pass-word-2</o:Password></a>' },
    ["carl", "pass-word-2"],
  ],
  [
    "multipart",
    { body: '--b\r\nContent-Disposition: form-data; name="password"\r\n\r\npass-word-3\r\n--b--' },
    ["pass-word-3"],
  ],
  [
    "JSON inside JSON",
    { answer: JSON.stringify({ a: JSON.stringify({ client_secret: "pass-word-4" }) }) },
    ["pass-word-4"],
  ],
  ["a raw token", { headers: [["Authorization", "raw-token-value-1"]] }, ["raw-token-value-1"]],
])("secrets and people are known by where they stand: %s", (_name, parts, expected) => {
  expect(collected(transaction(parts)).map(({ value }) => value)).toEqual(expect.arrayContaining([...expected]));
});

test("an NTLM message names its user and machine", () => {
  const message = Buffer.alloc(120);
  message.write("NTLMSSP\0\u0003", "latin1");
  for (const [place, text, at] of [
    [28, "CONTOSO", 72],
    [36, "dora", 86],
    [44, "PC-OF-DORA", 94],
  ] as const) {
    message.writeUInt16LE(text.length * 2, place);
    message.writeUInt32LE(at, place + 4);
    message.write(text, at, "utf16le");
  }
  const values = collected(transaction({ headers: [["Authorization", `NTLM ${message.toString("base64")}`]] }));
  expect(values.map(({ value }) => value)).toEqual(expect.arrayContaining(["dora", "pc-of-dora"]));
  const answer = collected(
    transaction({ answerHeaders: [["WWW-Authenticate", `Negotiate ${message.toString("base64")}`]] }),
  );
  expect(answer.length).toBeGreaterThan(0);
});

test("what is beyond the first bounds comes in portions, each value once, and what is beyond those is counted", () => {
  const collector = new SecretCollector({ secrets: 3, others: 0, names: 2, later: 8, portion: 4 });
  const add = (account: string): void => {
    const headers: Parts["headers"] = [["Authorization", `Basic ${Buffer.from(account).toString("base64")}`]];
    collector.add({ kind: "transaction", transaction: transaction({ headers }) });
  };
  for (let round = 0; round < 2; round++) {
    for (let index = 0; index < 5; index++) add(`person-${index}:password-${index}`);
    add(`person-5:${"long-password-".repeat(5)}`);
    add(`${"long-person-".repeat(5)}:password-0`);
    for (const late of ["late-one", "late-two", "late-one"]) add(`person-0:${late}`);
  }
  const first = collector.values(() => "aaaaaaaaaa");
  expect(first.map(({ value }) => value)).toEqual(["password-0", "password-1", "password-2", "person-0", "person-1"]);
  // Of what is long the beginning is looked for, of a name then as of any text.
  const beginning = (text: string): string => text.repeat(5).slice(0, 48);
  const rest = collector.overflowPortions().map((portion) => portion.map(({ value, isWord }) => [value, isWord]));
  expect(rest).toEqual([
    [
      ["password-3", false],
      ["password-4", false],
      [beginning("long-password-"), false],
      [beginning("long-person-"), false],
    ],
    [
      ["person-2", true],
      ["person-3", true],
      ["person-4", true],
      ["person-5", true],
    ],
  ]);
  expect(collector.missedCount).toBe(2);
});

test("what was beyond the bound of one list and has room in another is looked for at once alone", () => {
  const collector = new SecretCollector({ secrets: 1, others: 1 });
  const headers: Parts["headers"] = [["Cookie", "a=cookie-value-1; b=cookie-value-2; c=cookie-value-3"]];
  collector.add({ kind: "transaction", transaction: transaction({ headers }) });
  expect(collector.values(() => "aaaaaaaaaa").map(({ value }) => value)).toEqual(["cookie-value-1", "cookie-value-2"]);
  expect(collector.overflowPortions().map((portion) => portion.map(({ value }) => value))).toEqual([
    ["cookie-value-3"],
  ]);
});

test("a name is no part of a longer word, and values do not shadow each other", () => {
  const value = (text: string, isWord: boolean): KnownValue => ({
    value: text,
    replacement: "***",
    isWord,
    isCut: false,
  });
  const search = new ValueSearch([
    value("ann", true),
    value("anna", true),
    value("secret-1", false),
    value("secret-12", false),
  ]);
  expect(search.replaceIn("ann, anna; annabel; Anna_x; ann-1")).toBe("***, ***; annabel; Anna_x; ***-1");
  expect(search.replaceIn("secret-12 secret-1")).toBe("*** ***");
  expect(search.replaceIn("İ SECRET-1 stays where folding moves the places")).toContain("stays");
  expect(new ValueSearch([]).replaceIn("anything")).toBe("anything");
  expect(search.isIn("nothing of it")).toBe(false);
});
