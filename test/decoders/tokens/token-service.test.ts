import { describe, expect, test } from "vitest";
import { decodeToken } from "../../../src/decoders/tokens/s2s-token.ts";
import { tokenServiceOf, tokenServiceOfPath } from "../../../src/decoders/tokens/token-service.ts";
import { actAsToken, actorClaims, actorToken, compact, exchange, signedHeader, sts, tenant } from "../token-maker.ts";

function serviceOf(text: string): string | null {
  const token = decodeToken(text);
  if (!token.ok) throw new Error(token.problem);
  return tokenServiceOf(token.value);
}

const signed = (claims: object): string => compact(signedHeader, claims);
const dedicated = "5d1c0e4b-3a17-4f0e-9a53-2f7d0f8a6c11";
// Microsoft identity platform, "Access token claims reference": v1.0 tokens have appid and iss sts.windows.net, v2.0 tokens azp and
// an iss that ends in /v2.0.
const v1 = {
  aud: "https://outlook.office365.com",
  iss: `https://sts.windows.net/${tenant}/`,
  ver: "1.0",
  appid: dedicated,
  idtyp: "app",
  tid: tenant,
};
const v2 = {
  aud: "00000003-0000-0000-c000-000000000000",
  iss: `https://login.microsoftonline.com/${tenant}/v2.0`,
  ver: "2.0",
  azp: dedicated,
  idtyp: "app",
  tid: tenant,
};

describe("the issuer of a token", () => {
  test.each<[string, string, string | null]>([
    ["an actor token of ACS", actorToken, "acs"],
    ["an outer token: the actor token inside it counts", actAsToken(), "acs"],
    ["a v1 token of Entra", signed(v1), "entra-v1"],
    ["a v2 token of Entra", signed(v2), "entra-v2"],
    [
      "a v2 token of 21Vianet",
      signed({ ...v2, iss: `https://login.partner.microsoftonline.cn/${tenant}/v2.0` }),
      "entra-v2",
    ],
    // "National clouds": the sign-in host of each; v1 issuers of China have a host of their own.
    ["a v1 token of 21Vianet", signed({ ...v1, iss: `https://sts.chinacloudapi.cn/${tenant}/` }), "entra-v1"],
    [
      "a v2 token of the US government",
      signed({ ...v2, iss: `https://login.microsoftonline.us/${tenant}/v2.0` }),
      "entra-v2",
    ],
    ["a v2 token of Bleu", signed({ ...v2, iss: `https://login.sovcloud-identity.fr/${tenant}/v2.0` }), "entra-v2"],
    ["a v2 issuer without a version", signed({ ...v2, ver: undefined }), "entra-v2"],
    [
      "an issuer that is like Entra's",
      signed({ ...v2, iss: `https://login.microsoftonline.com.example/${tenant}/v2.0` }),
      null,
    ],
    ["an issuer without TLS", signed({ ...v1, iss: `http://sts.windows.net/${tenant}/` }), null],
    ["AD FS", signed({ ...v1, iss: "https://adfs.contoso.com/adfs/services/trust" }), null],
    ["an actor token of another issuer", signed({ ...actorClaims, iss: `${dedicated}@${tenant}` }), null],
    [
      "a client assertion for Entra",
      signed({ iss: dedicated, sub: dedicated, aud: `https://login.microsoftonline.com/${tenant}/oauth2/v2.0/token` }),
      "own-key",
    ],
    // [MS-XOAUTH] 3.2.5.2: Exchange signs the assertion itself.
    [
      "a self-issued assertion",
      signed({
        aud: `${sts}/accounts.accesscontrol.windows.net@${tenant}`,
        iss: `${exchange}@${tenant}`,
        nameid: `${exchange}@${tenant}`,
      }),
      "own-key",
    ],
    [
      "a direct-trust token",
      signed({ ...actorClaims, iss: `${exchange}@contoso.com`, nameid: `${exchange}@contoso.com` }),
      "own-key",
    ],
    ["a token of an unknown issuer", signed({ ...v2, iss: "https://login.contoso.com/v2.0" }), null],
    ["an outer token whose actor token cannot be read", actAsToken("not.a.token"), null],
  ])("%s", (_, token, expected) => {
    expect(serviceOf(token)).toBe(expected);
  });
});

test.each([
  [`/${tenant}/tokens/OAuth/2`, "acs"],
  [`/${tenant}/oauth2/token`, "entra-v1"],
  [`/${tenant}/oauth2/v2.0/token`, "entra-v2"],
  [`/${tenant}/oauth2/v2.0/token?slice=1`, "entra-v2"],
  ["/common/oauth2/authorize", null],
  ["/EWS/Exchange.asmx", null],
])("the token endpoint %s belongs to %s", (path, expected) => {
  expect(tokenServiceOfPath(path)).toBe(expected);
});
