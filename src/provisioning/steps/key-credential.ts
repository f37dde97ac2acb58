// Steps 5 and 6 (6 and 7 of today's page): the certificate on the service principal of each application. The page uses
// MSOnline, which is retired; Microsoft Graph replaces the whole array, so keys of others are sent back with it.
import { applicationName } from "../../core/principals.ts";
import { hasEnded, isKeyOf, isTextOfCertificate, isUsable, keyFacts, keysDigest } from "../graph/service-principal.ts";
import type { CertificateFacts } from "../model/certificate.ts";
import type { Facts, GraphCall, KeyToAdd } from "../model/change.ts";
import type { KeyCredential, KeyHolder, ServicePrincipal } from "../model/graph.ts";
import type { Settings } from "../model/settings.ts";
import type { Difference, Observation, Observations, PlanItem, Ports, Receipt, Step, UndoItem } from "../model/step.ts";
import { graphOf } from "../model/step.ts";
import { authCertificateStepId, certificatesOf, citedPage } from "./auth-certificate.ts";
import { madeKeys, observeMadePrincipal } from "./made-object.ts";

export function keyStepId(appId: string): string {
  return `s5.key.${appId}`;
}

export function keyStep(settings: Settings, appId: string): Step {
  const id = keyStepId(appId);
  const name = applicationName(appId) ?? appId;
  return {
    id,
    title: `auth certificate on the service principal of ${name} (${appId})`,
    page: {
      ...citedPage(settings),
      step: settings.profile === "skype-online" ? "5, 6" : "6, 7",
      text: "2021: New-MsolServicePrincipalCredential -AppPrincipalId … -Type asymmetric -Usage Verify (MSOnline is retired; shown, never run). Today: Update-MgServicePrincipal.",
    },
    side: "cloud",
    needs: [authCertificateStepId],
    kind: "change",
    observe: (ports, observations) => observeKeys(ports, observations, appId),
    plan: (observation, observations) => planKeys(observation, observations, { id, appId, name, settings }),
    undo: (receipt) => undoKeys(id, appId, name, receipt),
    observeMade: observeMadePrincipal,
    script: () => [],
  };
}

async function observeKeys(ports: Ports, observations: Observations, appId: string): Promise<Observation> {
  const found = await graphOf(ports).read(appId);
  return judgePrincipal(found, certificatesOf(observations.get(authCertificateStepId)), ports.now());
}

/** Compares a principal's keys with the certificates that it must hold. Pure. */
export function judgePrincipal(
  found: ServicePrincipal | null,
  certificates: readonly CertificateFacts[],
  now: number,
): Observation {
  if (found === null) return { state: "absent", notes: ["The tenant has no service principal for this application."] };
  const facts = principalFacts(found, certificates, now);
  const notes = notesOn(found, certificates, now);
  if (!found.isEnabled) {
    const hint = "Enable it in the tenant's enterprise applications, then make a new plan.";
    return { state: "conflict", facts, message: `The service principal ${found.displayName} is disabled.`, hint };
  }
  const differences = certificates.flatMap((certificate) => differencesOf(found, certificate, now));
  if (differences.length > 0) return { state: "drift", facts, differences, notes };
  return { state: "present", facts, notes };
}

/** Why no key of a principal or an application can be used for a certificate; empty when one can. */
export function differencesOf(
  { keys }: Pick<KeyHolder, "keys">,
  certificate: CertificateFacts,
  now: number,
): readonly Difference[] {
  if (keys.some((key) => isUsable(key, certificate, now))) return [];
  const same = keys.filter((key) => isKeyOf(key, certificate));
  const why = same.map((key) => {
    if (key.usage !== "Verify") return `key ${key.keyId} has usage ${key.usage}`;
    return hasEnded(key, now)
      ? `its key expired on ${key.endDateTime}`
      : `its key is valid only from ${key.startDateTime}`;
  });
  return [{ what: `certificate ${certificate.thumbprint}`, wanted: "there", found: why.join(", ") || "missing" }];
}

