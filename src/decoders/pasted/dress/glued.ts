// A whole head on one line, its fields one after the other with nothing between them, as verbose output of cmdlets has it.
import type { Claim, Part } from "../text/claim.ts";
import { fieldNameBefore } from "../text/field-names.ts";
import { linesOf } from "../text/lines.ts";

/** Lines in which known names stand one after the other. */
export function readGlued(text: string): readonly Claim[] {
  return linesOf(text).flatMap(({ text: line, from, to, indent }) => {
    if (!line.includes(":")) return [];
    const names = namesIn(line);
    const first = names[0];
    if (first === undefined || (names.length === 1 && first.from === 0)) return [];
    const marks = [...startLinesIn(line), ...names].sort((a, b) => a.from - b.from);
    const parts = marks.map((mark, at): Part => {
      if ("part" in mark) return mark.part;
      return {
        kind: "field",
        name: mark.name,
        value: line.slice(mark.valueFrom, marks[at + 1]?.from ?? line.length).trim(),
      };
    });
    return [{ from: from + indent + (marks[0]?.from ?? 0), to, parts }];
  });
}

interface StartLine {
  readonly from: number;
  readonly part: Part;
}

const statusAt = /HTTP\/[0-9](?:\.[0-9])? ([1-5][0-9]{2})(?![0-9])/g;
const requestAt = /\b([A-Z]{3,8}) ((?:https?:\/\/|\/)\S{0,8192}) HTTP\/[0-9](?:\.[0-9])?/g;

function startLinesIn(line: string): readonly StartLine[] {
  const answered = [...line.matchAll(statusAt)].map(
    ({ index, 1: status }): StartLine => ({
      from: index,
      part: { kind: "status", status: Number(status), isWhole: true },
    }),
  );
  const asked = [...line.matchAll(requestAt)].map(
    ({ index, 1: method = "", 2: target = "" }): StartLine => ({
      from: index,
      part: { kind: "request", method, target, isWhole: true },
    }),
  );
  return [...asked, ...answered];
}

interface NameStart {
  readonly name: string;
  readonly from: number;
  readonly valueFrom: number;
}

/** Known names that a colon follows, outside of addresses. */
function namesIn(line: string): readonly NameStart[] {
  const starts: NameStart[] = [];
  let last = 0;
  for (let at = line.indexOf(":"); at !== -1; at = line.indexOf(":", at + 1)) {
    if (line.startsWith("://", at)) continue;
    const end = line[at - 1] === " " ? at - 1 : at;
    const name = fieldNameBefore(line, end);
    if (name === "" || end - name.length < last) continue;
    const from = end - name.length;
    if (!isNameStart(line, from, name)) continue;
    starts.push({ name, from, valueFrom: at + 1 });
    last = at + 1;
  }
  return starts;
}

/** `X-Date:` is not `Date:` and `message:` not `age:`, but `Unauthorizedrequest-id:` and `IIS/8.5Date:` hold names. */
function isNameStart(line: string, from: number, name: string): boolean {
  const before = line[from - 1] ?? "";
  if (before === "-") return false;
  if (!/[A-Za-z0-9]/.test(before)) return true;
  return name.includes("-") || (name.length > 3 && /[A-Z]/.test(line[from] ?? "") && !/[A-Z]/.test(before));
}
