// Verifies by reading back: every step again, the keys by their bytes until Entra's replicas agree, and Exchange's own test.
import { readObjects, textProperty } from "../exchange/read-objects.ts";
import { profileOf } from "../model/profiles.ts";
import type { Observation, Observations, Ports, Step } from "../model/step.ts";
import { Stop } from "../model/stop.ts";
import { applicationStepId, applicationTitle } from "../steps/dedicated-application.ts";
import type { RotationWarning } from "../steps/rotation.ts";
import { makePlan, observeSteps, type Plan, type PlanStep } from "./plan.ts";
import { pollKeys } from "./poll-keys.ts";

export type Verdict = "ok" | "failed" | "unverified";

export interface VerifiedRow {
  readonly id: string;
  readonly title: string;
  readonly verdict: Verdict;
  readonly detail: string;
}

export interface Verification {
  readonly verdict: Verdict;
  /** True when step 1 is not done, or one half was left out. */
  readonly isPartial: boolean;
  readonly rows: readonly VerifiedRow[];
  readonly rotation: readonly RotationWarning[];
}

/** Verifies everything that the settings ask for. Reads only. */
export async function verify(
  steps: readonly Step[],
  ports: Ports,
  options: { readonly tool: string },
): Promise<Verification> {
  const first = await observeSteps(steps, ports);
  const shown = await pollKeys(steps, ports, first, profileOf(ports.settings).servicePrincipals);
  const observations = new Map<string, Observation>([...first, ...shown.observations]);
  const plan = makePlan(ports.settings, steps, observations, { tool: options.tool, now: ports.now(), hidden: [] });
  const rows = [
    ...plan.steps
      .filter((step) => isJudged(step, steps, observations))
      .map((step) => rowOf(step, observations.get(step.id))),
    ...(await testConnectivity(ports)),
  ];
  return {
    verdict: verdictOf(rows, shown.warnings),
    isPartial: ports.settings.only !== null || isStep1Missing(plan, steps),
    rows,
    rotation: shown.warnings,
  };
}

/** True for every change, every conflict, and the dedicated application if Exchange names one. */
function isJudged(planned: PlanStep, steps: readonly Step[], observations: Observations): boolean {
  if (planned.id === applicationStepId) return isApplicationJudged(observations.get(applicationStepId));
  return planned.status === "conflict" || steps.find(({ id }) => id === planned.id)?.kind === "change";
}

/** False when one half was left out: the verification is reported as partial. */
function isApplicationJudged(observation: Observation | undefined): boolean {
  if (observation?.state !== "unknown") return observation?.state !== "absent";
  return !["side-left-out", "needs-earlier-step"].includes(observation.reason.code);
}

function rowOf(step: PlanStep, observation: Observation | undefined): VerifiedRow {
  const isOk = step.status === "done" || step.status === "left";
  const verdict: Verdict = isOk ? "ok" : observation?.state === "unknown" ? "unverified" : "failed";
  const isApplication = step.id === applicationStepId;
  const title = isApplication ? applicationTitle(step.title, observation) : step.title;
  const found = isApplication ? [step.found, ...step.notes].join("; ") : step.found;
  return { id: step.id, title, verdict, detail: step.status === "done" ? "" : found };
}

function verdictOf(rows: readonly VerifiedRow[], warnings: readonly RotationWarning[]): Verdict {
  if (rows.some((row) => row.verdict === "failed")) return "failed";
  if (rows.some((row) => row.verdict === "unverified")) return "unverified";
  // Rows and warnings come from the same reads; if they ever disagree, the worse one counts.
  return warnings.some((warning) => warning.kind === "broken-now") ? "failed" : "ok";
}

function isStep1Missing(plan: Plan, steps: readonly Step[]): boolean {
  const gates = new Set(steps.filter((step) => step.kind === "gate").map((step) => step.id));
  return plan.steps.some((step) => gates.has(step.id) && step.status !== "done");
}

/** Runs Exchange's own test when an on-premises mailbox was named; it reloads its configuration instead of using its cache. */
async function testConnectivity(ports: Ports): Promise<readonly VerifiedRow[]> {
  const { mailbox } = ports.settings;
  if (mailbox === null || ports.exchange === null) return [];
  const title = `Test-OAuthConnectivity for ${mailbox}`;
  const parameters = {
    Service: "EWS",
    TargetUri: `https://${ports.settings.cloud.exchangeOnline}/ews/exchange.asmx`,
    Mailbox: mailbox,
    ReloadConfig: true,
  };
  try {
    const [answer] = await readObjects(ports, "Test-OAuthConnectivity", parameters);
    const result = textProperty(answer, "ResultType");
    // The mailbox is on premises, so Exchange Online may rightly report that it has none of that address.
    const isHarmless = /no mailbox associated/i.test(textProperty(answer, "Detail"));
    const verdict = result.toLowerCase() === "success" || isHarmless ? "ok" : "failed";
    return [{ id: "s1.test", title, verdict, detail: verdict === "ok" ? "" : `ResultType ${result || "missing"}` }];
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    return [{ id: "s1.test", title, verdict: "unverified", detail: error.reason.message }];
  }
}
