import { describe, expect, test } from "vitest";
import {
  certificateMissing,
  jsonEvent,
  languages,
  otherSource,
  powerShell7,
  quoted,
  rawToken,
  requestId,
  type SampleEvent,
  thumbprint,
  windowsPowerShell,
  xmlEvent,
} from "./event-texts.ts";
import { readRecords } from "./read-records.ts";

const exportCsvColumns = [
  "Message",
  "Id",
  "Version",
  "RecordId",
  "ProviderName",
  "LogName",
  "MachineName",
  "TimeCreated",
];

const csvRow = ({ id, provider, data, message }: SampleEvent, time: string): readonly string[] => [
  `${message}\r\nParameters: ${data[0] ?? ""}\r\nclient-request-id: ${data[1] ?? ""}\r\n${data[2] ?? ""}`,
  String(id),
  "",
  "123456",
  provider,
  "Application",
  "EX1.contoso.com",
  time,
];

const forms: Readonly<Record<string, (events: readonly SampleEvent[]) => string>> = {
  "wevtutil without a root": (events) => events.map(xmlEvent).join("\r\n"),
  "wevtutil /e:Events": (events) => `<Events>${events.map(xmlEvent).join("")}</Events>`,
  "saved by the Event Viewer": (events) =>
    `\ufeff<?xml version="1.0" encoding="utf-8" standalone="yes"?>\r\n<Events>${events
      .map((event) =>
        xmlEvent(event).replace(
          "</Event>",
          `<RenderingInfo Culture='de-DE'><Message>${event.message}</Message><Level>Warnung</Level><Provider></Provider></RenderingInfo></Event>`,
        ),
      )
      .join("\r\n")}</Events>`,
  "an array of Windows PowerShell": (events) =>
    JSON.stringify(
      events.map((event) => jsonEvent(event, windowsPowerShell)),
      null,
      4,
    ).replaceAll("/Date", "\\/Date"),
  "an array of PowerShell 7": (events) =>
    JSON.stringify(
      events.map((event) => jsonEvent(event, powerShell7)),
      null,
      2,
    ),
  "an array that Windows PowerShell wraps": (events) =>
    JSON.stringify({ value: events.map((event) => jsonEvent(event, windowsPowerShell)), Count: events.length }),
  "one object a line": (events) => events.map((event) => JSON.stringify(jsonEvent(event, powerShell7))).join("\n"),
  "Export-Csv of Windows PowerShell": (events) =>
    [
      "#TYPE System.Diagnostics.Eventing.Reader.EventLogRecord",
      quoted(exportCsvColumns),
      ...events.map((event) => quoted(csvRow(event, "11/30/2026 8:15:30 AM"))),
    ].join("\r\n"),
  "Export-Csv -UseCulture on a German server": (events) =>
    [quoted(exportCsvColumns, ";"), ...events.map((event) => quoted(csvRow(event, "30.11.2026 08:15:30"), ";"))].join(
      "\r\n",
    ),
  "the support package": (events) =>
    [
      quoted([
        "Date",
        "Time",
        "Type/Level",
        "Computer Name",
        "Event Code",
        "Source",
        "Task Category",
        "Username",
        "Description",
      ]),
      ...events.map(({ id, provider, data, message }) =>
        quoted([
          "11/30/2026",
          "8:15:30 AM",
          "Warning",
          "EX1.contoso.com",
          String(id),
          provider,
          "Server",
          "N/A",
          `${message} ${data.join(" ")}`,
        ]),
      ),
    ].join("\r\n"),
};

/** "Save all events as" of the Event Viewer: columns in the language of Windows, the message in one more column without a name. */
const viewerColumns = {
  English: ["Level", "Date and Time", "Source", "Event ID", "Task Category"],
  German: ["Ebene", "Datum und Uhrzeit", "Quelle", "Ereignis-ID", "Aufgabenkategorie"],
  Japanese: ["レベル", "日付と時刻", "ソース", "イベント ID", "タスクのカテゴリ"],
} as const;

test.each(["English", "German", "Japanese"] as const)("CSV of the Event Viewer, %s", (language) => {
  const row = ({ id, provider, message, data }: SampleEvent): string =>
    `Warning,2026/11/30 8:15:30,${provider},${id},Server,"${message}\r\n${data.join("\r\n").replaceAll('"', '""')}"`;
  const events = [otherSource, certificateMissing, languages[language]];
  const read = readRecords([viewerColumns[language].join(","), ...events.map(row)].join("\r\n"));
  expect(read).toMatchObject({ log: "windows-event", dropped: 1, unreadable: 0, missingColumns: [], localTimes: 2 });
  expect(read?.rows.map(({ operation, endedAt }) => [operation, endedAt])).toEqual([
    ["2004", Date.UTC(2026, 10, 30, 8, 15, 30)],
    ["2006", Date.UTC(2026, 10, 30, 8, 15, 30)],
  ]);
  expect(read?.rows[1]).toMatchObject({ printedToken: rawToken, refusal: { category: "InvalidOAuthTokenException" } });
});

