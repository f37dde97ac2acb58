// Verifies by reading back: every step again, the keys by their bytes until Entra's replicas agree, and Exchange's own test.
import { readObjects, textProperty } from "../exchange/read-objects.ts";
import { profileOf } from "../model/profiles.ts";
import type { Observation, Observations, Ports, Step } from "../model/step.ts";
import { Stop } from "../model/stop.ts";
import { applicationStepId, applicationTitle } from "../steps/dedicated-application.ts";
import { exchangeKeyStepId } from "../steps/exchange-online.ts";
import type { RotationWarning } from "../steps/rotation.ts";
import { makePlan, observeSteps, type Plan, type PlanStep } from "./plan.ts";
import { pollKeys } from "./poll-keys.ts";

export type Verdict = "ok" | "failed" | "unverified";

export interface VerifiedRow {
  readonly id: string;
  readonly title: string;
  /** `warning`: wrong or unknown, but no part of what this procedure sets up; the verdict of the whole does not count it. */
  readonly verdict: Verdict | "warning";
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

/** True for every change, every conflict, the dedicated application if Exchange names one, and the shared one if it has keys. */
function isJudged(planned: PlanStep, steps: readonly Step[], observations: Observations): boolean {
  if (planned.id === applicationStepId) return isApplicationJudged(observations.get(applicationStepId));
  // Keys on the shared application are a danger of their own, whoever put them there.
  if (planned.id === exchangeKeyStepId && observations.get(planned.id)?.state === "drift") return true;
  return planned.status === "conflict" || steps.find(({ id }) => id === planned.id)?.kind === "change";
}

/** False when one half was left out: the verification is reported as partial. */
function isApplicationJudged(observation: Observation | undefined): boolean {
  if (observation?.state !== "unknown") return observation?.state !== "absent";
  return !["side-left-out", "needs-earlier-step"].includes(observation.reason.code);
}

function rowOf(step: PlanStep, observation: Observation | undefined): VerifiedRow {
  const isOk = step.status === "done" || step.status === "left";
  const isWarning = step.id === exchangeKeyStepId;
  const verdict: VerifiedRow["verdict"] = isWarning
    ? "warning"
    : isOk
      ? "ok"
      : observation?.state === "unknown"
        ? "unverified"
        : "failed";
  const isApplication = step.id === applicationStepId;
  const title = isApplication ? applicationTitle(step.title, observation) : step.title;
  const found = isApplication || isWarning ? [step.found, ...step.notes].join("; ") : step.found;
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

/**
 * Runs Exchange's own test when an on-premises mailbox was named; it reloads its configuration instead of using its cache. It tests
 * Exchange's calls to Exchange Online over EWS, which the shared application lost in October 2025 and which this procedure
 * does not set up: a failure is a warning.
 */
async function testConnectivity(ports: Ports): Promise<readonly VerifiedRow[]> {
  const { mailbox } = ports.settings;
  if (mailbox === null || ports.exchange === null) return [];
  const title = `Test-OAuthConnectivity for ${mailbox}, against ${ports.settings.cloud.exchangeOnline}`;
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
    if (result.toLowerCase() === "success" || isHarmless) return [{ id: "s1.test", title, verdict: "ok", detail: "" }];
    return [
      { id: "s1.test", title, verdict: "warning", detail: `ResultType ${result || "missing"}. ${otherDirection}` },
    ];
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    return [{ id: "s1.test", title, verdict: "warning", detail: `${error.reason.message} ${otherDirection}` }];
  }
}

const otherDirection =
  "It tests Exchange's own calls to Exchange Online over EWS, which steps 2 to 7 do not set up; look at step 1 and at --profile hybrid-app.";
