// Events as `wevtutil`, PowerShell and the Event Viewer print them, in three languages. Labels of the text form: Windows in English,
// German and Japanese.
import { describe, expect, test } from "vitest";
import { decodePaste } from "../../../src/decoders/pasted/decode-paste.ts";
import { judgeValue } from "../../../src/diagnosis/judge-value.ts";
import {
  certificateMissing,
  jsonEvent,
  languages,
  otherSource,
  rawToken,
  requestId,
  type SampleEvent,
  windowsPowerShell,
  xmlEvent,
} from "../../server-logs/records/event-texts.ts";
import { traceText } from "../../sources/logs/trace-maker.ts";

const labels = {
  English: ["Log Name", "Source", "Date", "Event ID", "Task", "Level", "Computer", "Description"],
  German: ["Protokollname", "Quelle", "Datum", "Ereignis-ID", "Aufgabenkategorie", "Ebene", "Computer", "Beschreibung"],
  Japanese: ["ログの名前", "ソース", "日付", "イベント ID", "タスクのカテゴリ", "レベル", "コンピューター", "説明"],
} as const;

function asText({ id, provider, data, message }: SampleEvent, language: keyof typeof labels): string {
  const [log, source, date, number, task, level, computer, description] = labels[language];
  return [
    `${log}:      Application`,
    `${source}:        ${provider}`,
    `${date}:          2026-11-30T08:15:30.000`,
    `${number}:      ${id}`,
    `${task}: Server`,
    `${level}:         3`,
    `${computer}:      EX1.contoso.com`,
    `${description}:`,
    message,
    ...data.map((value, index) => (index === 1 ? `client-request-id: ${value}` : value)),
    "",
  ].join("\r\n");
}

describe.each(["English", "German", "Japanese"] as const)("%s", (language) => {
  const event = languages[language];
  test.each([
    ["wevtutil /f:xml", xmlEvent(event)],
    ["ConvertTo-Json", JSON.stringify(jsonEvent(event, windowsPowerShell), null, 4)],
    ["text", asText(event, language)],
    [
      "wevtutil /f:text",
      `Event[0]:\n  ${asText(event, language).replaceAll("\r\n", "\n  ")}\nEvent[1]:\n  ${asText(otherSource, language)}`,
    ],
  ] as const)("a refused token as %s", async (_, text) => {
    const read = await decodePaste(text);
    expect(read).toMatchObject({ kind: "log-rows", value: { rows: 1 } });
    expect(read.value["shown"]).toMatchObject([
      {
        event: 2006,
        meaning: "a token was refused",
        clientRequestId: requestId,
        token: { audience: { asSeen: "00000002-0000-0ff1-ce00-000000000000/mail.contoso.com@contoso.com" } },
      },
    ]);
    expect(read.value["note"]).toContain("do not send");
    // The signature never leaves the program.
    expect(JSON.stringify(read.value)).not.toContain(rawToken.slice(rawToken.lastIndexOf(".") + 1));
    expect(read.subject.tokens).toHaveLength(1);
  });

  test.each([
    ["text", asText(certificateMissing, language)],
    ["wevtutil /f:xml", xmlEvent(certificateMissing)],
  ] as const)("a missing certificate as %s", async (_, text) => {
    const read = await decodePaste(text);
    expect((await judgeValue(read.subject)).map(({ code }) => code)).toContain("SIGNING_CERTIFICATE_MISSING");
  });
});

test("the cause of a refusal is judged by its number", async () => {
  const event = { ...languages.German, data: [rawToken, requestId, '2000004;error_category="invalid_tenant"'] };
  const read = await decodePaste(xmlEvent(event));
  expect(read.value["shown"]).toMatchObject([{ code: 2000004, category: "invalid_tenant" }]);
  expect((await judgeValue(read.subject)).map(({ code }) => code)).toContain("REFUSED_TENANT");
});

test("a failed request to another organisation has target and status", async () => {
  const event = {
    ...certificateMissing,
    id: 4002,
    provider: "MSExchange Availability",
    data: ["5120", "https://outlook.office365.com/EWS/Exchange.asmx", "(401) Nicht autorisiert."],
  };
  expect((await decodePaste(xmlEvent(event))).value["shown"]).toMatchObject([
    { event: 4002, host: "outlook.office365.com", status: 401 },
  ]);
});

test("sign-ins of service principals", async () => {
  const signIn = {
    createdDateTime: "2026-11-30T08:15:30Z",
    appId: "00000002-0000-0ff1-ce00-000000000000",
    servicePrincipalId: "77665544-3322-4100-8fee-ddccbbaa9988",
    resourceId: "00000003-0000-0000-c000-000000000000",
    status: { errorCode: 700027, failureReason: "x" },
  };
  const read = await decodePaste(JSON.stringify({ value: [signIn] }, null, 2));
  expect(read.value).toMatchObject({
    shown: [{ applicationName: "Exchange", resourceName: "Microsoft Graph", token: "refused", code: "AADSTS700027" }],
  });
  expect(read.value["note"]).toContain("not what Exchange did");
});

test("events of Format-List, each with its own time", async () => {
  const listed = ["30.11.2026 08:15:30", "30.11.2026 08:16:30"].map((time) =>
    [`TimeCreated  : ${time}`, "ProviderName : MSExchange OAuth", "Id           : 2004", "Message      : x", ""].join(
      "\r\n",
    ),
  );
  const read = await decodePaste(`\r\n${listed.join("\r\n")}`);
  expect(read.value["shown"]).toMatchObject([
    { time: "2026-11-30T08:15:30.000Z" },
    { time: "2026-11-30T08:16:30.000Z" },
  ]);
});

test("a trace of a failed request is read as its messages", async () => {
  const text = traceText({
    requestHead: ["Host: mail.contoso.example", `Authorization: Bearer ${rawToken}`],
    responseHead: [
      'WWW-Authenticate: Bearer client_id="00000002-0000-0ff1-ce00-000000000000"',
      'x-ms-diagnostics: 2000004;reason="a";error_category="invalid_tenant"',
    ],
    responseBody: ["<b>&</b>"],
    statusCode: "401.1",
  });
  const read = await decodePaste(text);
  expect(read.subject.transaction).toMatchObject({
    request: { method: "POST", target: "/EWS/Exchange.asmx" },
    response: { status: 401 },
  });
  expect(read.subject.tokens).toHaveLength(1);
  expect((await judgeValue(read.subject)).map(({ code }) => code)).toContain("REFUSED_TENANT");
  expect((await decodePaste(traceText({ responseHead: null }))).subject.transaction?.request.method).toBe("POST");
});

test("a log without such an event is said to have none", async () => {
  const read = await decodePaste(xmlEvent(otherSource));
  expect(read).toMatchObject({ kind: "log-rows", value: { rows: 0, shown: [] } });
  expect(await judgeValue(read.subject)).toEqual([]);
});
