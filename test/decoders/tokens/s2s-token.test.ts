import { describe, expect, test } from "vitest";
import type { S2sToken } from "../../../src/decoders/facts.ts";
import { decodeToken, maxActorDepth } from "../../../src/decoders/tokens/s2s-token.ts";
import {
  actAsToken,
  actorClaims,
  actorToken,
  compact,
  exchange,
  sfbOnline,
  signedHeader,
  sts,
  tenant,
  unsignedHeader,
  userClaims,
} from "../token-maker.ts";

function read(text: string): S2sToken {
  const result = decodeToken(text);
  if (!result.ok) throw new Error(result.problem);
  return result.value;
}

const signed = (claims: object) => read(compact(signedHeader, claims));
const acs = `${sts}/accounts.accesscontrol.windows.net@${tenant}`;
const self = `${exchange}@${tenant}`;
const entra = { aud: "https://mail.contoso.com/", iss: `https://sts.windows.net/${tenant}/`, ver: "1.0", tid: tenant };
const entraV2 = {
  ...{ aud: "https://graph.microsoft.com", iss: `https://login.microsoftonline.com/${tenant}/v2.0` },
  ...{ ver: "2.0", tid: tenant },
};
const customerApp = "b2f0f7c2-54a1-4d6f-9a63-0c4a5f6e7d8c";

describe("kinds, by their claims alone", () => {
  test.each<[string, object, S2sToken["tokenKind"]]>([
    [
      "[MS-XOAUTH] 3.2.5.2: an assertion to the token service",
      { aud: acs, iss: self, nameid: self, nbf: "1", exp: "2", trustedfordelegation: "true" },
      "self-issued",
    ],
    [
      "RFC 7523 §3: a client assertion for Entra",
      { aud: `https://login.microsoftonline.com/${tenant}/oauth2/token`, iss: customerApp, sub: customerApp },
      "self-issued",
    ],
    [
      "Exchange's own version mark",
      { ver: "MSExchange.SelfIssued.V1", iss: `${exchange}@00000002-0000-0ff1-ce00-200000000000` },
      "self-issued",
    ],
    ["[MS-XOAUTH] 4: an actor token", actorClaims, "actor"],
    ["an actor token of an unknown issuer", { ...actorClaims, iss: `${customerApp}@${tenant}` }, "actor"],
    [
      "direct trust: Lync Server calls with its own key",
      {
        aud: `${exchange}/mail.contoso.com@contoso.com`,
        iss: `${sfbOnline}@contoso.com`,
        nameid: `${sfbOnline}@contoso.com`,
      },
      "direct-trust",
    ],
    ["[MS-XOAUTH] 3.2.5.6: an actor token inside", { ...userClaims, actortoken: actorToken }, "app-acts-as-user"],
    ["[MS-XOAUTH] 2.2 names the claim actort", { ...userClaims, actort: actorToken }, "app-acts-as-user"],
    ["Entra, on behalf of a user", { ...entra, appid: customerApp, scp: "EWS.AccessAsUser.All" }, "entra-v1"],
    ["Entra, an application", { ...entra, appid: customerApp, roles: ["full_access_as_app"] }, "entra-v1"],
    ["Entra without its version", { ...entra, ver: undefined }, "entra-v1"],
    ["version 1.0 with an actor token keeps to the version", { ...entra, actortoken: actorToken }, "entra-v1"],
    ["a callback token", { ...entra, msexchcallback: "1" }, "exchange-identity"],
    [
      "an app-asserted user",
      { ver: "app_asserted_user_v1", iss: `${customerApp}@${tenant}`, appid: customerApp, tid: tenant },
      "app-asserted-user",
    ],
    // "Inside the Exchange identity token"
    [
      "an identity token for an add-in",
      {
        aud: "https://addin.contoso.com",
        iss: `${exchange}@mail.contoso.com`,
        appctx: '{"version":"ExIdTok.V1"}',
        appctxsender: `${exchange}@mail.contoso.com`,
        isbrowserhostedapp: "true",
      },
      "exchange-identity",
    ],
    [
      "an identity token known by its sender alone",
      { iss: `${exchange}@mail.contoso.com`, appctxsender: "x" },
      "exchange-identity",
    ],
    ["AD FS", { aud: "https://mail.contoso.com/owa/", iss: "http://adfs.contoso.com/adfs/services/trust" }, "adfs"],
    [
      "AD FS that writes version 1.0",
      { iss: "https://adfs.contoso.com/adfs/services/trust", ver: "1.0", appid: customerApp },
      "adfs",
    ],
    ["Entra v2, an application", { ...entraV2, azp: customerApp, roles: ["Calendars.Read"] }, "entra-v2"],
    ["Entra v2, on behalf of a user", { ...entraV2, azp: customerApp, scp: "Calendars.Read" }, "entra-v2"],
    ["Entra v2 without its version", { ...entraV2, ver: undefined, azp: customerApp }, "entra-v2"],
    ["Entra v1 of China without its version", { iss: `https://sts.chinacloudapi.cn/${tenant}/` }, "entra-v1"],
    ["a host that is not Entra's, without a version", { iss: `https://login.example.com/${tenant}/v2.0` }, "unknown"],
    ["another version", { ...entra, ver: "3.0" }, "unknown"],
    ["a version that is a number", { ...entra, ver: 1 }, "unknown"],
    ["no issuer", { aud: self, nameid: self }, "unknown"],
    ["no nameid", { aud: self, iss: self }, "unknown"],
    ["an issuer that is no principal", { aud: self, iss: "joe", nameid: "joe" }, "unknown"],
    ["nothing", {}, "unknown"],
  ])("%s", (_, claims, kind) => {
    expect(signed(claims).tokenKind).toBe(kind);
  });
});

