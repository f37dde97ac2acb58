// Rows of the log HttpProxy, and of Ews and Autodiscover behind it: the front end writes one for every call of a client, the back
// end one for every call that reached its application.
import type { LogKind, LogRow } from "../core/log-row.ts";
import {
  clientOf,
  durationOf,
  hostOf,
  idOf,
  methodOf,
  requestIdOf,
  statusOf,
  timeOf,
  withoutAccounts,
} from "./cell-values.ts";
import { bindColumns, type Cells, hasAllCells, missingColumns } from "./columns.ts";
import { csvCells } from "./csv-cells.ts";
import { isNeeded, judgedMembers, readSignIn } from "./exchange-row.ts";
import { failureOf } from "./failure.ts";
import { type Members, readMembers } from "./generic-info.ts";
import { isNewerThan2013, type LogHeader } from "./log-header.ts";
import { startPlainDrop } from "./plain-drop.ts";
import type { RowPlace, RowReader, RowReading } from "./row-reader.ts";

const wantedOfAll = [
  "DateTime",
  "RequestId",
  "AuthenticationType",
  "IsAuthenticated",
  "AuthenticatedUser",
  "HttpStatus",
  "UserAgent",
  "ClientIpAddress",
  "GenericInfo",
  "GenericErrors",
];
const wantedBy: Readonly<Record<"http-proxy" | "ews" | "autodiscover", readonly string[]>> = {
  "http-proxy": [...wantedOfAll, "Protocol", "UrlStem", "BackEndStatus"],
  ews: [...wantedOfAll, "SoapAction"],
  autodiscover: [...wantedOfAll, "SoapAction"],
};

/** Reads rows of `HttpProxy Logs`, `EWS Logs` or `Autodiscover Protocol Logs`. */
export function startExchangeReader(header: LogHeader, log: "http-proxy" | "ews" | "autodiscover"): RowReader {
  const { columns } = header;
  const bind = bindColumns(columns);
  const hasRequestId = columns.includes("requestid");
  const isNewer = isNewerThan2013(header.version);
  return {
    log,
    missingColumns: missingColumns(columns, wantedBy[log]),
    isPlainlyDropped: startPlainDrop(columns),
    read: (line, place) => {
      const cells = csvCells(line);
      if (cells === null || !hasAllCells(columns, cells)) return { kind: "unreadable" };
      const cell = bind(cells);
      const endedAt = timeOf(cell("datetime"));
      if (endedAt === null) return { kind: "unreadable" };
      // Notices of subscriptions are rows of their own, without a request.
      if (log !== "http-proxy" && hasRequestId && cell("requestid") === "") return { kind: "dropped" };
      return readRow({ cell, endedAt, place, log, isNewer: isNewer ?? isNewerRow(cell) });
    },
  };
}

function isNewerRow(cell: Cells): boolean {
  return cell("majorversion") !== "15" || cell("minorversion") !== "0";
}

interface Reading {
  readonly cell: Cells;
  readonly endedAt: number;
  readonly place: RowPlace;
  readonly log: "http-proxy" | "ews" | "autodiscover";
  readonly isNewer: boolean;
}

function readRow({ cell, endedAt, place, log, isNewer }: Reading): RowReading {
  const members = readMembers(cell("genericinfo"));
  const read = readSignIn(cell, members);
  const status = statusOf(cell("httpstatus"));
  const call = log === "http-proxy" ? placeOfCall(cell) : backEndCall(cell, log);
  const judged = judgedMembers(read, status, isNewer);
  const hasSignedIn = judged.refusal === null && read.signIn !== "bearer-unauthenticated" && read.signIn !== "none";
  // One literal: an object of so many members that is put together by spreading is slow to make and to read.
  const row: LogRow = {
    id: place.id,
    log,
    file: place.file,
    line: place.line,
    side: call.side,
    direction: "to-exchange",
    endedAt,
    startedAt: startOf(cell, members, endedAt),
    server: hostOf(cell("serverhostname")),
    host: call.host,
    client: clientOf(cell("clientipaddress")),
    method: methodOf(cell("method")),
    path: call.path,
    status,
    backEndStatus: call.backEndStatus,
    userAgent: withoutAccounts(cell("useragent"), 200),
    requestId: requestIdOf(cell("requestid")),
    clientRequestId: idOf(cell("clientrequestid")),
    signIn: read.signIn,
    caller: judged.caller,
    actsAs: judged.actsAs,
    isPerson: judged.isPerson,
    realm: judged.realm,
    printedToken: judged.printedToken,
    operation: call.operation,
    isTokenGiven: null,
    refusal: judged.refusal,
    failure: hasSignedIn ? failureOf(cell, status) : "",
    isFormUnproven: judged.isFormUnproven,
  };
  const isKept = isNeeded({ read, row, isServiceProtocol: isServiceCall(cell, log) });
  return { kind: isKept ? "row" : "dropped", row };
}

type PlaceOfCall = Pick<LogRow, "side" | "host" | "path" | "backEndStatus" | "operation">;

function placeOfCall(cell: Cells): PlaceOfCall {
  return {
    side: "front-end",
    host: hostOf(cell("urlhost")),
    path: withoutAccounts(cell("urlstem"), 300),
    backEndStatus: statusOf(cell("backendstatus")),
    operation: null,
  };
}

function backEndCall(cell: Cells, log: "ews" | "autodiscover"): PlaceOfCall {
  const operation = /^[A-Za-z][A-Za-z0-9:._-]{1,80}$/.exec(cell("soapaction"))?.[0] ?? null;
  const path = log === "ews" ? "/EWS/Exchange.asmx" : "";
  return { side: "back-end", host: "", path, backEndStatus: null, operation };
}

/** `BeginRequest` of GenericInfo, else the end less the duration; null when neither is shown. */
function startOf(cell: Cells, members: Members, endedAt: number): number | null {
  const begin = timeOf(members.get("beginrequest") ?? "");
  if (begin !== null && begin <= endedAt) return begin;
  const duration = durationOf(cell("totalrequesttime"));
  return duration === null ? null : endedAt - duration;
}

function isServiceCall(cell: Cells, log: LogKind): boolean {
  if (log !== "http-proxy") return true;
  const protocol = cell("protocol");
  if (protocol !== "") return /^(?:ews|autodiscover|rest(?:api)?)$/i.test(protocol);
  return /^\/(?:ews|autodiscover|api)(?:\/|$)/i.test(cell("urlstem"));
}
