// Where a row of a log is: the name that Exchange, IIS or Windows gave to the file, below the folders that these programs make. Other
// folders name servers and people, and one tag stands for them, so that the files of two servers stay apart.
import { isRedactedWord, type Pseudonymise, redactedWord } from "./redaction.ts";

// `<prefix>yyyyMMddHH-<n>[note].LOG`, `u_exyymmdd[_x].log`, `httperr<n>.log`, `fr######.xml`
const exchangeName = /^(.{1,100}?)(_?\d{8}(?:\d{2})?-\d{1,4})[A-Za-z]{0,12}(\.log)$/i;
const exchangePrefix =
  /^(?:httpproxy|ews|autod|autodiscover|oauthoutbound|w3wp|powershell|(?:microsoft\.|ms)exchange[a-z.]{0,60}|redacted-[a-z2-7]{4})$/i;
const windowsName = /^(?:u_ex\d{4,8}(?:_x)?\.log|(?:ex|u_nc|nc)\d{4,8}\.log|httperr\d{0,9}\.log|fr\d{1,9}\.xml)$/i;
const ending = /\.(?:log|xml|csv|json|txt|zip|ndjson|evtx)$/i;
const knownFolder =
  /^(?:logging|httpproxy|ews|autodiscover|mapi|owa|ecp|eas|oab|owacalendar|powershell|rpchttp|rest|restapi|oauthoutbound|inetpub|logs|logfiles|w3svc\d{1,4}|httperr|failedreqlogfiles|ews_logs|autod_logs|ews_proxy_logs)$/i;

/** The safe place of a log file, with `/` between folder and name. Idempotent, with any key. */
export function safeLogFileName(path: string, pseudonymise: Pseudonymise): string {
  if (path === "") return "";
  const parts = path.split(/[\\/]+/);
  const name = safeName(parts.pop() ?? "", pseudonymise);
  const kept: string[] = [];
  while (parts.length > 0 && knownFolder.test(parts.at(-1) ?? "")) kept.unshift(parts.pop() ?? "");
  const before = parts.join("/").replace(/^\.?$/, "");
  const tag = before === "" ? [] : [isRedactedWord(before) ? before : redactedWord(before, pseudonymise)];
  return [...tag, ...kept, name].join("/");
}

function safeName(name: string, pseudonymise: Pseudonymise): string {
  if (windowsName.test(name)) return name;
  const [, prefix = "", hour = "", end = ""] = exchangeName.exec(name) ?? [];
  if (hour !== "") {
    const safePrefix = prefix
      .split("_")
      .map((part) => (exchangePrefix.test(part) ? part : redactedWord(part, pseudonymise)))
      .join("_");
    return `${safePrefix}${hour}${end}`;
  }
  const known = ending.exec(name)?.[0] ?? "";
  const stem = name.slice(0, name.length - known.length);
  return `${redactedWord(stem, pseudonymise)}${known}`;
}
