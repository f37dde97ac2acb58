// Renders a run as Markdown for a ticket, from its journal alone: who, where, when, each command in copyable form, before and
// after.

import { commandText } from "../exchange/command-text.ts";
import { graphRequestText } from "../graph/graph-call-text.ts";
import type { Call } from "../model/change.ts";
import type { StampedEntry } from "./run-journal.ts";

/** The transcript. The journal holds no secret, so neither does this. */
export function renderTranscript(id: string, entries: readonly StampedEntry[]): string {
  return `${[`# Run ${plain(id)}`, "", ...entries.flatMap(linesOf)].join("\n")}\n`;
}

function linesOf(entry: StampedEntry): readonly string[] {
  const { at } = entry;
  switch (entry.kind) {
    case "begin":
      return beginLines(entry);
    case "intent":
      return [
        `## ${plain(entry.itemId)}`,
        "",
        `${at} started`,
        "",
        "```powershell",
        plain(callLine(entry.call)),
        "```",
        "",
      ];
    case "receipt":
      return [
        `${at} ${entry.isOurs ? "done" : "was there"}${entry.isConfirmed ? "" : ", not shown yet"}`,
        "",
        ...(entry.note === undefined ? [] : [plain(entry.note), ""]),
        ...fenced("before", entry.before),
        ...fenced("after", entry.after),
      ];
    case "failed":
      return [`${at} FAILED ${entry.reason.code}: ${plain(entry.reason.message)}`, ""];
    case "already":
      return [`## ${plain(entry.itemId)}`, "", `${at} was done already`, ""];
    case "lost-keys":
      return [`${at} LOST KEYS on ${entry.appId}: ${entry.keys.map(({ keyId }) => plain(keyId)).join(", ")}`, ""];
    case "restored-keys":
      return [`${at} put back on ${entry.appId}: ${entry.keyIds.map(plain).join(", ")}`, ""];
    case "resumed":
      return ["## Resumed", "", `${at} on ${plain(entry.domainController)}`, ""];
    case "undo-intent":
      return [`## Take back ${plain(entry.itemId)}`, "", "```powershell", plain(callLine(entry.call)), "```", ""];
    case "undo-receipt":
      return [`${at} ${entry.outcome}`, ""];
    case "undo-skipped":
      return [`## Take back ${plain(entry.itemId)}`, "", `${at} skipped: ${plain(entry.why)}`, ""];
    case "note":
      return [
        "the shell printed:",
        "",
        ...entry.text.split("\n").flatMap((line) => (line.trim() === "" ? [] : [`> ${plain(line)}`])),
        "",
      ];
    case "verdict":
      return [`${at} verified: ${entry.verdict}`, ""];
    case "end":
      return [
        `${at} ${entry.how}${entry.reason === null ? "" : ` (${entry.reason.code}: ${plain(entry.reason.message)})`}`,
      ];
  }
}

function beginLines({ at, tool, plan, actors }: Extract<StampedEntry, { kind: "begin" }>): readonly string[] {
  const { profile, domain, domainController, tenant } = plan.settings;
  return [
    `- ${at} realmscope ${tool}, profile ${profile}, domain ${plain(domain)}, domain controller ${plain(domainController)}, tenant ${tenant}`,
    `- as ${plain(actors.exchange) || "nobody"} on Exchange and ${plain(actors.cloud) || "nobody"} in the tenant`,
    "",
  ];
}

function callLine(call: Call): string {
  if (call.via === "exchange") return commandText(call);
  if (call.via === "exchange-each") return `${call.cmdlet} for each of ${call.prefix}*`;
  return `# Microsoft Graph: ${graphRequestText(call)}`;
}

function fenced(title: string, facts: unknown): readonly string[] {
  if (facts === null) return [];
  return [`${title}:`, "", "```json", plain(JSON.stringify(facts)), "```", ""];
}

/** Text without line breaks and control characters; backticks in it cannot end a code fence. */
function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "\uFFFD").replaceAll("```", "'''");
}
