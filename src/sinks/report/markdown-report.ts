import type { Analysis, HandshakeReport } from "../../diagnosis/analysis.ts";
import type { FindingReport } from "../../diagnosis/catalogue/finding.ts";
import { worstFirst } from "../../diagnosis/catalogue/finding-text.ts";
import { directionNames, directionSummary, directionTitles, seenWay } from "../../diagnosis/direction-words.ts";
import { captureNames } from "../../diagnosis/join-analyses.ts";
import { mergedCapturesSentence, requestsText } from "./capture-section.ts";
import { wayCells } from "./direction-section.ts";
import type { ReportContent, ReportOptions } from "./html-report.ts";
import { code, plain } from "./markdown-text.ts";
import { readinessLines } from "./readiness-section.ts";
import { captureWords, signWords, timeText, unseenSentence } from "./report-words.ts";

/** The report for a ticket or a pull request. Captured text in it is code or escaped, and forms no markup. */
export function markdownReport({ analysis, facts, sources }: ReportContent, options: ReportOptions): string {
  const captureOf = captureNames(analysis);
  const together = mergedCapturesSentence(analysis, sources);
  const { handshakes, findings, checklist, counts } = analysis;
  const { title, meaning } = captureWords(analysis);
  return [
    `# ${plain(options.title)}`,
    "",
    `**Verdict: ${analysis.verdict}** (${plain(title)}). ${plain(meaning)}`,
    "",
    `${counts.transactions} requests, ${rowsText(counts)}${counts.jwts} tokens, ${counts.basicCredentials} Basic credentials, ${counts.status401} answers 401.`,
    "",
    ...directionLines(analysis),
    ...readinessLines(analysis, options.known),
    ...captureLines(analysis),
    "## Handshakes",
    "",
    `| verdict | as the application | as a user | direction | route | token service | caller | realm | server | stage | signature |${analysis.captures === undefined ? "" : " capture |"}`,
    `|---|---|---|---|---|---|---|---|---|---|---|${analysis.captures === undefined ? "" : "---|"}`,
    ...handshakes.map((handshake) => handshakeLine(handshake, captureOf(handshake))),
    "",
    "## Findings and what to do",
    "",
    ...worstFirst(findings).flatMap((finding) => findingLines(finding, captureOf(finding))),
    ...logRowLines(facts),
    "## Success signs",
    "",
    ...checklist.map(
      ({ sign, isSeen }) =>
        `- [${isSeen ? "x" : " "}] ${signWords[sign]}${isSeen ? "" : " (not seen in this capture)"}`,
    ),
    "",
    "## Sources",
    "",
    ...sources.map(
      ({ path, format, transactions, truncated }) =>
        `- ${code(path)}: ${format}, ${transactions} requests${truncated ? ", cut short" : ""}`,
    ),
    ...(together === "" ? [] : [`- ${plain(together)}`]),
    ...Object.entries(facts.removed).map(([rule, count]) => `- replaced: ${count} × ${rule}`),
    "",
    `Made by realmscope ${plain(options.version)}, ${timeText(options.madeAt)}.`,
    "",
  ].join("\n");
}

/** `3 rows of logs (120 other rows not judged), `; empty without rows. */
function rowsText({ logRows, logRowsDropped }: Analysis["counts"]): string {
  if (logRows + logRowsDropped === 0) return "";
  return `${logRows} rows of logs (${logRowsDropped} other rows not judged), `;
}

/** The rows of logs with file and line; requests are in the capture. */
function logRowLines({ rows }: ReportContent["facts"]): readonly string[] {
  const ofLogs = rows.filter(({ log }) => log !== null);
  if (ofLogs.length === 0) return [];
  const shown = ofLogs.slice(0, 50).map(({ id, at, method, host, path, status, auth, log }) => {
    const place = log === null ? "" : code(`${log.file}:${log.line}`);
    return `| ${[code(id), timeText(at), code(`${method} ${host}${path}`.trim()), status ?? "", auth, place].join(" | ")} |`;
  });
  return [
    "## Rows of logs",
    "",
    "| log row | time | request | status | sign-in | file and line |",
    "|---|---|---|---|---|---|",
    ...shown,
    ...(ofLogs.length > shown.length ? ["", `${ofLogs.length - shown.length} more rows are not listed.`] : []),
    "",
  ];
}

/** One row for each direction, also for the one that the capture does not show. */
function directionLines(analysis: Analysis): readonly string[] {
  const unseen = unseenSentence(analysis);
  return [
    "| direction | verdict | route | token service | servers | evidence |",
    "|---|---|---|---|---|---|",
    ...directionNames.map((name) => {
      const report = analysis.directions[name];
      if (report === null) return `| ${directionTitles[name]} | ${unseen} | | | | |`;
      const { route, tokenService } = wayCells(report);
      const hosts = report.hosts.slice(0, 8).map(code).join(" ");
      const evidence = code(report.evidence.slice(0, 8).join(" "));
      return `| ${[directionTitles[name], report.verdict, route, tokenService, hosts, evidence].join(" | ")} |`;
    }),
    "",
  ];
}

/** The verdict of each of several captures. */
function captureLines({ captures }: Analysis): readonly string[] {
  if (captures === undefined) return [];
  return [
    "## Captures, each judged by itself",
    "",
    "| verdict | capture | requests |",
    "|---|---|---|",
    ...captures.map(({ path, verdict, counts }) => `| ${verdict} | ${code(path)} | ${requestsText(counts)} |`),
    "",
    "| capture | inbound | outbound |",
    "|---|---|---|",
    ...captures.map(({ path, directions }) => {
      const both = [directionSummary(directions.inbound), directionSummary(directions.outbound)];
      return `| ${[code(path), ...both].join(" | ")} |`;
    }),
    "",
  ];
}

function handshakeLine(handshake: HandshakeReport, capture: string | null): string {
  const { verdict, lanes, direction, principal, realm, server, stage, signature, signingKey } = handshake;
  const { route, tokenService } = wayCells(seenWay(handshake));
  const caller = `${plain(principal?.name ?? "unknown")} ${code(principal?.id ?? "")}`;
  const signed = `${signature}${signingKey === "" ? "" : ` (${plain(signingKey)})`}`;
  const way = [direction ?? "not known", route, tokenService];
  const cells = [verdict, lanes.application, lanes.user, ...way, caller, code(realm), code(server), stage, signed];
  return `| ${[...cells, ...(capture === null ? [] : [code(capture)])].join(" | ")} |`;
}

function findingLines(
  { severity, code: name, message, remedy, count, evidence }: FindingReport,
  capture: string | null,
): readonly string[] {
  const times = `${count > 1 ? ` ×${count}` : ""}${capture === null ? "" : ` in ${code(capture)}`}`;
  return [
    `- **${severity.toUpperCase()} ${name}**${times}: ${plain(message)} ${code(evidence.slice(0, 8).join(" "))}`,
    ...(severity === "info" ? [] : [`  - What to do: ${plain(remedy)}`]),
    "",
  ];
}
