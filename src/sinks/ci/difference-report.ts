// The difference of two captures for a person and for a script.
import { printable } from "../../core/printable-text.ts";
import { wayText } from "../../diagnosis/direction-words.ts";
import type {
  ComparedDirection,
  ComparedHandshake,
  Difference,
  DirectionChange,
  FindingChange,
} from "../../expectations/compare-analyses.ts";

export interface ComparedNames {
  readonly before: string;
  readonly after: string;
}

/** Lines for what was lost (`-`), gained (`+`) and changed (`~`), with the conclusion last. */
export function renderDifference(
  difference: Difference,
  names: ComparedNames,
  options: { readonly isQuiet: boolean },
): readonly string[] {
  const last = conclusion(difference);
  if (options.isQuiet) return [last];
  return [
    `--- ${names.before}: ${difference.verdict.before}`,
    `+++ ${names.after}: ${difference.verdict.after}`,
    ...difference.directions.map(directionLine),
    ...difference.lost.map((handshake) => `- handshake lost: ${describe(handshake)}`),
    ...difference.gained.map((handshake) => `+ handshake gained: ${describe(handshake)}`),
    ...difference.changed.flatMap(({ after, changed }) => [
      `~ handshake changed: ${describe(after)}`,
      ...changed.map(({ what, before, after: now }) => `    ${what}: ${value(before)} -> ${value(now)}`),
    ]),
    ...difference.findings.map(findingLine),
    ...difference.counts.map(({ what, before, after }) => `~ count ${what}: ${before} -> ${after}`),
    last,
  ];
}

function conclusion({ isWorse, isEqual, verdict, directions }: Difference): string {
  const change =
    verdict.before === verdict.after
      ? `the verdict is still ${verdict.after}`
      : `the verdict was ${verdict.before} and is ${verdict.after}`;
  const lost = directions.filter((one) => one.change === "lost").map(({ direction }) => direction);
  const unseen = lost.length === 0 ? "" : `, ${lost.join(" and ")} not seen any more`;
  if (isWorse) return `WORSE: ${change}`;
  return isEqual ? `the same handshakes and findings: ${change}` : `no worse: ${change}${unseen}`;
}

function directionLine({ direction, change, before, after }: DirectionChange): string {
  const mark = change === "gained" ? "+" : change === "lost" ? "-" : "~";
  const [was, is] = [describeDirection(before), describeDirection(after)];
  const text = change === "gained" ? is : change === "lost" ? was : `${was} -> ${is}`;
  return `${mark} direction ${change}: ${direction}: ${text}`;
}

function describeDirection(report: ComparedDirection | null): string {
  if (report === null) return "not seen";
  const way = wayText(report);
  return way === "" ? report.verdict : `${report.verdict} ${way}`;
}

function describe({ principal, name, realm, server, verdict }: ComparedHandshake): string {
  const caller =
    principal === "" ? "an unknown caller" : `${printable(name ?? "unknown application")} (${printable(principal)})`;
  return `${caller}${realm === "" ? "" : ` in realm ${printable(realm)}`} calling ${printable(server)}: ${verdict}`;
}

function value(text: string): string {
  return text === "" ? "(none)" : printable(text);
}

function findingLine({ code, severity, message, change }: FindingChange): string {
  const mark = change === "gained" ? "+" : change === "lost" ? "-" : "~";
  return `${mark} finding ${change}: ${severity} ${code}: ${message}`;
}

/** The object of `diff --json`, schema `realmscope.difference/1`. */
export function differenceJson(difference: Difference, names: ComparedNames, version: string): object {
  return { schema: "realmscope.difference/1", tool: { name: "realmscope", version }, ...names, ...difference };
}
