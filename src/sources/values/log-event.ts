// The rows of server logs in a journal or an export. Another program may have written the file: a row with a member of an unknown
// kind is not a row, and any other odd member is unknown.
import type { CaptureEvent } from "../../core/capture-event.ts";
import { timeOrUnknown } from "../../core/capture-time.ts";
import type { LogFileReport, LogKind, LogRow } from "../../core/log-row.ts";
import { type JsonObject, listOf, memberOf, objectOf, sizeOf, textOf } from "./foreign-json.ts";

const logKinds = [
  ...(["http-proxy", "ews", "autodiscover", "oauth-outbound", "iis", "http-err"] as const),
  ...(["windows-event", "entra-sign-in"] as const),
] satisfies readonly LogKind[];
const sides = ["front-end", "back-end", "token-service"] as const;
const directions = ["to-exchange", "to-cloud"] as const;
const signIns = [
  ...(["bearer", "bearer-unauthenticated", "basic", "ntlm", "negotiate"] as const),
  ...(["forms", "none", "unknown"] as const),
];
const callerSources = ["AuthenticatedUser", "OAuthExtraInfo", "token", "event", "sign-in log"] as const;

/** A cell of an Exchange log ends at 16,384 characters; events and other logs have longer texts. */
const longestText = 65_536;
const longestList = 64;

/** The event of a `log-row` record; null when it is not a row of a log that this version knows. */
export function readLogRow(record: JsonObject): CaptureEvent | null {
  const row = objectOf(memberOf(record, "row"));
  const log = oneOf(logKinds, row, "log");
  const side = oneOf(sides, row, "side");
  const direction = oneOf(directions, row, "direction");
  const signIn = oneOf(signIns, row, "signIn");
  const endedAt = sizeOf(row, "endedAt");
  const id = cutText(row, "id");
  if (log === null || side === null || direction === null || signIn === null || endedAt === null || id === "")
    return null;
  return {
    kind: "log-row",
    row: {
      ...{ id, log, file: cutText(row, "file"), line: wholeNumber(row, "line") ?? 0, side, direction },
      endedAt: timeOrUnknown(endedAt),
      startedAt: timeOrNull(row, "startedAt"),
      ...readCall(row),
      signIn,
      ...readParties(row),
      ...readResult(row),
    },
  };
}

function readCall(row: JsonObject): Omit<LogRow, keyof Named | keyof Parties | keyof Result> {
  return {
    server: cutText(row, "server"),
    host: cutText(row, "host"),
    client: cutText(row, "client"),
    method: cutText(row, "method"),
    path: cutText(row, "path"),
    status: statusOf(row, "status"),
    backEndStatus: statusOf(row, "backEndStatus"),
    userAgent: cutText(row, "userAgent"),
    requestId: textOrNull(row, "requestId"),
    clientRequestId: textOrNull(row, "clientRequestId"),
  };
}

type Named = Pick<LogRow, "id" | "log" | "file" | "line" | "side" | "direction" | "endedAt" | "startedAt" | "signIn">;
type Parties = Pick<LogRow, "caller" | "actsAs" | "isPerson" | "realm" | "printedToken">;
type Result = Pick<LogRow, "operation" | "isTokenGiven" | "refusal" | "failure" | "isFormUnproven" | "certificate">;

function readParties(row: JsonObject): Parties {
  const caller = objectOf(memberOf(row, "caller"));
  const shownBy = oneOf(callerSources, caller, "shownBy");
  const applicationId = cutText(caller, "applicationId");
  const actsAs = memberOf(row, "actsAs");
  return {
    caller: shownBy === null || applicationId === "" ? null : { applicationId, shownBy },
    actsAs:
      typeof actsAs !== "object" || actsAs === null
        ? null
        : { keys: textsOf(objectOf(actsAs), "keys"), isVerified: truthOf(objectOf(actsAs), "isVerified") },
    isPerson: memberOf(row, "isPerson") === true,
    realm: textOrNull(row, "realm"),
    printedToken: textOrNull(row, "printedToken"),
  };
}

function readResult(row: JsonObject): Result {
  const refusal = memberOf(row, "refusal");
  const certificate = cutText(row, "certificate");
  return {
    operation: textOrNull(row, "operation"),
    isTokenGiven: truthOf(row, "isTokenGiven"),
    refusal: typeof refusal !== "object" || refusal === null ? null : readRefusal(objectOf(refusal)),
    failure: cutText(row, "failure"),
    isFormUnproven: memberOf(row, "isFormUnproven") === true,
    ...(certificate === "" ? {} : { certificate }),
  };
}

function readRefusal(refusal: JsonObject): LogRow["refusal"] {
  return {
    code: wholeNumber(refusal, "code"),
    category: textOrNull(refusal, "category"),
    text: cutText(refusal, "text"),
  };
}

/** The event of a `log-file` record; null when it is not about a log that this version knows. */
export function readLogFile(record: JsonObject): CaptureEvent | null {
  const report = objectOf(memberOf(record, "report"));
  const log = oneOf([...logKinds, "failed-request"], report, "log");
  const at = sizeOf(report, "at");
  if (log === null || at === null) return null;
  const read: LogFileReport = {
    file: cutText(report, "file"),
    log,
    at: timeOrUnknown(at),
    server: cutText(report, "server"),
    kept: wholeNumber(report, "kept") ?? 0,
    dropped: wholeNumber(report, "dropped") ?? 0,
    unreadable: wholeNumber(report, "unreadable") ?? 0,
    firstAt: timeOrNull(report, "firstAt"),
    lastAt: timeOrNull(report, "lastAt"),
    missingColumns: textsOf(report, "missingColumns"),
  };
  return { kind: "log-file", report: read };
}

function oneOf<Name extends string>(names: readonly Name[], object: JsonObject, member: string): Name | null {
  const value = memberOf(object, member);
  return names.find((name) => name === value) ?? null;
}

function cutText(object: JsonObject, name: string): string {
  return textOf(object, name).slice(0, longestText);
}

function textOrNull(object: JsonObject, name: string): string | null {
  return typeof memberOf(object, name) === "string" ? cutText(object, name) : null;
}

function textsOf(object: JsonObject, name: string): readonly string[] {
  return listOf(object, name)
    .slice(0, longestList)
    .flatMap((value) => (typeof value === "string" ? [value.slice(0, longestText)] : []));
}

function truthOf(object: JsonObject, name: string): boolean | null {
  const value = memberOf(object, name);
  return typeof value === "boolean" ? value : null;
}

function wholeNumber(object: JsonObject, name: string): number | null {
  const value = sizeOf(object, name);
  return value !== null && Number.isSafeInteger(value) ? value : null;
}

/** RFC 9110 §15: three digits. Logs write 0 and 4xx codes of their own, so any number of up to three digits stays. */
function statusOf(object: JsonObject, name: string): number | null {
  const value = wholeNumber(object, name);
  return value !== null && value <= 999 ? value : null;
}

function timeOrNull(object: JsonObject, name: string): number | null {
  const value = sizeOf(object, name);
  return value === null ? null : timeOrUnknown(value);
}
