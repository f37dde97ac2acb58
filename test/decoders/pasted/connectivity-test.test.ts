import { describe, expect, test } from "vitest";
import { decodeText } from "../../../src/decoders/pasted/decode-text.ts";
import { judgeValue } from "../../../src/diagnosis/judge-value.ts";

const helper =
  "   at Microsoft.Exchange.Monitoring.TestOAuthConnectivityHelper.SendExchangeOAuthRequest(ADUser user, String orgDomain)";
const challenge = `Information:[OAuthCredentials:Authenticate] challenge from 'https://mail.contoso.com/ews/exchange.asmx' received: Bearer client_id="00000002-0000-0ff1-ce00-000000000000", trusted_issuers="00000001-0000-0000-c000-000000000000@contoso.com"`;

function output(result: string, ...detail: readonly string[]): string {
  return [
    "Task        : Checking EWS API Call Under Oauth",
    `Detail      : ${detail[0] ?? ""}`,
    ...detail.slice(1).map((line) => `              ${line}`),
    `ResultType  : ${result}`,
    "Identity    : Microsoft.Exchange.Security.OAuth.ValidationResultNodeId",
  ].join("\r\n");
}

/** As a console of 80 columns writes it. */
const wrapped = (text: string): string =>
  text
    .split("\r\n")
    .flatMap((line) => {
      const lines: string[] = [];
      let rest = line;
      for (; rest.length > 80; rest = `${" ".repeat(14)}${rest.slice(80)}`) lines.push(rest.slice(0, 80));
      return [...lines, rest];
    })
    .join("\r\n");

const failures: readonly (readonly [what: string, text: string, code: string])[] = [
  [
    "a web proxy, in German",
    output(
      "Error",
      "Exchange Outbound Oauth Log:",
      "Information:Using custom InternetWebProxy http://proxy.contoso.com:3128/.",
      "System.Net.WebException: Der Remoteserver hat einen Fehler zurückgegeben: (407) Proxyauthentifizierung erforderlich.",
      "   bei System.Net.HttpWebRequest.GetRequestStream(TransportContext& context)",
      helper,
    ),
    "WEB_PROXY_REFUSED",
  ],
  [
    "a web proxy that is not named, in French",
    output(
      "Error",
      "System.Net.WebException: Le serveur distant a retourné une erreur : (403) Interdit.",
      "   à System.Net.HttpWebRequest.GetRequestStream()",
      helper,
    ),
    "WEB_PROXY_REFUSED",
  ],
  [
    "a 503 after the challenge, in Spanish",
    output(
      "Error",
      challenge,
      "System.Net.WebException: Error en el servidor remoto: (503) Servidor no disponible.",
      "   en System.Net.HttpWebRequest.GetResponse()",
      helper,
    ),
    "CONNECTIVITY_TEST_FAILED",
  ],
  [
    "a refusal by Exchange Server",
    output(
      "Error",
      challenge,
      "System.Net.WebException: The remote server returned an error: (401) Unauthorized.",
      `diagnostics: 2000005;reason="The user specified by the user-context in the token does not exist.";error_category="invalid_user"`,
      helper,
    ),
    "USER_NOT_FOUND",
  ],
  [
    "the token service, over two lines",
    output(
      "Error",
      challenge,
      "Error:Unable to get token from Auth Server. Error code: 'invalid_client'. Description: 'AADSTS70002:",
      "Error validating credentials. AADSTS50012: Client assertion contains an invalid signature.'",
    ),
    "STS_REFUSED_CERTIFICATE",
  ],
  [
    "the token service, unknown application",
    output(
      "Error",
      "Error:Unable to get token. Error code: 'unauthorized_client'. Description: 'AADSTS700016: Application was not found'",
    ),
    "STS_REFUSED_CLIENT",
  ],
  ["no certificate", output("Error", "Error:Missing signing certificate."), "SIGNING_CERTIFICATE_MISSING"],
  [
    "a challenge without trusted issuers",
    output("Error", challenge.replace(/, trusted.*/, "")),
    "TRUSTED_ISSUERS_UNKNOWN",
  ],
];

