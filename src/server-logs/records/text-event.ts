// An event as text: `wevtutil qe /f:text`, what the Event Viewer copies, `Get-WinEvent | Format-List`. Its labels are in the language of
// the server, so a line is known by its value.
import { readRecordTime } from "./record-time.ts";
import type { WindowsEvent } from "./windows-event.ts";

const source = /^[^\n:：]{1,60}[:：]\s{0,40}(?:Microsoft-)?(MSExchange (?:OAuth|Availability))\s*$/i;
const number = /^[^\n:：]{1,60}[:：]\s{0,40}(20\d\d|4002)\s*$/;
const value = /^[^\n:：]{1,60}[:：]\s{1,40}(\S[^\n]{4,60})$/;
const computer = /^[^\n:：]{1,60}[:：]\s{0,40}([A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8})\s*$/;
const mostLines = 5_000;
/** Lines around the source in which the number, the time and the computer are. */
const near = 14;
/** Lines of an event above its source, where another event is above it: `Format-List` begins with the time. */
const above = 2;

/** The events of `MSExchange OAuth` and `MSExchange Availability` in a text; each extends to the next source. */
export function readTextEvents(text: string): readonly WindowsEvent[] {
  const lines = text.split("\n", mostLines).map((line) => line.replace(/\r$/, "").trim());
  const starts = lines.flatMap((line, index) => (source.test(line) ? [index] : []));
  return starts.flatMap((at, index) => {
    const next = starts[index + 1] ?? lines.length;
    const event = eventAt(lines, at, { from: index === 0 ? 0 : at - above, to: next });
    return event === null ? [] : [event];
  });
}

function eventAt(
  lines: readonly string[],
  at: number,
  { from, to }: { readonly from: number; readonly to: number },
): WindowsEvent | null {
  const head = lines.slice(Math.max(from, at - near), Math.min(to, at + near));
  const found = (pattern: RegExp): string =>
    head.map((line) => pattern.exec(line)?.[1] ?? "").find((one) => one !== "") ?? "";
  const id = found(number);
  if (id === "") return null;
  const times = head.map((line) => readRecordTime(value.exec(line)?.[1]?.trim() ?? ""));
  return {
    provider: source.exec(lines[at] ?? "")?.[1] ?? "",
    number: Number(id),
    time: times.find((time) => time !== null) ?? null,
    computer: found(computer),
    parameters: [lines.slice(at + 1, to).join("\n")],
  };
}
