// What the cloud shows of the keys, read until its replicas agree: one read proves nothing, neither that a key is there nor that
// it is missing. The rows and the warnings of a verification come from the same reads, so they cannot contradict each other.

import { pollUntil } from "../graph/graph-context.ts";
import type { KeyHolder, ServicePrincipal } from "../model/graph.ts";
import type { Observation, Observations, Ports, Step } from "../model/step.ts";
import { graphOf } from "../model/step.ts";
import { type Reason, Stop } from "../model/stop.ts";
import { authCertificateStepId, certificatesIn } from "../steps/auth-certificate.ts";
import {
  applicationIn,
  applicationStepId,
  judgeApplication,
  judgeApplicationRotation,
} from "../steps/dedicated-application.ts";
import { differencesOf, judgePrincipal, keyStepId } from "../steps/key-credential.ts";
import { judgeRotation, type RotationWarning } from "../steps/rotation.ts";

export interface PolledKeys {
  /** What each step shows after the last read, by step id. */
  readonly observations: ReadonlyMap<string, Observation>;
  readonly warnings: readonly RotationWarning[];
}

/** One that holds keys and is looked at again and again. */
interface Watched {
  readonly stepId: string;
  read(): Promise<KeyHolder | null>;
  judge(found: KeyHolder | null, now: number): Observation;
  warn(found: KeyHolder, now: number): readonly RotationWarning[];
  /** Why it cannot be read; then it is not asked again. */
  unreadable: Reason | null;
  /** The last two reads, and whether any read showed what is wanted. */
  last: KeyHolder | null;
  shownInARow: number;
  wasShown: boolean;
}

/** Reads every holder of keys, all in one round, until two rounds in a row show all certificates or two minutes are over. */
export async function pollKeys(
  steps: readonly Step[],
  ports: Ports,
  observations: Observations,
  appIds: readonly string[],
): Promise<PolledKeys> {
  const certificates = certificatesIn(observations.get(authCertificateStepId));
  const watched = watchedOf(steps, ports, observations, appIds);
  if (ports.graph === null || certificates.length === 0 || watched.length === 0)
    return { observations: new Map(), warnings: [] };
  await pollUntil(
    ports,
    () =>
      Promise.all(
        watched.filter((each) => each.unreadable === null).map((each) => look(each, certificates, ports.now())),
      ),
    (isShown) => isShown.every(Boolean),
  );
  const now = ports.now();
  return {
    observations: new Map(watched.map((each) => [each.stepId, observationOf(each, now)])),
    warnings: watched.flatMap((each) => warningsOf(each, now)),
  };
}

function watchedOf(
  steps: readonly Step[],
  ports: Ports,
  observations: Observations,
  appIds: readonly string[],
): readonly Watched[] {
  const certificate = observations.get(authCertificateStepId);
  const certificates = certificatesIn(certificate);
  const start = { unreadable: null, last: null, shownInARow: 0, wasShown: false };
  const isThere = (stepId: string): boolean => {
    const state = observations.get(stepId)?.state;
    return steps.some(({ id }) => id === stepId) && (state === "present" || state === "drift");
  };
  const principals = appIds
    .filter((appId) => isThere(keyStepId(appId)))
    .map(
      (appId): Watched => ({
        ...start,
        stepId: keyStepId(appId),
        read: () => graphOf(ports).read(appId),
        judge: (found, now) => judgePrincipal(asPrincipal(found), certificates, now),
        warn: (found, now) => judgeRotation(certificate, found, now),
      }),
    );
  const application = isThere(applicationStepId) ? applicationIn(observations.get(applicationStepId)) : null;
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

/** One read. Gives whether it shows every certificate in a key that serves. */
async function look(each: Watched, certificates: ReturnType<typeof certificatesIn>, now: number): Promise<boolean> {
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

function observationOf(each: Watched, now: number): Observation {
  if (each.unreadable !== null) return { state: "unknown", reason: each.unreadable };
  const judged = each.judge(each.last, now);
  if (each.shownInARow >= 2) return judged;
  if (each.wasShown) return unsettled("Microsoft Graph's answers differ: some show the certificate, and some do not.");
  // A key that is shown and does not serve is there to be seen; a missing one may be one that is not shown yet.
  const isMissing = judged.state === "drift" && judged.differences.every(({ found }) => found === "missing");
  return isMissing ? unsettled("Microsoft Graph does not show the certificate after two minutes of asking.") : judged;
}

function unsettled(message: string): Observation {
  return {
    state: "unknown",
    reason: { code: "unknown-state", message, hint: "Run `realmscope provision verify` later." },
  };
}

/** None where the answers differ: what one of them shows is not known to be so. */
function warningsOf(each: Watched, now: number): readonly RotationWarning[] {
  if (each.unreadable !== null || each.last === null) return [];
  if (each.wasShown && each.shownInARow < 2) return [];
  return each.warn(each.last, now);
}