// "Microsoft identity platform application authentication certificate credentials": iss and sub are the client id, aud is the
// token endpoint; the hosts of the clouds are those of Microsoft's scripts.
test.each([
  `https://login.microsoftonline.com/${tenant}/oauth2/v2.0/token`,
  `https://login.microsoftonline.com/${tenant}/oauth2/token`,
  `https://login.microsoftonline.us/${tenant}/oauth2/v2.0/token`,
  `https://login.partner.microsoftonline.cn/${tenant}/oauth2/v2.0/token`,
  `https://login.sovcloud-identity.fr/${tenant}/oauth2/v2.0/token`,
  `https://login.sovcloud-identity.de/${tenant}/oauth2/v2.0/token`,
])("a client assertion for %s", (aud) => {
  const header = { alg: "PS256", typ: "JWT", "x5t#S256": "kS8Bw0mU1yqvF2b9C0u4xW3mG7hT5nJ6pL8rD2sE1fA" };
  const token = read(compact(header, { aud, iss: customerApp, sub: customerApp, jti: "x", nbf: 1, exp: 2 }));
  expect(token).toMatchObject({ tokenKind: "self-issued", caller: { id: customerApp }, alg: "PS256" });
  expect(token.keyId).toBe("kS8Bw0mU1yqvF2b9C0u4xW3mG7hT5nJ6pL8rD2sE1fA");
});

test.each([
  [{ x5t: "one", "x5t#S256": "two", kid: "three" }, "one"],
  [{ "x5t#S256": "two", kid: "three" }, "two"],
  [{ kid: "three" }, "three"],
])("the key id of %j is %s", (header, keyId) => {
  expect(read(compact({ alg: "RS256", ...header }, { iss: customerApp })).keyId).toBe(keyId);
});

// The samples of "Access tokens in the Microsoft identity platform", decoded (the page shows them in compact form).
describe("the published access tokens", () => {
  const v1 = {
    ...{
      aud: "ef1da9d4-ff77-4c3e-a005-840c3f830745",
      iss: "https://sts.windows.net/fa15d692-e9c7-4460-a743-29f29522229/",
    },
    ...{ iat: 1537233106, nbf: 1537233106, exp: 1537237006, appid: "75dbe77f-10a3-4e59-85fd-8c127544f17c" },
    ...{ appidacr: "0", scp: "user_impersonation", tid: "fa15d692-e9c7-4460-a743-29f2956fd429", ver: "1.0" },
    unique_name: "abeli@microsoft.com",
  };
  const v2 = {
    aud: "6e74172b-be56-4843-9ff4-e66a39bb12e3",
    iss: "https://login.microsoftonline.com/72f988bf-86f1-41af-91ab-2d7cd011db47/v2.0",
    ...{ iat: 1537231048, nbf: 1537231048, exp: 1537234948, azp: "6e74172b-be56-4843-9ff4-e66a39bb12e3", azpacr: "0" },
    ...{ preferred_username: "abeli@microsoft.com", scp: "access_as_user" },
    ...{ tid: "72f988bf-86f1-41af-91ab-2d7cd011db47", ver: "2.0" },
  };

  test("version 1.0", () => {
    expect(signed(v1)).toMatchObject({
      ...{ tokenKind: "entra-v1", tenant: "fa15d692-e9c7-4460-a743-29f2956fd429", lifetimeSeconds: 3900 },
      caller: { id: "75dbe77f-10a3-4e59-85fd-8c127544f17c" },
      user: { kind: "upn", redacted: "a…@microsoft.com" },
    });
  });

  test("version 2.0", () => {
    expect(signed(v2)).toMatchObject({
      ...{ tokenKind: "entra-v2", tenant: "72f988bf-86f1-41af-91ab-2d7cd011db47", lifetimeSeconds: 3900 },
      caller: { id: "6e74172b-be56-4843-9ff4-e66a39bb12e3" },
      user: { kind: "upn", redacted: "a…@microsoft.com" },
    });
  });

  test("the tenant of a v2 issuer counts where tid is missing", () => {
    expect(signed({ ...v2, tid: undefined }).tenant).toBe("72f988bf-86f1-41af-91ab-2d7cd011db47");
  });
});

