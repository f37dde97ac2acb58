// The text for a pipe, a log and a screen reader: one line each, safe for a terminal, in the same words as the screen.
import type { CaptureEvent } from "../../core/capture-event.ts";
import type { LogFileReport } from "../../core/log-row.ts";
import { safe } from "../../core/safe-text.ts";
import type {
  Analysis,
  DirectionReport,
  Directions,
  HandshakeReport,
  TrafficRow,
  Verdict,
} from "../../diagnosis/analysis.ts";
import type { FindingReport } from "../../diagnosis/catalogue/finding.ts";
import { programNames } from "../../diagnosis/catalogue/tls.ts";
import {
  directionNames,
  directionTitles,
  unseenWords,
  wayOfHandshake,
  wayText,
} from "../../diagnosis/direction-words.ts";
import { describeOutcome, removalSentence } from "../../diagnosis/outcome-words.ts";

/** The line of an event; null for transactions and rows of logs (`renderRowLine`), and signature checks, which findings report. */
export function renderEventLine(event: CaptureEvent): string | null {
  switch (event.kind) {
    case "transaction":
    case "signature":
    case "log-row":
      return null;
    case "log-file":
      return line(event.report.at, logFileWords(event.report));
    case "tunnel":
      return line(event.at, `passed through unread: ${event.host}:${event.port} (${event.reason})`);
    case "tls-rejected":
      return line(event.at, `TLS failed: ${partyWords(event)}: ${event.reason}`);
    case "probes":
      return line(event.at, `health checks: ${probeWords(event)}`);
    case "upstream-failed":
      return line(event.at, `not reached: ${event.host}:${event.port}: ${event.reason}`);
    case "refused":
      return line(event.at, `refused ${event.client}: ${event.reason}`);
    case "gap":
      return line(event.at, `not captured: ${event.lost} on ${event.connection}: ${event.reason}`);
  }
}

type EventOf<Kind extends CaptureEvent["kind"]> = Extract<CaptureEvent, { kind: Kind }>;

/** The other side of a failed handshake: a client with what its ClientHello looks like, or the target. */
function partyWords({ side, client, host, port, hello }: EventOf<"tls-rejected">): string {
  const place = port === undefined ? host : `${host}:${port}`;
  if (side === "upstream") return place;
  const program = hello?.program ?? null;
  const looks = program === null ? "" : ` (looks like ${programNames[program]})`;
  return `${client === "" ? "a client" : `the client ${client}`}${looks} of ${place}`;
}

/** `60 connections without a request from 10.0.0.9 to mail.contoso.com:443 in 59 s (3 with TLS)`. */
function probeWords({ client, host, port, connects, handshakes, since, at }: EventOf<"probes">): string {
  const count = connects + handshakes;
  const seconds = Math.round((at - since) / 1000);
  const span = count > 1 && seconds > 0 ? ` in ${seconds} s` : "";
  const withTls = handshakes === 0 ? "" : ` (${handshakes} with TLS)`;
  const from = client === "" ? "clients that left at once" : client;
  const connections = `${count} ${count === 1 ? "connection" : "connections"}`;
  return `${connections} without a request from ${from} to ${host}:${port}${span}${withTls}`;
}

/** What was read of a log file since its last report. */
function logFileWords({ file, kept, dropped, unreadable, missingColumns }: LogFileReport): string {
  const torn = unreadable === 0 ? "" : `, ${unreadable} lines unreadable`;
  const missing = missingColumns.length === 0 ? "" : `, without the columns ${missingColumns.join(" ")}`;
  return `log ${file}: ${kept} rows kept, ${dropped} of no use to a verdict${torn}${missing}`;
}

/** Where a row of a log is: `HttpProxy_2026113008-1.LOG:7`. */
function placeWords({ file, line: number }: { readonly file: string; readonly line: number }): string {
  return `${file}:${number}`;
}

