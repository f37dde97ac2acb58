// Events as Windows writes them. The members are those of `wevtutil qe /f:xml`, of `EventLogRecord` in PowerShell and of the
// support package; the values are made up.

export interface SampleEvent {
  readonly id: number;
  readonly provider: string;
  readonly at: string;
  readonly data: readonly string[];
  /** The sentence of the event in the server's language. */
  readonly message: string;
}

/** Two parts of base64url with the JSON of a token, and a signature that belongs to nothing. */
export const rawToken = `${btoa('{"typ":"JWT","alg":"RS256","x5t":"AAAAAAAAAAAAAAAAAAAAAAAAAAA"}')}.${btoa(
  '{"aud":"00000002-0000-0ff1-ce00-000000000000/mail.contoso.com@contoso.com","iss":"00000001-0000-0000-c000-000000000000@contoso.com"}',
)}.c2lnbmF0dXJl`.replace(/=/g, "");
export const requestId = "3f0d5a52-7a1c-4d0e-9b0c-1f2e3d4c5b6a";
export const thumbprint = "3F1A9C0B77D24E5588A0C1D2E3F4051627384950";

const refused = (message: string, exception: string): SampleEvent => ({
  id: 2006,
  provider: "MSExchange OAuth",
  at: "2026-11-30T08:15:30.1234567Z",
  data: [rawToken, requestId, exception],
  message,
});

export const languages = {
  English: refused(
    "The token was refused.",
    "Microsoft.Exchange.Security.OAuth.InvalidOAuthTokenException: The audience is not valid. at Microsoft.Exchange.Security.OAuth.Handler.Check()",
  ),
  German: refused(
    "Das Token wurde zurückgewiesen; siehe Ausnahme.",
    "Microsoft.Exchange.Security.OAuth.InvalidOAuthTokenException: Die Zielgruppe ist ungültig. bei Microsoft.Exchange.Security.OAuth.Handler.Check()",
  ),
  Japanese: refused(
    "トークンは拒否されました。",
    "Microsoft.Exchange.Security.OAuth.InvalidOAuthTokenException: 対象ユーザーが無効です。 場所 Microsoft.Exchange.Security.OAuth.Handler.Check()",
  ),
} satisfies Readonly<Record<string, SampleEvent>>;

export const certificateMissing: SampleEvent = {
  id: 2004,
  provider: "MSExchange OAuth",
  at: "2026-11-30T08:00:00.0000000Z",
  data: [thumbprint],
  message: `Unable to find the certificate with thumbprint ${thumbprint} in the current computer or the certificate is missing private key.`,
};

export const otherSource: SampleEvent = {
  id: 2006,
  provider: "MSExchange Common",
  at: "2026-11-30T08:00:01.0000000Z",
  data: ["MSExchange OAuth", "2006"],
  message: "Another source with the same number.",
};

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll("'", "&apos;");

export function xmlEvent({ id, provider, at, data }: SampleEvent): string {
  const values = data.map((value) => `<Data>${escaped(value)}</Data>`).join("");
  return `<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='${provider}'/><EventID Qualifiers='32772'>${id}</EventID><Version>0</Version><Level>3</Level><Task>1</Task><Opcode>0</Opcode><Keywords>0x80000000000000</Keywords><TimeCreated SystemTime='${at}'/><EventRecordID>123456</EventRecordID><Correlation/><Execution ProcessID='0' ThreadID='0'/><Channel>Application</Channel><Computer>EX1.contoso.com</Computer><Security/></System><EventData>${values}</EventData></Event>`;
}

/** The members of `EventLogRecord`, in their order. */
export function jsonEvent(event: SampleEvent, time: (at: string) => unknown): object {
  return {
    Id: event.id,
    Version: null,
    Qualifiers: 32772,
    Level: 3,
    Task: 1,
    Opcode: null,
    Keywords: 36028797018963968,
    RecordId: 123456,
    ProviderName: event.provider,
    ProviderId: null,
    LogName: "Application",
    ProcessId: null,
    ThreadId: null,
    MachineName: "EX1.contoso.com",
    UserId: null,
    TimeCreated: time(event.at),
    ActivityId: null,
    RelatedActivityId: null,
    ContainerLog: "application",
    MatchedQueryIds: [],
    Bookmark: {},
    LevelDisplayName: "Warning",
    OpcodeDisplayName: "Info",
    TaskDisplayName: "Server",
    KeywordsDisplayNames: ["Classic"],
    Properties: event.data.map((value) => ({ Value: value })),
    Message: event.message,
  };
}

/** `ConvertTo-Json` of Windows PowerShell 5.1, which escapes the slashes of a date. */
export const windowsPowerShell = (at: string): string => `/Date(${Date.parse(at)})/`;
/** `ConvertTo-Json` of PowerShell 7: ISO 8601 with the zone of the machine. */
export const powerShell7 = (at: string): string =>
  `${new Date(Date.parse(at) + 3_600_000).toISOString().replace("Z", "")}+01:00`;

export const quoted = (cells: readonly string[], separator = ","): string =>
  cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(separator);
