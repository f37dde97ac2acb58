// What is printed and what screens are told is as safe as what is written: made so where a change leaves the pipeline, by
// the same sanitiser and under the same pseudonyms as the journal of the run.
import type { CaptureEvent } from "../core/capture-event.ts";
import { type HttpTransaction, requestPath } from "../core/http-transaction.ts";
import { isGuid } from "../core/principals.ts";
import type { Analysis, TrafficRow } from "../diagnosis/analysis.ts";
import type { AnalysisChange } from "../diagnosis/analyze.ts";
import type { FilterSubject } from "../filter/subject.ts";
import { keptName, keptWords } from "../sanitising/kept-text.ts";
import { safeAddressOf, safeId } from "../sanitising/safe-event.ts";
import { safeAuthority, safeUrl } from "../sanitising/safe-url.ts";
import { type Pseudonymise, safeMethod } from "../sanitising/sanitise.ts";

const longestPath = 256;

/** Drawn when a view asks for it, as the change itself is: a replay of a large file asks for little. */
export function safeChange(change: AnalysisChange, event: CaptureEvent, pseudonymise: Pseudonymise): AnalysisChange {
  return {
    facts: change.facts,
    get row() {
      const { row } = change;
      return row === null || event.kind !== "transaction" ? row : safeRow(row, event.transaction, pseudonymise);
    },
    get findings() {
      return safeReport(change.findings, pseudonymise);
    },
    get handshakes() {
      return safeReport(change.handshakes, pseudonymise);
    },
    get absorbed() {
      return change.absorbed;
    },
  };
}

export function safeAnalysis(analysis: Analysis, pseudonymise: Pseudonymise): Analysis {
  return safeReport(analysis, pseudonymise);
}

/** A row of the traffic; the path from the whole target, as a person may stand where the row's own is cut. */
export function safeRow(row: TrafficRow, { request }: HttpTransaction, pseudonymise: Pseudonymise): TrafficRow {
  return {
    ...row,
    id: safeId(row.id, pseudonymise),
    client: safeAddressOf(row.client),
    method: safeMethod(row.method, pseudonymise),
    host: safeAuthority(row.host, pseudonymise),
    path: pathOf(request, pseudonymise),
    auth:
      /^[A-Za-z0-9.-]{1,16}\??$/.test(row.auth) && keptName(row.auth, pseudonymise) === row.auth ? row.auth : "other",
    detail: keptName(row.detail, pseudonymise),
  };
}

function pathOf(request: HttpTransaction["request"], pseudonymise: Pseudonymise): string {
  const target = safeUrl(request.target, pseudonymise);
  return requestPath({ request: { ...request, target } })
    .replace(/[?#].*$/s, "")
    .slice(0, longestPath);
}

/** What a screen is told of a row: its token's parties are applications; a person in their place is replaced. */
export function safeSubject(subject: FilterSubject, pseudonymise: Pseudonymise): FilterSubject {
  return { ...subject, token: safeReport(subject.token, pseudonymise) };
}

const idNames: ReadonlySet<string> = new Set(["evidence", "transactions", "id", "transactionId", "handshakeId"]);
const textsKept = 4_096;
const memories = new WeakMap<Pseudonymise, Map<string, string>>();

/** The same findings, handshakes and counts with every text in them safe. */
function safeReport<T>(value: T, pseudonymise: Pseudonymise): T {
  return safeValue(value, "", pseudonymise) as T;
}

function safeValue(value: unknown, name: string, pseudonymise: Pseudonymise): unknown {
  if (typeof value === "string") {
    // An application has an `id` as a request has one.
    return idNames.has(name) && !isGuid(value) ? safeId(value, pseudonymise) : safeText(value, pseudonymise);
  }
  if (Array.isArray(value)) return value.map((item: unknown) => safeValue(item, name, pseudonymise));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, safeValue(member, key, pseudonymise)]));
}

/** The same finding is told again and again. */
function safeText(text: string, pseudonymise: Pseudonymise): string {
  const memory = memories.get(pseudonymise) ?? new Map<string, string>();
  memories.set(pseudonymise, memory);
  const known = memory.get(text);
  if (known !== undefined) return known;
  if (memory.size >= textsKept) memory.clear();
  const safe = keptWords(text, pseudonymise);
  memory.set(text, safe);
  return safe;
}
