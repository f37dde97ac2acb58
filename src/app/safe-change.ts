// What is printed and what screens get is as safe as what is written: a change is sanitised where it leaves the pipeline, by
// the same sanitiser and under the same pseudonyms as the journal of the run.
import type { CaptureEvent } from "../core/capture-event.ts";
import { type HttpTransaction, requestPath } from "../core/http-transaction.ts";
import { isGuid } from "../core/principals.ts";
import type { Analysis, TrafficRow } from "../diagnosis/analysis.ts";
import type { AnalysisChange } from "../diagnosis/analyze.ts";
import { type FilterSubject, filterSubject, logSubject } from "../filter/subject.ts";
import { safeAddressOf, safeId, safeMethod } from "../sanitising/safe-identity.ts";
import { safeAuthority, safeUrl } from "../sanitising/safe-url.ts";
import type { Pseudonymise } from "../sanitising/sanitise.ts";
import { scrubName, scrubWords } from "../sanitising/scrub-text.ts";

const longestPath = 256;

/** What one event changed, safe to show; `facts` alone are as they were captured. */
export interface SafeChange extends AnalysisChange {
  /** The row with what a filter and a screen need beside it; null where there is no row. */
  readonly subject: FilterSubject | null;
  /** File and line of a row of a log as they were given, for the person at this machine; null elsewhere. The row has a safe name. */
  readonly place: LogPlace | null;
}

export interface LogPlace {
  readonly file: string;
  readonly line: number;
}

/** `event` is what was judged, with a sanitised row of a log; `place` is that of the row as it was read. */
export function safeChange(
  change: AnalysisChange,
  event: CaptureEvent,
  pseudonymise: Pseudonymise,
  place: LogPlace | null = null,
): SafeChange {
  return new SanitisedChange(change, event, pseudonymise, place);
}

/** Made on demand, as the change itself is: a replay of a large file shows little. Row and subject are made once. */
class SanitisedChange implements SafeChange {
  readonly #change: AnalysisChange;
  readonly #event: CaptureEvent;
  readonly #pseudonymise: Pseudonymise;
  #row: TrafficRow | null = null;
  #subject: FilterSubject | null = null;

  readonly place: LogPlace | null;

  constructor(change: AnalysisChange, event: CaptureEvent, pseudonymise: Pseudonymise, place: LogPlace | null) {
    this.#change = change;
    this.place = place;
    this.#event = event;
    this.#pseudonymise = pseudonymise;
  }

  get facts(): AnalysisChange["facts"] {
    return this.#change.facts;
  }

  get row(): TrafficRow | null {
    const event = this.#event;
    if (this.#row === null && this.#change.row !== null) {
      if (event.kind === "transaction") this.#row = safeRow(this.#change.row, event.transaction, this.#pseudonymise);
      else if (event.kind === "log-row") this.#row = safeRowOfLog(this.#change.row, this.#pseudonymise);
    }
    return this.#row;
  }

  get subject(): FilterSubject | null {
    const { row } = this;
    if (this.#subject === null && row !== null) {
      const event = this.#event;
      const subject =
        event.kind === "log-row"
          ? logSubject(row, event.row, this.#change.findings)
          : filterSubject(row, this.facts, this.#change.findings);
      this.#subject = safeSubject(subject, this.#pseudonymise);
    }
    return this.#subject;
  }

  get findings(): AnalysisChange["findings"] {
    return safeReport(this.#change.findings, this.#pseudonymise);
  }

  get handshakes(): AnalysisChange["handshakes"] {
    return safeReport(this.#change.handshakes, this.#pseudonymise);
  }

  get absorbed(): AnalysisChange["absorbed"] {
    return this.#change.absorbed;
  }
}

export function safeAnalysis(analysis: Analysis, pseudonymise: Pseudonymise): Analysis {
  return safeReport(analysis, pseudonymise);
}

/** A row of the table from a sanitised row of a log, whose texts are safe already; `auth` and `detail` are made of them. */
function safeRowOfLog(row: TrafficRow, pseudonymise: Pseudonymise): TrafficRow {
  const path = row.path.slice(0, longestPath);
  return { ...row, path, auth: safeAuth(row.auth, pseudonymise), detail: scrubName(row.detail, pseudonymise) };
}

function safeAuth(auth: string, pseudonymise: Pseudonymise): string {
  return /^[A-Za-z0-9.-]{1,16}\??$/.test(auth) && scrubName(auth, pseudonymise) === auth ? auth : "other";
}

/** A sanitised row. The path is made anew from the whole target: the cut path of the row may end within a name. */
export function safeRow(row: TrafficRow, { request }: HttpTransaction, pseudonymise: Pseudonymise): TrafficRow {
  return {
    ...row,
    id: safeId(row.id, pseudonymise),
    client: safeAddressOf(row.client),
    method: safeMethod(row.method, pseudonymise),
    host: safeAuthority(row.host, pseudonymise),
    path: pathOf(request, pseudonymise),
    auth: safeAuth(row.auth, pseudonymise),
    detail: scrubName(row.detail, pseudonymise),
  };
}

function pathOf(request: HttpTransaction["request"], pseudonymise: Pseudonymise): string {
  const target = safeUrl(request.target, pseudonymise);
  return requestPath({ request: { ...request, target } })
    .replace(/[?#].*$/s, "")
    .slice(0, longestPath);
}

/** A sanitised filter subject: a person among the parties of its token is replaced. The row must be sanitised already. */
export function safeSubject(subject: FilterSubject, pseudonymise: Pseudonymise): FilterSubject {
  return { ...subject, token: safeReport(subject.token, pseudonymise) };
}

const idNames: ReadonlySet<string> = new Set(["evidence", "transactions", "id", "transactionId", "handshakeId"]);
const textsKept = 4_096;
const memories = new WeakMap<Pseudonymise, Map<string, string>>();

/** A copy of a report with every text in it sanitised. */
function safeReport<T>(value: T, pseudonymise: Pseudonymise): T {
  return safeValue(value, "", pseudonymise) as T;
}

function safeValue(value: unknown, name: string, pseudonymise: Pseudonymise): unknown {
  if (typeof value === "string") {
    // Applications have an `id`, too.
    return idNames.has(name) && !isGuid(value) ? safeId(value, pseudonymise) : safeText(value, pseudonymise);
  }
  if (Array.isArray(value)) return value.map((item: unknown) => safeValue(item, name, pseudonymise));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, safeValue(member, key, pseudonymise)]));
}

/** Findings recur, so their texts are cached. */
function safeText(text: string, pseudonymise: Pseudonymise): string {
  const memory = memories.get(pseudonymise) ?? new Map<string, string>();
  memories.set(pseudonymise, memory);
  const known = memory.get(text);
  if (known !== undefined) return known;
  if (memory.size >= textsKept) memory.clear();
  const safe = scrubWords(text, pseudonymise);
  memory.set(text, safe);
  return safe;
}
