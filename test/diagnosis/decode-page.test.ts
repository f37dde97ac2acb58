// docs/decode.md: pastes and what `decode` says of them. `npx vitest run test/diagnosis/decode-page.test.ts -u` writes it.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { decodePaste } from "../../src/decoders/pasted/decode-paste.ts";
import { judgeMessages } from "../../src/diagnosis/judge-message.ts";
import { judgeValue } from "../../src/diagnosis/judge-value.ts";
import { outerToken } from "./story.ts";

const tenant = "3b1f8d52-6c0e-4a77-9f21-5e8d0c4b7a16";
const challenge = `Bearer client_id="00000002-0000-0ff1-ce00-000000000000", trusted_issuers="00000001-0000-0000-c000-000000000000@${tenant}"`;

/** Title, paste, and the codes that the answer must have. */
const pastes: readonly (readonly [title: string, paste: string, codes: readonly string[]])[] = [
  [
    "A request with its body and its answer (Fiddler, Follow stream)",
    `POST https://mail.contoso.com/EWS/Exchange.asmx HTTP/1.1
Host: mail.contoso.com
Authorization: Bearer ${outerToken()}

<s:Envelope/>
HTTP/1.1 401 Unauthorized
x-ms-diagnostics: 2000005;reason="The user specified by the user-context in the token does not exist.";error_category="invalid_user"`,
    ["USER_NOT_FOUND"],
  ],
  [
    "What curl -v prints",
    `* Connected to mail.contoso.com (192.0.2.10) port 443
> POST /EWS/Exchange.asmx HTTP/1.1
> Host: mail.contoso.com
> Authorization: Bearer
>
< HTTP/1.1 401 Unauthorized
< WWW-Authenticate: Bearer client_id="00000002-0000-0ff1-ce00-000000000000", token_types="app_asserted_user_v1"
<`,
    ["TRUSTED_ISSUERS_UNKNOWN"],
  ],
  [
    "Verbose output with everything glued together",
    `VERBOSE: Storage Service had an EWS failure.
HTTP/1.1 401 Unauthorizedrequest-id: 5a0d7c1e-2f6b-4e83-9d10-7b3c44e1f902x-ms-diagnostics: 2000004;reason="The tenant for tenant guid 'contoso.com' does not exist.";error_category="invalid_tenant"Server: Microsoft-IIS/8.5`,
    ["REFUSED_TENANT"],
  ],
  [
    "A dump of a Python program",
    `Status code: 403
Response headers: {'Server': 'Microsoft-HTTPAPI/2.0', 'x-ms-diagnostics': '2000008;reason="The token contains no permissions, or permissions can not be understood.";error_category="invalid_grant"'}`,
    [],
  ],
  [
    "A line out of a HAR",
    `"name": "x-ms-diagnostics",
"value": "2000006;reason=\\"The caller '7557eb47-c689-4224-abcf-aef9bd7573df' is not a known partner application.\\";error_category=\\"invalid_client\\""`,
    ["PARTNER_APPLICATION_UNKNOWN"],
  ],
  [
    "Copy as cURL with a password",
    `curl 'https://mail.contoso.com/EWS/Exchange.asmx' \\
  -H 'authorization: Basic YW5uYUBjb250b3NvLmNvbTpTM2NyZXRQYXNzdzByZCE=' \\
  --data-raw '<s:Envelope/>'`,
    ["BASIC_USED"],
  ],
  [
    "Test-OAuthConnectivity behind a web proxy",
    `Task        : Checking EWS API Call Under Oauth
Detail      : Information:Using custom InternetWebProxy http://proxy.contoso.com:8080/.
              System.Net.WebException: Der Remoteserver hat einen Fehler zurückgegeben: (403) Unzulässig.
                 bei System.Net.HttpWebRequest.GetRequestStream()
ResultType  : Error`,
    ["WEB_PROXY_REFUSED"],
  ],
  [
    "An error of the token service",
    `Error: Unable to get token from Auth Server. Error code: 'invalid_client'. Description: 'AADSTS70002:
Error validating credentials. AADSTS50012: Client assertion contains an invalid signature.'`,
    ["STS_REFUSED_CERTIFICATE"],
  ],
  [
    "Two exchanges in a log with time stamps",
    `[2025-11-30 11:00:01.120] POST /EWS/Exchange.asmx HTTP/1.1
[2025-11-30 11:00:01.120] Host: mail.contoso.com
[2025-11-30 11:00:01.120] Authorization: Bearer
[2025-11-30 11:00:01.164] HTTP/1.1 401 Unauthorized
[2025-11-30 11:00:01.164] WWW-Authenticate: ${challenge}
[2025-11-30 11:00:02.201] POST /EWS/Exchange.asmx HTTP/1.1
[2025-11-30 11:00:02.201] Host: mail.contoso.com
[2025-11-30 11:00:02.201] Authorization: Bearer ${outerToken()}
[2025-11-30 11:00:02.377] HTTP/1.1 401 Unauthorized
[2025-11-30 11:00:02.377] x-ms-diagnostics: 2000003;reason="The audience is not valid.";error_category="invalid_resource"`,
    ["REFUSED_AUDIENCE"],
  ],
  ["A caller as Exchange's logs name it", "S2S~7557eb47-c689-4224-abcf-aef9bd7573df", []],
  [
    "A row of HttpProxy, below the names of its columns",
    `#Fields: DateTime,RequestId,Protocol,UrlHost,UrlStem,AuthenticationType,IsAuthenticated,AuthenticatedUser,UserAgent,HttpStatus,GenericInfo
2025-11-30T11:00:02.377Z,0f7d1c3e-9a4b-4c5d-8e6f-102030405060,Ews,mail.contoso.com,/EWS/Exchange.asmx,Bearer,false,,SkypeSpaces/1.0a$*+,401,S:ServiceCommonMetadata.OAuthErrorCategory=InvalidUser;S:ServiceCommonMetadata.OAuthExtraInfo=Category:S2SAppActAs|AppId:S2S~00000004-0000-0ff1-ce00-000000000000|`,
    ["REFUSED_USER"],
  ],
];

