// Safe copies of traces of failed requests, events of Windows and sign-ins: the verdict stays, and no planted secret is in them.
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readConfiguration } from "../../../src/app/configuration.ts";
import { exportCapture } from "../../../src/app/hand-over/export-capture.ts";
import { pseudonymsFromKey } from "../../../src/app/pseudonyms.ts";
import { certificateMissing, languages, rawToken, xmlEvent } from "../../server-logs/records/event-texts.ts";
import { traceText } from "../../sources/logs/trace-maker.ts";
import { judgeFile } from "../../support/judge-file.ts";

const folder = mkdtempSync(join(tmpdir(), "realmscope-safe-records-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const person = "anna.planted@contoso.com";
const sid = "S-1-5-21-1111111111-2222222222-3333333333-1106";
const password = "Planted-Summer-2026";
const signature = rawToken.slice(rawToken.lastIndexOf(".") + 1);
const secrets = [person, "anna.planted", sid, password, signature, "PlantedServerApp", "198.51.100.77"];

const trace = traceText({
  url: `https://mail.contoso.example:443/EWS/Exchange.asmx?Email=${person}`,
  requestHead: [
    "Host: mail.contoso.example",
    "User-Agent: MicrosoftNinja/1.0 Teams/1.0 (ExchangeServicesClient/1.0.0.0) SkypeSpaces/1.0a$*+",
    `Authorization: Bearer ${rawToken}`,
    `X-AnchorMailbox: ${person}`,
    `Cookie: exchangecookie=${password}`,
  ],
  requestBody: [`<t:PrimarySmtpAddress>${person}</t:PrimarySmtpAddress>`],
  responseHead: ['x-ms-diagnostics: 2000003;reason="a";error_category="invalid_resource"', "WWW-Authenticate: Bearer"],
  statusCode: "401.1",
});
const events = [
  { ...languages.German, data: [...languages.German.data, `CN=${person}, ${sid}`] },
  { ...certificateMissing, data: [...certificateMissing.data, `https://svc:${password}@login.contoso.com/`] },
];
const signIn = {
  createdDateTime: "2026-11-30T08:15:30Z",
  appId: "00000002-0000-0ff1-ce00-000000000000",
  servicePrincipalId: "77665544-3322-4100-8fee-ddccbbaa9988",
  servicePrincipalName: "PlantedServerApp",
  ipAddress: "198.51.100.77",
  resourceId: "00000003-0000-0000-c000-000000000000",
  resourceTenantId: "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee",
  status: { errorCode: 700027, failureReason: `The certificate of ${person} is not registered.` },
};

test.each([
  ["a trace", "fr000001.xml", trace, "oauth-rejected"],
  ["events", "Application.xml", events.map(xmlEvent).join("\r\n"), "oauth-rejected"],
  ["sign-ins", "sign-ins.json", JSON.stringify({ value: [signIn] }), "oauth-rejected"],
] as const)("%s", async (_, name, content, verdict) => {
  const [path, copy] = [join(folder, name), join(folder, `${name}.ndjson`)];
  writeFileSync(path, content);
  const original = await judgeFile(path);
  expect(original.analysis.verdict).toBe(verdict);
  await exportCapture({
    files: [path],
    outputs: [["ndjson", copy]],
    pseudonymise: pseudonymsFromKey(createHash("sha256").update("a key").digest()),
    ...{ realm: null, hidesDomains: false, isSanitised: true, title: "records" },
    configuration: await readConfiguration(undefined),
  });
  const written = readFileSync(copy, "utf8");
  for (const secret of secrets) expect(written, secret).not.toContain(secret);
  const { analysis, summary } = await judgeFile(copy);
  expect(summary).toMatchObject({ truncated: false, problems: [] });
  expect(analysis.verdict).toBe(verdict);
  expect(analysis.handshakes.length).toBe(original.analysis.handshakes.length);
});
