// Reads what a file requires of one direction: `outbound: oauth-confirmed`, or a map of verdict, route and token service.
import type { Directions, HandshakeReport } from "../diagnosis/analysis.ts";
import { tokenServices } from "../diagnosis/directions.ts";
import { type Direction, routes } from "../handshake/direction.ts";
import type { RequireCheck, TraceTotals } from "./expectations.ts";
import { bases, verdicts } from "./handshake-facts.ts";
import { fail, fieldsOf, quoteForMessage, unknownWord, type YamlField, type YamlNode } from "./yaml-reader.ts";

/** The verdicts of a capture or a direction; `none`: not seen. */
export const verdictWords: readonly string[] = [...verdicts, "none"];

/** The keys of the map, with the words that each may have. */
export const directionKeys: Readonly<Record<"verdict" | "route" | "tokenService" | "basis", readonly string[]>> = {
  verdict: verdictWords,
  basis: bases,
  route: routes,
  tokenService: tokenServices,
};

type Wanted = Readonly<Record<keyof typeof directionKeys, readonly string[] | null>>;

/** A condition on the trace with its text. */
export type TraceCondition = Pick<RequireCheck, "holds" | "has"> & { readonly text: string };

/** The condition on one direction. Ends by `fail` when the value is not one. */
export function readDirection(name: Direction, value: YamlNode): TraceCondition {
  const wanted = value.type === "map" ? readMap(name, value) : { verdict: readWords(value, name), ...anyWay };
  const parts = Object.entries(wanted).flatMap(([key, words]) =>
    words === null ? [] : [`${key === "verdict" ? "" : `${key} `}${words.join(" or ")}`],
  );
  return {
    text: parts.join(", "),
    holds: (trace) => holdsFor(name, wanted, trace),
    has: ({ directions, ways }) => describe(name, directions, ways),
  };
}

const anyWay = { route: null, tokenService: null, basis: null } as const;

function readMap(name: Direction, value: YamlNode): Wanted {
  const fields = fieldsOf(value, name, Object.keys(directionKeys));
  if (fields.size === 0) return fail(value, `${name} needs verdict, route, tokenService or basis`);
  const [verdict, route, tokenService] = [fields.get("verdict"), fields.get("route"), fields.get("tokenService")];
  const wanted = {
    verdict: wordsOf(verdict, "verdict"),
    basis: wordsOf(fields.get("basis"), "basis"),
    route: wordsOf(route, "route"),
    tokenService: wordsOf(tokenService, "tokenService"),
  };
  if (verdict !== undefined && wanted.verdict?.includes("none") === true && fields.size > 1)
    return fail(
      verdict.value,
      `a direction that was not seen (none) has no ${route !== undefined ? "route" : tokenService !== undefined ? "tokenService" : "basis"}`,
    );
  return wanted;
}

function wordsOf(field: YamlField | undefined, key: keyof typeof directionKeys): readonly string[] | null {
  return field === undefined ? null : readWords(field.value, key, directionKeys[key]);
}

/** Reads one word of a list of words, or several. `what` names the value in messages. */
export function readWords(value: YamlNode, what: string, known: readonly string[] = verdictWords): readonly string[] {
  const items = value.type === "list" ? value.items : [value];
  const kind = Object.hasOwn(directionKeys, what) ? what : "verdict";
  if (items.length === 0) return fail(value, `${what} needs a ${kind}`);
  return items.map((item) => {
    if (item.type !== "plain" || typeof item.value !== "string" || item.value.trim() === "")
      return fail(item, `${what} is text`);
    const word = item.value;
    return known.includes(word) ? word : fail(item, unknownWord(`${kind} ${quoteForMessage(word)}`, word, known));
  });
}

/** The evidence of every handshake that decides the verdict must be of these kinds. */
export function hasBasis(
  wanted: readonly string[],
  verdict: string,
  ways: readonly Pick<HandshakeReport, "verdict" | "basis">[],
): boolean {
  const deciding = ways.filter((way) => way.verdict === verdict);
  return deciding.length > 0 && deciding.every(({ basis }) => wanted.includes(basis));
}

/** Verdict and basis are those of the whole direction; route and token service must be those of one of its handshakes. */
function holdsFor(name: Direction, { verdict, route, tokenService, basis }: Wanted, trace: TraceTotals): boolean {
  const has = trace.directions[name]?.verdict ?? "none";
  if (verdict !== null && !verdict.includes(has)) return false;
  const ways = trace.ways.filter(({ direction }) => direction === name);
  if (basis !== null && !hasBasis(basis, has, ways)) return false;
  if (route === null && tokenService === null) return true;
  return ways.some(
    (way) =>
      (route === null || route.includes(way.route ?? "")) &&
      (tokenService === null || tokenService.includes(way.tokenService ?? "")),
  );
}

/** The direction in the words of the file. */
function describe(name: Direction, directions: Directions, ways: TraceTotals["ways"]): string {
  const report = directions[name];
  if (report === null) return `${name} none: it was not seen`;
  const parts = [
    `${name} ${report.verdict}`,
    ...(report.routes.length === 0 ? [] : [`route ${report.routes.join(" and ")}`]),
    ...basisWords(
      report.verdict,
      ways.filter(({ direction }) => direction === name),
    ),
    ...(report.tokenServices.length === 0 ? [] : [`tokenService ${report.tokenServices.join(" and ")}`]),
  ];
  return parts.join(", ");
}

/** `basis log`: the evidence of the handshakes that decide, where it is not captured traffic alone. */
export function basisWords(
  verdict: string,
  ways: readonly Pick<HandshakeReport, "verdict" | "basis">[],
): readonly string[] {
  const found = new Set(ways.filter((way) => way.verdict === verdict).map(({ basis }) => basis));
  const words = bases.filter((basis) => found.has(basis));
  return words.length === 0 || (words.length === 1 && words[0] === "traffic") ? [] : [`basis ${words.join(" and ")}`];
}
