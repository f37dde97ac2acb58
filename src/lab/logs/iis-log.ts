// The W3C logs of IIS: W3SVC1 is the front end on 443, W3SVC2 the back end on 444. They never name the scheme.
import { join } from "node:path";
import { type ExchangeCall, hasReachedBackEnd, servers } from "./exchange-call.ts";
import { type LogWriter, openLog } from "./log-file.ts";
import type { Log } from "./log-settings.ts";
import { logTime } from "./log-text.ts";

const fields =
  "date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken";

/** Writes the logs of both sites. */
export function openIisLogs(root: string): Log<ExchangeCall> {
  const open = (site: string): LogWriter =>
    openLog({
      folder: join(root, "inetpub", "logs", "LogFiles", site),
      nameAt: (at) => `u_ex${logTime(at).slice(2, 10).replaceAll("-", "")}.log`,
      header: (at) =>
        [
          "#Software: Microsoft Internet Information Services 10.0",
          "#Version: 1.0",
          `#Date: ${secondsOf(at).join(" ")}`,
          `#Fields: ${fields}\r\n`,
        ].join("\r\n"),
    });
  const [frontEnd, backEnd] = [open("W3SVC1"), open("W3SVC2")];
  return {
    add(call) {
      frontEnd.append(frontEndRow(call), call.endedAt);
      if (hasReachedBackEnd(call)) backEnd.append(backEndRow(call), call.endedAt);
    },
    close: async () => {
      await Promise.all([frontEnd.close(), backEnd.close()]);
    },
  };
}

function frontEndRow(call: ExchangeCall): string {
  const query = `${call.query.slice(1)}&CorrelationID=<empty>;&ClientId=&cafeReqId=${call.requestId};&encoding=;`;
  const user = call.isAuthenticated ? (call.account ?? "-") : "-";
  return line(call, { port: "443", query, user, client: call.client, states: statesOf(call) });
}

function backEndRow(call: ExchangeCall): string {
  const user = `CONTOSO\\${servers.frontEnd}$`;
  return line(call, { port: "444", query: `&ActID=${call.requestId}`, user, client: "127.0.0.1", states: [0, 0] });
}

interface SiteCells {
  readonly port: string;
  readonly query: string;
  readonly user: string;
  readonly client: string;
  /** sc-substatus and sc-win32-status. */
  readonly states: readonly [number, number];
}

function line(call: ExchangeCall, { port, query, user, client, states }: SiteCells): string {
  const cells = [
    ...[...secondsOf(call.endedAt), "127.0.0.1", call.method, call.path, query, port, user, client, call.userAgent, ""],
    ...[call.status, ...states, call.endedAt - call.startedAt].map(String),
  ];
  return cells.map((cell) => (cell === "" ? "-" : cell.replaceAll(" ", "+"))).join(" ");
}

/** The first leg of a negotiation, no credentials, or nothing that IIS itself decided. */
function statesOf({ status, scheme }: ExchangeCall): readonly [number, number] {
  if (status !== 401 || scheme === "Bearer") return [0, 0];
  if (scheme === null) return [2, 5];
  return scheme === "NTLM" ? [1, 2_148_074_254] : [1, 1326];
}

function secondsOf(at: number): readonly [string, string] {
  const [day = "", time = ""] = logTime(at).split("T");
  return [day, time.slice(0, 8)];
}
