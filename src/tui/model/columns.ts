// The columns of the traffic table: the text and the sort key of each, and which fit into a width.
import type { TrafficRow } from "../../diagnosis/analysis.ts";
import { severities } from "../../diagnosis/catalogue/finding-text.ts";
import { routeWords, tokenServiceWords } from "../../diagnosis/direction-words.ts";
import type { FilterSubject } from "../../filter/subject.ts";

export const columnNames = [
  "severity",
  "id",
  "time",
  "dir",
  "method",
  "status",
  "auth",
  "route",
  "service",
  "log",
  "client",
  "conv",
  "finding",
  "what",
  "host",
  "path",
  "size",
  "ms",
] as const;
export type ColumnName = (typeof columnNames)[number];

/** The columns that the person has shown or hidden; the others depend on the width. */
export type ColumnChoice = ReadonlyMap<ColumnName, boolean>;

type Order = readonly [lowFirst: string, highFirst: string];

export interface ColumnKind {
  /** Short title in the table head. */
  readonly title: string;
  /** Name in the column chooser and in the description of the sort. */
  readonly words: string;
  /** Null: shares the remaining width. */
  readonly width: number | null;
  readonly isNumber: boolean;
  readonly text: (subject: FilterSubject) => string;
  readonly key: (subject: FilterSubject) => number | string;
  readonly order: Order;
}

const lowHigh: Order = ["lowest first", "highest first"];
const letters: Order = ["A first", "Z first"];

type Texts = Pick<ColumnKind, "title" | "words" | "width" | "text">;

function words(texts: Texts): ColumnKind {
  return { ...texts, isNumber: false, key: texts.text, order: letters };
}

function directionCell(direction: TrafficRow["direction"]): string | null {
  if (direction === "inbound") return "in";
  return direction === "outbound" ? "out" : null;
}

function routeCell(route: TrafficRow["route"]): string {
  return route && route !== "other" ? routeWords[route] : "-";
}

function serviceCell(service: TrafficRow["tokenService"]): string {
  return service ? tokenServiceWords[service] : "-";
}

/** All columns by name. `severity` is the mark before each row and always shown. */
export const columnKinds: Readonly<Record<ColumnName, ColumnKind>> = {
  severity: {
    title: "!",
    words: "severity of the findings",
    width: 0,
    isNumber: false,
    text: () => "",
    key: ({ row }) => (row.worst === null ? (row.status === null ? 0.5 : 0) : 1 + severities.indexOf(row.worst)),
    order: ["least first", "worst first"],
  },
  id: {
    title: "#",
    words: "number",
    width: 5,
    isNumber: false,
    text: ({ row }) => row.id,
    // Equal keys are ordered by row number, which is the order of this column.
    key: () => 0,
    order: ["oldest first", "newest first"],
  },
  time: {
    title: "time",
    words: "time",
    width: 12,
    isNumber: false,
    text: ({ row }) => new Date(row.at).toISOString().slice(11, 23),
    key: ({ row }) => row.at,
    order: ["oldest first", "newest first"],
  },
  dir: words({
    title: "dir",
    words: "direction",
    width: 3,
    text: ({ row, direction }) => directionCell(row.direction) ?? direction.replace(">", "→"),
  }),
  method: words({ title: "meth", words: "method", width: 4, text: ({ row }) => row.method }),
  status: {
    title: "st",
    words: "status",
    width: 3,
    isNumber: false,
    text: ({ row }) => (row.status === null ? "err" : String(row.status)),
    // No answer sorts above every status.
    key: ({ row }) => row.status ?? 1000,
    order: lowHigh,
  },
  auth: words({ title: "auth", words: "sign-in", width: 7, text: ({ row }) => row.auth }),
  client: words({ title: "client", words: "client", width: 21, text: ({ row }) => row.client }),
  conv: words({ title: "conv", words: "conversation", width: 6, text: ({ row }) => row.handshakeId ?? "-" }),
  route: words({ title: "route", words: "route", width: 12, text: ({ row }) => routeCell(row.route) }),
  service: words({
    title: "service",
    words: "token service",
    width: 8,
    text: ({ row }) => serviceCell(row.tokenService),
  }),
  finding: words({
    title: "findings",
    words: "findings",
    width: 22,
    text: ({ findings }) => (findings.length === 0 ? "-" : findings.join(" ")),
  }),
  log: words({
    title: "log and line",
    words: "log and line",
    width: 30,
    text: ({ row }) => (row.log === undefined ? "-" : `${row.log.file.replace(/^.*\//s, "")}:${row.log.line}`),
  }),
  what: words({ title: "what", words: "what it is", width: null, text: ({ row }) => row.detail }),
  host: words({ title: "host", words: "host", width: null, text: ({ row }) => row.host }),
  path: words({ title: "path", words: "path", width: null, text: ({ row }) => row.path }),
  size: {
    title: "size",
    words: "size",
    width: 5,
    isNumber: true,
    text: ({ row }) => (row.log === undefined ? sizeText(row.bytes) : "-"),
    key: ({ row }) => row.bytes ?? -1,
    order: ["smallest first", "largest first"],
  },
  ms: {
    title: "ms",
    words: "duration",
    width: 5,
    isNumber: true,
    text: ({ row }) => (row.durationMs === null ? "-" : String(Math.round(row.durationMs))),
    key: ({ row }) => row.durationMs ?? -1,
    order: ["fastest first", "slowest first"],
  },
};