describe.each([
  ["as it is", (text: string) => text],
  ["wrapped by a console", wrapped],
  ["quoted in a mail", (text: string) => text.replace(/^/gm, "> ")],
  [
    "in a page, as free/busy checks write it",
    (text: string) =>
      `<!DOCTYPE html><html><body><table><tr><td><b>Test</b><pre>${text
        .replaceAll("&", "&amp;")
        .replaceAll("<", "&lt;")
        .replaceAll('"', "&quot;")
        .replaceAll("'", "&#39;")}</pre></td></tr></table></body></html>`,
  ],
] as const)("%s", (_, dress) => {
  test.each(failures)("%s", async (_what, text, code) => {
    const read = decodeText(dress(text));
    expect(read.kind).toBe("connectivity-test");
    expect(read.value).toMatchObject({ result: "failed" });
    expect((await judgeValue(read.subject)).map((finding) => finding.code)).toContain(code);
  });

  test("success", async () => {
    const read = decodeText(dress(output("Success", challenge, "Exchange Response Details:")));
    expect(read.value).toMatchObject({ result: "passed", server: "mail.contoso.com" });
    expect((await judgeValue(read.subject)).map((finding) => finding.code)).toContain("CONNECTIVITY_TEST_PASSED");
  });
});

test("a page with its challenge in entities accuses no other application", async () => {
  const page = `<html><body><pre>${output("Error", challenge, "Error").replaceAll('"', "&quot;").replaceAll("'", "&#39;")}</pre></body></html>`;
  const { subject } = decodeText(page);
  expect(subject.bearerChallenge?.clientId).toBe("00000002-0000-0ff1-ce00-000000000000");
  expect((await judgeValue(subject)).map(({ code }) => code)).not.toContain("CHALLENGE_OF_ANOTHER_APPLICATION");
});

test("the id of the log, and no account of a proxy", () => {
  const { value } = decodeText(
    output(
      "Error",
      "Using custom InternetWebProxy http://svc:Sommer@proxy:8080/.",
      "FullId: L:4b7e0d19-6c2f-48a5-9f3e-d1a8b5c07e62-AS:x",
    ),
  );
  expect(value).toMatchObject({ logId: "4b7e0d19-6c2f-48a5-9f3e-d1a8b5c07e62", webProxy: "proxy:8080" });
  expect(JSON.stringify(value)).not.toContain("Sommer");
});

test("Test-CsExStorageConnectivity", async () => {
  const failed = decodeText(
    "PS> Test-CsExStorageConnectivity -SipUri sip:anna@contoso.com -Verbose\nVERBOSE: exception: (401) Unauthorized\nTest Failed.",
  );
  expect(failed).toMatchObject({
    kind: "connectivity-test",
    value: { cmdlet: "Test-CsExStorageConnectivity", result: "failed", status: 401 },
  });
  expect((await judgeValue(failed.subject)).map(({ code }) => code)).toEqual(["CONNECTIVITY_TEST_FAILED"]);
  const passed = decodeText("PS> Test-CsExStorageConnectivity -SipUri sip:anna@contoso.com\nTest Passed.");
  expect((await judgeValue(passed.subject)).map(({ code }) => code)).toEqual(["CONNECTIVITY_TEST_PASSED"]);
});

test("the event of MSExchange OAuth about a missing certificate", async () => {
  const read = decodeText(
    "Log Name: Application\nSource: MSExchange OAuth\nEvent ID: 2004\nUnable to find the certificate with thumbprint 3F1A9C0B77D24E5588A0C1D2E3F4051627384950 in the current computer or the certificate is missing private key.",
  );
  expect(read).toMatchObject({ kind: "connectivity-test", value: { cmdlet: "MSExchange OAuth", result: "failed" } });
  expect((await judgeValue(read.subject)).map(({ code }) => code)).toEqual(["SIGNING_CERTIFICATE_MISSING"]);
});

// The shape of the Microsoft Remote Connectivity Analyzer's results, as text and as a saved page.
const analyzer = [
  "The Microsoft Connectivity Analyzer is attempting to send an Autodiscover POST request.",
  "Additional Details",
  "A Web exception occurred because an HTTP 401 - Unauthorized response was received from Unknown.",
  "HTTP Response Headers:",
  "Content-Length: 0",
  "Server: Microsoft-IIS/10.0",
  'x-ms-diagnostics: 2000004;reason="The tenant does not exist.";error_category="invalid_tenant"',
  "Elapsed Time: 104 ms.",
];

test.each([
  ["text", analyzer.join("\n")],
  [
    "a page",
    `<html><body>${analyzer.map((line) => `<div><span>${line.replaceAll('"', "&quot;")}</span></div>`).join("")}</body></html>`,
  ],
])("results of the Remote Connectivity Analyzer as %s", async (_, text) => {
  const read = decodeText(text);
  expect(read.subject.transaction?.response?.status).toBe(401);
  expect((await judgeValue(read.subject)).map(({ code }) => code)).toContain("REFUSED_TENANT");
});
