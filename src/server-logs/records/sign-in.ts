// Sign-ins of service principals, as Microsoft Entra lists them: Microsoft Graph (`auditLogs/signIns`), Azure Monitor
// (`ServicePrincipalSignInLogs`), Log Analytics (`AADServicePrincipalSignInLogs`) and the files of the portal.
import { type RecordTime, readRecordTime } from "./record-time.ts";
import { type Cells, guidOf, isRecord, type JsonRecord, memberOf, parseRecord, textOf } from "./record-values.ts";

export interface SignIn {
  /** A person's, a managed identity's or a service principal's; `unknown` where the record does not show which. */
  readonly who: "service-principal" | "other" | "unknown";
  readonly time: RecordTime | null;
  /** Application ids in lower case. */
  readonly applicationId: string | null;
  readonly resourceId: string | null;
  readonly resourceName: string;
  readonly tenant: string | null;
  /** Number of AADSTS; 0 for a token that was given; null where the record does not tell. */
  readonly errorCode: number | null;
  readonly reason: string;
  readonly client: string;
  readonly correlationId: string | null;
  /** Thumbprint in lower-case hexadecimal digits. */
  readonly certificate: string | null;
}

/** A record of any of the JSON forms; null for other JSON and for text that is none. */
export function readJsonSignIn(text: string): SignIn | null {
  const record = parseRecord(text);
  return record === null ? null : signInOf(record);
}

/** A record whose members have the names of Microsoft Graph or, with large first letters, of Log Analytics. */
export function signInOf(record: JsonRecord): SignIn | null {
  const inner = memberOf(record, ["Properties"]);
  // Azure Monitor has the members of Microsoft Graph in `properties`; Log Analytics may have them there as text.
  const properties = isRecord(inner) ? inner : (parseRecord(textOf(inner)) ?? {});
  const member = (...names: readonly string[]): unknown => memberOf(properties, names) ?? memberOf(record, names);
  const text = (...names: readonly string[]): string => textOf(member(...names));
  const applicationId = guidOf(text("AppId"));
  const time = readRecordTime(text("CreatedDateTime") || text("TimeGenerated", "Time"));
  if (applicationId === null && time === null) return null;
  const status = member("Status");
  const reason = (isRecord(status) ? textOf(memberOf(status, ["FailureReason"])) : "") || text("ResultDescription");
  return {
    who: ownerOf(record, properties),
    time,
    applicationId,
    resourceId: guidOf(text("ResourceId")) ?? guidOf(text("ResourceIdentity")),
    resourceName: text("ResourceDisplayName"),
    tenant: tenantOf(record, properties),
    errorCode: errorCodeOf(isRecord(status) ? textOf(memberOf(status, ["ErrorCode"])) : "", text("ResultType"), reason),
    reason,
    client: text("IpAddress", "IPAddress", "CallerIpAddress"),
    correlationId: guidOf(text("CorrelationId")),
    certificate: thumbprintOf(text("ServicePrincipalCredentialThumbprint")),
  };
}

function ownerOf(record: JsonRecord, properties: JsonRecord): SignIn["who"] {
  const text = (...names: readonly string[]): string =>
    textOf(memberOf(properties, names)) || textOf(memberOf(record, names));
  const kinds = memberOf(properties, ["SignInEventTypes"]) ?? memberOf(record, ["SignInEventTypes"]);
  const named = `${text("Category")} ${text("Type")} ${Array.isArray(kinds) ? kinds.map(textOf).join(" ") : textOf(kinds)}`;
  if (/managedIdentity|\b(?:non)?interactiveUser|userSignIn|\bSignInLogs\b/i.test(named)) return "other";
  if (/servicePrincipal/i.test(named)) return "service-principal";
  if (text("UserPrincipalName", "UserId") !== "") return "other";
  return text("ServicePrincipalId", "ServicePrincipalName") === "" ? "unknown" : "service-principal";
}