/** Columns that can be hidden; severity, number and status are always shown. */
export const choosable: readonly ColumnName[] = columnNames.filter(
  (name) => name !== "severity" && name !== "id" && name !== "status",
);

/** The default columns for a width; `what` from 110 columns on. */
function defaultColumns(columns: number): readonly ColumnName[] {
  if (columns < 80) return ["id", "status", "auth", "host", "path", "ms"];
  const narrow = ["id", "time", "dir", "method", "status", "auth", "host", "path", "size", "ms"] as const;
  return columns < 110 ? narrow : [...narrow, "what"];
}

export interface PlacedColumn extends Pick<ColumnKind, "title" | "isNumber" | "text"> {
  readonly name: ColumnName;
  readonly width: number;
}

/** The least useful width of a host or a path. */
const leastWidth = 10;

/** The visible columns with their widths. Where they do not fit, the column added last is dropped. */
export function placeColumns(columns: number, choice: ColumnChoice): readonly PlacedColumn[] {
  const normal = defaultColumns(columns);
  const wanted = columnNames.filter((name) => name !== "severity" && (choice.get(name) ?? normal.includes(name)));
  const placed = place(wanted, columns);
  const room = placed.filter(({ name }) => columnKinds[name].width === null);
  const tight = room.length === 0 || room.some(({ width }) => width < leastWidth);
  const extra = [...choice].findLast(([name, isShown]) => isShown && !normal.includes(name));
  if (!tight || extra === undefined) return room.length === 0 ? place([...wanted, "host"], columns) : placed;
  return placeColumns(columns, new Map([...choice].filter(([name]) => name !== extra[0])));
}

function place(wanted: readonly ColumnName[], columns: number): readonly PlacedColumn[] {
  const names = columnNames.filter((name) => wanted.includes(name));
  const widths = new Map<ColumnName, number>(names.map((name) => [name, fixedWidth(name, columns)]));
  const used = [...widths.values()].reduce((sum, width) => sum + (width === 0 ? 0 : width + 1), 0);
  // Three columns before the row are marks; each column but the last has a space behind it.
  let left = columns - used - 2;
  const isJoined = columns < 110 && widths.has("host") && widths.has("path");
  if (widths.has("what")) {
    const share = widths.has("host") || widths.has("path") ? Math.floor(left * 0.34) : left;
    widths.set("what", share - 1);
    left -= share;
  }
  if (isJoined) widths.delete("path");
  if (widths.has("host")) {
    const share = widths.has("path") ? Math.floor(left * 0.5) : left;
    widths.set("host", share - 1);
    left -= share;
  }
  if (widths.has("path")) widths.set("path", left - 1);
  return [...widths].map(([name, width]) => {
    const { title, isNumber, text } = columnKinds[name];
    if (isJoined && name === "host") return { ...joined, name, width };
    if (name === "time") return { name, title, isNumber, width, text: (subject) => text(subject).slice(0, width) };
    return { name, title, isNumber, text, width };
  });
}

const joined: Pick<ColumnKind, "title" | "isNumber" | "text"> = {
  title: "host and path",
  isNumber: false,
  text: ({ row }) => row.host + row.path,
};

function fixedWidth(name: ColumnName, columns: number): number {
  return name === "time" && columns < 110 ? 8 : (columnKinds[name].width ?? 0);
}

/** `1.2k`, `3.4M`; `?` where the size is not known. */
export function sizeText(bytes: number | null): string {
  if (bytes === null) return "?";
  if (bytes < 1000) return String(bytes);
  if (bytes < 1_000_000) return `${(bytes / 1000).toFixed(1)}k`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)}M` : `${(bytes / 1e9).toFixed(1)}G`;
}
