import { describe, expect, test } from "vitest";
import {
  bearerChallengeOf,
  challengeParameter,
  decodeChallenges,
} from "../../../src/decoders/messages/bearer-challenge.ts";

const seen = (value: string) =>
  decodeChallenges(value).map(({ scheme, params, token68 }) => [scheme, Object.fromEntries(params), token68]);

const exchange = "00000002-0000-0ff1-ce00-000000000000";
const sts = "00000001-0000-0000-c000-000000000000";
const sfbOnline = "00000004-0000-0ff1-ce00-000000000000";

describe("the schemes of a challenge", () => {
  test.each([
    [
      "RFC 9110 §11.6.1: two schemes in one field",
      'Basic realm="simple", Newauth realm="apps", type=1, title="Login to \\"apps\\""',
      [
        ["Basic", { realm: "simple" }, ""],
        ["Newauth", { realm: "apps", type: "1", title: 'Login to "apps"' }, ""],
      ],
    ],
    [
      "RFC 6750 §3",
      'Bearer realm="example", error="invalid_token", error_description="The access token expired"',
      [["Bearer", { realm: "example", error: "invalid_token", error_description: "The access token expired" }, ""]],
    ],
    [
      "Test-CsExStorageConnectivity (Microsoft support article on wildcard accepted domains)",
      `Bearer client_id="${exchange}", trusted_issuers="${sfbOnline}@contoso.com", token_types="app_asserted_user_v1service_asserted_app_v1", error="invalid_token",Negotiate,NTLM,Basic realm="autodiscover.contoso.com"`,
      [
        [
          "Bearer",
          {
            client_id: exchange,
            trusted_issuers: `${sfbOnline}@contoso.com`,
            token_types: "app_asserted_user_v1service_asserted_app_v1",
            error: "invalid_token",
          },
          "",
        ],
        ["Negotiate", {}, ""],
        ["NTLM", {}, ""],
        ["Basic", { realm: "autodiscover.contoso.com" }, ""],
      ],
    ],
    [
      "Test-OAuthConnectivity output: an empty Basic realm after a comma",
      `Bearer client_id="${exchange}", trusted_issuers="${sts}@*", token_types="app_asserted_user_v1 service_asserted_app_v1", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize",Basic Realm=""`,
      [
        [
          "Bearer",
          {
            client_id: exchange,
            trusted_issuers: `${sts}@*`,
            token_types: "app_asserted_user_v1 service_asserted_app_v1",
            authorization_uri: "https://login.microsoftonline.com/common/oauth2/authorize",
          },
          "",
        ],
        ["Basic", { Realm: "" }, ""],
      ],
    ],
    [
      "SharePoint: no blanks after the commas",
      `Bearer realm="0be1f1ba-21e4-4c34-a193-1b44e66afda7",client_id="00000003-0000-0ff1-ce00-000000000000",trusted_issuers="${sts}@*,D3776938-3DBA-481F-A652-4BEDFCAB7CD8@*,https://sts.windows.net/*/"`,
      [
        [
          "Bearer",
          {
            realm: "0be1f1ba-21e4-4c34-a193-1b44e66afda7",
            client_id: "00000003-0000-0ff1-ce00-000000000000",
            trusted_issuers: `${sts}@*,D3776938-3DBA-481F-A652-4BEDFCAB7CD8@*,https://sts.windows.net/*/`,
          },
          "",
        ],
      ],
    ],
    [
      "an IIS log: + for blanks",
      `Bearer+client_id="${exchange}",+trusted_issuers="${sts}@*",+token_types="app_asserted_user_v1+service_asserted_app_v1",+error="invalid_token"`,
      [
        [
          "Bearer",
          {
            client_id: exchange,
            trusted_issuers: `${sts}@*`,
            token_types: "app_asserted_user_v1 service_asserted_app_v1",
            error: "invalid_token",
          },
          "",
        ],
      ],
    ],
    [
      "Lync: MsRtcOAuth after a Bearer challenge",
      'Bearer trusted_issuers="", client_id="00000004-0000-0ff1-ce00-000000000000",MsRtcOAuth href="https://lync.contoso.com/WebTicket/oauthtoken",grant_type="urn:microsoft.rtc:windows,urn:microsoft.rtc:anonmeeting,password"',
      [
        ["Bearer", { trusted_issuers: "", client_id: sfbOnline }, ""],
        [
          "MsRtcOAuth",
          {
            href: "https://lync.contoso.com/WebTicket/oauthtoken",
            grant_type: "urn:microsoft.rtc:windows,urn:microsoft.rtc:anonmeeting,password",
          },
          "",
        ],
      ],
    ],
    [
      "an unquoted URL",
      "MsRtcOAuth href=https://lync.contoso.com/WebTicket/oauthtoken?a=b,grant_type=x",
      [["MsRtcOAuth", { href: "https://lync.contoso.com/WebTicket/oauthtoken?a=b", grant_type: "x" }, ""]],
    ],
    [
      "blanks around the equals sign",
      'Bearer client_id = "a" , realm ="b"',
      [["Bearer", { client_id: "a", realm: "b" }, ""]],
    ],
    [
      "missing commas",
      'Bearer client_id="a" realm="b" Basic realm="c"',
      [
        ["Bearer", { client_id: "a", realm: "b" }, ""],
        ["Basic", { realm: "c" }, ""],
      ],
    ],
    ["a comma too many", ', Bearer ,, client_id="a",', [["Bearer", { client_id: "a" }, ""]]],
    [
      "a value over two lines",
      'Bearer client_id="a",\r\n  realm="b"',
      [["Bearer", { client_id: "a", realm: "b" }, ""]],
    ],
    ["Basic realm with no value", "Basic realm", [["Basic", { realm: "" }, ""]]],
    ["Basic realm= with no value", "Basic realm=", [["Basic", { realm: "" }, ""]]],
    ["a quote that never ends", 'Bearer client_id="a, Basic', [["Bearer", { client_id: "a, Basic" }, ""]]],
    ["a backslash at the end", 'Bearer client_id="a\\', [["Bearer", { client_id: "a\\" }, ""]]],
    ["a name that occurs twice keeps its first value", 'Bearer realm="a", realm="b"', [["Bearer", { realm: "a" }, ""]]],
    // RFC 9110 §11.2
    [
      "token68",
      "Newauth YWJjZGVmZ2hpamtsbW5vcA==, Basic",
      [
        ["Newauth", {}, "YWJjZGVmZ2hpamtsbW5vcA=="],
        ["Basic", {}, ""],
      ],
    ],
    [
      "an NTLM blob",
      "NTLM TlRMTVNTUAACAAAA=, Negotiate",
      [
        ["NTLM", {}, "TlRMTVNTUAACAAAA="],
        ["Negotiate", {}, ""],
      ],
    ],
    ["a short NTLM blob with padding", "Negotiate oQcw==", [["Negotiate", {}, "oQcw=="]]],
    [
      "a marker of a sanitised capture",
      'Negotiate <negotiate:kerberos>, Basic realm="x"',
      [
        ["Negotiate", {}, "<negotiate:kerberos>"],
        ["Basic", { realm: "x" }, ""],
      ],
    ],
    ["letter case is kept", "BEARER Client_ID=x", [["BEARER", { Client_ID: "x" }, ""]]],
    ["nothing", "", []],
    ["no token characters", '"(,)"', []],
    [
      "__proto__ is a name like any other",
      'Bearer __proto__="x"',
      [["Bearer", Object.fromEntries([["__proto__", "x"]]), ""]],
    ],
  ])("%s", (_, value, expected) => {
    expect(seen(value)).toEqual(expected);
  });

  test("a marker that does not end is skipped", () => {
    expect(decodeChallenges(`Negotiate <negotiate:${"x".repeat(100)}`)[0]).toMatchObject({
      scheme: "Negotiate",
      token68: "",
    });
  });

  test("schemes, parameters and length are bounded", () => {
    expect(decodeChallenges("a,".repeat(10_000))).toHaveLength(32);
    const many = Array.from({ length: 1000 }, (_, index) => `p${index}=1`).join(",");
    expect(decodeChallenges(`Bearer ${many}`)[0]?.params.size).toBe(64);
    expect(decodeChallenges(`Bearer a="${"x".repeat(1_000_000)}"`)[0]?.params.get("a")?.length).toBeLessThan(65_536);
  });
});