/** The tenant whose resource was asked for. `TenantId` of Log Analytics is the workspace; only Azure Monitor's is the tenant. */
function tenantOf(record: JsonRecord, properties: JsonRecord): string | null {
  const id = (source: JsonRecord, ...names: readonly string[]): string | null =>
    guidOf(textOf(memberOf(source, names)));
  const path = /^\/tenants\/([0-9a-f-]{36})\//i.exec(textOf(memberOf(record, ["ResourceId"])))?.[1] ?? "";
  const isMonitor = Object.hasOwn(record, "category") && Object.hasOwn(record, "properties");
  return (
    id(properties, "ResourceTenantId") ??
    id(record, "ResourceTenantId") ??
    id(record, "AADTenantId") ??
    (isMonitor ? (id(record, "TenantId") ?? guidOf(path)) : null) ??
    id(properties, "HomeTenantId") ??
    id(record, "HomeTenantId")
  );
}

/** Names of columns, as letters and digits in lower case: the portal's file, and exports of Log Analytics. */
const columns = {
  time: ["dateutc", "createddatetime", "timegeneratedutc", "timegenerated", "date", "createddatetimeutc"],
  inUtc: ["dateutc", "timegeneratedutc", "createddatetimeutc"],
  application: ["applicationid", "appid"],
  resource: ["resourceid", "resourceidentity"],
  resourceName: ["resource", "resourcedisplayname"],
  tenant: ["resourcetenantid", "aadtenantid", "hometenantid"],
  code: ["signinerrorcode", "errorcode", "resulttype", "statuserrorcode"],
  result: ["status", "resultsignature"],
  reason: ["failurereason", "resultdescription", "statusfailurereason"],
  client: ["ipaddress"],
  correlation: ["correlationid"],
  certificate: ["serviceprincipalcredentialthumbprint", "credentialthumbprint", "thumbprint"],
  principal: ["serviceprincipalid", "serviceprincipalname"],
  person: ["userprincipalname", "userid", "username", "user"],
} as const;

/** Columns without which no sign-in of a file can be judged, by their names in Microsoft Graph. */
export function missingSignInColumns(cells: Cells): readonly string[] {
  const has = (names: readonly string[]): boolean => names.some((name) => cells.has(name));
  const missing: string[] = [];
  if (!has(columns.time)) missing.push("createdDateTime");
  if (!has(columns.application)) missing.push("appId");
  if (!has(columns.code) && !has(columns.result)) missing.push("errorCode");
  return missing;
}

/** A row of CSV; null for one without an application and a time. */
export function readCsvSignIn(cells: Cells): SignIn | null {
  const cell = (names: readonly string[]): string =>
    names.map((name) => cells.get(name)).find((value) => value !== undefined && value !== "") ?? "";
  const applicationId = guidOf(cell(columns.application));
  const time = readRecordTime(cell(columns.time));
  const isUtc = columns.inUtc.some((name) => cells.has(name));
  if (applicationId === null && time === null) return null;
  const isPerson = cell(columns.person) !== "" && cell(columns.principal) === "";
  const isManaged = /managedidentity/i.test(cell(["category", "type"]));
  const isNamed = cell(columns.principal) !== "" || /serviceprincipal/i.test(cell(["category", "type"]));
  const reason = cell(columns.reason);
  return {
    who: isPerson || isManaged ? "other" : isNamed ? "service-principal" : "unknown",
    time: time === null || !isUtc ? time : { ...time, isLocal: false },
    applicationId,
    resourceId: guidOf(cell(columns.resource)),
    resourceName: cell(columns.resourceName),
    tenant: guidOf(cell(columns.tenant)),
    errorCode: errorCodeOf(cell(columns.code), cell(columns.result), reason),
    reason,
    client: cell(columns.client),
    correlationId: guidOf(cell(columns.correlation)),
    certificate: thumbprintOf(cell(columns.certificate)),
  };
}

/** The number; without one, what the result says, and the number in the description. */
function errorCodeOf(code: string, result: string, reason: string): number | null {
  const number = [code, result].find((text) => /^\s*\d{1,8}\s*$/.test(text));
  if (number !== undefined) return Number(number);
  const named = /\bAADSTS(\d{4,8})\b/.exec(reason)?.[1];
  if (named !== undefined) return Number(named);
  return /^\s*success\s*$/i.test(result) ? 0 : null;
}

function thumbprintOf(text: string): string | null {
  const digits = text.replace(/[\s:]/g, "").toLowerCase();
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(digits) ? digits : null;
}
