// The refusals in the Application log of Windows, as `wevtutil qe Application /f:xml` prints them: an event a line, without a root.
import { join } from "node:path";
import { type ExchangeCall, servers } from "./exchange-call.ts";
import { openLog } from "./log-file.ts";
import type { Log } from "./log-settings.ts";
import { exceptionText } from "./oauth-members.ts";

/** Writes event 2006 of MSExchange OAuth for each refused token; it holds the raw token. */
export function openEventLog(root: string): Log<ExchangeCall> {
  const log = openLog({ folder: join(root, "Events"), nameAt: () => "Application.xml", header: () => "" });
  let record = 0;
  return {
    add(call) {
      if (call.refusal === null || call.token === null) return;
      record += 1;
      const data = [call.token, call.clientRequestId, exceptionText(call.refusal)];
      log.append(eventXml(call.endedAt, record, data), call.endedAt);
    },
    close: () => log.close(),
  };
}

function eventXml(at: number, record: number, data: readonly string[]): string {
  const time = new Date(at).toISOString().replace("Z", "0000Z");
  return [
    "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='MSExchange OAuth'/>",
    "<EventID Qualifiers='32772'>2006</EventID><Level>3</Level><Task>1</Task><Keywords>0x80000000000000</Keywords>",
    `<TimeCreated SystemTime='${time}'/><EventRecordID>${record}</EventRecordID><Channel>Application</Channel>`,
    `<Computer>${servers.frontEnd}.${servers.domain}</Computer><Security/></System><EventData>`,
    `${data.map((text) => `<Data>${escapeXml(text)}</Data>`).join("")}</EventData></Event>`,
  ].join("");
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
