import { describe, expect, test } from "vitest";
import { decodePaste } from "../../../src/decoders/pasted/decode-paste.ts";
import { judgeValue } from "../../../src/diagnosis/judge-value.ts";
import { actAsToken, actorToken, exchange, sfbOnline, tenant } from "../token-maker.ts";

const printed = Buffer.from(
  actorToken
    .split(".")
    .slice(0, 2)
    .map((part) => Buffer.from(part, "base64url").toString())
    .join("."),
).toString("base64");
const teams = "7557eb47-c689-4224-abcf-aef9bd7573df";

test.each([
  ["a quoted token", `"${actorToken}"`, { kind: "jwt", value: { tokenKind: "actor" } }],
  [
    "in single quotes, with a comma",
    `'Bearer ${actAsToken()}',`,
    { kind: "jwt", value: { tokenKind: "app-acts-as-user" } },
  ],
  ["over lines", actorToken.replace(/(.{64})/g, "$1\n"), { kind: "jwt", value: { tokenKind: "actor" } }],
  [
    "over lines, with its field",
    `Authorization: Bearer ${actorToken.replace(/(.{76})/g, "$1\r\n  ")}`,
    { kind: "jwt", value: { tokenKind: "actor" } },
  ],
  ["a printed token in base64", printed, { kind: "jwt", value: { tokenKind: "actor", isPrinted: true } }],
  [
    "Entra 1.0 as the issuer",
    `https://sts.windows.net/${tenant}/`,
    { kind: "issuer", value: { realm: tenant, realmKind: "tenant", tokenService: "entra-v1" } },
  ],
  [
    "Entra 2.0 as the issuer",
    `https://login.microsoftonline.com/${tenant}/v2.0`,
    { kind: "issuer", value: { realm: tenant, tokenService: "entra-v2" } },
  ],
  [
    "a Cyrillic letter",
    `${sfbOnline.replace("c", "\u0441")}@${tenant}`,
    { kind: "issuer", value: { id: sfbOnline, lookAlikes: 1 } },
  ],
  [
    "dashes of a word processor",
    `${exchange.replaceAll("-", "\u2013")}@${tenant}`,
    { kind: "issuer", value: { id: exchange, lookAlikes: 4 } },
  ],
  [
    "the letter O",
    `${sfbOnline.replace("0000", "OOOO")}@${tenant}`,
    { kind: "issuer", value: { id: sfbOnline, lookAlikes: 4 } },
  ],
  [
    "a service in a log",
    `S2S~${teams}`,
    { kind: "log-user", value: { service: `service ${teams} (Teams Scheduler)`, id: teams } },
  ],
  [
    "a service that acts as a user in a log",
    "actas1(sid:S-1-5-21-1-2-3-1104|smtp:anna@contoso.com|upn:anna@contoso.com)",
    { kind: "log-user", value: { form: "actas1", userForms: ["sid", "smtp", "upn"] } },
  ],
  [
    "a permission",
    "dc890d15-9560-4a4c-9b7f-a736ec74ec40",
    { kind: "permission", value: { name: expect.stringContaining("full_access_as_app") } },
  ],
  ["an application", exchange.toUpperCase(), { kind: "issuer", value: { id: exchange, name: "Exchange" } }],
])("%s", async (_, text, expected) => {
  const read = await decodePaste(text);
  expect(read).toMatchObject(expected);
  expect(JSON.stringify(read)).not.toContain("anna@contoso.com");
});

test("X-EWS-Policy-Reason alone", async () => {
  const read = await decodePaste("X-EWS-Policy-Reason: EWS is blocked by policy for this user");
  expect(read).toMatchObject({ kind: "headers", value: { parts: [{ kind: "policy" }] } });
  expect((await judgeValue(read.subject)).map(({ code }) => code)).toEqual(["EWS_APP_NOT_ALLOWED"]);
});

describe("rows of logs", () => {
  const iis = `#Software: Microsoft Internet Information Services 10.0
#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) sc-status
2025-11-30 11:00:01 192.0.2.2 POST /EWS/Exchange.asmx - 443 - 52.114.75.10 MicrosoftNinja/1.0+Teams/1.0 401
2025-11-30 11:00:02 192.0.2.2 POST /EWS/Exchange.asmx - 443 S2S~${teams} 52.114.75.10 MicrosoftNinja/1.0+Teams/1.0 200
2025-11-30 11:00:03 192.0.2.2 POST /EWS/Exchange.asmx - 443 CONTOSO\\svc-teams 52.114.75.10 MicrosoftNinja/1.0 200`;

  test("IIS", async () => {
    const { kind, value } = await decodePaste(iis);
    expect(kind).toBe("log-rows");
    expect(value).toMatchObject({
      log: "IIS (W3C)",
      rows: 3,
      shown: [
        { status: "401", signedIn: "", program: "MicrosoftNinja/1.0 Teams/1.0" },
        { status: "200", signedIn: `service ${teams} (Teams Scheduler)` },
        { signedIn: "account CONTOSO\\s…" },
      ],
    });
    expect(JSON.stringify(value)).not.toContain("svc-teams");
  });

  test("HttpProxy", async () => {
    const { value } = await decodePaste(
      `DateTime,RequestId,Protocol,UrlStem,AuthenticationType,AuthenticatedUser,UserAgent,HttpStatus\n2025-11-30T11:00:01Z,1,Ews,/EWS/Exchange.asmx,Bearer,S2S~${teams},"a, b",200\n`,
    );
    expect(value).toMatchObject({
      log: "Exchange HttpProxy",
      shown: [
        {
          path: "/EWS/Exchange.asmx",
          status: "200",
          by: "Bearer",
          program: "a, b",
          signedIn: expect.stringContaining("Teams Scheduler"),
        },
      ],
    });
  });
});
