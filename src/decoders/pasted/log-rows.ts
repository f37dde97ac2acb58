// Rows of the logs of IIS and of Exchange's HttpProxy: their columns are named by `#Fields:` or by the first line. A log holds no
// token; what it says is who was signed in, how, and with which answer.
import { type Applications, parsePrincipal } from "../../core/principals.ts";
import type { JsonObject } from "../json-text.ts";
import { redactUser } from "../tokens/token-user.ts";
import { type DecodedValue, valueOfKind } from "./decoded-value.ts";

const mostRows = 20;
const longestRow = 8192;

/** The rows of a pasted log as a value of kind `log-rows`; null when the text is none. */
export function decodeLogRows(text: string, applications: Applications | undefined): DecodedValue | null {
  const lines = text.split("\n").map((line) => line.replace(/\r$/, "").slice(0, longestRow));
  const header = lines.findIndex((line) => /^#Fields:/i.test(line.trim()) || isProxyHeader(line));
  if (header === -1) return null;
  const isIis = /\bcs-(?:method|uri-stem|username)\b/i.test(lines[header] ?? "");
  const head = (lines[header] ?? "").replace(/^#Fields:\s*/i, "").trim();
  const columns = (isIis ? head.split(/\s+/) : head.split(",")).map((name) => name.trim().toLowerCase());
  const rows = lines.slice(header + 1).filter((line) => line.trim() !== "" && !line.startsWith("#"));
  const shown = rows.slice(0, mostRows).map((row) => {
    const cells = isIis ? row.trim().split(/\s+/) : csvCells(row);
    const cell = (...names: readonly string[]): string => {
      const at = columns.findIndex((column) => names.includes(column));
      return at === -1 || cells[at] === "-" ? "" : (cells[at] ?? "");
    };
    return {
      time: `${cell("date")} ${cell("time", "datetime")}`.trim().slice(0, 40),
      method: cell("cs-method", "method").slice(0, 20),
      path: cell("cs-uri-stem", "urlstem").slice(0, 200),
      status: cell("sc-status", "httpstatus").slice(0, 3),
      signedIn: signedIn(cell("cs-username", "authenticateduser"), applications),
      by: cell("authenticationtype").slice(0, 40),
      program: cell("cs(user-agent)", "useragent").replaceAll("+", " ").slice(0, 120),
    };
  });
  const log = isIis ? "IIS (W3C)" : "Exchange HttpProxy";
  return valueOfKind("log-rows", { log, rows: rows.length, shown, note });
}

const note =
  "a log holds no tokens: it shows who was signed in and the status, not why a token was refused. Capture the call (realmscope watch, a HAR or a SAZ) for the cause.";

function isProxyHeader(line: string): boolean {
  return /^DateTime,RequestId,/i.test(line.trim());
}

/** Cells of one line of CSV; quotes may hold commas. */
function csvCells(row: string): readonly string[] {
  return [...row.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
}

/** `S2S~id` is a service by its own token, `actas1(…)` one that acts as a user, anything else an account: redacted. */
function signedIn(name: string, applications: Applications | undefined): string {
  const service = /^S2S~([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/i.exec(name)?.[1];
  if (service !== undefined) {
    const { id, name: known } = parsePrincipal(service, applications);
    return `service ${id}${known === null ? "" : ` (${known})`}`;
  }
  if (/^actas1\(/i.test(name)) return "a service that acts as a user (OAuth)";
  if (name === "") return "";
  const slash = name.indexOf("\\");
  const domain = slash === -1 ? "" : `${name.slice(0, Math.min(slash, 64)).replace(/[^A-Za-z0-9._-]/g, "?")}\\`;
  return `account ${domain}${redactUser(name.slice(slash + 1))}`;
}

/** `S2S~id` or `actas1(…)` alone: the caller as the logs of Exchange Server name it. Null for any other text. */
export function decodeLogUser(value: string, applications: Applications | undefined): DecodedValue | null {
  const id = /^S2S~([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\b/i.exec(value)?.[1];
  if (id !== undefined) {
    const principal = parsePrincipal(id, applications);
    return valueOfKind(
      "log-user",
      { form: "S2S", service: signedIn(value, applications), ...principal },
      { principal },
    );
  }
  const inside = /^actas1\(([^()\s]{1,512})\)$/i.exec(value)?.[1];
  if (inside === undefined) return null;
  const names = inside.split("|").slice(0, 8);
  const forms = names
    .map((name) => name.split(/[:~]/, 1)[0]?.toLowerCase() ?? "")
    .filter((form) => /^[a-z]{2,12}$/.test(form));
  const shown: JsonObject = { form: "actas1", meaning: signedIn(value, applications), userForms: forms };
  return valueOfKind("log-user", shown);
}