const intro = `# What \`decode\` reads

\`realmscope decode\` takes whatever you have in hand: \`realmscope decode TEXT\`, \`decode FILE\` (an argument that names an existing file),
\`decode -\` or standard input, and \`decode --clipboard\`. It reads at most 1 MiB.

| What | Dresses |
|---|---|
| one value | a token (also quoted, over several lines, printed by Exchange, in base64), a challenge, an NTLM message with the names in it, \`x-ms-diagnostics\`, credentials, an issuer, the id of an application or permission, a token request or its answer |
| requests and answers, also several | as on the wire, \`curl -v\`, EWS traces, Apache wire logs, mitmdump, okhttp, \`tcpdump -A\`; lists with \`:\` \`=\` \`→\` or brackets; browsers' header lists; dumps of Python, JavaScript, PHP, Go, Java and .NET; lines out of a HAR; Copy as cURL (bash, cmd), Invoke-WebRequest, fetch; all on one line; with line numbers, time stamps, prefixes of logs, \`>\` of mails, escapes of JSON, entities of HTML, UTF-16, lines that a console broke; hexadecimal dumps (xxd, hexdump, Wireshark, \`tcpdump -X\`); with prose around them |
| output of Microsoft's tests | Test-OAuthConnectivity, Test-CsExStorageConnectivity: by structure and codes, in any language |
| logs | rows of HttpProxy, Ews, Autodiscover, OAuthOutbound, IIS and HTTPERR below the line that names their columns (also out of a mail, a table, Export-Csv or Format-List): who called, how the caller signed in, what the row proves and what not; a row without that line is named with what is missing |
| values out of logs | a name of AuthenticatedUser (\`S2S~…\`, \`V1A~…\`, \`<unverified>actas1(…)\`, a SID), OAuthExtraInfo, OAuthErrorCategory, ErrorCode, a cell of GenericInfo, base64 of a printed token |

Exchanges are judged like traffic, several as one small capture. What was not read is named (\`not read: lines 1 to 2\`), by plain words only.

**Exit codes:** 0 read, 2 nothing could be read; with \`--fail-on SEVERITY\` 1 for such a finding.

**\`--json\`** (\`realmscope.decoded/1\`): \`kind\`, \`value\`, \`findings\`; \`verdict\` and, where a service called, \`directions\` for exchanges. Kinds beside those of
one value: \`headers\` (one exchange: \`method\`, \`host\`, \`path\`, \`status\`, \`parts\`, \`unread\`), \`exchanges\` (\`exchanges\`, each as \`headers\`, and \`unread\`),
\`connectivity-test\` (\`cmdlet\`, \`result\`, \`server\`, \`status\`, \`webProxy\`, \`isBeforeServer\`, \`isCertificateMissing\`, \`logId\`, \`parts\`),
\`log-rows\` (\`log\`, \`version\`, \`rows\`, \`shown\` with \`proves\` and \`doesNotProve\` of each row, \`unreadable\`, \`missingColumns\`, \`missing\`, \`note\`),
\`log-user\`, \`log-members\`, \`permission\`. \`unread\` is a list of \`{ "line", "lines", "begins" }\`.

**Not read:** pictures, packets and archives (\`realmscope replay\` takes captures), header fields that are translated (but for the credentials, and the labels of browsers in German and French) or abbreviated,
bodies that no head precedes.

## Pastes and their answers
`;

