// Notes of the ladder for rows: words of this program, numbers and known words, never text of a log.
import type { LogRow } from "../../core/log-row.ts";
import type { Diagnostics } from "../../decoders/facts.ts";
import { diagnosticsOf } from "../../decoders/messages/diagnostics.ts";
import type { RowReading } from "./read-row.ts";

/** The refusal of a row in the form of `x-ms-diagnostics`; null where the row names no cause. */
export function rowDiagnostics({ refusal }: Pick<LogRow, "refusal">): Diagnostics | null {
  if (refusal === null) return null;
  // The log spells categories as names (`InvalidToken`), and marks those of the back end.
  const category = (refusal.category ?? "").replace(/-BE$/i, "");
  const word = category.replace(/(?<=[a-z])(?=[A-Z])/g, "_").toLowerCase();
  // Other numbers are those of Windows events and of IIS.
  const code = /^(?:20000\d\d|4000000)$/.exec(String(refusal.code))?.[0] ?? "";
  const named = diagnosticsOf(code, word, refusal.text);
  if (named.cause !== "unknown") return named;
  return diagnosticsOf(code, "", `${word.replaceAll("_", " ")} ${refusal.text}`);
}

/** `Bearer, acts as a user`. */
export function callNote({ signIn }: LogRow, { lane }: RowReading): string {
  if (signIn === "bearer") return lane === "user" ? "Bearer, acts as a user" : "Bearer of the application alone";
  return "Bearer";
}

/** `200`, `401 invalid_client (2000006)`, `no status`. */
export function rowAnswerNote(row: LogRow): string {
  const status = row.status === null ? "" : String(row.status);
  const diagnostics = rowDiagnostics(row);
  if (diagnostics === null) return status === "" ? "no status in the log" : status;
  const code = diagnostics.code === "" ? "" : ` (${diagnostics.code})`;
  return `${status} ${diagnostics.cause}${code}`.trimStart();
}

/** `token given`, `token service refused (AADSTS700027)`. */
export function tokenNote(row: LogRow): string {
  if (row.isTokenGiven === true) return row.log === "oauth-outbound" ? "token held" : "token given";
  const code = stsCodeOf(row);
  return `no token given${code === "" ? "" : ` (${code})`}`;
}

/** The public code of the token service (`AADSTS700027`, `ACS50012`); empty where the row names none. */
export function stsCodeOf({ refusal }: Pick<LogRow, "refusal">): string {
  if (refusal === null) return "";
  const named = /\b(?:AADSTS|ACS)\d{4,8}\b/i.exec(`${refusal.category ?? ""} ${refusal.text}`)?.[0];
  if (named !== undefined) return named.toUpperCase();
  return refusal.code === null ? "" : `AADSTS${refusal.code}`;
}
