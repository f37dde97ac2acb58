import { describe, expect, test } from "vitest";
import { causeOfText, decodeDiagnostics, detailOf, remedyOf } from "../../../src/decoders/messages/diagnostics.ts";

function read(value: string) {
  const result = decodeDiagnostics(value);
  if (!result.ok) throw new Error(result.problem);
  return result.value;
}

describe("published samples", () => {
  test.each([
    // use-hybrid-modern-auth.md: TLS ended in front of the server
    [
      `2000003;reason="The hostname component of the audience claim value is invalid. Expected 'https://mail.contoso.com'. Actual 'http://mail.contoso.com'.";error_category="invalid_resource"`,
      {
        code: "2000003",
        category: "invalid_resource",
        cause: "invalid_resource",
        detail: "scheme-mismatch",
        reason:
          "The hostname component of the audience claim value is invalid. Expected 'https://mail.contoso.com'. Actual 'http://mail.contoso.com'.",
      },
    ],
    // An Exchange Online answer in a public source file
    [
      `2000003;reason="The audience claim value is invalid 'aud'.";error_category="invalid_resource"`,
      {
        code: "2000003",
        cause: "invalid_resource",
        detail: "audience-mismatch",
        reason: "The audience claim value is invalid 'aud'.",
      },
    ],
    // Microsoft support article on wildcard accepted domains
    [
      `2000004;reason="The tenant for tenant guid 'contoso.com' does not exist.";error_category="invalid_tenant"`,
      { code: "2000004", cause: "invalid_tenant", detail: "tenant-unknown" },
    ],
    // Remote Connectivity Analyzer, Office365FiddlerExtension
    [
      `4000000;reason="Flighting is not enabled for domain 'mail.dummy.uk'.";error_category="oauth_not_available"`,
      { code: "4000000", cause: "oauth_not_available", detail: "flighting-off" },
    ],
    // An IIS log in a public blog
    [
      `2000008;reason="The+token+should+have+valid+permissions+or+linked+account+associated+with+partner+application+'00000003-0000-0000-c000-000000000000'.";error_category="invalid_grant"`,
      {
        code: "2000008",
        cause: "invalid_grant",
        detail: "linked-account-missing",
        reason:
          "The token should have valid permissions or linked account associated with partner application '00000003-0000-0000-c000-000000000000'.",
      },
    ],
    // Entra tenant restrictions: a number and a category that are not Exchange's
    [
      `2000020;reason="xms_trpid claim was not present but sec-tenant-restriction-access-policy header was in requires";error_category="insufficient_claims"`,
      { code: "2000020", category: "insufficient_claims", cause: "insufficient_claims", detail: "tenant-restricted" },
    ],
  ])("%#", (value, expected) => {
    expect(read(value)).toMatchObject(expected);
  });
});

describe("classified by number, then category, then text", () => {
  test.each([
    ["2000000", "invalid_signature"],
    ["2000001", "invalid_token"],
    ["2000002", "token_expired"],
    ["2000003", "invalid_resource"],
    ["2000004", "invalid_tenant"],
    ["2000005", "invalid_user"],
    ["2000006", "invalid_client"],
    ["2000007", "internal_error"],
    ["2000008", "invalid_grant"],
    ["2000009", "invalid_certificate"],
    ["2000010", "insufficient_auth_strength"],
    ["2000020", "insufficient_claims"],
    ["4000000", "oauth_not_available"],
  ])("%s is %s, whatever else it says", (code, cause) => {
    expect(read(`${code};reason="expired";error_category="invalid_user"`).cause).toBe(cause);
    expect(read(code)).toEqual({ code, category: "", reason: "", cause });
  });

  test("the category decides where the number is unknown", () => {
    expect(read('2999999;reason="expired";error_category="INVALID_GRANT"')).toMatchObject({
      category: "INVALID_GRANT",
      cause: "invalid_grant",
    });
  });

  test("the text decides where number and category are unknown", () => {
    expect(read('2999999;reason="The token has expired."').cause).toBe("token_expired");
    expect(read('constructor;reason="x";error_category="toString"').cause).toBe("unknown");
  });

  test("a category that is not Exchange's makes the text another product's", () => {
    expect(read('2999999;reason="The token has expired.";error_category="invalid_policy"').cause).toBe("unknown");
  });

  test("a finer internal number says nothing by its block", () => {
    expect(read('2024;reason="no idea"').cause).toBe("unknown");
  });

  // Our own words in the sense of the reasons listed for each error (observed); not Microsoft's text
  test.each([
    ["The token has an invalid signature.", "invalid_signature"],
    ["The signature could not be checked: not valid", "invalid_signature"],
    ["The issuer 'x' is unknown.", "invalid_token"],
    ["The profile 'V1S2SAppOnly' is not applicable for the current request.", "invalid_token"],
    ["The profile 'S2SAppActAs' is not applicable", "invalid_token"],
    ["The token is expired", "token_expired"],
    ["The audience claim value is wrong", "invalid_resource"],
    ["There is no realm in the audience", "invalid_resource"],
    ["The realm is different from the issuer's", "invalid_tenant"],
    ["The tenant was not found", "invalid_tenant"],
    ["The user specified by the user-context in the token does not exist.", "invalid_user"],
    ["The user specified by the user-context in the token is ambiguous.", "invalid_user"],
    ["The application 'x' is unknown: no partner application was found", "invalid_client"],
    ["Neither a scope nor a linked account", "invalid_grant"],
    ["The scope is missing", "invalid_grant"],
    ["The certificate referenced by x5t could not be found", "invalid_certificate"],
    ["Flighting is not enabled for domain 'x'.", "oauth_not_available"],
    ["Something else altogether", "unknown"],
    ["", "unknown"],
  ])("%s → %s", (reason, cause) => {
    expect(causeOfText(reason)).toBe(cause);
  });

  test("a detail that no text names is null", () => {
    expect(detailOf("quelque chose d'autre")).toBeNull();
    expect(detailOf("Expected 'https://a' Actual 'https://b'")).toBe("audience-mismatch");
  });
});

