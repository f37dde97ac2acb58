// Reading back: every step again, the keys by their bytes and until Entra's replicas agree, and what Exchange's own test says.
import { readObjects, text } from "./exchange-calls.ts";
import { pollUntil } from "./graph/graph-context.ts";
import { isKeyOf, type ServicePrincipal } from "./graph/service-principal.ts";
import { makePlan, observeSteps, type Plan, type PlanStep } from "./plan.ts";
import { profileOf } from "./profiles.ts";
import { Stop } from "./reason.ts";
import { judgeRotation, type RotationWarning } from "./rotation.ts";
import type { Observation, Seen, Step, World } from "./step.ts";
import { authCertificateStepId, certificatesIn } from "./steps/auth-certificate.ts";
import { graphOf } from "./steps/key-credential.ts";

export type Verdict = "ok" | "failed" | "unverified";

export interface VerifiedRow {
  readonly id: string;
  readonly title: string;
  readonly verdict: Verdict;
  readonly detail: string;
}

export interface Verification {
  readonly verdict: Verdict;
  /** True when step 1 was not looked at, or one half was left out. */
  readonly isPartial: boolean;
  readonly rows: readonly VerifiedRow[];
  readonly rotation: readonly RotationWarning[];
}

/** Verifies everything that the settings ask for. Reads only. */
export async function verify(
  steps: readonly Step[],
  world: World,
  options: { readonly tool: string },
): Promise<Verification> {
  const seen = new Map<string, Observation>(await observeSteps(steps, world));
  await pollKeys(steps, world, seen);
  const plan = makePlan(world.settings, steps, seen, { tool: options.tool, now: world.now(), hidden: [] });
  const changing = new Set(steps.filter((step) => step.kind === "change").map((step) => step.id));
  const rows = [...plan.steps.filter((step) => changing.has(step.id)).map(rowOf), ...(await testConnectivity(world))];
  return {
    verdict: worst(rows),
    isPartial: world.settings.only !== null || isStep1Missing(plan, steps),
    rows,
    rotation: await rotation(world, seen),
  };
}

function rowOf(step: PlanStep): VerifiedRow {
  const verdict: Verdict =
    step.status === "done" || step.status === "left"
      ? "ok"
      : step.status === "unknown" || step.status === "blocked"
        ? "unverified"
        : "failed";
  return { id: step.id, title: step.title, verdict, detail: step.status === "done" ? "" : step.found };
}

function worst(rows: readonly VerifiedRow[]): Verdict {
  if (rows.some((row) => row.verdict === "failed")) return "failed";
  return rows.some((row) => row.verdict === "unverified") ? "unverified" : "ok";
}

function isStep1Missing(plan: Plan, steps: readonly Step[]): boolean {
  const gates = new Set(steps.filter((step) => step.kind === "gate").map((step) => step.id));
  return plan.steps.some((step) => gates.has(step.id) && step.status !== "done");
}

/**
 * Keys that are not shown yet are looked for, all of them in one round, until two rounds agree or two minutes are over; then they
 * are unverified, not failed.
 */
async function pollKeys(steps: readonly Step[], world: World, seen: Map<string, Observation>): Promise<void> {
  const certificates = certificatesIn(seen.get(authCertificateStepId));
  const missing = missingKeys(steps, world, seen);
  if (missing.length === 0) return;
  const unreadable = new Set<string>();
  const isShown = (principals: Principals, appId: string): boolean =>
    certificates.every((each) => principals.get(appId)?.keys.some((key) => isKeyOf(key, each)) === true);
  const found = await pollUntil(
    world,
    () => readPrincipals(world, missing, unreadable),
    (principals) => missing.every(({ appId }) => unreadable.has(appId) || isShown(principals, appId)),
  );
  for (const { appId, step } of missing)
    seen.set(step.id, isShown(found, appId) ? await step.observe(world, seen) : notShown());
}

interface MissingKey {
  readonly appId: string;
  readonly step: Step;
}

function missingKeys(steps: readonly Step[], world: World, seen: Seen): readonly MissingKey[] {
  return profileOf(world.settings.profile).servicePrincipals.flatMap((appId) => {
    const step = steps.find(({ id }) => id === `s5.key.${appId}`);
    return step === undefined || seen.get(step.id)?.state !== "drift" ? [] : [{ appId, step }];
  });
}

type Principals = ReadonlyMap<string, ServicePrincipal | null>;

/** One round. A principal that cannot be read is not asked for again. */
async function readPrincipals(
  world: World,
  missing: readonly MissingKey[],
  unreadable: Set<string>,
): Promise<Principals> {
  const asked = missing.filter(({ appId }) => !unreadable.has(appId));
  const found = asked.map(async ({ appId }): Promise<readonly [string, ServicePrincipal | null]> => {
    try {
      return [appId, await graphOf(world).read(appId)];
    } catch (error) {
      if (!(error instanceof Stop)) throw error;
      unreadable.add(appId);
      return [appId, null];
    }
  });
  return new Map(await Promise.all(found));
}

function notShown(): Observation {
  const message = "Microsoft Graph does not show the certificate after two minutes of asking.";
  return {
    state: "unknown",
    reason: { code: "unknown-state", message, hint: "Run `realmscope provision verify` later." },
  };
}

/** Exchange's own test, when an on-premises mailbox was named. It reads its configuration anew instead of waiting for its cache. */
async function testConnectivity(world: World): Promise<readonly VerifiedRow[]> {
  const { mailbox } = world.settings;
  if (mailbox === null || world.exchange === null) return [];
  const title = `Test-OAuthConnectivity for ${mailbox}`;
  const parameters = {
    Service: "EWS",
    TargetUri: "https://outlook.office365.com/ews/exchange.asmx",
    Mailbox: mailbox,
    ReloadConfig: true,
  };
  try {
    const [answer] = await readObjects(world, "Test-OAuthConnectivity", parameters);
    const result = text(answer, "ResultType");
    // The mailbox being on premises, Exchange Online may rightly say that it has none of that address.
    const isHarmless = /no mailbox associated/i.test(text(answer, "Detail"));
    const verdict = result.toLowerCase() === "success" || isHarmless ? "ok" : "failed";
    return [{ id: "s1.test", title, verdict, detail: verdict === "ok" ? "" : `ResultType ${result || "missing"}` }];
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    return [{ id: "s1.test", title, verdict: "unverified", detail: error.reason.message }];
  }
}

async function rotation(world: World, seen: Seen): Promise<readonly RotationWarning[]> {
  if (world.graph === null) return [];
  const observation = seen.get(authCertificateStepId);
  const warnings: RotationWarning[] = [];
  for (const appId of profileOf(world.settings.profile).servicePrincipals) {
    if (!seen.has(`s5.key.${appId}`)) continue;
    // A certificate that is not shown is unknown by now, and just then the warning counts. What cannot be read has its row.
    const principal = await world.graph.read(appId).catch((error: unknown) => {
      if (error instanceof Stop) return null;
      throw error;
    });
    if (principal !== null) warnings.push(...judgeRotation(observation, principal, world.now()));
  }
  return warnings;
}