function principalFacts(found: ServicePrincipal, certificates: readonly CertificateFacts[], now: number) {
  return {
    id: found.id,
    appId: found.appId,
    displayName: found.displayName,
    keys: found.keys.map((key) => ({ ...keyFacts(key) })),
    ours: found.keys.filter((key) => certificates.some((each) => isKeyOf(key, each))).map((key) => key.keyId),
    surplus: duplicates(found, certificates, now),
    arrayDigest: keysDigest(found.keys),
  };
}

function notesOn(found: ServicePrincipal, certificates: readonly CertificateFacts[], now: number): readonly string[] {
  const ours = found.keys.filter((key) => certificates.some((certificate) => isKeyOf(key, certificate)));
  const foreign = found.keys.length - ours.length;
  const expired = found.keys.filter((key) => hasEnded(key, now));
  const notes: string[] = [];
  if (foreign > 0) notes.push(`It holds ${foreign} keys of others; they stay.`);
  const surplus = duplicates(found, certificates, now);
  if (surplus.length > 0)
    notes.push(
      `It holds the same certificate ${surplus.length + 1} times; --remove-duplicate-keys removes the surplus.`,
    );
  const asText = ours.filter(isTextOfCertificate);
  if (asText.length > 0)
    notes.push(
      `The key ${asText.map(({ keyId }) => keyId).join(", ")} holds the certificate as base64 text, as the script of Microsoft's page sends it; it is recognised. Whether Entra can verify with such a key is not documented.`,
    );
  if (expired.length > 0) notes.push(`${expired.length} keys have expired; they are not removed.`);
  return notes;
}

/** Key ids of surplus entries: of each certificate all but the entry that is usable for the longest, DER before text. */
function duplicates(
  found: ServicePrincipal,
  certificates: readonly CertificateFacts[],
  now: number,
): readonly string[] {
  return certificates.flatMap((certificate) => {
    const same = found.keys.filter((key) => isKeyOf(key, certificate));
    const best = same.reduce<KeyCredential | null>(
      (held, key) => (held === null || isBetter(key, held, (each) => usableUntil(each, certificate, now)) ? key : held),
      null,
    );
    return same.filter((key) => key !== best).map((key) => key.keyId);
  });
}

function isBetter(key: KeyCredential, held: KeyCredential, until: (key: KeyCredential) => number): boolean {
  if (until(key) !== until(held)) return until(key) > until(held);
  return isTextOfCertificate(held) && !isTextOfCertificate(key);
}

/** Until when a key can be used, epoch milliseconds; 0 when it cannot. */
function usableUntil(key: KeyCredential, certificate: CertificateFacts, now: number): number {
  if (!isUsable(key, certificate, now)) return 0;
  return key.endDateTime === null ? Number.MAX_SAFE_INTEGER : Date.parse(key.endDateTime);
}

interface KeyContext {
  readonly id: string;
  readonly appId: string;
  readonly name: string;
  readonly settings: Settings;
}

function planKeys(observation: Observation, observations: Observations, context: KeyContext): readonly PlanItem[] {
  const certificates = certificatesOf(observations.get(authCertificateStepId));
  if (certificates.length === 0) return [];
  if (observation.state === "absent") {
    return [createItem(context), addItem(context, certificates, { before: null, arrayDigest: null })];
  }
  if (observation.state !== "drift" && observation.state !== "present") return [];
  const { facts } = observation;
  const arrayDigest = typeof facts.arrayDigest === "string" ? facts.arrayDigest : null;
  const missing =
    observation.state === "drift"
      ? certificates.filter(({ thumbprint }) =>
          observation.differences.some((each) => each.what === `certificate ${thumbprint}`),
        )
      : [];
  const items = missing.length > 0 ? [addItem(context, missing, { before: facts, arrayDigest })] : [];
  if (!context.settings.options.removeDuplicateKeys || missing.length > 0) return items;
  return [...items, ...duplicateItems(context, facts, arrayDigest)];
}

function createItem({ id, appId, name }: KeyContext): PlanItem {
  return {
    id: `${id}.create-service-principal`,
    stepId: id,
    change: "create",
    consent: "create-service-principal",
    title: `create the service principal of ${name} in the tenant`,
    why: "The tenant has none. Microsoft may refuse to create it for its own applications.",
    before: null,
    after: { appId },
    call: { via: "graph", operation: "create-service-principal", appId },
    byHand: `New-MgServicePrincipal -AppId ${appId}`,
    takenBackBy: "DELETE of the service principal",
  };
}