describe("who is named", () => {
  test("the actor token's caller is its nameid; 00000004 is not its issuer", () => {
    const token = read(actorToken);
    expect(token.caller).toMatchObject({ id: sfbOnline, name: "Skype for Business Online", realm: tenant });
    expect(token.issuer).toMatchObject({ id: sts });
    expect(token.audience).toMatchObject({ id: exchange, host: "mail.contoso.com", realm: tenant });
    expect(token).toMatchObject({
      tenant,
      user: null,
      actor: null,
      signature: "present",
      alg: "RS256",
      keyId: signedHeader.x5t,
    });
  });

  test("the outer token's caller is its issuer, the signed actor token lies inside", () => {
    const token = read(actAsToken());
    expect(token).toMatchObject({
      signature: "absent",
      alg: "none",
      keyId: "",
      caller: { id: sfbOnline, realm: tenant },
      user: { kind: "puid", redacted: "1003…" },
      actor: { ok: true, value: { tokenKind: "actor", signature: "present", caller: { id: sfbOnline } } },
    });
    expect(token.compact).toBe(actAsToken());
    expect(token.actor?.ok === true && token.actor.value.compact).toBe(actorToken);
  });

  test("Entra's caller is its appid, its tenant the tid", () => {
    expect(signed({ ...entra, appid: customerApp })).toMatchObject({
      caller: { id: customerApp, realm: "" },
      tenant,
      audience: { host: "mail.contoso.com" },
      audienceText: "https://mail.contoso.com/",
      issuerText: `https://sts.windows.net/${tenant}/`,
    });
  });

  test("without tid the tenant is in Entra's issuer", () => {
    expect(signed({ ...entra, tid: undefined }).tenant).toBe(tenant);
    expect(signed({ iss: "https://adfs.contoso.com/adfs/services/trust" }).tenant).toBe("");
  });

  test("an identity token has no caller", () => {
    expect(signed({ iss: self, appctx: "{}" }).caller).toBeNull();
    expect(signed({}).caller).toBeNull();
  });

  test("a configured application is named", () => {
    const applications = new Map([[customerApp, "our hybrid app"]]);
    const token = decodeToken(compact(signedHeader, { ...entra, appid: customerApp.toUpperCase() }), applications);
    expect(token).toMatchObject({ ok: true, value: { caller: { name: "our hybrid app", mixedCase: true } } });
  });

  test("the key is named by x5t, else by kid", () => {
    expect(read(compact({ alg: "RS256", kid: "k", x5t: "x" }, {})).keyId).toBe("x");
    expect(read(compact({ alg: "RS256", kid: "k" }, {})).keyId).toBe("k");
    expect(read(compact({ alg: "RS256", kid: 5 }, {})).keyId).toBe("");
  });
});

