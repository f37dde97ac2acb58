// Autodiscover v2: "Resolve interaction issues between Teams and Exchange Server" (learn.microsoft.com) has request and answer.
import { expect, test } from "vitest";
import type { Headers } from "../../../src/core/headers.ts";
import { decodeTransaction } from "../../../src/decoders/messages/decode-transaction.ts";
import { type Exchanged, mail, newStory } from "../../diagnosis/story.ts";

const path = "/autodiscover/autodiscover.json?Email=anna@contoso.com&Protocol=EWS";
const discoveryOf = (more: Exchanged) => decodeTransaction(newStory()({ method: "GET", path, ...more })).discovery;
const json = (value: object): Exchanged => ({ answerBody: JSON.stringify(value) });
const location = (to: string): Exchanged => ({ status: 302, answer: [["Location", to]] satisfies Headers });

test.each([
  [
    "an address",
    json({ Protocol: "EWS", Url: `https://${mail}/EWS/Exchange.asmx` }),
    { answer: "address", host: mail },
  ],
  ["an address with port", json({ Url: "https://MAIL.contoso.com:8443/EWS" }), { answer: "address", host: mail }],
  [
    "an error",
    { status: 400, ...json({ ErrorCode: "InvalidProtocol" }) },
    { answer: "other", errorCode: "InvalidProtocol" },
  ],
  ["a hostile error", json({ ErrorCode: "\u001b[2J" }), { answer: "other", errorCode: "" }],
  ["an address that is not one", json({ Url: "javascript:x" }), { answer: "other", host: "" }],
  ["user information in the address", json({ Url: "https://u@evil/x" }), { answer: "other", host: "" }],
  ["an array", { answerBody: "[]" }, { answer: "other" }],
  ["nothing", {}, { answer: "other" }],
  ["a web page", { answerBody: "<html></html>" }, { answer: "page" }],
  ["no answer", { status: null }, { answer: "none" }],
  [
    "another look-up",
    location(`https://outlook.office365.com${path}`),
    { answer: "sent-on", host: "outlook.office365.com" },
  ],
  ["another path of this host", location(path), { answer: "sent-on", host: "" }],
  ["a sign-in page", location("https://sso.contoso.com/my.policy"), { answer: "sign-in", host: "sso.contoso.com" }],
  [
    "the form with the address in the path",
    { path: "/Autodiscover/Autodiscover.json/v1.0/a%40b?Protocol=EWS" },
    { protocol: "EWS" },
  ],
])("%s", (_name, exchanged, discovery) => {
  expect(discoveryOf(exchanged)).toMatchObject(discovery);
});

test.each([
  ["another method", { method: "POST" }],
  ["another path", { path: "/autodiscover/autodiscover.xml?Protocol=EWS" }],
  ["no protocol", { path: "/autodiscover/autodiscover.json?Email=anna@contoso.com" }],
  ["no query", { path: "/autodiscover/autodiscover.json" }],
])("%s is no look-up", (_name, exchanged) => {
  expect(discoveryOf(exchanged)).toBeUndefined();
});

test("the address is nowhere in the facts", () => {
  expect(JSON.stringify(discoveryOf(json({ Protocol: "EWS", Url: `https://${mail}/EWS` })))).not.toContain("anna");
});