function addItem(
  { id, appId, name }: KeyContext,
  certificates: readonly CertificateFacts[],
  { before, arrayDigest }: { readonly before: PlanItem["before"]; readonly arrayDigest: string | null },
): PlanItem {
  const keys: readonly KeyToAdd[] = certificates.map(({ thumbprint, der, notBefore, notAfter }) => ({
    thumbprint,
    der,
    // The thumbprint in the name shows an administrator in the portal which rotation the key belongs to.
    displayName: `Exchange auth certificate ${thumbprint.slice(0, 8)}`,
    notBefore,
    notAfter,
  }));
  const thumbprints = certificates.map((certificate) => certificate.thumbprint);
  return {
    id: `${id}.add`,
    stepId: id,
    change: "modify",
    consent: null,
    title: `add the certificate ${thumbprints.join(" and ")} to ${name}`,
    why: "The token service accepts Exchange's tokens only when it holds this public key.",
    before,
    after: { thumbprints },
    call: { via: "graph", operation: "add-keys", appId, keys, arrayDigest },
    byHand:
      "`realmscope provision script` writes the commands: read all keys, add the new one, and write the whole list back, existing ones without Key and DisplayName",
    takenBackBy: "PATCH with all keys except this one",
  };
}

function duplicateItems(
  { id, appId, name }: KeyContext,
  facts: Readonly<Record<string, unknown>>,
  arrayDigest: string | null,
): readonly PlanItem[] {
  const listed: readonly unknown[] = Array.isArray(facts.surplus) ? facts.surplus : [];
  const surplus = listed.filter((keyId): keyId is string => typeof keyId === "string");
  if (surplus.length === 0) return [];
  return [
    {
      id: `${id}.remove-duplicates`,
      stepId: id,
      change: "delete",
      consent: null,
      title: `remove ${surplus.length} surplus entries of the same certificate from ${name}`,
      why: "Requested with --remove-duplicate-keys; one entry stays.",
      before: null,
      after: { keyIds: surplus },
      call: { via: "graph", operation: "remove-keys", appId, keyIds: surplus, arrayDigest },
      byHand: `read all keys of ${appId}, remove ${surplus.join(", ")}, and write the whole list back, the others without Key and DisplayName`,
      takenBackBy: "nothing: one entry of the same certificate stays",
    },
  ];
}

/** The facts of a principal that its creation left; receipts of earlier versions have its id alone. */
function principalLeft(after: Facts): Facts {
  const names = ["id", "displayName", "isEnabled", "names"];
  return Object.fromEntries(Object.entries(after).filter(([name]) => names.includes(name)));
}

function undoKeys(id: string, appId: string, name: string, receipt: Receipt): UndoItem | null {
  const after = receipt.after ?? {};
  if (receipt.call.via !== "graph") return null;
  if (receipt.call.operation === "create-service-principal" && typeof after.id === "string") {
    const call: GraphCall = { via: "graph", operation: "delete-service-principal", appId, id: after.id };
    const title = `delete the service principal of ${name}`;
    const byHand = `Remove-MgServicePrincipal -ServicePrincipalId ${after.id}`;
    return {
      id: `${id}.delete`,
      stepId: id,
      title,
      call,
      consent: "destructive",
      expected: principalLeft(after),
      byHand,
    };
  }
  const added: readonly unknown[] = Array.isArray(after.added) ? after.added : [];
  const keyIds = added.filter((keyId): keyId is string => typeof keyId === "string");
  if (receipt.call.operation !== "add-keys" || keyIds.length === 0) return null;
  return {
    id: `${id}.remove`,
    stepId: id,
    title: `remove the key ${keyIds.join(", ")} from ${name}; every other key stays`,
    call: { via: "graph", operation: "remove-keys", appId, keyIds, arrayDigest: null },
    consent: null,
    expected: { appId, ...madeKeys(receipt) },
    byHand: `read all keys of ${appId}, remove ${keyIds.join(", ")}, and write the whole list back, the others without Key and DisplayName`,
  };
}
