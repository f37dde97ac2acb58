// Reads the keys in the cloud until its replicas agree: one read proves neither that a key exists nor that it is missing. Rows
// and warnings of a verification come from the same reads, so they cannot contradict each other.

import { pollUntil } from "../graph/graph-context.ts";
import type { KeyHolder, ServicePrincipal } from "../model/graph.ts";
import type { Observation, Observations, Ports, Step } from "../model/step.ts";
import { graphOf } from "../model/step.ts";
import { type Reason, Stop } from "../model/stop.ts";
import { authCertificateStepId, certificatesOf } from "../steps/auth-certificate.ts";
import {
  applicationOf,
  applicationStepId,
  judgeApplication,
  judgeApplicationRotation,
} from "../steps/dedicated-application.ts";
import { differencesOf, judgePrincipal, keyStepId } from "../steps/key-credential.ts";
import { judgeRotation, type RotationWarning } from "../steps/rotation.ts";

export interface PolledKeys {
  /** The observation of each step after the last read, by step id. */
  readonly observations: ReadonlyMap<string, Observation>;
  readonly warnings: readonly RotationWarning[];
}

/** A principal or an application whose keys are polled. */
interface PolledHolder {
  readonly stepId: string;
  read(): Promise<KeyHolder | null>;
  judge(found: KeyHolder | null, now: number): Observation;
  warn(found: KeyHolder, now: number): readonly RotationWarning[];
  /** Why it cannot be read; it is not read again then. */
  unreadable: Reason | null;
  /** The result of the last read. */
  last: KeyHolder | null;
  /** How many reads in a row showed every certificate. */
  shownInARow: number;
  /** True when any read showed every certificate. */
  wasShown: boolean;
}

/** Reads all holders of keys, round by round, until two rounds in a row show every certificate or two minutes have passed. */
export async function pollKeys(
  steps: readonly Step[],
  ports: Ports,
  observations: Observations,
  appIds: readonly string[],
): Promise<PolledKeys> {
  const certificates = certificatesOf(observations.get(authCertificateStepId));
  const holders = polledHolders(steps, ports, observations, appIds);
  if (ports.graph === null || certificates.length === 0 || holders.length === 0)
    return { observations: new Map(), warnings: [] };
  await pollUntil(
    ports,
    () =>
      Promise.all(
        holders.filter((each) => each.unreadable === null).map((each) => readOnce(each, certificates, ports.now())),
      ),
    (isShown) => isShown.every(Boolean),
  );
  const now = ports.now();
  return {
    observations: new Map(holders.map((each) => [each.stepId, observationOf(each, now)])),
    warnings: holders.flatMap((each) => warningsOf(each, now)),
  };
}

function polledHolders(
  steps: readonly Step[],
  ports: Ports,
  observations: Observations,
  appIds: readonly string[],
): readonly PolledHolder[] {
  const certificate = observations.get(authCertificateStepId);
  const certificates = certificatesOf(certificate);
  const start = { unreadable: null, last: null, shownInARow: 0, wasShown: false };
  const isThere = (stepId: string): boolean => {
    const state = observations.get(stepId)?.state;
    return steps.some(({ id }) => id === stepId) && (state === "present" || state === "drift");
  };
  const principals = appIds
    .filter((appId) => isThere(keyStepId(appId)))
    .map(
      (appId): PolledHolder => ({
        ...start,
        stepId: keyStepId(appId),
        read: () => graphOf(ports).read(appId),
        judge: (found, now) => judgePrincipal(asPrincipal(found), certificates, now),
        warn: (found, now) => judgeRotation(certificate, found, now),
      }),
    );
  const application = isThere(applicationStepId) ? applicationOf(observations.get(applicationStepId)) : null;
  if (application === null) return principals;
  return [
    ...principals,
    {
      ...start,
      stepId: applicationStepId,
      read: () => graphOf(ports).readApplication(application),
      judge: (found, now) => judgeApplication(application, found, certificate, now),
      warn: (found, now) => judgeApplicationRotation(certificate, found, now),
    },
  ];
}

function asPrincipal(found: KeyHolder | null): ServicePrincipal | null {
  return found !== null && "names" in found ? (found as ServicePrincipal) : null;
}

/** Reads a holder once. True when it has a usable key for every certificate, or cannot be read. */
async function readOnce(
  each: PolledHolder,
  certificates: ReturnType<typeof certificatesOf>,
  now: number,
): Promise<boolean> {
  try {
    each.last = await each.read();
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    each.unreadable = error.reason;
    return true;
  }
  const { last } = each;
  const isShown =
    last !== null && certificates.every((certificate) => differencesOf(last, certificate, now).length === 0);
  each.shownInARow = isShown ? each.shownInARow + 1 : 0;
  each.wasShown ||= isShown;
  return isShown;
}

function observationOf(each: PolledHolder, now: number): Observation {
  if (each.unreadable !== null) return { state: "unknown", reason: each.unreadable };
  const judged = each.judge(each.last, now);
  if (each.shownInARow >= 2) return judged;
  if (each.wasShown) return unsettled("Microsoft Graph's answers differ: some show the certificate, some do not.");
  // An unusable key that is shown is a fact; a missing one may exist on another replica.
  const isMissing = judged.state === "drift" && judged.differences.every(({ found }) => found === "missing");
  return isMissing ? unsettled("Microsoft Graph does not show the certificate after two minutes of polling.") : judged;
}

function unsettled(message: string): Observation {
  return {
    state: "unknown",
    reason: { code: "unknown-state", message, hint: "Run `realmscope provision verify` later." },
  };
}

/** The rotation warnings; none when the answers differ, since no single answer is certain. */
function warningsOf(each: PolledHolder, now: number): readonly RotationWarning[] {
  if (each.unreadable !== null || each.last === null) return [];
  if (each.wasShown && each.shownInARow < 2) return [];
  return each.warn(each.last, now);
}
