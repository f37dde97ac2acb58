// Each fact of the protocol that this program relies on, where it comes from, and the test that would fail without it. A row
// may bring a fault: `npm run faults` puts it into a copy of the source and expects that very test to fail.

/** P: a Microsoft specification, documentation or tool source. W: a published sample of the wire. D: observed, second-hand. */
export type Mark = "P" | "W" | "D";

export interface ProtocolRow {
  readonly section: string;
  readonly marks: readonly Mark[];
  readonly fact: string;
  /** Path of the test file, and a part of the full name of the test in it. */
  readonly file: string;
  readonly title: string;
  /** A text of one source file and what it becomes. */
  readonly fault: Fault | null;
}

export interface Fault {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

export type Tuple = readonly [
  marks: string,
  fact: string,
  file: string,
  title: string,
  fault?: readonly [string, string, string],
];

/** Rows of one section; tests under test/, sources under src/, both without their ending. */
export function section(name: string, rows: readonly Tuple[]): readonly ProtocolRow[] {
  return rows.map(([marks, fact, file, title, fault]) => ({
    section: name,
    marks: [...marks] as Mark[],
    fact,
    file: `test/${file}.test.ts`,
    title,
    fault: fault === undefined ? null : { file: `src/${fault[0]}.ts`, from: fault[1], to: fault[2] },
  }));
}
