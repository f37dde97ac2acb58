// Values out of logs of Exchange: shapes of AuthenticatedUser and members of GenericInfo, as known from builds of 2013.
import { expect, test } from "vitest";
import { decodePaste } from "../../../src/decoders/pasted/decode-paste.ts";
import { judgeValue } from "../../../src/diagnosis/judge-value.ts";
import {
  exchangeOnlineId,
  printedToken,
  proxyShapes,
  rareProxyShapes,
  skypeId,
  teamsId,
  tenantId,
} from "../../support/log-lines.ts";

const skype = `Skype for Business Online (${skypeId})`;

test.each([
  [`S2S~${skypeId}`, { form: "S2S", id: skypeId, signIn: expect.stringContaining("partner application") }],
  [`V1A~${teamsId}`, { form: "V1A", name: "Microsoft Teams", signIn: expect.stringContaining("Entra") }],
  [`v1s~${exchangeOnlineId}`, { form: "V1S", name: "Exchange", signIn: expect.stringContaining("issued to itself") }],
  ["CLB~52f1a2", { form: "CLB", meaning: "a callback of Exchange" }],
  [
    "<unverified>actas1(smtp:anna@contoso.com|sip:anna@contoso.com|upn:anna@contoso.com)",
    { form: "actas1", userForms: ["smtp", "sip", "upn"], note: expect.stringContaining("OAuthExtraInfo") },
  ],
  ["actas1(sid:S-1-5-21-1-2-3-4|netid:1|liveid:a|oid:b)", { userForms: ["sid", "netid", "liveid", "oid"] }],
  ["<verified>actas2(dn:CN=Anna Lind,OU=Users,DC=contoso)", { form: "actas2", userForms: ["dn"] }],
  [
    "S-1-5-21-1004336348-1177238915-682003330-1105",
    { form: "SID", note: expect.stringContaining("ActAsUserVerified") },
  ],
  ["CONTOSO\\EX02$", { form: "machine", note: expect.stringContaining("hop") }],
  ["CONTOSO\\HealthMailbox6f2b1c0", { form: "health-mailbox" }],
  ["CONTOSO\\anna", { form: "account", meaning: "account CONTOSO\\a…" }],
])("%s", async (text, expected) => {
  const { kind, value } = await decodePaste(text);
  expect(kind).toBe("log-user");
  expect(value).toMatchObject(expected);
  expect(JSON.stringify(value)).not.toMatch(/anna|1004336348/i);
});

test.each(["anna", "EX02$", "HealthMailbox6f2b1c0", "hello world", "a\\b\\c"])("%j may be any word", async (text) => {
  expect((await decodePaste(text)).kind).toBe("unknown");
});

test.each([
  ["S2SAppOnly", "a partner application for itself"],
  ["S2SAppActAs", "a partner application that acts as a user"],
  ["V1AppOnly", "an application with a token of Entra for itself"],
  ["V1AppActAs", "an application with a token of Entra that acts as a user"],
  ["V1IdToken", "a user with an id token of Entra"],
  ["V1ExchangeSelfIssued", "Exchange with a token that it issued to itself"],
  ["V1Callback", "a callback with a token of Entra"],
  ["Callback", "a callback"],
  ["Another", ""],
])("OAuthExtraInfo of the category %s", async (category, meaning) => {
  const { kind, value } = await decodePaste(`Category:${category}|AppId:S2S~${skypeId}|smtp:anna@contoso.com`);
  expect(kind).toBe("log-members");
  expect(value).toMatchObject({ category, meaning, caller: skype, errorCode: "", proves: "" });
  expect(JSON.stringify(value)).not.toContain("anna");
});

test("OAuthExtraInfo of a refusal: the application is claimed, not proven", async () => {
  const extra = `Category:S2SAppActAs|AppId:S2S~${skypeId}|smtp:anna@contoso.com|ErrorCode:2008`;
  for (const text of [extra, `OAuthExtraInfo=${extra}`, `S:ServiceCommonMetadata.OAuthExtraInfo=${extra};`]) {
    const { value } = await decodePaste(text);
    expect(value).toMatchObject({
      caller: skype,
      errorCode: "2008",
      reason: "the issuer is unknown",
      proves: "Exchange refused a token.",
      note: expect.stringContaining("what the refused token claims"),
    });
  }
  expect((await decodePaste(`AppId:S2S~${skypeId}`)).value).toMatchObject({ caller: skype });
  expect((await decodePaste("ErrorCode:NoUserFound")).value).toMatchObject({ errorCode: "NoUserFound", reason: "" });
});

