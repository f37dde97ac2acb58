// Trees in panes: a node that is folded shows its first line alone, with how much it hides and the worst of it.
import { cutToCells } from "./cell-text.ts";
import type { PaneLine, TreeHead } from "./pane-line.ts";
import { lineWidth, type ScreenLine, type Span, spread } from "./screen-line.ts";

const marks = { open: "▾ ", folded: "▸ " } as const;

/** The lines that are seen when those nodes are folded. No verdict that fails is hidden: the folded node says it. */
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

/** A node is not seen when any that holds it is folded, or it is itself. */
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

/**
 * How many claims are hidden, and the worst that is said of one of them or of the node itself. What there is no room for
 * are the words about the number.
 */
function hiddenVerdict(hidden: readonly PaneLine[], head: TreeHead, room: number): ScreenLine {
  const heads = new Set(hidden.flatMap((line) => (line.head === undefined ? [] : (line.copy ?? []))));
  const claims = new Set(hidden.flatMap(({ copy }) => (copy === undefined || heads.has(copy) ? [] : [copy])));
  const count = `${claims.size} ${claims.size === 1 ? "claim" : "claims"} folded`;
  const failures = [failureOf(head.verdict), ...hidden.map(saidFailure)].filter((span) => span !== null);
  const worst = failures.find(([, meaning]) => meaning === "bad") ?? failures[0];
  if (worst === undefined) return [[`${count}, none fails`, "dim"]];
  const failing = new Set(hidden.flatMap((line) => (saidFailure(line) === null ? [] : (line.copy ?? [])))).size;
  const verdict: Span = [markedText(worst), worst[1]];
  const number = failing > 1 ? `, ${failing} fail, worst` : ",";
  const long: ScreenLine = [[`${count}${number} `, "dim"], verdict];
  return lineWidth(long) <= room ? long : [[`${claims.size} folded `, "dim"], verdict];
}

function saidFailure({ head, line }: PaneLine): Span | null {
  return failureOf(head === undefined ? line : head.verdict);
}

/** What a line says that is not as it should be: the worst of its parts, the last of these. */
function failureOf(line: ScreenLine): Span | null {
  return (
    line.findLast(([, meaning]) => meaning === "bad") ?? line.findLast(([, meaning]) => meaning === "warning") ?? null
  );
}

/** A remark without a mark gets one: words first, but never colour alone. */
function markedText([text, meaning]: Span): string {
  const words = text.trim();
  return cutToCells(words.startsWith("[") ? words : `${meaning === "bad" ? "[XX]" : "[!!]"} ${words}`, 32);
}
