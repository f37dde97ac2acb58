import { expect, test } from "vitest";
import { bodyText } from "../../../src/decoders/body-text.ts";
import { decodeAuthorization } from "../../../src/decoders/tokens/authorization.ts";
import { withoutPasswords } from "../../../src/sanitising/search/without-passwords.ts";
import { transaction } from "../transaction-maker.ts";

const basic = (text: string): string => `Basic ${Buffer.from(text).toString("base64")}`;

test("a Basic password is hidden and the account stays", () => {
  const made = withoutPasswords(transaction({ headers: [["authorization", basic("CONTOSO\\svc:geheim:1")]] }));
  const [, value = ""] = made.request.headers.at(-1) ?? [];
  expect(Buffer.from(value.slice(6), "base64").toString()).toBe("CONTOSO\\svc:<password>");
  expect(decodeAuthorization(value)).toMatchObject({ scheme: "basic", isDecodable: true });
});

test.each(["Basic !!!", basic("no colon"), "Basic geheim"])(
  "%s, which cannot be taken apart, is hidden whole",
  (value) => {
    const made = withoutPasswords(transaction({ headers: [["Authorization", value]] }));
    expect(made.request.headers.at(-1)).toEqual(["Authorization", "Basic <password>"]);
  },
);

test.each([
  ["grant_type=password&username=a&password=geheim&x=1", "grant_type=password&username=a&password=<password>&x=1"],
  ["client_secret=geheim", "client_secret=<password>"],
  ['{"user":"a","password": "ge\\"heim"}', '{"user":"a","password": "<password>"}'],
  [
    "<o:UsernameToken><o:Password Type='x'>geheim</o:Password>",
    "<o:UsernameToken><o:Password Type='x'><password></o:Password>",
  ],
  ["assertion=eyJ0.eyJ1.sig", "assertion=eyJ0.eyJ1.sig"],
])("%s", (body, shown) => {
  const made = withoutPasswords(transaction({ body, answer: body }));
  expect(bodyText(made.request.body, 1e6)).toBe(shown);
  expect(bodyText(made.response?.body ?? made.request.body, 1e6)).toBe(shown);
});

test("tokens, cookies and other headers are as they were", () => {
  const headers = [
    ["Authorization", "Bearer eyJhbGciOiJub25lIn0.e30.c2ln"],
    ["Cookie", "a=b"],
  ] as const;
  const plain = transaction({ headers });
  expect(withoutPasswords({ ...plain, response: null })).toEqual({ ...plain, response: null });
});

test("passwords in URLs are hidden, in the request's own, in fields and before a host", () => {
  const url = "https://svc:gehe@im-1@contoso.example/EWS/";
  const made = withoutPasswords(
    transaction({
      target: url,
      headers: [
        ["Referer", url],
        ["Host", "svc:gehe@im-1@contoso.example"],
      ],
      answerHeaders: [["Location", url]],
    }),
  );
  expect(JSON.stringify(made)).not.toContain("im-1");
  expect(made.request.target).toBe("https://redacted@contoso.example/EWS/");
  expect(made.request.headers.at(-1)).toEqual(["Host", "contoso.example"]);
});
