import { withoutMarkers } from "../../core/runner-commands.ts";
import type { FindingReport } from "../../diagnosis/analysis.ts";
import type { ReportContent, ReportOptions } from "./html-report.ts";
import { ordered, signWords, timeText, verdictWords } from "./report-words.ts";

/** The conclusion for a ticket or a pull request. Captured text stands in it as code or escaped, and forms no markup. */
export function markdownReport({ analysis, facts, sources }: ReportContent, options: ReportOptions): string {
  const { handshakes, findings, checklist, counts } = analysis;
  const { title, meaning } = verdictWords[analysis.verdict];
  return [
    `# ${plain(options.title)}`,
    "",
    `**Verdict: ${analysis.verdict}** (${title}). ${meaning}`,
    "",
    `${counts.transactions} requests, ${counts.jwts} tokens, ${counts.basicCredentials} Basic credentials, ${counts.status401} answers 401.`,
    "",
    "## Handshakes",
    "",
    "| verdict | caller | realm | server | stage | signature |",
    "|---|---|---|---|---|---|",
    ...handshakes.map(
      ({ verdict, principal, realm, server, stage, signature }) =>
        `| ${verdict} | ${plain(principal?.name ?? "unknown")} ${code(principal?.id ?? "")} | ${code(realm)} | ${code(server)} | ${stage} | ${signature} |`,
    ),
    "",
    "## Findings and what to do",
    "",
    ...ordered(findings).flatMap(findingLines),
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
    ...Object.entries(facts.removed).map(([rule, count]) => `- replaced: ${count} × ${rule}`),
    "",
    `Made by realmscope ${plain(options.version)}, ${timeText(options.madeAt)}.`,
    "",
  ].join("\n");
}

function findingLines({ severity, code: name, message, remedy, count, evidence }: FindingReport): readonly string[] {
  const times = count > 1 ? ` ×${count}` : "";
  return [
    `- **${severity.toUpperCase()} ${name}**${times}: ${plain(message)} ${code(evidence.slice(0, 8).join(" "))}`,
    ...(severity === "info" ? [] : [`  - What to do: ${plain(remedy)}`]),
    "",
  ];
}

/** Text that forms no markup and no HTML (CommonMark §2.4). */
function plain(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?").replace(/[\\`*_{}[\]<>|~#@!&]/g, "\\$&");
}

/** A code span, which nothing inside can end. */
function code(text: string): string {
  const shown = withoutMarkers(text.replace(/[^\x20-\x7e]/g, "?").replace(/[`|]/g, "'"));
  return shown === "" ? "" : `\`${shown}\``;
}
