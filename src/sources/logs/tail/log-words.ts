// The lines about followed logs.
import type { LogKind } from "../../../core/log-row.ts";

/** The name of each log, and how late its writer may write a row; the order of this table is that of the line. */
const logs: Readonly<Record<LogKind, { readonly name: string; readonly delay: string }>> = {
  "http-proxy": { name: "HttpProxy", delay: "within seconds" },
  ews: { name: "Ews", delay: "within seconds" },
  autodiscover: { name: "Autodiscover", delay: "within seconds" },
  "oauth-outbound": { name: "OAuthOutbound", delay: "up to 5 minutes late" },
  iis: { name: "IIS", delay: "about a minute late" },
  "http-err": { name: "HTTPERR", delay: "within minutes" },
  "windows-event": { name: "Windows events", delay: "within seconds" },
  "entra-sign-in": { name: "Entra sign-ins", delay: "minutes late" },
};

/** One line about logs that were found: each with its number of files and its lateness. */
export function foundLine(found: readonly (readonly [LogKind, number])[]): string {
  const order = Object.keys(logs);
  const sorted = found.toSorted(([one], [other]) => order.indexOf(one) - order.indexOf(other));
  const parts = sorted.map(([kind, files]) => {
    const { name, delay } = logs[kind];
    return `${name} (${files === 1 ? "1 file" : `${files} files`}, rows ${delay})`;
  });
  return `Following ${parts.join(", ")}.`;
}

/** One line for folders without a log that is read; `foreign`: what the headers of other logs call them. */
export function nothingFoundLine(foreign: readonly string[]): string {
  const names = [...new Set(foreign)].slice(0, 8).map((name) => JSON.stringify(name));
  const found = names.length === 0 ? "" : ` The folders hold logs of other kinds: ${names.join(", ")}.`;
  return `There is no log to follow yet.${found} Logs that can be followed are those with #Log-type HttpProxy Logs, EWS Logs, Autodiscover Protocol Logs or OAuth Outbound Logs, and those of IIS and HTTP.sys; a new one is followed when it appears.`;
}