test.each([
  // `ConvertTo-Json -Depth 1` writes the names of classes in place of the values.
  ["-Depth 1", { Properties: ["System.Diagnostics.Eventing.Reader.EventProperty"] }],
  ["Select-Object", { Properties: undefined }],
  ["a text of classes", { Properties: "System.Diagnostics.Eventing.Reader.EventProperty System.Diagnostics.X" }],
  [
    "Get-EventLog",
    {
      Properties: undefined,
      Id: undefined,
      ProviderName: undefined,
      TimeCreated: undefined,
      EventID: 2006,
      InstanceId: 2147485654,
      Source: "MSExchange OAuth",
      TimeGenerated: { value: windowsPowerShell(languages.German.at), DateTime: "Montag" },
      ReplacementStrings: languages.German.data,
    },
  ],
] as const)("JSON of %s", (_, changes) => {
  const { German } = languages;
  const message = `${German.message} ${German.data.join(" ")}`;
  const text = JSON.stringify({ ...jsonEvent({ ...German, message }, windowsPowerShell), ...changes });
  expect(readRecords(text)?.rows).toMatchObject([
    { operation: "2006", printedToken: rawToken, endedAt: Date.UTC(2026, 10, 30, 8, 15, 30, 123) },
  ]);
});

describe.each(Object.entries(forms))("%s", (_form, write) => {
  test.each(Object.entries(languages))("a refused token, %s", (_language, event) => {
    const read = readRecords(write([certificateMissing, event, otherSource]));
    expect(read).toMatchObject({ log: "windows-event", dropped: 1, unreadable: 0, missingColumns: [] });
    expect(read?.rows.map(({ operation }) => operation)).toEqual(["2004", "2006"]);
    expect(read?.rows[1]).toMatchObject({
      log: "windows-event",
      direction: "to-exchange",
      server: "EX1.contoso.com",
      printedToken: rawToken,
      signIn: "bearer-unauthenticated",
      refusal: { code: 2006, category: "InvalidOAuthTokenException" },
      isTokenGiven: null,
      caller: null,
      isFormUnproven: true,
    });
    expect(read?.rows[1]?.refusal?.text).not.toContain(rawToken.slice(0, 40));
    expect(Math.floor((read?.rows[1]?.endedAt ?? 0) / 1000)).toBe(Date.UTC(2026, 10, 30, 8, 15, 30) / 1000);
    expect(read?.rows[0]).toMatchObject({
      direction: "to-cloud",
      refusal: { code: 2004 },
      certificate: thumbprint.toLowerCase(),
      isFormUnproven: false,
    });
  });

  test.each([1, 7, 100_000])("in pieces of %i characters", (piece) => {
    const text = write(Object.values(languages));
    expect(readRecords(text, piece)).toEqual(readRecords(text));
  });
});

test.each(Object.entries(forms))("the client-request-id, %s", (_form, write) => {
  const rows = readRecords(write(Object.values(languages)))?.rows ?? [];
  expect(rows.map(({ clientRequestId }) => clientRequestId)).toEqual([requestId, requestId, requestId]);
});

test("of several ids in a message none is taken without its name", () => {
  const other = "00000002-0000-0ff1-ce00-000000000000/mail@contoso.com, 4b7e0d19-6c2f-48a5-9f3e-d1a8b5c07e62";
  const read = (message: string): string | null | undefined =>
    readRecords(JSON.stringify({ ...jsonEvent({ ...languages.English, message }, powerShell7), Properties: [] }))
      ?.rows[0]?.clientRequestId;
  expect(read(`x ${requestId} y`)).toBe(requestId);
  expect(read(`x ${requestId} y ${other}`)).toBeNull();
  expect(read(`Client-Request-Id: ${requestId} y ${other}`)).toBe(requestId);
  expect(read("of 00000002-0000-0ff1-ce00-000000000000")).toBeNull();
});

test("a single object of ConvertTo-Json", () => {
  const read = readRecords(JSON.stringify(jsonEvent(certificateMissing, windowsPowerShell), null, 4));
  expect(read?.rows).toHaveLength(1);
  expect(read?.rows[0]).toMatchObject({ endedAt: Date.UTC(2026, 10, 30, 8), operation: "2004", line: 1 });
});

