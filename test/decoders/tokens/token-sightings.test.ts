// Which tokens of a transaction may be a service's; all of them are counted.
import { expect, test } from "vitest";
import type { Header } from "../../../src/core/headers.ts";
import { decodeTransaction } from "../../../src/decoders/messages/decode-transaction.ts";
import { decodeValue } from "../../../src/decoders/pasted/decode-value.ts";
import { tokensOfServices } from "../../../src/decoders/tokens/token-sightings.ts";
import { actorToken, compact, signedHeader } from "../token-maker.ts";
import { transaction } from "../transaction-maker.ts";

const session = compact(signedHeader, { sub: "anna", session: "1" });
const ofServices = (request: readonly Header[], response: readonly Header[] = []) =>
  tokensOfServices(decodeTransaction(transaction({ request, response }))).map((token) => token.compact);

test("a token of a session beside one of a service", () => {
  const cookie: Header = ["Cookie", `s=${session}; t=${actorToken}`];
  expect(ofServices([cookie])).toEqual([actorToken]);
  expect(ofServices([["Authorization", `Bearer ${session}`], cookie])).toEqual([session, actorToken]);
  expect(
    ofServices(
      [],
      [
        ["Set-Cookie", `s=${session}`],
        ["X-Token", actorToken],
      ],
    ),
  ).toEqual([]);
});

test("a raw token in Authorization is the service's, of whatever kind", () => {
  expect(ofServices([["Authorization", session]])).toEqual([session]);
  expect(ofServices([["Authorization", `Turbo ${session}`]])).toEqual([session]);
});

test("decode judges no token of a session", () => {
  const pasted = `GET /owa/ HTTP/1.1\r\nHost: mail.contoso.example\r\nCookie: session=${session}\r\n\r\n`;
  expect(decodeValue(pasted).subject.tokens).toEqual([]);
});
