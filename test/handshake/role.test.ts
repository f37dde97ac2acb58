// Whose request it is: a service's, a user's, nobody's.
import { expect, test } from "vitest";
import { decodeTransaction } from "../../src/decoders/messages/decode-transaction.ts";
import { roleOf } from "../../src/handshake/role.ts";
import { actorClaims, compact, exchange, sfbOnline, signedHeader, tenant } from "../decoders/token-maker.ts";
import { transaction } from "../decoders/transaction-maker.ts";

const cloud = "SkypeSpaces/1.0a$*+";
const entra = {
  ver: "1.0",
  iss: `https://sts.windows.net/${tenant}/`,
  aud: "https://mail.contoso.com/",
  appid: sfbOnline,
};

const entraV2 = {
  ver: "2.0",
  iss: `https://login.microsoftonline.com/${tenant}/v2.0`,
  aud: "https://graph.microsoft.com",
};

test.each<[string, object, string, string]>([
  ["an actor token", actorClaims, "", "call"],
  ["an Entra token with roles", entra, "", "call"],
  ["an Entra token of a person", { ...entra, scp: "EWS.AccessAsUser.All" }, "", "user-call"],
  ["an Entra v2 token with roles", { ...entraV2, azp: sfbOnline, roles: ["Calendars.Read"] }, "", "call"],
  ["an Entra v2 token that says it is an application's", { ...entraV2, azp: sfbOnline, idtyp: "app" }, "", "call"],
  ["an Entra v2 token of a person", { ...entraV2, azp: sfbOnline, scp: "Calendars.Read" }, "", "user-call"],
  ["an Entra token that says it is a person's", { ...entra, idtyp: "user" }, "", "user-call"],
  ["an Entra v2 id token", { ...entraV2, preferred_username: "alice@contoso.com" }, "", "user-call"],
  ["an Entra id token, which names no application", { ...entra, appid: undefined }, "", "user-call"],
  ["the same from a cloud service", { ...entra, scp: "EWS.AccessAsUser.All" }, cloud, "call"],
  [
    "an AD FS token of a person",
    { iss: "http://fs.contoso.com/adfs/services/trust", aud: "https://mail.contoso.com/" },
    "",
    "user-call",
  ],
  ["the same from a cloud service", { iss: "http://fs.contoso.com/adfs/services/trust", aud: "x" }, cloud, "call"],
  [
    "an identity token of an add-in",
    {
      iss: `${exchange}@mail.contoso.com`,
      aud: "https://addin.example/",
      appctxsender: "x",
      isbrowserhostedapp: "true",
    },
    "",
    "identity-token",
  ],
  ["an unknown token of a known application", { iss: `${sfbOnline}@${tenant}`, aud: "x" }, "", "call"],
  ["an unknown token of an unknown issuer", { iss: "https://idp.example/", aud: "x" }, "", "user-call"],
  ["the same from a cloud service", { iss: "https://idp.example/", aud: "x" }, cloud, "call"],
])("%s", (_name, claims, agent, role) => {
  const request: [string, string][] = [
    ["Authorization", `Bearer ${compact(signedHeader, claims)}`],
    ["User-Agent", agent],
  ];
  const made = transaction({ request });
  expect(roleOf(decodeTransaction(made))).toBe(role);
});
