// Traces of failed requests as IIS writes them (freb.xsl beside them shows the same members). The values are made up.

export interface Trace {
  readonly url?: string;
  readonly verb?: string;
  readonly statusCode?: string;
  readonly timeTaken?: number;
  readonly at?: string;
  readonly requestHead?: readonly string[] | null;
  readonly responseHead?: readonly string[] | null;
  readonly requestBody?: readonly string[];
  readonly responseBody?: readonly string[];
  readonly connection?: string;
}

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/** The time of an event, with milliseconds. */
function event(at: string, opcode: string, data: Readonly<Record<string, string>>): string {
  const values = Object.entries({ ContextId: "{00000000-0000-0000-3800-0080000000FA}", ...data });
  return ` <Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event">
  <System>
   <Provider Name="WWW Server" Guid="{3A2A4E84-4C21-4981-AE10-3FDA0D9B0F83}"/>
   <EventID>0</EventID>
   <Version>1</Version>
   <Level>0</Level>
   <Opcode>1</Opcode>
   <Keywords>0x0</Keywords>
   <TimeCreated SystemTime="${at}"/>
   <Correlation ActivityID="{00000000-0000-0000-3800-0080000000FA}"/>
   <Execution ProcessID="2760" ThreadID="2032"/>
   <Computer>EX1</Computer>
  </System>
  <EventData>
${values.map(([name, value]) => `   <Data Name="${name}">${escaped(value)}</Data>`).join("\n")}
  </EventData>
  <RenderingInfo Culture="de-DE">
   <Opcode>${opcode}</Opcode>
   <Keywords>
    <Keyword>Infrastruktur</Keyword>
   </Keywords>
  </RenderingInfo>
  <ExtendedTracingInfo xmlns="http://schemas.microsoft.com/win/2004/08/events/trace">
   <EventGuid>{D42CF7EF-DE92-473E-8B6C-621EA663113A}</EventGuid>
  </ExtendedTracingInfo>
 </Event>
`;
}

export const usualRequest = [
  "Connection: Keep-Alive",
  "Content-Length: 0",
  "Host: mail.contoso.example",
  "User-Agent: Skype for Business",
];

/** The text of a trace; its parts of heads are lines. `null` leaves a head out. */
export function traceText(trace: Trace): string {
  const { url = "https://mail.contoso.example:443/EWS/Exchange.asmx", verb = "POST", statusCode = "401" } = trace;
  const { timeTaken = 15, at = "2026-11-30T08:15:30.123Z", connection = "1610612745" } = trace;
  const { requestHead = usualRequest, responseHead = ["Server: Microsoft-IIS/10.0"] } = trace;
  const parts = [
    event(at, "GENERAL_REQUEST_START", {
      SiteId: "1",
      AppPoolId: "MSExchangeServicesAppPool",
      ConnId: connection,
      RawConnId: "0",
      RequestURL: url,
      RequestVerb: verb,
    }),
    event(at, "GENERAL_ENDPOINT_INFORMATION", {
      RemoteAddress: "192.0.2.7",
      RemotePort: "50123",
      LocalAddress: "192.0.2.1",
      LocalPort: "443",
    }),
    requestHead === null
      ? ""
      : event(at, "GENERAL_REQUEST_HEADERS", { Headers: `${requestHead.join("\r\n")}\r\n\r\n` }),
    ...(trace.requestBody ?? []).map((text) => event(at, "GENERAL_REQUEST_ENTITY", { Buffer: text })),
    event(at, "AUTH_START", { AuthTypeSupported: "" }),
    responseHead === null ? "" : event(at, "GENERAL_RESPONSE_HEADERS", { Headers: `${responseHead.join("\r\n")}\r\n` }),
    ...(trace.responseBody ?? []).map((text) => event(at, "GENERAL_RESPONSE_ENTITY_BUFFER", { Buffer: text })),
    event(at, "GENERAL_REQUEST_END", {
      BytesSent: "1293",
      BytesReceived: "4321",
      HttpStatus: statusCode,
      HttpSubStatus: "0",
    }),
  ];
  return `<?xml version="1.0" encoding="UTF-8"?>
<?xml-stylesheet type='text/xsl' href='freb.xsl'?>
<!-- saved from url=(0014)about:internet -->
<failedRequest url="${escaped(url)}"
               siteId="1"
               appPoolId="MSExchangeServicesAppPool"
               processId="2760"
               verb="${verb}"
               remoteUserName=""
               userName=""
               tokenUserName="NT AUTHORITY\\IUSR"
               authenticationType="NOT_AVAILABLE"
               activityId="{00000000-0000-0000-3800-0080000000FA}"
               failureReason="STATUS_CODE"
               statusCode="${statusCode}"
               triggerStatusCode="${statusCode}"
               timeTaken="${timeTaken}"
               xmlns:freb="http://schemas.microsoft.com/win/2006/06/iis/freb"
               >
${parts.join("")}</failedRequest>
`;
}
