// Rows of the W3C logs of IIS and of HTTP.sys. They never name the scheme of a sign-in: a row gives time, status, and ids that join it
// with a row of HttpProxy.
import type { LogRow } from "../core/log-row.ts";
import { isCloudUserAgent } from "../core/well-known-clients.ts";
import {
  clientOf,
  durationOf,
  hostOf,
  methodOf,
  numberOf,
  requestIdOf,
  statusOf,
  timeOf,
  withoutAccounts,
} from "./cell-values.ts";
import { bindColumns, type Cells, hasAllCells, missingColumns } from "./columns.ts";
import type { LogHeader } from "./log-header.ts";
import type { RowPlace, RowReader } from "./row-reader.ts";
import { readSignedIn } from "./signed-in.ts";
import { silentRow } from "./silent-row.ts";

const wantedBy: Readonly<Record<"iis" | "http-err", readonly string[]>> = {
  iis: [
    "date",
    "time",
    "cs-method",
    "cs-uri-stem",
    "cs-uri-query",
    "s-port",
    "c-ip",
    "cs(User-Agent)",
    "sc-status",
    "sc-substatus",
  ],
  "http-err": ["date", "time", "c-ip", "cs-method", "cs-uri", "s-reason"],
};

/** More cells than any log has columns. */
const mostCells = 512;
const frontEndId = /(?:^|[&;?])cafeReqId=([0-9a-f-]{32,36})(?![0-9a-f-])/gi;
const backEndId = /(?:^|[&;?])ActID=([0-9a-f-]{32,36})(?![0-9a-f-])/gi;
const servicePath = /^\/(?:ews|autodiscover|api)(?:\/|$)/i;

/** Reads rows of IIS (`u_ex…log`) or of HTTP.sys (`httperr….log`). */
export function startW3cReader(header: LogHeader, log: "iis" | "http-err"): RowReader {
  const { columns } = header;
  const bind = bindColumns(columns);
  return {
    log,
    missingColumns: missingColumns(columns, wantedBy[log]),
    read: (line, place) => {
      const cells = line.trimEnd().split(" ", mostCells);
      if (!hasAllCells(columns, cells)) return { kind: "unreadable" };
      const cell = plainCells(bind(cells));
      const endedAt = timeOf(`${cell("date")}T${cell("time")}`);
      if (endedAt === null) return { kind: "unreadable" };
      const row = log === "iis" ? iisRow(cell, endedAt, place) : errorRow(cell, endedAt, place);
      return { kind: isNeeded(row) ? "row" : "dropped", row };
    },
  };
}

/** `-` marks an empty cell. */
function plainCells(cell: Cells): Cells {
  return (column) => {
    const text = cell(column);
    return text === "-" ? "" : text;
  };
}

/** True for a call to EWS, Autodiscover or REST: in IIS by a cloud service or by a user that has the name of an application. */
function isNeeded({ log, path, userAgent, caller, actsAs }: LogRow): boolean {
  if (caller !== null || actsAs !== null) return true;
  return servicePath.test(path) && (log === "http-err" || isCloudUserAgent(userAgent));
}

function iisRow(cell: Cells, endedAt: number, place: RowPlace): LogRow {
  const account = readSignedIn(cell("cs-username").replaceAll("+", " "));
  const userAgent = withoutAccounts(cell("cs(user-agent)").replaceAll("+", " ").trim(), 200);
  const path = withoutAccounts(cell("cs-uri-stem"), 300);
  const isApplication = account.kind === "application" || account.kind === "acts-as";
  const status = statusOf(cell("sc-status"));
  const duration = durationOf(cell("time-taken"));
  const query = cell("cs-uri-query");
  const requestId = lastId(query, frontEndId);
  const activityId = lastId(query, backEndId);
  return {
    ...commonRow(cell, endedAt, place),
    log: "iis",
    startedAt: duration === null ? null : endedAt - duration,
    server: hostOf(cell("s-computername")),
    host: hostOf(cell("cs-host")),
    client: forwardedClient(cell) || clientOf(cell("c-ip")),
    path,
    status,
    userAgent,
    requestId: requestId ?? activityId,
    caller:
      account.kind === "application" ? { applicationId: account.applicationId, shownBy: "AuthenticatedUser" } : null,
    actsAs: account.kind === "acts-as" ? { keys: account.keys, isVerified: null } : null,
    isPerson: account.kind === "sid" || account.kind === "account",
    refusal: refusalOf(cell, status),
    // Which name IIS writes for an OAuth sign-in is not proven for any version.
    isFormUnproven: isApplication,
  };
}

/** A call that HTTP.sys answered itself: it never reached IIS. */
function errorRow(cell: Cells, endedAt: number, place: RowPlace): LogRow {
  const target = cell("cs-uri");
  const query = target.indexOf("?");
  const path = withoutAccounts(query === -1 ? target : target.slice(0, query), 300);
  const reason = /^[A-Za-z][A-Za-z0-9_]{1,60}$/.exec(cell("s-reason"))?.[0] ?? null;
  return {
    ...commonRow(cell, endedAt, place),
    log: "http-err",
    client: clientOf(cell("c-ip")),
    path,
    status: statusOf(cell("sc-status")),
    refusal: reason === null ? null : { code: null, category: reason, text: reason },
  };
}

function commonRow(cell: Cells, endedAt: number, place: RowPlace): Omit<LogRow, "log" | "path" | "status" | "client"> {
  return {
    ...silentRow,
    ...place,
    side: cell("s-port") === "444" ? "back-end" : "front-end",
    direction: "to-exchange",
    endedAt,
    method: methodOf(cell("cs-method")),
  };
}

/** Custom columns for the address before a load balancer, as administrators name them after the header field. */
function forwardedClient(cell: Cells): string {
  for (const name of ["x-forwarded-for", "originalip", "cs(x-forwarded-for)"]) {
    const client = clientOf(cell(name).replaceAll("+", " "));
    if (client !== "") return client;
  }
  return "";
}

/** The last id after a name: Exchange appends its own behind those that the client sent. */
function lastId(query: string, name: RegExp): string | null {
  const value = [...query.matchAll(name)].at(-1)?.[1];
  return value === undefined ? null : requestIdOf(value);
}

/** `401.2` with the number of Windows: `401.1 1326` is a wrong password, `401.1 2148074254` the first leg of a negotiation. */
function refusalOf(cell: Cells, status: number | null): LogRow["refusal"] {
  if (status === null || status < 400) return null;
  const code = numberOf(cell("sc-substatus"));
  const category = code === null ? String(status) : `${status}.${code}`;
  const windows = /^\d{1,10}$/.exec(cell("sc-win32-status"))?.[0] ?? "";
  return { code, category, text: windows === "" ? category : `${category} ${windows}` };
}
