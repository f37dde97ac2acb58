// What only all rows together show: calls that failed and why, probes that nothing followed, logs that are missing. Bounded.
import type { LogFileReport, LogRow } from "../../core/log-row.ts";
import { recentMap } from "../../core/recent-map.ts";
import type { LoggedCall } from "../../handshake/rows/row-calls.ts";
import type { RowCorrelation } from "../../handshake/rows/row-correlation.ts";
import { explain, type Finding, type FindingReport } from "../catalogue/finding.ts";
import { startLogCoverage } from "./log-coverage.ts";
import { type AnyLog, logNames } from "./log-names.ts";

export interface LogRecord {
  addRow(row: LogRow, correlation: RowCorrelation): void;
  addFile(report: LogFileReport): void;
  /** A captured request, or one of a trace of failed requests, holds a token with its signature. */
  noteToken(): void;
  /** Traces of failed requests were read: requests that succeeded are missing among them. */
  hasTraces(): boolean;
  /** `hasHandshakes`: there is any, of traffic or of rows. `transactions`: how many requests were captured. */
  findings(seen: { readonly hasHandshakes: boolean; readonly transactions: number }): readonly FindingReport[];
}

interface FailedCall {
  readonly call: LoggedCall;
  readonly host: string;
  readonly id: string;
  readonly error: string;
}

interface Probe {
  readonly id: string;
  readonly at: number;
}

const failureLimit = 1_000;
const programLimit = 1_024;
const probesOfProgram = 20;
const evidenceLimit = 20;
/** A service that was offered Bearer gets a token and calls again within seconds. */
const followMs = 60_000;

/** Starts without rows. */
export function startLogRecord(): LogRecord {
  const coverage = startLogCoverage();
  const rows = new Map<AnyLog, number>();
  const files = new Set<AnyLog>();
  const failed: FailedCall[] = [];
  const probes = startProbes();
  let dropped = 0;
  let hasToken = false;
  let traces = 0;
  return {
    addRow(row, correlation) {
      rows.set(row.log, (rows.get(row.log) ?? 0) + 1);
      probes.add(row, correlation);
      const { call, server: host, outcome, isInTraffic } = correlation;
      const hasFailed = row.failure !== "" && outcome === "undecided" && !isInTraffic;
      if (hasFailed && failed.length < failureLimit)
        failed.push({ call, host, id: row.id, error: String(row.status ?? "no status") });
    },
    addFile(report) {
      files.add(report.log);
      dropped += report.dropped;
      if (report.log === "failed-request") traces += report.kept;
      coverage.add(report);
    },
    noteToken() {
      hasToken = true;
    },
    hasTraces: () => traces > 0,
    findings({ hasHandshakes, transactions }) {
      return [
        ...failuresOf(failed),
        ...probes.findings(),
        ...(hasToken && traces > 0 ? [tracedTokens] : []),
        ...withoutSignIn(rows, files),
        ...(hasHandshakes || transactions > 0 ? [] : withoutHandshake({ rows, files, dropped })),
        ...coverage.findings().map((finding) => report(finding, [])),
      ];
    },
  };
}

/** Calls that failed after their sign-in, each once, without those that a policy refused. */
function failuresOf(failed: readonly FailedCall[]): readonly FindingReport[] {
  const calls = new Map<LoggedCall, FailedCall>();
  for (const one of failed) if (!one.call.isPolicy && !calls.has(one.call)) calls.set(one.call, one);
  const byText = new Map<string, { readonly finding: Finding; readonly ids: string[] }>();
  for (const { call, host, id, error } of calls.values()) {
    const finding: Finding = { code: "CALL_FAILED", host, operation: call.operation || "the call", error };
    const key = JSON.stringify(finding);
    const known = byText.get(key) ?? { finding, ids: [] };
    known.ids.push(id);
    byText.set(key, known);
  }
  return [...byText.values()].map(({ finding, ids }) => report(finding, ids));
}

const tracedTokens = report({ code: "LOG_HOLDS_TOKENS", host: "", log: logNames["failed-request"], isRaw: true }, []);

interface Probes {
  add(row: LogRow, correlation: RowCorrelation): void;
  findings(): readonly FindingReport[];
}

/** Probes of cloud services by host and program; a person's program follows its probe with rows that no reader keeps. */
function startProbes(): Probes {
  const waiting = recentMap<string, Probe[]>(programLimit);
  const unfollowed = new Map<string, string[]>();
  const keys = new Set<string>();
  let now = 0;
  const note = (host: string, probes: readonly Probe[]): void => {
    const ids = unfollowed.get(host) ?? [];
    for (const { id } of probes) if (ids.length < evidenceLimit) ids.push(id);
    if (probes.length > 0 && unfollowed.size < programLimit) unfollowed.set(host, ids);
  };
  return {
    add(row, { reading, outcome, server: host }) {
      now = Math.max(now, row.endedAt);
      if (!reading.isCloud) return;
      const key = `${host}\n${row.userAgent.slice(0, 200)}`;
      const before = waiting.get(key) ?? [];
      const late = before.filter(({ at }) => row.endedAt - at > followMs);
      note(host, late);
      const open = before.filter((probe) => !late.includes(probe));
      const isProbe = reading.role === "probe" && outcome === null;
      waiting.set(key, isProbe ? [...open, { id: row.id, at: row.endedAt }].slice(-probesOfProgram) : []);
      if (keys.size < programLimit) keys.add(key);
    },
    findings() {
      const all = new Map([...unfollowed].map(([host, ids]) => [host, [...ids]]));
      for (const key of keys) {
        const [host = ""] = key.split("\n", 1);
        const late = (waiting.get(key) ?? []).filter(({ at }) => now - at > followMs).map(({ id }) => id);
        if (late.length > 0) all.set(host, [...(all.get(host) ?? []), ...late].slice(0, evidenceLimit));
      }
      return [...all].map(([host, ids]) => report({ code: "LOG_PROBE_UNFOLLOWED", host }, ids));
    },
  };
}

/** Logs that never say how a caller signed in. */
const withoutScheme: ReadonlySet<AnyLog> = new Set<AnyLog>(["iis", "http-err"]);

function withoutSignIn(rows: ReadonlyMap<AnyLog, number>, files: ReadonlySet<AnyLog>): readonly FindingReport[] {
  const kinds = [...new Set([...rows.keys(), ...files])];
  if (!kinds.includes("iis") || !kinds.every((kind) => withoutScheme.has(kind))) return [];
  return [report({ code: "LOG_WITHOUT_SIGN_IN_FIELD", host: "", rows: rows.get("iis") ?? 0 }, [])];
}

interface Read {
  readonly rows: ReadonlyMap<AnyLog, number>;
  readonly files: ReadonlySet<AnyLog>;
  readonly dropped: number;
}

/** Rows were read, and none is a service's sign-in. */
function withoutHandshake({ rows, files, dropped }: Read): readonly FindingReport[] {
  const kinds = [...new Set([...files, ...rows.keys()])];
  if (kinds.length === 0 || withoutSignIn(rows, files).length > 0) return [];
  const kept = [...rows.values()].reduce((sum, count) => sum + count, 0);
  const logs = kinds.map((kind) => logNames[kind]).join(", ");
  return [
    report({ code: "LOG_NO_SIGN_IN", rows: kept + dropped, logs, hasFrontEnd: kinds.includes("http-proxy") }, []),
  ];
}

function report(finding: Finding, evidence: readonly string[]): FindingReport {
  return { ...explain(finding), evidence: evidence.slice(0, evidenceLimit), count: Math.max(1, evidence.length) };
}