describe("Bearer, understood", () => {
  const of = (value: string) => bearerChallengeOf(decodeChallenges(value));

  test("names, issuers and types", () => {
    // use-hybrid-modern-auth.md
    expect(
      of(
        `Bearer client_id="${exchange}", trusted_issuers="${sts}@5de110f8-2e0f-4d45-891d-bcf2218e253d,${sfbOnline}@contoso.com", token_types="app_asserted_user_v1 service_asserted_app_v1", authorization_uri="https://login.windows.net/common/oauth2/authorize", error="invalid_token"`,
      ),
    ).toMatchObject({
      clientId: exchange,
      realm: "",
      trustedIssuers: [
        { id: sts, realmKind: "tenant" },
        { id: sfbOnline, realm: "contoso.com", realmKind: "domain", name: "Skype for Business Online" },
      ],
      tokenTypes: ["app_asserted_user_v1", "service_asserted_app_v1"],
      authorizationUri: "https://login.windows.net/common/oauth2/authorize",
      error: "invalid_token",
    });
  });

  test("[MS-SPS2SAUTH] spells trustedissuers without the underscore; blanks and empty entries are dropped", () => {
    expect(of(`Bearer trustedissuers=" ${sts}@* , ,/${sfbOnline}@*,"`)?.trustedIssuers).toMatchObject([
      { id: sts, leadingSlash: false },
      { id: sfbOnline, leadingSlash: true },
    ]);
  });

  test("an empty list is empty, in any letter case of name and scheme", () => {
    expect(of('bEARER TRUSTED_ISSUERS="", Client_Id="x"')).toMatchObject({ clientId: "x", trustedIssuers: [] });
  });

  test("of two Bearer schemes the one with a client_id is understood", () => {
    expect(of('Bearer realm="a", Bearer client_id="x"')).toMatchObject({ clientId: "x", realm: "" });
    expect(of('Bearer realm="a", Bearer realm="b"')).toMatchObject({ realm: "a" });
  });

  test("configured names are used", () => {
    const applications = new Map([["b2f0f7c2-54a1-4d6f-9a63-0c4a5f6e7d8c", "ours"]]);
    const schemes = decodeChallenges('Bearer trusted_issuers="b2f0f7c2-54a1-4d6f-9a63-0c4a5f6e7d8c@*"');
    expect(bearerChallengeOf(schemes, applications)?.trustedIssuers).toMatchObject([{ name: "ours" }]);
  });

  test("without Bearer there is none", () => {
    expect(of('Negotiate, NTLM, Basic realm="x"')).toBeNull();
  });

  test("issuer_kind and other parameters stay readable by name", () => {
    const [scheme] = decodeChallenges('Bearer issuer_kind="ADFS"');
    expect(scheme && challengeParameter(scheme, "issuer_kind")).toBe("ADFS");
    expect(scheme && challengeParameter(scheme, "absent")).toBe("");
  });
});

describe("fields that an exporter joined with a comma (RFC 9110 §5.3; HTTP Toolkit's HAR joins without a blank)", () => {
  const fields = [
    `Bearer client_id="${exchange}", trusted_issuers="${sts}@*,${sfbOnline}@contoso.com", token_types="app_asserted_user_v1 service_asserted_app_v1", authorization_uri="https://login.windows.net/common/oauth2/authorize",error="invalid_token"`,
    "Negotiate",
    "NTLM",
    'Basic realm="mail.contoso.com"',
    "NTLM TlRMTVNTUAACAAAAAAAAADgAAAABAoEA",
    'MsRtcOAuth href="https://webpool.contoso.com/WebTicket/oauthtoken",grant_type="urn:microsoft.rtc:windows,urn:microsoft.rtc:passive"',
  ];
  const orders = fields.map((_, at) => [...fields.slice(at), ...fields.slice(0, at)]);

  test.each([",", ", ", " ,\t"])("by %j they give what they give apart, in every order", (separator) => {
    for (const order of [...orders, ...orders.map((one) => one.toReversed())]) {
      expect(seen(order.join(separator))).toEqual(order.flatMap(seen));
    }
  });
});