describe("times", () => {
  test("are read from strings as from numbers", () => {
    const text = signed({ nbf: "1700000000", exp: "1700028800" });
    const number = signed({ nbf: 1_700_000_000, exp: 1_700_028_800 });
    for (const token of [text, number]) {
      expect(token).toMatchObject({
        notBefore: 1_700_000_000_000,
        expires: 1_700_028_800_000,
        lifetimeSeconds: 28_800,
      });
    }
    expect(text.oddities).toEqual(["claim nbf is a string", "claim exp is a string"]);
    expect(number.oddities).toEqual([]);
  });

  // Lifetimes computed from published samples
  test.each([
    ["[MS-XOAUTH] sample", 3600],
    ["SharePoint", 43_200],
    ["ACS actor token", 86_700],
    ["Exchange outer token", 28_800],
  ])("%s: %d s", (_, seconds) => {
    expect(signed({ nbf: 1_700_000_000, exp: 1_700_000_000 + seconds }).lifetimeSeconds).toBe(seconds);
  });

  test("a lifetime is counted from iat where nbf is missing, and null where nothing is there", () => {
    expect(signed({ iat: 1_700_000_000, exp: 1_700_000_300 })).toMatchObject({
      notBefore: null,
      issuedAt: 1_700_000_000_000,
      lifetimeSeconds: 300,
    });
    expect(signed({ exp: 1 })).toMatchObject({ expires: 1000, lifetimeSeconds: null });
  });

  test.each([
    ["1e20", "claim exp is out of the range of dates"],
    ["1e400", "claim exp is out of the range of dates"],
    ["9007199254740993", "claim exp is out of the range of dates"],
    ['"129592882368666656"', "claim exp is out of the range of dates"],
    ['"tomorrow"', "claim exp is not a time"],
    ['""', "claim exp is not a time"],
    ["true", "claim exp is not a time"],
    ["[1]", "claim exp is not a time"],
  ])("exp %s is null with a remark", (raw, remark) => {
    const token = read(compact(signedHeader, `{"exp":${raw}}`));
    expect(token.expires).toBeNull();
    expect(token.oddities).toContain(remark);
  });

  test("fractions and times before 1970 are times", () => {
    expect(signed({ exp: 1.5, nbf: "-1" })).toMatchObject({ expires: 1500, notBefore: -1000 });
  });
});

describe("claims of the wrong type", () => {
  test("are remarked, not guessed", () => {
    const token = signed({ iss: 5, nameid: { a: 1 }, aud: true, appid: [] });
    expect(token).toMatchObject({ issuer: null, audience: null, caller: null, issuerText: "", audienceText: "" });
    expect(token.oddities).toEqual(["claim iss is not text", "claim nameid is not text", "claim aud is not text"]);
  });

  test("an audience list is read by its first name (RFC 7519 §4.1.3)", () => {
    const token = signed({ aud: [`${exchange}/a@b`, "c"] });
    expect(token.audience).toMatchObject({ id: exchange, host: "a" });
    expect(token.oddities).toEqual(["claim aud is a list"]);
    expect(signed({ aud: [5] }).audience).toBeNull();
  });

  test("an actortoken that is no text is no actor token", () => {
    expect(signed({ ...userClaims, actortoken: { a: 1 } }).actor).toBeNull();
  });
});

describe("nesting", () => {
  test("an actor token that cannot be read leaves the outer token readable", () => {
    expect(read(actAsToken("not.a.token"))).toMatchObject({ tokenKind: "app-acts-as-user", actor: { ok: false } });
  });

  test("ends after a fixed depth", () => {
    let text = actorToken;
    for (let level = 0; level <= maxActorDepth; level++)
      text = compact(unsignedHeader, { ...userClaims, actortoken: text }, "");
    let token = read(text);
    let depth = 0;
    while (token.actor?.ok === true) {
      token = token.actor.value;
      depth++;
    }
    expect(depth).toBe(maxActorDepth);
    expect(token.actor).toMatchObject({ ok: false, problem: "tokens nested deeper than 3 levels" });
  });
});

describe("a sanitised token says the same", () => {
  test("with its signature's marker in the actor token", () => {
    const actor = actorToken.replace(/[^.]+$/, "<sig:ab3d>");
    const token = read(actAsToken(actor));
    expect(token.actor).toMatchObject({ ok: true, value: { signature: "removed", tokenKind: "actor", alg: "RS256" } });
  });

  test("a token that was taken out is said to be", () => {
    expect(decodeToken("<redacted len=1200 tag=ab3d>")).toMatchObject({
      ok: false,
      problem: "the token was removed from this capture",
    });
  });
});

test("[MS-SPS2SAUTH] 3.1.5: a token in upper case is read, and reported as such", () => {
  const token = signed({ ...actorClaims, nameid: `${sfbOnline.toUpperCase()}@${tenant}` });
  expect(token.caller).toMatchObject({ id: sfbOnline, mixedCase: true });
});

test("duplicate claims carry the value that lost", () => {
  const token = read(compact(signedHeader, `{"iss":"a","iss":"${sts}@${tenant}"}`));
  expect(token).toMatchObject({ duplicates: ["iss"], shadowed: [["iss", "a"]], issuer: { id: sts } });
});
