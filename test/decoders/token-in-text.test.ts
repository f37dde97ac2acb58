import { describe, expect, test } from "vitest";
import { decodeText as decodeValue } from "../../src/decoders/pasted/decode-text.ts";
import { compactOfPrinted, tokensInText, withoutTokens } from "../../src/decoders/token-in-text.ts";
import { decodeToken } from "../../src/decoders/tokens/s2s-token.ts";
import { judgeValue } from "../../src/diagnosis/judge-value.ts";
import { actAsToken, actorToken, exchange, segment, sts, tenant } from "./token-maker.ts";

const header = '{"typ":"JWT","alg":"RS256","x5t":"_jNwjeSnvTTK8XEdr5QUPkBRLLo","kid":"_jNwjeSnvTTK8XEdr5QUPkBRLLo"}';
const aud = `${exchange}/outlook.office365.com@${tenant}`;
// The form of a public trace ("Advanced Active Directory to Entra ID lateral movement techniques", Mollema 2025)
const pairs = `{"typ":"JWT","alg":"none"}."iss": "${exchange}@${tenant}" "aud": "${aud}" "nbf": "1753216953" "exp": "1753245753" ; actor: ${header}."oid": "a761cbb2-fbb6-4c80-aa50-504962316eb2" "iss": "${sts}@${tenant}" "aud": "${aud}" "nbf": "1753216653" "exp": "1753303353" `;
const braces = `{"typ":"JWT","alg":"none"}.{"iss":"${exchange}@${tenant}","aud":"${aud}","nbf":"1753216953","exp":"1753245753","x":"a } b"}; actor: ${header}.{"iss":"${sts}@${tenant}","aud":"${aud}","nameid":"${exchange}@${tenant}","nbf":"1753216653","exp":"1753303353"}`;
const sent = (token: string) =>
  `Information:[OAuthCredentials:Authenticate] entering\nInformation:[OAuthCredentials:Authenticate] challenge from 'https://outlook.office365.com/ews/exchange.asmx' received: Bearer client_id="${exchange}", trusted_issuers="${sts}@*",Basic Realm=""\nInformation:[OAuthCredentials:Authenticate] send request to 'https://outlook.office365.com/ews/Exchange.asmx' with the bearer token: '${token}'\n`;

const read = (text: string) => {
  const token = decodeToken(compactOfPrinted(text) ?? "");
  if (!token.ok) throw new Error(token.problem);
  return token.value;
};

describe("a token that Exchange printed", () => {
  test.each([
    ["claims in braces", braces, "actor"],
    ["claims without braces, no nameid", pairs, "unknown"],
    ["within a log", sent(braces), "actor"],
  ])("%s", (_name, text, kind) => {
    expect(read(text)).toMatchObject({
      tokenKind: "app-acts-as-user",
      signature: "absent",
      alg: "none",
      issuer: { id: exchange, realm: tenant },
      audience: { host: "outlook.office365.com" },
      lifetimeSeconds: 28_800,
      actor: {
        ok: true,
        value: { tokenKind: kind, signature: "removed", lifetimeSeconds: 86_700, issuer: { id: sts } },
      },
    });
  });

  test("an actor token alone", () => {
    expect(read(`${header}.{"iss":"${sts}@${tenant}","nameid":"${exchange}@${tenant}"}`)).toMatchObject({
      tokenKind: "actor",
      signature: "removed",
      actor: null,
    });
  });

  test.each([
    "",
    '{"typ":"JWT"}',
    '{"typ":"JWT"}.',
    '{"typ":"JWT"}.{',
    '{"typ":"JWT"}.{"a":1',
    '{"typ":x}.{"a":1}',
    '{"typ":"JWT"}.[1]',
    '{"a":"b"}.{"c":"d"}',
  ])("%j is none", (text) => {
    expect(compactOfPrinted(text)).toBeNull();
  });
});

describe("a whole log, pasted", () => {
  test("the token that was sent is decoded and judged; absent claims prove nothing", async () => {
    const decoded = decodeValue(sent(pairs));
    expect(decoded).toMatchObject({ kind: "jwt", value: { isPrinted: true, tokenKind: "app-acts-as-user" } });
    expect((await judgeValue(decoded.subject)).map(({ code }) => code)).toEqual([
      "SHARED_SERVICE_PRINCIPAL",
      "ISSUER_SEEN",
    ]);
  });

  test("another tenant's actor token is an alarm there, too", async () => {
    const foreign = sent(
      braces.replace(`"iss":"${sts}@${tenant}"`, `"iss":"${sts}@11111111-2222-4333-8444-555555555555"`),
    );
    expect((await judgeValue(decodeValue(foreign).subject)).map(({ code }) => code)).toContain("CROSS_TENANT_ACTOR");
  });

  test("a refusal in it says most", () => {
    const refused = `${sent(pairs)}Error:[x] diagnostics: 2000005;reason="The user specified by the user-context in the token is ambiguous.";error_category="invalid_user"`;
    expect(decodeValue(refused)).toMatchObject({ kind: "diagnostics", value: { code: "2000005" } });
  });

  test("also where a shell has indented its lines", () => {
    const indented = sent(pairs).replace(/^/gm, "              ");
    expect(decodeValue(`Detail : \n${indented}`)).toMatchObject({ kind: "jwt", value: { isPrinted: true } });
  });

  test("with a challenge alone it is the challenge", () => {
    const text = sent("").split("\n").slice(0, 2).join("\n");
    expect(decodeValue(text)).toMatchObject({
      kind: "challenge",
      value: { schemes: [{ scheme: "Bearer" }, { scheme: "Basic" }] },
    });
  });

  test("with nothing of these it is nothing known", () => {
    expect(decodeValue("Information:[A:B] entering\nInformation:[A:B] leaving").kind).toBe("unknown");
  });
});

const removed = actorToken.replace(/[^.]+$/, "<sig:ab3d>");
const encrypted = `${segment({ alg: "dir", enc: "A256GCM" })}..AAAA.AAAA.AAAA`;

test.each([
  [`token="${actorToken}"`, [actorToken], 'token="<token>"'],
  [`Bearer ${removed}, Bearer ${actAsToken()}`, [removed, actAsToken()], "Bearer <token>, Bearer <token>"],
  [`x ${encrypted} y`, [encrypted], "x <token> y"],
  [`%20${actorToken}`, [actorToken], "%<token>"],
  ["mail.contoso.com", [], "mail.contoso.com"],
  ["https://ewserver.contoso.com/eyes/autodiscover.xml", [], "https://ewserver.contoso.com/eyes/autodiscover.xml"],
  ["eyJhbGciOiJub25lIn0 and no dots", [], "eyJhbGciOiJub25lIn0 and no dots"],
  [
    "Microsoft.Exchange.WebServices.Data.ServiceRequestException",
    [],
    "Microsoft.Exchange.WebServices.Data.ServiceRequestException",
  ],
  ["", [], ""],
])("tokens in text %#", (text, tokens, shown) => {
  expect(tokensInText(text)).toEqual(tokens);
  expect(withoutTokens(text)).toBe(shown);
});
