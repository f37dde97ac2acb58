// A row of a log: its members, its token, and the lines of its file.
import type { LogRow } from "../../../core/log-row.ts";
import { safe } from "../../../core/safe-text.ts";
import type { FindingReport } from "../../../diagnosis/catalogue/finding.ts";
import { worstFirst } from "../../../diagnosis/catalogue/finding-text.ts";
import { wrap } from "../../lines/cell-text.ts";
import { type PaneLine, textLine } from "../../lines/pane-line.ts";
import { type ScreenLine, spread } from "../../lines/screen-line.ts";
import { messageIndent, wrapSpans } from "../../lines/wrap-spans.ts";
import type { LogDetail } from "../../model/messages.ts";
import { findingLines } from "./findings-pane.ts";

/** What the row says in one glance, then where it is, its members, and its findings. */
export function logSummaryPane(
  { row, file }: LogDetail,
  findings: readonly FindingReport[],
  columns: number,
): readonly PaneLine[] {
  const called = row.host === "" ? row.path : `https://${row.host}${row.path}`;
  const words = [`log ${row.log}`, row.method, called].filter((part) => part !== "").join("  ");
  const status: ScreenLine = [[row.status === null ? "no status" : String(row.status), "strong"]];
  const [first = [], ...rest] = wrapSpans([[safe(words), "strong"]], columns - 12, "  ");
  return [
    { line: spread(first, status, columns) },
    ...rest.map((line) => ({ line })),
    ...placeLines({ row, file }, columns),
    ...wrap("A log shows no header fields, no body and no signature.", columns).map((text) => textLine(text, "dim")),
    ...membersOf(row).flatMap(([name, value]) => memberLines(name, value, columns)),
    ...worstFirst(findings).flatMap((finding) => findingLines(finding, columns)),
  ];
}

/** `y` copies the place as editors take it: `file:line`. */
function placeLines({ row, file }: Pick<LogDetail, "row" | "file">, columns: number): readonly PaneLine[] {
  const place = `${file}:${row.line}`;
  const copy = { name: "file and line", text: place };
  return wrapSpans(
    [
      ["File: ", "strong"],
      [safe(place), "plain"],
    ],
    columns,
    messageIndent,
  ).map((line) => ({ line, copy }));
}

/** The members that the row has, sanitised as in JSON. */
function membersOf(row: LogRow): readonly (readonly [name: string, value: string])[] {
  const { refusal, actsAs, caller, status, backEndStatus } = row;
  const all: readonly (readonly [string, string | number | boolean | null | undefined])[] = [
    ["ended", new Date(row.endedAt).toISOString()],
    ["started", row.startedAt === null ? null : new Date(row.startedAt).toISOString()],
    ...([
      ["server", row.server],
      ["client", row.client],
      ["side", row.side],
      ["direction", row.direction],
    ] as const),
    ...([
      ["status", status],
      ["back-end status", backEndStatus],
      ["sign-in", row.signIn],
    ] as const),
    ["caller", caller === null ? null : `${caller.applicationId} (shown by ${caller.shownBy})`],
    ["acts as a user by", actsAs === null ? null : actsAs.keys.join(" ") || "an unknown name"],
    ["user verified", actsAs?.isVerified],
    ...([
      ["realm", row.realm],
      ["operation", row.operation],
      ["token given", row.isTokenGiven],
    ] as const),
    ["refusal", refusal === null ? null : [refusal.code, refusal.category, refusal.text].filter(Boolean).join(" ")],
    ...([
      ["failure", row.failure],
      ["user agent", row.userAgent],
    ] as const),
    ...([
      ["request id", row.requestId],
      ["client-request-id", row.clientRequestId],
    ] as const),
    ["certificate", row.certificate],
  ];
  return all.flatMap(([name, value]) =>
    value === null || value === undefined || value === "" ? [] : [[name, String(value)] as const],
  );
}

function memberLines(name: string, value: string, columns: number): readonly PaneLine[] {
  const copy = { name, text: value };
  return wrapSpans(
    [
      [`${name}: `, "strong"],
      [safe(value), "plain"],
    ],
    columns,
    messageIndent,
  ).map((line) => ({ line, copy }));
}

/** The token that the row shows, as Exchange prints it: a line for each token. */
export function logTokenPane({ row }: LogDetail, columns: number): readonly PaneLine[] {
  if (row.printedToken === null) return [textLine("This row shows no token.", "dim")];
  const copy = { name: "printed token", text: row.printedToken };
  const tokens = row.printedToken.split("; actor: ");
  return tokens.flatMap((token, index) => [
    textLine(index === 0 ? "Token as the log prints it, without a signature:" : "Actor token:", "strong"),
    ...wrap(safe(token), columns).map((text) => ({ ...textLine(text), copy })),
  ]);
}

/** The row's line and its neighbours in the file, cell by cell. */
export function logLinesPane(detail: LogDetail, columns: number): readonly PaneLine[] {
  const { row, lines } = detail;
  if (lines === null)
    return [
      ...placeLines(detail, columns),
      ...wrap(
        "The lines cannot be read again here: the file was moved or deleted, is in an archive, or is not a log of lines. Open it at this line.",
        columns,
      ).map((text) => textLine(text, "dim")),
    ];
  return [
    ...placeLines(detail, columns),
    ...lines.flatMap(({ number, isHeader, cells }) => {
      const front = `${number === row.line ? ">" : " "}${String(number).padStart(5)} `;
      const text = isHeader ? "(header)" : cells.map(([column, value]) => `${column}=${value}`).join("  ");
      const copy = { name: `line ${number}, made safe`, text };
      const meaning = number === row.line ? "plain" : "dim";
      return wrapSpans(
        [
          [front, "strong"],
          [safe(text), meaning],
        ],
        columns,
        "       ",
      ).map((line) => ({ line, copy }));
    }),
  ];
}
