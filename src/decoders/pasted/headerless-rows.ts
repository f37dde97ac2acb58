// Rows of a log without the header that names their columns: named with what is missing. Cells are known by their shape alone, never
// by their position.
import type { Applications } from "../../core/principals.ts";
import { csvCells } from "../../server-logs/csv-cells.ts";
import { readSignedIn } from "../../server-logs/signed-in.ts";
import type { JsonObject } from "../json-text.ts";
import { type DecodedSubject, type DecodedValue, subjectOf, unknownValue, valueOfKind } from "./decoded-value.ts";
import { decodeMemberCell } from "./log-members.ts";
import { signedInWords } from "./log-users.ts";

const mostRows = 20;
const fewestCells = 12;

const missing =
  "its header: the line `#Fields: …` (or the bare line of column names) at the beginning of the file says which cell is which. Paste that line above the row, or give the whole file to realmscope replay.";

/** Names rows without a header; null where no line looks like one. `unknown` where no cell says anything by its shape. */
export function decodeHeaderlessRows(
  lines: readonly string[],
  applications: Applications | undefined,
): DecodedValue | null {
  const rows = lines.flatMap((line) => rowWithoutHeader(line) ?? []);
  const [first] = rows;
  const texts = lines.filter((line) => line.trim() !== "");
  // Prose with a row in it is read as prose.
  if (first === undefined || rows.length < texts.length) return null;
  const shown = rows.slice(0, mostRows).map(({ cells }) => shownCells(cells, applications));
  if (shown.every(({ isSilent }) => isSilent))
    return unknownValue(lines.join("\n"), `a row of ${first.log} without ${missing.replace(/\.$/, "")}`);
  const value = { log: first.log, rows: rows.length, missing, shown: shown.map((row) => row.value) };
  return valueOfKind("log-rows", value, { exchanges: shown.map(({ subject }) => subject) });
}

interface BareRow {
  readonly log: string;
  readonly cells: readonly string[];
}

function rowWithoutHeader(line: string): BareRow | null {
  if (/^"?\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,7})?Z"?,/.test(line)) {
    const cells = csvCells(line.replace(/\r$/, ""));
    if (cells === null || cells.length < fewestCells) return null;
    const isOutbound = cells.some((cell) =>
      /^(?:GetNew|Refresh|GetCached)ACSToken$|^SendCached$|^GetSelfIssued/.test(cell),
    );
    return {
      log: isOutbound ? "Exchange's log OAuthOutbound" : "a log of Exchange (HttpProxy, Ews or Autodiscover)",
      cells,
    };
  }
  if (!/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2} /.test(line)) return null;
  const cells = line.trimEnd().split(" ", 64);
  const hasMethod = cells.some((cell) => /^(?:GET|POST|HEAD|OPTIONS|PUT|RPC_IN_DATA|RPC_OUT_DATA)$/.test(cell));
  if (cells.length < fewestCells || !hasMethod) return null;
  return { log: cells.some((cell) => /^HTTP\/\d/.test(cell)) ? "HTTPERR or IIS" : "IIS (W3C)", cells };
}

interface ShownCells {
  readonly isSilent: boolean;
  readonly value: JsonObject;
  readonly subject: DecodedSubject;
}

function shownCells(cells: readonly string[], applications: Applications | undefined): ShownCells {
  const user = cells.find((cell) => ["application", "acts-as"].includes(readSignedIn(cell).kind)) ?? "";
  const by = cells.find((cell) => /^(?:Bearer|BearerPreAuth|Basic|NTLM|Negotiate|Kerberos|FBA)$/i.test(cell)) ?? "";
  const info = cells.find((cell) => /OAuth(?:ErrorCategory|Error|ExtraInfo|Token)=/.test(cell)) ?? "";
  const members = info === "" ? null : decodeMemberCell(info, applications);
  return {
    isSilent: user === "" && by === "" && info === "",
    value: { signedIn: signedInWords(user, applications), by, ...members?.value },
    subject: members?.subject ?? subjectOf({}),
  };
}