/** A row of a log: as a transaction, marked `log`, with its file and line at the end. */
function renderLogRowLine(row: TrafficRow, place: { readonly file: string; readonly line: number }): string {
  const called = row.host === "" && row.path === "" ? "" : ` ${row.method} ${row.scheme}://${row.host}${row.path}`;
  const words = [row.status === null ? "" : `-> ${row.status}`, "", row.auth, row.detail].join(" ").trim();
  const worst = row.worst === null || row.worst === "info" ? "" : ` [${row.worst}]`;
  return line(
    row.at,
    `${row.id} log${called.replace(/ {2,}/, " ")} ${words}${worst}  ${placeWords(place)}${ofCapture(row)}`,
  );
}

/** One transaction or row of a log: time, id, request, status, sign-in, what it is. `place`: the file of the row as it was given. */
export function renderRowLine(
  row: TrafficRow,
  place: { readonly file: string; readonly line: number } | null = null,
): string {
  if (row.log !== undefined) return renderLogRowLine(row, place ?? row.log);
  const answer = row.status === null ? "no answer" : String(row.status);
  const worst = row.worst === null || row.worst === "info" ? "" : ` [${row.worst}]`;
  const detail = row.detail === "" ? "" : `  ${row.detail}`;
  return line(
    row.at,
    `${row.id} ${row.method} ${row.scheme}://${row.host}${row.path} -> ${answer}  ${row.auth}${detail}${worst}${ofCapture(row)}`,
  );
}

function ofCapture({ capture }: TrafficRow): string {
  return capture === undefined ? "" : `  of ${capture}`;
}

/** A pending request: its start and for how many seconds it has had no answer. */
export function renderPendingLine(row: TrafficRow, seconds: number): string {
  const what = `${row.id} ${row.method} ${row.scheme}://${row.host}${row.path}`;
  return line(row.at, `${what} has had no answer for ${seconds} s  ${row.auth}`);
}

/** Severity, code and message of a finding. */
export function renderFindingLine(finding: FindingReport): string {
  return safe(`${finding.severity.toUpperCase()} ${finding.code}: ${finding.message}`);
}

/** Verdict, caller, server, direction and progress of a handshake. */
export function renderHandshakeLine(handshake: HandshakeReport): string {
  const { principal, realm, actingAs } = handshake;
  const caller =
    principal === null ? "an unknown caller" : `${principal.name ?? "unknown application"} (${principal.id})`;
  const user = actingAs === null ? "" : `, acting as a user (${actingAs})`;
  const inRealm = realm === "" ? "" : ` in realm ${realm}`;
  const way = wayOfHandshake(handshake);
  const rows =
    handshake.basis === "traffic" ? "requests" : handshake.basis === "log" ? "log rows" : "requests and log rows";
  const seen = `${way === "" ? "" : `${way}; `}${handshake.transactions.length} ${rows}, stage ${handshake.stage}, signature ${handshake.signature}`;
  return safe(
    `handshake ${handshake.id}: ${verdictName(handshake)}: ${caller}${inRealm}${user} calling ${handshake.server}; ${seen}`,
  );
}

/** The words of each verdict, the same everywhere. */
const verdictWords: Readonly<Record<Verdict, string>> = {
  "oauth-confirmed": "OAuth CONFIRMED",
  "oauth-rejected": "OAuth FAILED",
  "basic-fallback": "BASIC FALLBACK",
  "other-auth": "OTHER AUTHENTICATION",
  inconclusive: "UNDECIDED",
};

const marks: Readonly<Record<Verdict, string>> = {
  "oauth-confirmed": "[OK]",
  "oauth-rejected": "[XX]",
  "basic-fallback": "[!!]",
  "other-auth": "[??]",
  inconclusive: "[..]",
};

/**
 * The conclusion: one line for each outcome, the worst first, then one for each direction. For several captures the lines of
 * each with its path, then the worst verdict.
 */
export function renderVerdictLines(analysis: Analysis): readonly string[] {
  if (analysis.captures === undefined) return verdictLines(analysis);
  const each = analysis.captures.flatMap((capture) =>
    (capture.isBeside === true ? [besideLine] : verdictLines(capture)).map((line) => `${safe(capture.path)}: ${line}`),
  );
  const worst = analysis.verdict === "none" ? "no sign-in was seen" : verdictWords[analysis.verdict];
  const count = analysis.captures.length;
  return [
    ...each,
    count === 1
      ? `1 capture could be judged: ${worst}`
      : `${count} captures, each judged by itself; the worst is ${worst} (--together judges them as one)`,
  ];
}

