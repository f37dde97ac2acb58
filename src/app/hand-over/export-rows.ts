// Exports rows that were chosen on the screen into one file, sanitised and searched like every export.
import { rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { HttpTransaction } from "../../core/http-transaction.ts";
import { requestUrl } from "../../core/http-transaction.ts";
import type { LogRow } from "../../core/log-row.ts";
import { ToolError } from "../../core/tool-error.ts";
import { bodyText } from "../../decoders/body-text.ts";
import type { Pseudonymise, Redacted } from "../../sanitising/sanitise.ts";
import { sanitiseEvent } from "../../sanitising/sanitise.ts";
import { openJournal } from "../../sinks/journal/journal.ts";
import type { FromScreen, LogDetail } from "../../tui/model/messages.ts";
import type { Configuration } from "../configuration.ts";
import { ensureDataFolder } from "../data-folder.ts";
import { refuseExisting } from "../place-file.ts";
import { toolVersion } from "../version.ts";
import { exportCapture } from "./export-capture.ts";
import { writeTicket } from "./write-ticket.ts";

type ExportRequest = Extract<FromScreen, { type: "export" }>;

export interface RowExport {
  readonly detail: (id: string) => Promise<Redacted<HttpTransaction> | null>;
  readonly logDetail: (id: string) => Promise<LogDetail | null>;
  readonly pseudonymise: Pseudonymise;
  readonly configuration: Configuration;
  /** The rows belong to several captures that are judged as one. */
  readonly isTogether?: boolean;
}

const extensions: Readonly<Record<ExportRequest["as"], string>> = {
  har: "har",
  ndjson: "ndjson",
  saz: "saz",
  html: "html",
  markdown: "md",
  ticket: "zip",
  curl: "sh",
};

/** Writes the rows. Returns the message for the user, also when it fails. */
export async function exportRows(request: ExportRequest, from: RowExport): Promise<string> {
  try {
    const found = await Promise.all(request.ids.map((id) => from.detail(id)));
    const transactions = found.filter((one) => one !== null);
    const rows = (await Promise.all(request.ids.map((id) => from.logDetail(id)))).flatMap((one) => one?.row ?? []);
    const chosen = transactions.length + rows.length;
    const missing = found.length - chosen;
    if (transactions.length === 0 && (rows.length === 0 || request.as === "curl"))
      return "nothing was exported: these rows are no longer in memory";
    const path = request.path === "" ? freshPath(request.as) : resolve(request.path);
    refuseExisting(path);
    if (request.as === "curl") writeCurl(path, transactions);
    else await writeCapture(path, request.as, { ...from, transactions, rows });
    const rest = missing === 0 ? "" : `; ${missing} are no longer in memory`;
    return `${chosen} exported as ${request.as}, made safe: ${path}${rest}`;
  } catch (error) {
    if (error instanceof ToolError) return `not exported: ${error.message} ${error.hint}`;
    const code: unknown = error instanceof Error && "code" in error ? error.code : undefined;
    return `not exported: the file cannot be written (${typeof code === "string" ? code : "error"})`;
  }
}

let count = 0;

function freshPath(as: ExportRequest["as"]): string {
  const folder = ensureDataFolder("exports");
  const stamp = new Date().toISOString().replace(/[-:]/g, "").slice(0, 15);
  count += 1;
  return join(folder, `rows-${stamp}-${process.pid}-${count}.${extensions[as]}`);
}

async function writeCapture(
  path: string,
  as: Exclude<ExportRequest["as"], "curl">,
  {
    transactions,
    rows,
    pseudonymise,
    configuration,
    isTogether = false,
  }: RowExport & { readonly transactions: readonly HttpTransaction[]; readonly rows: readonly LogRow[] },
): Promise<void> {
  const temporary = join(ensureDataFolder("run"), `rows-${process.pid}-${++count}.ndjson`);
  try {
    const journal = openJournal(temporary, { tool: toolVersion() });
    for (const transaction of transactions) {
      // `m` marks ids of captures that were judged together: they are one capture when the file is read again.
      const id = isTogether ? transaction.id.replace(/^f(?=\d)/, "m") : transaction.id;
      journal.write(sanitiseEvent({ kind: "transaction", transaction: { ...transaction, id } }, pseudonymise));
    }
    for (const row of rows) journal.write(sanitiseEvent({ kind: "log-row", row }, pseudonymise));
    await journal.close();
    const [problem] = journal.problems();
    if (problem !== undefined) {
      throw new ToolError("unwritable", `The chosen rows could not be written: ${problem}.`, {
        hint: "The data folder (REALMSCOPE_HOME) needs room.",
      });
    }
    const task = {
      files: [temporary],
      realm: configuration.realm,
      configuration,
      pseudonymise,
      title:
        rows.length === 0
          ? `${transactions.length} chosen requests`
          : `${transactions.length + rows.length} chosen rows`,
      hidesDomains: false,
    };
    // The key of this screen's pseudonyms is kept nowhere.
    if (as === "ticket") await writeTicket({ ...task, output: path, keyFingerprint: null });
    else await exportCapture({ ...task, outputs: [[as, path]], isSanitised: true });
  } finally {
    rmSync(temporary, { force: true });
  }
}

function writeCurl(path: string, transactions: readonly HttpTransaction[]): void {
  const text = `# Secrets were removed: put your own in before you run it.\n${transactions.map(curlLine).join("\n")}\n`;
  writeFileSync(path, text, { mode: 0o600, flag: "wx" });
}

const ownFields = /^(?:host|content-length|connection|transfer-encoding|proxy-.*)$/i;

/** Every text is in single quotes, in which a shell expands nothing. */
function curlLine(transaction: HttpTransaction): string {
  const { method, headers, body } = transaction.request;
  const text = bodyText(body, 64 * 1024);
  return [
    `curl -X ${quoted(method)} ${quoted(requestUrl(transaction))}`,
    ...headers.filter(([name]) => !ownFields.test(name)).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
    ...(text === "" ? [] : [`--data-raw ${quoted(text)}`]),
  ].join(" \\\n  ");
}

function quoted(text: string): string {
  return `'${text.replaceAll("\0", "").replaceAll("'", "'\\''")}'`;
}
