// Trees in panes: a folded node shows its first line, the number of hidden claims and the worst of their verdicts.
import { cutToCells } from "./cell-text.ts";
import type { PaneLine, TreeHead } from "./pane-line.ts";
import { lineWidth, type ScreenLine, type Span, spread } from "./screen-line.ts";

const marks = { open: "▾ ", folded: "▸ " } as const;

/** The visible lines when `folded` nodes are folded. The line of a folded node shows the worst verdict that it hides. */
export function foldTree(
  lines: readonly PaneLine[],
  folded: ReadonlySet<string>,
  columns: number,
): readonly PaneLine[] {
  return lines
    .filter(({ within }) => within === undefined || !isFolded(within, folded))
    .map((line) =>
      line.head === undefined ? line : { ...line, line: headLine(line.head, lines, { folded, columns }) },
    );
}

/** Whether the node or one of its ancestors is folded. */
function isFolded(node: string, folded: ReadonlySet<string>): boolean {
  for (let end = node.length; end > 0; end = node.lastIndexOf("/", end - 1)) {
    if (folded.has(node.slice(0, end))) return true;
  }
  return false;
}

interface Tree {
  readonly folded: ReadonlySet<string>;
  readonly columns: number;
}

function headLine(head: TreeHead, lines: readonly PaneLine[], { folded, columns }: Tree): ScreenLine {
  const isClosed = folded.has(head.id);
  const left: ScreenLine = [[`${head.prefix}${isClosed ? marks.folded : marks.open}`, "plain"], ...head.words];
  if (!isClosed) return spread(left, head.verdict, columns);
  const hidden = lines.filter(({ within }) => within === head.id || within?.startsWith(`${head.id}/`));
  return spread(left, hiddenVerdict(hidden, head, columns - head.prefix.length - 12), columns);
}

/** The number of hidden claims and the worst verdict among them and of the node; shortened to the number in little room. */
function hiddenVerdict(hidden: readonly PaneLine[], head: TreeHead, room: number): ScreenLine {
  const heads = new Set(hidden.flatMap((line) => (line.head === undefined ? [] : (line.copy ?? []))));
  const claims = new Set(hidden.flatMap(({ copy }) => (copy === undefined || heads.has(copy) ? [] : [copy])));
  const count = `${claims.size} ${claims.size === 1 ? "claim" : "claims"} folded`;
  const failures = [failureOf(head.verdict), ...hidden.map(lineFailure)].filter((span) => span !== null);
  const worst = failures.find(([, meaning]) => meaning === "bad") ?? failures[0];
  if (worst === undefined) return [[`${count}, none fails`, "dim"]];
  const failing = new Set(hidden.flatMap((line) => (lineFailure(line) === null ? [] : (line.copy ?? [])))).size;
  const verdict: Span = [markedText(worst), worst[1]];
  const number = failing > 1 ? `, ${failing} fail, worst` : ",";
  const long: ScreenLine = [[`${count}${number} `, "dim"], verdict];
  return lineWidth(long) <= room ? long : [[`${claims.size} folded `, "dim"], verdict];
}

function lineFailure({ head, line }: PaneLine): Span | null {
  return failureOf(head === undefined ? line : head.verdict);
}

/** The last bad span of a line, else the last warning. */
function failureOf(line: ScreenLine): Span | null {
  return (
    line.findLast(([, meaning]) => meaning === "bad") ?? line.findLast(([, meaning]) => meaning === "warning") ?? null
  );
}

/** The words with a mark before them, because colour alone must not carry the meaning. */
function markedText([text, meaning]: Span): string {
  const words = text.trim();
  return cutToCells(words.startsWith("[") ? words : `${meaning === "bad" ? "[XX]" : "[!!]"} ${words}`, 32);
}
