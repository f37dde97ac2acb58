// Events of the Application log of Windows, in the forms in which they are saved. Provider, number and parameters are read, never the
// sentences around them: those are in the server's language.
import { type RecordTime, readRecordTime } from "./record-time.ts";
import { type Cells, type JsonRecord, memberOf, parseRecord, textOf } from "./record-values.ts";
import { childOf, readXmlElement, type XmlElement } from "./xml-element.ts";

export interface WindowsEvent {
  readonly provider: string;
  readonly number: number;
  readonly time: RecordTime | null;
  readonly computer: string;
  /** Values of `<EventData>` in their order; the message alone where a form has no values. Hostile text. */
  readonly parameters: readonly string[];
}

const mostParameters = 64;

/** `<Event>` as `wevtutil qe /f:xml`, `ToXml()` and the Event Viewer write it; null for any other text. */
export function readXmlEvent(text: string): WindowsEvent | null {
  const event = readXmlElement(text);
  if (typeof event === "string" || event.name !== "Event") return null;
  const system = childOf(event, "System");
  const provider = childOf(system, "Provider")?.attributes;
  const number = wholeNumber(childOf(system, "EventID")?.text ?? "");
  if (provider === undefined || number === null) return null;
  const data = (childOf(event, "EventData") ?? childOf(event, "UserData"))?.children ?? [];
  return {
    provider: provider.get("EventSourceName") ?? provider.get("Name") ?? "",
    number,
    time: readRecordTime(childOf(system, "TimeCreated")?.attributes.get("SystemTime") ?? ""),
    computer: childOf(system, "Computer")?.text.trim() ?? "",
    parameters: withMessage(data.slice(0, mostParameters).map(allText), messageOf(event)),
  };
}

function messageOf(event: XmlElement): string {
  return childOf(childOf(event, "RenderingInfo"), "Message")?.text ?? "";
}

function allText(element: XmlElement): string {
  return element.children.length === 0 ? element.text : element.children.map(({ text }) => text).join("\n");
}

/** Of `Get-WinEvent` and `Get-EventLog`, through `ConvertTo-Json`; null for any other text. */
export function readJsonEvent(text: string): WindowsEvent | null {
  const event = parseRecord(text);
  if (event === null) return null;
  const member = (...names: readonly string[]): unknown => memberOf(event, names);
  const number = wholeNumber(textOf(member("Id", "EventID")));
  const provider = textOf(member("ProviderName", "Source"));
  if (provider === "" || number === null) return null;
  return {
    provider,
    number,
    time: readRecordTime(timeText(member("TimeCreated", "TimeGenerated"))),
    computer: textOf(member("MachineName", "Computer")),
    parameters: withMessage(valuesOf(member("Properties", "ReplacementStrings")), textOf(member("Message"))),
  };
}

/** A time with its own members, as Windows PowerShell writes one: `{"value":"\/Date(…)\/","DateTime":"…"}`. */
function timeText(value: unknown): string {
  return typeof value === "object" && value !== null ? textOf(memberOf(value as JsonRecord, ["value"])) : textOf(value);
}

/** `[{"Value":…}]` of an event record, or the texts themselves. Names of classes stand for values that were cut by `-Depth`. */
function valuesOf(value: unknown): readonly string[] {
  const values: readonly unknown[] = Array.isArray(value) ? value.slice(0, mostParameters) : [];
  return values
    .map((one) => (typeof one === "object" && one !== null ? memberOf(one as JsonRecord, ["Value"]) : one))
    .map(textOf)
    .filter((one) => !one.startsWith("System.Diagnostics."));
}

/** Names of columns, as letters and digits in lower case: `Export-Csv`, the support package, the Event Viewer. */
const columns = {
  number: ["id", "eventid", "eventcode", "event", "eventidentifier", "instanceid"],
  provider: ["providername", "source", "sourcename", "provider", "eventsource"],
  time: ["timecreated", "timegenerated", "dateandtime", "datetime", "timewritten"],
  date: ["date"],
  clock: ["time"],
  computer: ["machinename", "computer", "computername"],
  message: ["message", "description"],
  data: ["replacementstrings", "insertionstrings", "eventdata", "data"],
} as const;

/** Columns without which no event of a file can be judged, by their names in `Export-Csv`. */
export function missingEventColumns(cells: Cells): readonly string[] {
  const has = (names: readonly string[]): boolean => names.some((name) => cells.has(name));
  const missing: string[] = [];
  if (!has(columns.number)) missing.push("Id");
  if (!has(columns.provider)) missing.push("ProviderName");
  if (!has(columns.time) && !has(columns.date)) missing.push("TimeCreated");
  // The Event Viewer gives the column of the message no name.
  const isOfViewer = cells.has("taskcategory") && cells.has("dateandtime");
  if (!has(columns.message) && !has(columns.data) && !isOfViewer) missing.push("Message");
  return missing;
}

/** A row of CSV; null without a number and a provider. */
export function readCsvEvent(cells: Cells): WindowsEvent | null {
  const cell = (names: readonly string[]): string =>
    names.map((name) => cells.get(name)).find((value) => value !== undefined && value !== "") ?? "";
  const number = wholeNumber(cell(columns.number));
  const provider = cell(columns.provider).trim();
  if (number === null || provider === "") return null;
  const time = cell(columns.time) || `${cell(columns.date)} ${cell(columns.clock)}`;
  const data = cell(columns.data);
  return {
    provider,
    number,
    time: readRecordTime(time),
    computer: cell(columns.computer).trim(),
    parameters: withMessage(data === "" || data.startsWith("System.") ? [] : [data], cell(columns.message)),
  };
}

/** The parameters; the message where there are none, because its sentences hold them. */
function withMessage(parameters: readonly string[], message: string): readonly string[] {
  const values = parameters.filter((value) => value.trim() !== "");
  return values.length > 0 || message === "" ? values : [message];
}

function wholeNumber(text: string): number | null {
  return /^\s*\d{1,10}\s*$/.test(text) ? Number(text) & 0xffff : null;
}
