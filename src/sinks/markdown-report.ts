import type { Analysis, FindingReport } from "../diagnosis/analysis.ts";
import type { ReportOptions } from "./html-report.ts";
import type { ReportFacts } from "./report-facts.ts";

/** The conclusion for a ticket or a pull request. Captured text stands in it as code or escaped, and forms no markup. */
export function markdownReport(analysis: Analysis, facts: ReportFacts, options: ReportOptions): string {
  const { handshakes, findings, checklist, counts } = analysis;
  const ordered = (["alarm", "error", "warning", "info"] as const).flatMap((severity) =>
    findings.filter((finding) => finding.severity === severity),
  );
  return [
    `# ${plain(options.title)}`,
    "",
    `**Verdict: ${analysis.verdict}**, ${counts.transactions} requests, ${counts.jwts} tokens, ${counts.basicCredentials} Basic credentials, ${counts.status401} answers 401.`,
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
    ...ordered.flatMap(findingLines),
    "## Success signs",
    "",
    ...checklist.map(
      ({ sign, isSeen }) => `- [${isSeen ? "x" : " "}] ${sign}${isSeen ? "" : " (not seen in this capture)"}`,
    ),
    "",
    `${facts.tokens.length} tokens and ${facts.rows.length + facts.moreRows} requests are in the capture. Made by realmscope ${plain(options.version)}, ${new Date(options.madeAt).toISOString()}.`,
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
  const shown = text.replace(/[^\x20-\x7e]/g, "?").replace(/[`|]/g, "'");
  return shown === "" ? "" : `\`${shown}\``;
}