test("an event of an HTTP status in another language names target and status", () => {
  const sentences: readonly (readonly [string, number])[] = [
    ["System.Net.WebException: The request failed with HTTP status 401: Unauthorized.", 401],
    ["System.Net.WebException: Fehler bei der Anforderung mit HTTP-Status 403: Forbidden.", 403],
    ["System.Net.WebException: HTTP ステータス 401: Unauthorized で要求に失敗しました。", 401],
    ["System.Net.WebException: Le serveur distant a retourné une erreur : (503) Serveur non disponible.", 503],
  ];
  for (const [sentence, status] of sentences) {
    const event = {
      ...certificateMissing,
      id: 4002,
      provider: "MSExchange Availability",
      data: ["5120", "CrossForest", "https://Outlook.office365.com:443/EWS/Exchange.asmx?x=1", sentence],
    };
    expect(readRecords(xmlEvent(event))?.rows[0]).toMatchObject({
      operation: "4002",
      direction: "to-cloud",
      host: "outlook.office365.com",
      path: "/EWS/Exchange.asmx",
      status,
      refusal: null,
    });
  }
});

test.each([2001, 2002, 2003, 2005, 2007, 2008, 2009])("event %i is kept", (id) => {
  const row = readRecords(xmlEvent({ ...certificateMissing, id, data: ["contoso", "https://login.contoso.com/"] }))
    ?.rows[0];
  expect(row?.operation).toBe(String(id));
  expect(row?.refusal?.code ?? null).toBe(id === 2008 ? null : id);
  expect(row?.printedToken).toBeNull();
});

test("a number of x-ms-diagnostics and its category are the cause", () => {
  const event = {
    ...certificateMissing,
    id: 2006,
    data: [rawToken, 'x-ms-diagnostics: 2000003;error_category="invalid_resource"'],
  };
  expect(readRecords(xmlEvent(event))?.rows[0]?.refusal).toMatchObject({ code: 2000003, category: "invalid_resource" });
});

test("times without a zone are counted", () => {
  const write = forms["the support package"];
  expect(readRecords(write?.([certificateMissing, languages.German]) ?? "")).toMatchObject({ localTimes: 2 });
  expect(readRecords(xmlEvent(certificateMissing))).toMatchObject({ localTimes: 0 });
});

test("CSV without the columns that judging needs names them", () => {
  const read = readRecords(
    `${quoted(["Id", "Source", "EntryType"])}\n${quoted(["2004", "MSExchange OAuth", "Warning"])}`,
  );
  expect(read).toMatchObject({ rows: [], unreadable: 1, missingColumns: ["TimeCreated", "Message"] });
});

test("a damaged event is counted, the next one is read", () => {
  const torn = xmlEvent(certificateMissing).replace("</System>", "</Sys>");
  const read = readRecords(`${torn}${xmlEvent(certificateMissing)}${xmlEvent(certificateMissing).slice(0, 300)}`);
  expect(read).toMatchObject({ unreadable: 2 });
  expect(read?.rows).toHaveLength(1);
});

test("an event without a time is not read", () => {
  const read = readRecords(xmlEvent({ ...certificateMissing, at: "yesterday" }));
  expect(read).toMatchObject({ rows: [], unreadable: 1 });
});

test("text of a client neither ends an event nor begins one", () => {
  const forged = xmlEvent({ ...certificateMissing, id: 2006, data: [rawToken] });
  const read = readRecords(xmlEvent({ ...otherSource, data: [forged, `<![CDATA[${forged}]]>`] }));
  expect(read).toMatchObject({ rows: [], dropped: 1, unreadable: 0 });
  const cdata = xmlEvent(otherSource).replace("<Data>MSExchange OAuth</Data>", `<Data><![CDATA[${forged}]]></Data>`);
  expect(readRecords(cdata)).toMatchObject({ rows: [], dropped: 1, unreadable: 0 });
});

test("an entity of a document type is not resolved", () => {
  const declared = '<!DOCTYPE Event [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>';
  const read = readRecords(`${declared}${xmlEvent(certificateMissing).replace("EX1.contoso.com", "&b;")}`);
  expect(read?.rows[0]?.server).toBe("&b;");
});

test("other texts are no such log", () => {
  for (const text of ["", "hello", '{"log":{"entries":[]}}', "<html></html>", "#Fields: date time\n", "a,b,c\n1,2,3"])
    expect(readRecords(text)).toBeNull();
});