describe("lax spellings", () => {
  const plain = {
    code: "2000005",
    category: "invalid_user",
    reason: "The user is ambiguous.",
    cause: "invalid_user",
    detail: "user-ambiguous",
  };
  test.each([
    ['2000005;reason="The user is ambiguous.";error_category="invalid_user"'],
    ['2000005;reason= "The user is ambiguous." ;error_category="invalid_user"'],
    ['  2000005 ; reason = "The user is ambiguous." ; error_category = "invalid_user" ; '],
    ['2000005;reason="The+user+is+ambiguous.";error_category="invalid_user"+'],
    ['2000005;reason="The user\r\n is ambiguous.";error_category="invalid_user"'],
    ['2000005;reason="The user is\n    ambiguous.";\r\n  error_category="invalid_user"'],
    ['2000005;error_category="invalid_user";reason="The user is ambiguous."'],
    ["2000005;reason=The user is ambiguous.;error_category=invalid_user"],
    ['2000005;Reason="The user is ambiguous.";Error_Category="invalid_user"'],
    ['2000005;reason="The user is ambiguous.";error_category="invalid_user'],
    ['2000005;reason="The user is ambiguous.";error_category="invalid_user", 2000001;reason="x";error_category="y"'],
    // As Test-OAuthConnectivity, free/busy and other programs print it inside a message (published samples)
    [
      'The remote server returned an error: (401) Unauthorized. Boolean reloadConfig, diagnostics: 2000005; reason="The user is ambiguous.";error_category="invalid_user".',
    ],
    [
      '401: Unauthorized diagnostics: 2000005;reason= "The user is ambiguous." ;error_category="invalid_user" LID: 43532',
    ],
    [
      'code: 401, x-ms-diagnostics: [2000005;reason="The user is ambiguous.";error_category="invalid_user"], correlationId:[35bc]',
    ],
    ['x-ms-diagnostics →2000005;reason="The user\n              is ambiguous.";error_category="invalid_user"'],
    // Fields on lines of their own, as programs list them
    ['2000005\nreason="The user is ambiguous."\nerror_category="invalid_user"'],
    ['2000005;\r\nreason="The user is ambiguous.";\r\nerror_category="invalid_user"'],
    ['2000005 ,\n\n  reason = "The user is ambiguous."\n\n  error_category = "invalid_user"\n'],
    ['2000005;"The user is ambiguous.";error_category="invalid_user"'],
    ['{"x-ms-diagnostics":"2000005;reason=\\"The user is ambiguous.\\";error_category=\\"invalid_user\\""}'],
    [`'X-MS-Diagnostics', '2000005;reason="The user is ambiguous.";error_category="invalid_user"'`],
  ])("%j", (value) => {
    expect(read(value)).toEqual(plain);
  });

  test.each([
    ["quotes", `2000001;reason="Said "no" to 'https://x'";error_category="invalid_token"`, `Said "no" to 'https://x'`],
    ["semicolons", '2000001;reason="a; b;c";error_category="invalid_token"', "a; b;c"],
    ["semicolons without quotes", "2000001;reason=a; b;error_category=invalid_token", "a; b"],
    ["an equals sign", '2000001;reason="a=b; c=d";error_category="invalid_token"', "a=b; c=d"],
    ["a plus sign beside blanks", '2000001;reason="a+b c";error_category="invalid_token"', "a+b c"],
  ])("%s inside the reason stay", (_, value, reason) => {
    expect(read(value)).toMatchObject({ reason, category: "invalid_token" });
  });

  // Copied out of JSON, out of JSON inside JSON, and out of a page
  test.each([['\\\\"'], ['\\\\\\\\\\\\"'], ["\\\\u0022"], ["&quot;"], ["&#34;"]])(
    "quotes of JSON and HTML: %s",
    (quote) => {
      const value = `2000005;reason=${quote}The user is ambiguous.${quote};error_category=${quote}invalid_user${quote}`;
      expect(read(value)).toEqual(plain);
    },
  );

  test("escaped quotes inside the reason stay as quotes", () => {
    expect(
      read('2000001;reason=\\"Said \\\\\\"no\\\\\\" to \\u0027x\\u0027\\";error_category=\\"invalid_token\\"'),
    ).toMatchObject({ code: "2000001", category: "invalid_token", reason: `Said "no" to 'x'` });
  });

  // Published without a number: azure-docs#27188 and Microsoft Q&A 1608048
  test.each([
    [`"This token profile 'V1S2SAppOnly' is not applicable for the current protocol.";error_category="invalid_token"`],
    [`This token profile 'V1S2SAppOnly' is not applicable for the current protocol.;error_category=invalid_token`],
    [`"This token profile 'V1S2SAppOnly' is not applicable for the current protocol."\nerror_category="invalid_token"`],
  ])("a reason without name and number: %j", (value) => {
    expect(read(value)).toEqual({
      code: "",
      category: "invalid_token",
      reason: "This token profile 'V1S2SAppOnly' is not applicable for the current protocol.",
      cause: "invalid_token",
      detail: "profile-not-applicable",
    });
  });

  test("a reason and a category, each on its line, without a number", () => {
    const reason = "Access to this API requires the following permissions: 'a,b'. It only has 'full_access_as_app'.";
    expect(read(`reason="${reason}"\nerror_category="invalid_grant"`)).toEqual({
      code: "",
      category: "invalid_grant",
      reason,
      cause: "invalid_grant",
      detail: "permissions-missing",
    });
  });

  test("words alone are no diagnostics", () => {
    expect(decodeDiagnostics("no number and no name").ok).toBe(false);
  });

  test("the header between front end and back end carries a name and a message", () => {
    expect(read("InvalidSignature|The token has an invalid signature.")).toEqual({
      code: "",
      category: "",
      reason: "The token has an invalid signature.",
      cause: "invalid_signature",
      detail: "signature-wrong",
    });
  });

  test("a number glued to letters is no number", () => {
    expect(read('2000001x;reason="y"').code).toBe("");
  });

  test("fields of another product are read and stay unknown", () => {
    expect(read('28032;source="lync.contoso.com";reason="The web ticket is invalid."')).toMatchObject({
      code: "28032",
      reason: "The web ticket is invalid.",
      cause: "unknown",
    });
  });
});

test.each(["", "   ", "hello", ";;;", '"', "=="])("%j is a problem", (value) => {
  expect(decodeDiagnostics(value).ok).toBe(false);
});

test("a very long value is cut, not refused", () => {
  expect(read(`2000001;reason="${"x".repeat(1_000_000)}"`).reason.length).toBeLessThan(20_000);
});

test("each cause has a next step of its own", () => {
  const causes = [
    "invalid_signature",
    "invalid_token",
    "token_expired",
    "invalid_resource",
    "invalid_tenant",
    "invalid_user",
    "invalid_client",
    "internal_error",
    "invalid_grant",
    "invalid_certificate",
    "oauth_not_available",
    "insufficient_auth_strength",
    "insufficient_claims",
    "unknown",
  ] as const;
  expect(new Set(causes.map(remedyOf)).size).toBe(causes.length);
  expect(remedyOf("invalid_grant")).toContain("full_access_as_app");
  expect(remedyOf("invalid_signature")).toContain("Set-AuthServer -RefreshAuthMetadata");
});
