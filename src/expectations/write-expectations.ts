// Writes a first expectation file from a good trace: its sign-ins, tokens, answers and findings. Without times and ids, so that the
// next capture of the same traffic can pass.
import { stringify } from "yaml";
import type { Analysis, DirectionReport, Directions } from "../diagnosis/analysis.ts";
import { directionNames } from "../diagnosis/direction-words.ts";
import type { LoggedEntry } from "./entry-log.ts";
import { findingWord } from "./vocabulary.ts";

/** The facts of each entry that a written file needs. */
export const factsToWrite: ReadonlySet<string> = new Set([
  "kind",
  "host",
  "auth.scheme",
  "response.status",
  "token.iss",
  "token.aud",
  "token.actor.iss",
  "token.kind",
  "token.expired",
  "handshake.principal",
  "handshake.verdict",
  "leak.kind",
]);

interface Group {
  readonly match: Record<string, unknown>;
  readonly name: string;
  readonly each: Record<string, unknown>;
  count: number;
}

const mostGroups = 100;

/** The text of the file. The trace that it was written from passes. */
export function writeExpectations(analysis: Analysis, entries: readonly LoggedEntry[], source: string): string {
  const transactions = entries.filter(({ ordinal }) => ordinal !== null);
  const groups = [...groupCalls(transactions).values()].slice(0, mostGroups);
  const bearer = groups.map(({ name, match, each }) => ({
    name,
    match,
    count: ">= 1",
    ...(Object.keys(each).length === 0 ? {} : { each }),
  }));
  const absent = ["basic", "ntlm", "negotiate"].filter(
    (scheme) => !transactions.some((entry) => has(entry, "auth.scheme", scheme)),
  );
  const none = absent.map((scheme) => ({ name: `no ${scheme} sign-in`, match: { "auth.scheme": scheme }, count: 0 }));
  // Logs leave out sign-ins of persons, so they do not show that there was none of a kind.
  const expected = [...bearer, ...(transactions.length === 0 ? [] : none)];
  const file = {
    version: 1,
    clock: "trace",
    require: {
      ...(transactions.length === 0 ? {} : { entries: ">= 1" }),
      truncated: false,
      verdict: analysis.verdict,
      ...seenBasis(analysis),
      ...seenDirections(analysis.directions),
    },
    ...(expected.length === 0 ? {} : { expect: expected }),
    forbid: forbidden(analysis, transactions),
  };
  const head = [
    `Written from ${source.replace(/[^\x20-\x7e]/g, "?")}. Remove what may change, keep what must not.`,
    "Names and operators: docs/expectations.md. A check that matches nothing fails unless it has count: 0.",
  ];
  return `${head.map((line) => `# ${line}\n`).join("")}${stringify(file, { lineWidth: 110 })}`;
}

/** The evidence of the verdict, where rows of logs are a part of it. */
function seenBasis({ verdict, handshakes }: Analysis): { readonly basis?: string | readonly string[] } {
  const found = handshakes.filter((one) => one.verdict === verdict).map(({ basis }) => basis);
  return found.every((basis) => basis === "traffic") ? {} : { basis: oneOrList([...new Set(found)].sort()) };
}

/** The directions that the trace shows, with their routes and token services. */
function seenDirections(directions: Directions): Record<string, object> {
  return Object.fromEntries(
    directionNames.flatMap((name) => {
      const report = directions[name];
      return report === null ? [] : [[name, requiredOf(report)]];
    }),
  );
}

function requiredOf({ verdict, routes, tokenServices }: DirectionReport): object {
  return {
    verdict,
    ...(routes.length === 0 ? {} : { route: oneOrList(routes) }),
    ...(tokenServices.length === 0 ? {} : { tokenService: oneOrList(tokenServices) }),
  };
}

function oneOrList(words: readonly string[]): string | readonly string[] {
  const [first = "", ...more] = words;
  return more.length === 0 ? first : words;
}

/** Calls of one kind: the same sign-in, host, issuer, audience and answer. */
function groupCalls(entries: readonly LoggedEntry[]): ReadonlyMap<string, Group> {
  const groups = new Map<string, Group>();
  for (const entry of entries) {
    const match = matchOf(entry);
    const key = JSON.stringify(match);
    const group = groups.get(key);
    if (group !== undefined) {
      group.count += 1;
      if (group.each["token.expired"] !== undefined && !has(entry, "token.expired", false))
        delete group.each["token.expired"];
      continue;
    }
    const each = has(entry, "token.expired", false) ? { "token.expired": false } : {};
    groups.set(key, { match, name: `${nameOf(entry)} (${groups.size + 1})`, each, count: 1 });
  }
  return groups;
}

function nameOf(entry: LoggedEntry): string {
  const kinds = (entry.facts.get("kind") ?? []).join(" and ") || "entry";
  const host = entry.facts.get("host")?.[0] ?? "an unknown host";
  const status = entry.facts.get("response.status")?.[0];
  const answer = status === undefined ? "is not answered" : `is answered ${String(status)}`;
  return `${kinds} at ${String(host).slice(0, 80)} ${answer}`.replace(/[^\x20-\x7e]/g, "?");
}

const described = [
  "kind",
  "host",
  "auth.scheme",
  "token.kind",
  "token.iss",
  "token.actor.iss",
  "token.aud",
  "response.status",
];

function matchOf(entry: LoggedEntry): Record<string, unknown> {
  const match: Record<string, unknown> = {};
  for (const name of described) {
    const [value, ...more] = entry.facts.get(name) ?? [];
    if (value === undefined) {
      if (name === "response.status") match[name] = { exists: false };
      continue;
    }
    // Of several kinds the last one is the most specific (an answered token request).
    const last = more.at(-1) ?? value;
    match[name] = typeof last === "string" ? writable(last) : last;
  }
  return match;
}

/** A condition that matches exactly this text; a long text is truncated. */
function writable(text: string): unknown {
  if (text.length > 200) return { exists: true };
  return /[*?]|^\s*[<>]|^$/.test(text) ? { equals: text } : text;
}

function forbidden(analysis: Analysis, entries: readonly LoggedEntry[]): readonly string[] {
  const present = new Set<string>(analysis.findings.map(({ code }) => findingWord(code)));
  const wanted = [
    "basic-fallback",
    "password-grant",
    "unsigned-token-accepted",
    "partner-application-unknown",
    "signature-failed",
    "cross-tenant-actor",
  ];
  const leaks = entries.some((entry) => (entry.facts.get("leak.kind") ?? []).length > 0) ? [] : ["leak.*"];
  return [...wanted.filter((code) => !present.has(code)).map((code) => `finding.${code}`), ...leaks];
}

function has(entry: LoggedEntry, name: string, value: string | boolean): boolean {
  return (entry.facts.get(name) ?? []).includes(value);
}
