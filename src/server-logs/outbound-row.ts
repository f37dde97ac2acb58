// Rows of the log OAuthOutbound: Exchange gets a token for a call to the cloud. A row shows whether a token is held, never what the
// cloud answered to the call. Known from builds of 2013 only.
import type { LogRow } from "../core/log-row.ts";
import { durationOf, hostOf, idOf, timeOf, withoutAccounts } from "./cell-values.ts";
import { bindColumns, type Cells, hasAllCells, missingColumns } from "./columns.ts";
import { csvCells } from "./csv-cells.ts";
import { isNewerThan2013, type LogHeader } from "./log-header.ts";
import { callerOfPrinted, readLoggedToken, userKeysOfPrinted } from "./printed-token.ts";
import { isCodeName, protocolWords } from "./reason-words.ts";
import type { RowPlace, RowReader } from "./row-reader.ts";
import { silentRow } from "./silent-row.ts";

const wanted = [
  "date-time",
  "operation",
  "result-code",
  "client-request-id",
  "target",
  "tenant-info",
  "resource",
  "error-string",
  "token-result",
];

/** Reads rows of `OAuth Outbound Logs`. */
export function startOutboundReader(header: LogHeader): RowReader {
  const { columns } = header;
  const bind = bindColumns(columns);
  return {
    log: "oauth-outbound",
    missingColumns: missingColumns(columns, wanted),
    read: (line, place) => {
      const cells = csvCells(line);
      if (cells === null || !hasAllCells(columns, cells)) return { kind: "unreadable" };
      const cell = bind(cells);
      const endedAt = timeOf(cell("date-time"));
      if (endedAt === null) return { kind: "unreadable" };
      const isNewer = isNewerThan2013(cell("build-number")) ?? isNewerThan2013(header.version) ?? true;
      const row = outboundRow(cell, { place, endedAt, isNewer });
      return { kind: row.operation === null && row.isTokenGiven === null ? "dropped" : "row", row };
    },
  };
}

interface Reading {
  readonly place: RowPlace;
  readonly endedAt: number;
  readonly isNewer: boolean;
}

function outboundRow(cell: Cells, { place, endedAt, isNewer }: Reading): LogRow {
  const duration = durationOf(cell("processing-time"));
  const printedToken = readLoggedToken(cell("token-result"));
  const token = printedToken === null ? null : callerOfPrinted(printedToken);
  const keys = printedToken === null ? null : userKeysOfPrinted(printedToken);
  const isTokenGiven = givenBy(cell("result-code"));
  return {
    ...silentRow,
    ...place,
    log: "oauth-outbound",
    side: "token-service",
    direction: "to-cloud",
    endedAt,
    startedAt: duration === null ? null : endedAt - duration,
    ...placeOfTarget(cell("target")),
    userAgent: withoutAccounts(cell("user-agent"), 200),
    clientRequestId: idOf(cell("client-request-id")),
    caller: token?.applicationId ? { applicationId: token.applicationId, shownBy: "token" } : null,
    actsAs: keys === null ? null : { keys, isVerified: null },
    realm: realmOf(cell("tenant-info")) ?? token?.realm ?? realmOf(afterAt(cell("resource"))),
    printedToken,
    operation: /^[A-Za-z][A-Za-z0-9_]{2,60}$/.exec(cell("operation"))?.[0] ?? null,
    isTokenGiven,
    refusal: isTokenGiven === false ? refusalOf(cell) : null,
    isFormUnproven: isNewer,
  };
}

function givenBy(result: string): boolean | null {
  if (/^ok$/i.test(result)) return true;
  return /^fail(?:ed|ure)?$/i.test(result) ? false : null;
}

/** Host and path of a URL; a bare host counts. */
function placeOfTarget(target: string): Pick<LogRow, "host" | "path"> {
  const [, host = "", path = ""] = /^(?:https?:\/\/)?([^/?#\s]{1,260})(\/[^?#\s]{0,600})?/i.exec(target) ?? [];
  return { host: hostOf(host), path: withoutAccounts(path, 300) };
}

function afterAt(text: string): string {
  const at = text.lastIndexOf("@");
  return at === -1 ? "" : text.slice(at + 1);
}

/** A tenant id, else a domain, in what a cell says about a tenant; null without either. */
function realmOf(text: string): string | null {
  const cut = text.slice(0, 600);
  const tenant = /(?<![0-9a-f-])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9a-f-])/i.exec(cut)?.[0];
  if (tenant !== undefined) return tenant.toLowerCase();
  return /(?<![^\s:|])(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24}(?![^\s:|])/i.exec(cut)?.[0] ?? null;
}

/** Names of errors in `error-string`, which may stand alone or before a text in the language of the server. */
const errorNames =
  /\b(?:MissingSigningCertificate|CertificatePrivateKeySizeTooSmall|UnableToGetTokenFromACS|OAuthConfigurationUnavailable|NoMatchedTokenIssuer|InvalidChallenge|MissingRealmInAuthServer|EmptyClientId|EmptyNameIdClaim)\b/;

/** The error's name and the code of the token service: `AADSTS` number, else the error of its answer (`invalid_client`). */
function refusalOf(cell: Cells): LogRow["refusal"] {
  const text = `${cell("error-string")} ${cell("error-detail")}`.slice(0, 8192);
  const first = /^[A-Za-z]{3,60}(?![A-Za-z])/.exec(text)?.[0] ?? "";
  const category = errorNames.exec(text)?.[0] ?? (isCodeName(first) ? first : null);
  const named = /\b(?:AADSTS|ACS)\d{4,8}(?!\d)/.exec(text)?.[0] ?? "";
  const error =
    /\b(?:invalid|unauthorized|unsupported|access|server|temporarily|interaction|consent)_[a-z_]{3,30}\b/.exec(
      text,
    )?.[0];
  const parts = [category, error, named, protocolWords(cell("error-string"))];
  return {
    code: named.startsWith("AADSTS") ? Number(named.slice("AADSTS".length)) : null,
    category: category ?? error ?? null,
    text: parts.filter((part) => part !== null && part !== undefined && part !== "").join(" "),
  };
}