test.each([
  ["InvalidToken", "2000001 InvalidToken", "front end", "REFUSED_TOKEN"],
  ["InvalidTenant-BE", "2000004 InvalidTenant", "back end", "REFUSED_TENANT"],
  ["OAuthErrorCategory=TokenExpired;", "2000002 TokenExpired", "front end", "REFUSED_EXPIRED"],
])("the category %s is judged like x-ms-diagnostics", async (text, refusal, refusedBy, code) => {
  const { kind, value, subject } = await decodePaste(text);
  expect(kind).toBe("log-members");
  expect(value).toMatchObject({ refusal, refusedBy });
  expect((await judgeValue(subject)).map((finding) => finding.code)).toEqual([code]);
});

test.each([
  [`AuthenticatedUser : S2S~${skypeId}`, "log-user", { id: skypeId }],
  [`cs-username: S2S~${skypeId}`, "log-user", { id: skypeId }],
  ["OAuthErrorCategory: InvalidToken", "log-members", { refusal: "2000001 InvalidToken", refusedBy: "front end" }],
  ["invalid_token", "log-members", { refusal: "2000001 invalid_token", refusedBy: "" }],
  ["ErrorCode: 3001", "log-members", { errorCode: "3001", reason: "the token has expired" }],
  ["OAuthError=The token has expired", "log-members", { reason: "The token has expired" }],
  [`OAuthExtraInfo: Category:S2SAppOnly|AppId:S2S~${skypeId}`, "log-members", { caller: skype }],
  ["ActAsUserVerified=False", "log-members", { actsAs: "a user that is not verified" }],
  [`token-result: ${printedToken()}`, "jwt", { isPrinted: true }],
  ["MissingSigningCertificate", "log-members", { reason: "Exchange has no certificate to sign with" }],
  ["error-string: NoMatchedTokenIssuer", "log-members", { error: "NoMatchedTokenIssuer" }],
  ["error-string: Something", "unknown", {}],
])("%s, a cell with its name", async (text, kind, expected) => {
  const read = await decodePaste(text);
  expect(read.kind).toBe(kind);
  expect(read.value).toMatchObject(expected);
});

test("a whole cell of GenericInfo", async () => {
  const { value } = await decodePaste(proxyShapes.actAsNamed.GenericInfo);
  expect(value).toMatchObject({ caller: skype, actsAs: "a verified user", category: "S2SAppActAs" });
  expect((await decodePaste(rareProxyShapes.actAsFound.GenericInfo)).value.actsAs).toBe("a user that is not verified");
  const token = await decodePaste(rareProxyShapes.namedByToken.GenericInfo);
  expect(token.value.token).toMatchObject({ isPrinted: true, caller: { id: skypeId, realm: tenantId } });
  expect(token.subject.tokens).toHaveLength(1);
});

test("base64 of a printed token, its padding lost or cut in mid-character, and of a raw one", async () => {
  const base64 = printedToken({ smtp: "anna@contoso.com" });
  for (const text of [base64, base64.replace(/=+$/, ""), `"${base64}"`])
    expect(await decodePaste(text)).toMatchObject({ kind: "jwt", value: { isPrinted: true, caller: { id: skypeId } } });
  const raw = `${Buffer.from('{"typ":"JWT","alg":"RS256"}').toString("base64url")}.${Buffer.from(
    `{"iss":"${skypeId}@${tenantId}"}`,
  ).toString("base64url")}.c2lnbmF0dXJl`;
  expect((await decodePaste(Buffer.from(raw).toString("base64"))).kind).toBe("jwt");
  expect((await decodePaste(Buffer.from("nothing of the kind ".repeat(4)).toString("base64"))).kind).toBe("unknown");
});
