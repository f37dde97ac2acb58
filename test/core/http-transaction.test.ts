import { expect, test } from "vitest";
import type { HttpTransaction } from "../../src/core/http-transaction.ts";
import { requestAuthority, requestPath, requestUrl } from "../../src/core/http-transaction.ts";
import { transaction } from "../sanitising/transaction-maker.ts";

const base = transaction({ host: "mail.contoso.example" });
const sent = (target: string, parts: Partial<HttpTransaction> = {}, host?: string): HttpTransaction => ({
  ...base,
  ...parts,
  request: { ...base.request, target, headers: host === undefined ? [] : [["Host", host]] },
});

test.each([
  ["the Host field names it", sent("/x", {}, "Other.example:444"), "Other.example:444"],
  [
    "the absolute target goes before the Host field, its user info is no part",
    sent("http://u:p@a.example/x", {}, "b"),
    "a.example",
  ],
  ["without either it is where the request was sent", sent("/x"), "mail.contoso.example"],
  ["an empty Host field is none", sent("/x", { port: 8443 }, ""), "mail.contoso.example:8443"],
  ["port 80 is the default of http", sent("/x", { scheme: "http", port: 80 }), "mail.contoso.example"],
  [
    "an IPv6 address gets brackets (RFC 3986 3.2.2)",
    sent("/x", { host: "2001:db8::1", port: 444 }),
    "[2001:db8::1]:444",
  ],
])("%s", (_name, request, authority) => {
  expect(requestAuthority(request)).toBe(authority);
});

test.each([
  ["/a?b", "/a?b"],
  ["*", "*"],
  ["http://a.example/b?c", "/b?c"],
  ["http://a.example", "/"],
  ["a.example:443", "/a.example:443"],
])("the path of target %s is %s", (target, path) => {
  expect(requestPath(sent(target))).toBe(path);
});

test("the URL is what the client meant", () => {
  expect(requestUrl(sent("/a?b", {}, "mail.contoso.example"))).toBe("https://mail.contoso.example/a?b");
});
