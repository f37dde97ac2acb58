// The counts of a capture, place by place. Each token is made here, so the right count is known.
import { expect, test } from "vitest";
import type { Header } from "../../src/core/headers.ts";
import { decodeTransaction } from "../../src/decoders/messages/decode-transaction.ts";
import { startTally } from "../../src/diagnosis/tally.ts";
import { actAsToken, actorToken as token } from "../decoders/token-maker.ts";
import { type Made, transaction } from "../decoders/transaction-maker.ts";

function counted(made: Made) {
  const tally = startTally();
  const message = transaction(made);
  tally.add(message, decodeTransaction(message));
  return tally.counts();
}

const request = (...headers: Header[]): Made => ({ request: headers });
const answer = (...headers: Header[]): Made => ({ response: headers });
const json = (value: object): Made => ({
  target: "/api/session",
  response: [["Content-Type", "application/json; charset=utf-8"]],
  responseBody: JSON.stringify(value),
});

test.each<[string, Made, number]>([
  ["Bearer", request(["Authorization", `Bearer ${token}`]), 1],
  ["no scheme", request(["Authorization", token]), 1],
  ["an unknown scheme", request(["Authorization", `Turbo ${token}`]), 1],
  ["an unknown scheme with a parameter", request(["Authorization", `api_key token="${token}"`]), 1],
  ["a second Authorization without a scheme", request(["Authorization", "Basic YTpi"], ["Authorization", token]), 1],
  ["Proxy-Authorization", request(["Proxy-Authorization", `Bearer ${token}`]), 1],
  ["one cookie", request(["Cookie", `session=${token}`]), 1],
  ["a cookie among others", request(["Cookie", `a=b; session=${token}; ARRAffinity=0123456789abcdef.x`]), 1],
  ["two cookies", request(["Cookie", `id=${token}; session=${actAsToken()}`]), 3],
  ["a cookie with Bearer in percent coding", request(["Cookie", `auth=Bearer%20${token}`]), 1],
  ["Sec-WebSocket-Protocol", request(["Sec-WebSocket-Protocol", `chat, ${token}`]), 1],
  ["Sec-WebSocket-Protocol with a prefix", request(["Sec-WebSocket-Protocol", `authorization.bearer.${token}, v1`]), 1],
  ["a field nobody knows", request(["X-Session", `JWT ${token}`]), 1],
  ["Set-Cookie", answer(["Set-Cookie", `session=${token}; Path=/; HttpOnly`]), 1],
  ["two Set-Cookie", answer(["Set-Cookie", `a=${token}`], ["Set-Cookie", `b=${token}; Secure`]), 2],
  ["a field of the answer", answer(["X-Access-Token", token]), 1],
  ["a redirect", answer(["Location", `https://contoso.example/cb?id_token=${token}`]), 1],
  ["JSON of any service", json({ token, user: "x" }), 1],
  ["JSON of any service with two", json({ access_token: token, id_token: token, expires_in: 3600 }), 2],
])("%s: jwts", (_, made, jwts) => {
  expect(counted(made).jwts).toBe(jwts);
});

test.each<[string, Made]>([
  ["random text in a cookie", request(["Cookie", "session=eyKLMNOPQRSTUVWXYZ0123.abcdefghijklmnop.qrstuvwxyz"])],
  ["a name in a cookie", request(["Cookie", `they=${"honey.money.".repeat(8)}`])],
  ["an encrypted token", request(["Cookie", "s=eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..aaaaaaaa.bbbbbbbb.cccccccc"])],
  ["text that is not JSON", { ...json({}), responseBody: `{"token":"${token}"` }],
  ["an answer in HTML", { ...json({ token }), response: [["Content-Type", "text/html"]] }],
])("%s is not counted", (_, made) => {
  expect(counted(made).jwts).toBe(0);
});

test("a token outside Authorization is no credential of a handshake", () => {
  const facts = decodeTransaction(transaction(request(["Cookie", `session=${token}`])));
  expect(facts.authorization).toEqual({ scheme: "none" });
  expect(facts.tokens.map(({ path, side }) => [path, side])).toEqual([["other", "request"]]);
});

test("a value of many beginnings is searched in one pass", () => {
  const started = performance.now();
  counted(request(["Cookie", `a=${"ey".repeat(120_000)}.x`]));
  expect(performance.now() - started).toBeLessThan(1000);
});
