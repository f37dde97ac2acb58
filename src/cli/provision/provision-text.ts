// Plans, progress and verifications as text for people, and progress as JSON. Each line passes `safe`.

import { safeJson } from "../../core/safe-json.ts";
import { safe } from "../../core/safe-text.ts";
import { itemsOf, type Plan, type PlanStep, type StepStatus } from "../../provisioning/engine/plan.ts";
import type { RunEvent } from "../../provisioning/engine/run.ts";
import type { Verification } from "../../provisioning/engine/verify.ts";
import { callText } from "../../provisioning/graph/graph-call-text.ts";
import { hideIn } from "../../provisioning/model/hide-secrets.ts";
import { type PlanItem, pageText } from "../../provisioning/model/step.ts";

const marks: Readonly<Record<StepStatus, string>> = {
  done: "ok",
  change: "change",
  left: "left",
  guide: "guide",
  conflict: "CONFLICT",
  unknown: "UNKNOWN",
  blocked: "waits",
  unchecked: "by hand",
};

const signs = { create: "+", modify: "~", delete: "-" } as const;

/** A plan: each step with its state, each change with its call, its reason and its undo. */
export function renderPlan(plan: Plan): string {
  const { settings } = plan;
  const where = [
    `profile ${settings.profile}`,
    settings.only === null ? "" : `only the ${settings.only} half`,
    `domain ${settings.domain}`,
    settings.domainController === "" ? "" : `domain controller ${settings.domainController}`,
    settings.tenant === "" ? "" : `tenant ${settings.tenant} (${settings.cloud.name})`,
  ].filter((part) => part !== "");
  const width = Math.max(...Object.values(marks).map((mark) => mark.length));
  const lines = [
    `Plan: ${where.join(", ")}`,
    "",
    ...plan.steps.flatMap((step) => renderStep(step, width)),
    "",
    ...pageLines(plan),
    plan.otherProfile,
    ...plan.blockers.flatMap((reason) => ["", `Blocked: ${reason.message}`, `  ${reason.hint}`]),
    "",
    sumOf(plan),
  ];
  return asText(lines);
}

/** Only the outcome of a plan: what blocks it, and how many changes it has. */
export function renderPlanOutcome(plan: Plan): string {
  return asText([...plan.blockers.map((reason) => `Blocked: ${reason.message} ${reason.hint}`), sumOf(plan)]);
}

function sumOf(plan: Plan): string {
  const { create, modify, delete: removed } = plan.changes;
  if (itemsOf(plan).length > 0) return `${create} to create, ${modify} to change, ${removed} to delete.`;
  return plan.blockers.length === 0 ? "Nothing is to be changed." : "The changes can be planned when that is fixed.";
}

function asText(lines: readonly string[]): string {
  return lines.map((line) => `${safe(line)}\n`).join("");
}

/** The pages that the steps come from, each with its title. */
function pageLines({ steps }: Plan): readonly string[] {
  const pages = new Map(steps.map(({ page }) => [page.name, page]));
  return [...pages.values()].map(({ name, title, date }) => `${name} ${date}: ${title}`);
}

function renderStep(step: PlanStep, width: number): readonly string[] {
  const mark = marks[step.status].padEnd(width);
  const found = step.status === "done" || step.items.length > 0 ? "" : `: ${step.found}`;
  return [
    `${mark}  ${pageText(step.page)}: ${step.title}${found}`,
    ...step.notes.map((note) => `${" ".repeat(width)}      ${note}`),
    ...step.items.flatMap((item) => renderItem(item, width)),
  ];
}

function renderItem(item: PlanItem, width: number): readonly string[] {
  const indent = " ".repeat(width);
  return [
    `${indent}    ${signs[item.change]} ${item.title}`,
    `${indent}        ${callText(item)}`,
    `${indent}        why: ${item.why}`,
    `${indent}        undo: ${item.takenBackBy}`,
    ...(item.consent === null ? [] : [`${indent}        needs its own confirmation: --allow-${item.consent}`]),
  ];
}

/** Prints each event of a run as a line, or as one JSON object a line. `hide` removes secrets from each text. */
export function createProgressPrinter(
  options: { readonly json?: true | undefined; readonly quiet?: true | undefined },
  hide: (text: string) => string,
): (event: RunEvent) => void {
  if (options.json === true) return (event) => void process.stdout.write(`${safeJson(hideIn(event, hide))}\n`);
  if (options.quiet === true) return () => undefined;
  return (event) => {
    const line = lineOf(event);
    if (line !== null) process.stdout.write(`${safe(hide(line))}\n`);
  };
}

function lineOf(event: RunEvent): string | null {
  switch (event.event) {
    case "item-started":
      return `[${event.number}/${event.of}] ${event.title}`;
    case "item-done":
      return `      ${outcomeText[event.outcome]}${event.isConfirmed ? "" : ", but not confirmed yet"}${event.note === undefined ? "" : `. ${event.note}`}`;
    case "item-failed":
      return `      FAILED (${event.reason.code}): ${event.reason.message}`;
    case "keys-lost":
      return `      LOST KEYS on ${event.appId}: ${event.keyIds.join(", ")}`;
    case "keys-restored":
      return `restored ${event.count} keys on ${event.appId}`;
    case "undone":
      return `${event.outcome === "skipped" ? "skipped" : event.outcome}: ${event.title}${event.why === "" ? "" : ` (${event.why})`}`;
  }
}

const outcomeText = { made: "done", adopted: "was done; taken over", already: "was done already" } as const;

/** A verification: its rows, then warnings about the rotation of the certificate, then the verdict. */
export function renderVerification(verification: Verification): string {
  const { rows, rotation } = verification;
  const lines = [
    ...rows.map((row) => `${row.verdict.padEnd(10)}  ${row.title}${row.detail === "" ? "" : `: ${row.detail}`}`),
    ...rotation.map((warning) => `certificate  ${warning.message}`),
    verdictLine(verification),
  ];
  return asText(lines);
}

/** Only the verdict of a verification. */
export function renderVerdict(verification: Verification): string {
  return asText([verdictLine(verification)]);
}

function verdictLine({ verdict, isPartial }: Verification): string {
  return `Verified: ${verdict}${isPartial ? " (partial: step 1 is not done, or one half was left out)" : ""}`;
}