const shortened = (paste: string): string =>
  paste.replace(/eyJ[A-Za-z0-9_.-]{60,}/g, (token) => `${token.slice(0, 24)}…`);

async function answerOf(
  paste: string,
): Promise<{ readonly lines: readonly string[]; readonly codes: readonly string[] }> {
  const { kind, subject, value } = await decodePaste(paste);
  const findings = await judgeValue(subject);
  const { transactions } = subject;
  const verdict = transactions.length === 0 ? "none" : judgeMessages(transactions, {}).verdict;
  const service = typeof value.service === "string" ? [`service: ${value.service}`] : [];
  const rows = Array.isArray(value.shown) ? (value.shown as readonly Readonly<Record<string, string>>[]) : [];
  return {
    lines: [
      `kind: ${kind}`,
      ...service,
      ...rows.flatMap(({ caller, proves, doesNotProve }) => [
        `caller: ${caller}`,
        `proves: ${proves}`,
        `doesNotProve: ${doesNotProve}`,
      ]),
      ...(verdict === "none" ? [] : [`verdict: ${verdict}`]),
      ...findings.map(({ severity, code, message }) => `${severity.toUpperCase()} ${code}: ${message}`),
    ],
    codes: findings.map(({ code }) => code),
  };
}

test("docs/decode.md is what decode says of these pastes", async () => {
  const sections: string[] = [];
  for (const [index, [title, paste]] of pastes.entries()) {
    const { lines } = await answerOf(paste);
    const block = (text: string): string => `\`\`\`text\n${text}\n\`\`\``;
    sections.push(`### ${index + 1}. ${title}\n\n${block(shortened(paste))}\n\n${block(lines.join("\n"))}\n`);
  }
  await expect(`${intro}\n${sections.join("\n")}`).toMatchFileSnapshot("../../docs/decode.md");
});

test.each(pastes)("%s", async (_, paste, codes) => {
  const answer = await answerOf(paste);
  expect(answer.codes).toEqual(expect.arrayContaining([...codes]));
  expect(answer.lines.length).toBeGreaterThan(1);
});

test("the page shows no password", () => {
  expect(readFileSync("docs/decode.md", "utf8")).not.toContain("S3cretPassw0rd");
});
