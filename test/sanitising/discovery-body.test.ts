// The answer of Autodiscover v2 in a safe copy: address and error code are needed for the verdict, the message names a person.
import { expect, test } from "vitest";
import { pseudonymsFromKey } from "../../src/app/pseudonyms.ts";
import { decodeTransaction } from "../../src/decoders/messages/decode-transaction.ts";
import { sanitiseTransaction } from "../../src/sanitising/sanitise.ts";
import { lookUp } from "../diagnosis/cases/discovery-cases.ts";
import { type Exchanged, newStory } from "../diagnosis/story.ts";

const pseudonymise = pseudonymsFromKey(new Uint8Array(32));
const safe = (more: Exchanged) => sanitiseTransaction(newStory()(lookUp(more)), pseudonymise);
const textOf = (more: Exchanged): string => new TextDecoder().decode(safe(more).response?.body.bytes);

test("the address stays, without user and query", () => {
  const Url = "https://anna:secret@mail.contoso.com/EWS/Exchange.asmx?user=anna@contoso.com";
  const text = textOf({ answerBody: JSON.stringify({ Protocol: "EWS", Url, Note: "anna" }) });
  expect(JSON.parse(text)).toMatchObject({
    Protocol: "EWS",
    Url: expect.stringMatching(/mail\.contoso\.com\/EWS\/Exchange\.asmx/),
  });
  expect(text).not.toMatch(/anna|secret/);
});

test("the error code stays, its message does not", () => {
  const answer = { ErrorCode: "UserNotFound", ErrorMessage: "anna@contoso.com was not found" };
  expect(JSON.parse(textOf({ status: 400, answerBody: JSON.stringify(answer) }))).toEqual({
    ErrorCode: "UserNotFound",
  });
});

test("a safe copy has the same facts and no address of the look-up", () => {
  const copy = safe({});
  expect(decodeTransaction(copy).discovery).toEqual(decodeTransaction(newStory()(lookUp())).discovery);
  expect(copy.request.target).toMatch(/Protocol=EWS/);
  expect(copy.request.target).not.toContain("anna");
});