const besideLine = "[OK] its rows are those of captured requests and were judged with them";

function verdictLines(
  analysis: Pick<Analysis, "verdict" | "directions" | "handshakes" | "findings">,
): readonly string[] {
  if (analysis.verdict === "none") {
    return ["[..] WAITING: no service-to-service sign-in between Exchange and the cloud was seen"];
  }
  const removed = removalSentence(analysis);
  const first = removed === null ? [] : [`${marks.inconclusive} ${verdictWords.inconclusive}: ${removed}`];
  const reached = order.flatMap((verdict) => {
    const outcomes = new Map<string, HandshakeReport[]>();
    for (const handshake of analysis.handshakes) {
      if (handshake.verdict !== verdict) continue;
      const { place, sentence } = describeOutcome(handshake);
      const like = outcomes.get(`${place} ${sentence}`) ?? [];
      outcomes.set(`${place} ${sentence}`, [...like, handshake]);
    }
    return [...outcomes.values()].map(verdictLine);
  });
  return [...first, ...reached, ...renderDirectionLines(analysis.directions, unseenWords(removed !== null))];
}

/** One line for each direction; `unseen` in place of one that was not seen, which has no line when that is null. */
export function renderDirectionLines(directions: Directions, unseen: string | null): readonly string[] {
  return directionNames.flatMap((name) => {
    const report = directions[name];
    const words = report === null ? unseen : directionSentence(report);
    return words === null ? [] : [safe(`${directionTitles[name]}: ${words}`)];
  });
}

/** `OAuth CONFIRMED via EWS (ACS) at mail.contoso.example; evidence t6 t13`. */
function directionSentence(report: DirectionReport): string {
  const { verdict, hosts, evidence } = report;
  const name = report.isBlocked === true ? "BLOCKED" : verdictWords[verdict];
  const words = [name, wayText(report)].filter((part) => part !== "").join(" ");
  const more = hosts.length > 4 ? ` and ${hosts.length - 4} more` : "";
  const at = hosts.length === 0 ? "" : ` at ${hosts.slice(0, 4).join(", ")}${more}`;
  return `${words}${at}${evidence.length === 0 ? "" : `; evidence ${evidence.slice(0, 5).join(" ")}`}`;
}

/** The word of the verdict, or that a policy blocks the calls. */
function verdictName(handshake: HandshakeReport): string {
  return describeOutcome(handshake).isBlocked === true ? "BLOCKED" : verdictWords[handshake.verdict];
}

/** The new verdict of a handshake as one sentence. */
export function renderVerdictChange(handshake: HandshakeReport): string {
  return `verdict of ${safe(handshake.id)}: ${verdictLine([handshake])}`;
}

const order: readonly Verdict[] = ["basic-fallback", "oauth-rejected", "other-auth", "inconclusive", "oauth-confirmed"];

/** The line for handshakes with the same outcome. */
function verdictLine(handshakes: readonly HandshakeReport[]): string {
  const [first] = handshakes;
  if (first === undefined) return "";
  const parties = handshakes.map((handshake) => {
    const { principal, realm, server } = handshake;
    const caller = principal === null ? "an unknown caller" : (principal.name ?? principal.id);
    const way = wayOfHandshake(handshake);
    return `${caller}${realm === "" ? "" : ` in realm ${realm}`} at ${server}${way === "" ? "" : `, ${way}`}`;
  });
  const named = [...new Set(parties)];
  const shown = named.slice(0, 4).join("; ");
  const more = named.length > 4 ? `; and ${named.length - 4} more` : "";
  const { place, sentence, isBlocked = false, isWhole = false } = describeOutcome(first);
  const mark = isBlocked ? marks["oauth-rejected"] : marks[first.verdict];
  const parts = isWhole ? "" : `: ${shown}${more}`;
  return safe(`${mark} ${verdictName(first)}${place}: ${sentence}${parts}`);
}

function line(at: number, text: string): string {
  return safe(`${new Date(at).toISOString().slice(11, 23)} ${text}`);
}
