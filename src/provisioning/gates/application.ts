// What Entra holds: the application object's keys against Exchange's certificates, the permissions with consent, and the keys
// of the shared application of Exchange Online, which must be gone.
import { isKeyOf } from "../graph/service-principal.ts";
import { type CertificateFacts, thumbprintOfIdentifier } from "../model/certificate.ts";
import type { Cloud } from "../model/clouds.ts";
import { hybridScript } from "../model/clouds.ts";
import type { Consented, KeyCredential, KeyHolder, OfferedRoles } from "../model/graph.ts";
import type { Observation } from "../model/step.ts";
import { certificateReport, certificatesOf } from "../steps/auth-certificate.ts";
import { judgeApplicationRotation } from "../steps/dedicated-application.ts";
import { differencesOf } from "../steps/key-credential.ts";
import type { RotationWarning } from "../steps/rotation.ts";
import { type Gate, gate, type Judged, type Reading, unread } from "./gate.ts";

/** `full_access_as_app` of Exchange Online: the permission for EWS. */
export const fullAccessAsApp = "dc890d15-9560-4a4c-9b7f-a736ec74ec40";

/** Microsoft Graph as a resource. */
export const graphAppId = "00000003-0000-0000-c000-000000000000";

/** The application permissions of Microsoft Graph, with the feature that is lost without each. */
export const graphPermissions: readonly (readonly [value: string, feature: string])[] = [
  ["Calendars.Read", "free/busy"],
  ["MailboxSettings.Read", "automatic replies and working hours"],
  ["MailTips.ReadBasic.All", "MailTips"],
  ["ProfilePhoto.Read.All", "photos"],
];

/** Two reads of a list of keys, since Entra's replicas may lag; null when the object does not exist. */
export type TwoReads = readonly [KeyHolder | null, KeyHolder | null];

export interface CloudReads {
  readonly cloud: Cloud;
  /** Null when Exchange names no dedicated application; then nothing of it can be read. */
  readonly appId: string | null;
  readonly keys: Reading<TwoReads>;
  readonly consents: Reading<readonly Consented[] | null>;
  readonly exchangeRoles: Reading<OfferedRoles | null>;
  readonly graphRoles: Reading<OfferedRoles | null>;
  readonly shared: Reading<TwoReads>;
}

function addPermissions({ cloud }: CloudReads): string {
  return `${hybridScript("CreateApplication", cloud)} (it offers to add the missing permissions and asks for admin consent)`;
}

/** The gate of Exchange's own certificate, current and next. Pure. */
export function certificateGate(certificate: Observation, nextThumbprint: string, cloud: Cloud): Gate {
  return gate("auth-certificate", judgeCertificate(certificate, nextThumbprint, renewal(cloud)));
}

/** A renewed certificate must reach the application, too. */
export function renewal(cloud: Cloud): string {
  return `.\\${certificateReport}; then ${hybridScript("UpdateCertificate", cloud)}`;
}

function judgeCertificate(certificate: Observation, nextThumbprint: string, renew: string): Judged {
  if (certificate.state === "unknown") return unread(certificate.reason, "Get-AuthConfig | Format-List *Certificate*");
  if (certificate.state === "conflict") return { state: "wrong", evidence: [certificate.message], command: renew };
  const [current, next] = certificatesOf(certificate);
  if (current === undefined)
    return {
      state: "missing",
      evidence: ["no current certificate"],
      command: "Get-AuthConfig | Format-List *Certificate*",
    };
  const evidence = [`current ${current.thumbprint}, until ${current.notAfter}`];
  if (next !== undefined) evidence.push(`next ${next.thumbprint}, until ${next.notAfter}`);
  const notes = "notes" in certificate ? certificate.notes : [];
  if (next === undefined && nextThumbprint !== "") {
    const lost = `next ${nextThumbprint} is on no server`;
    return { state: "wrong", evidence: [...evidence, lost], command: renew };
  }
  const state = certificate.state === "drift" ? "wrong" : "ok";
  return {
    state,
    evidence: [...evidence, ...notes],
    command: state === "ok" ? null : renew,
  };
}

/** The gates in Entra. Pure. */
export function applicationGates(
  reads: CloudReads,
  certificate: Observation,
  now: number,
  isGraphGuide: boolean,
): readonly Gate[] {
  return [
    gate("application-keys", judgeKeys(reads, certificate, now)),
    gate("consent-ews", judgeEwsConsent(reads)),
    gate("consent-graph", judgeGraphConsents(reads), isGraphGuide),
    gate("shared-principal-keys", judgeShared(reads, certificate)),
  ];
}

/** The days on which the application's keys break the outbound calls. Pure. */
export function rotationWarnings(reads: CloudReads, certificate: Observation, now: number): readonly RotationWarning[] {
  if (!reads.keys.ok) return [];
  const [first, second] = reads.keys.value;
  if (first === null || second === null || !agree(first, second)) return [];
  return judgeApplicationRotation(certificate, second, now);
}

const noApplication: Judged = {
  state: "cannot tell",
  evidence: ["EvoSTS names no single dedicated application, so there is none to read"],
  command: null,
};

function judgeKeys({ cloud, appId, keys }: CloudReads, certificate: Observation, now: number): Judged {
  if (appId === null) return noApplication;
  if (!keys.ok) return unread(keys.reason);
  const [first, found] = keys.value;
  if (first === null && found === null) {
    const evidence = [`the tenant has no application ${appId}, which EvoSTS names`];
    return { state: "missing", evidence, command: hybridScript("FullyConfigureExchangeHybridApplication", cloud) };
  }
  if (first === null || found === null || !agree(first, found)) return differ;
  const certificates = certificatesOf(certificate);
  const name = `${found.displayName || "application"} (${appId})`;
  const evidence = [
    `${name}: ${countOf(found.keys.length)}`,
    ...found.keys.map((key) => describeKey(key, certificates)),
  ];
  if (certificates.length === 0)
    return {
      state: "cannot tell",
      evidence: [...evidence, "Exchange's certificates could not be read"],
      command: null,
    };
  const lacking = certificates.flatMap((each) => differencesOf(found, each, now));
  if (lacking.length === 0) return { state: "ok", evidence, command: null };
  const missing = lacking.map(({ what, found: why }) => `${what}: ${why}`);
  const state = lacking.every(({ found: why }) => why === "missing") ? "missing" : "wrong";
  return { state, evidence: [...evidence, ...missing], command: hybridScript("UpdateCertificate", cloud) };
}

const differ: Judged = {
  state: "cannot tell",
  evidence: ["two reads of Microsoft Graph gave different keys: its replicas do not agree yet"],
  command: null,
};

function agree(a: KeyHolder, b: KeyHolder): boolean {
  const ids = ({ keys }: KeyHolder): string =>
    keys
      .map(({ keyId }) => keyId)
      .toSorted()
      .join(" ");
  return ids(a) === ids(b);
}

function countOf(count: number): string {
  return count === 1 ? "1 key" : `${count} keys`;
}

function describeKey(key: KeyCredential, certificates: readonly CertificateFacts[]): string {
  const use = certificates.findIndex((certificate) => isKeyOf(key, certificate));
  const whose = use < 0 ? "" : use === 0 ? " (Exchange's current certificate)" : " (Exchange's next certificate)";
  const name = thumbprintOfIdentifier(key.customKeyIdentifier) ?? key.keyId;
  return `key ${name}${whose}, ends ${key.endDateTime ?? "on an unknown day"}`;
}

function judgeEwsConsent(reads: CloudReads): Judged {
  const { appId, consents, exchangeRoles } = reads;
  if (appId === null) return noApplication;
  if (!consents.ok) return unread(consents.reason);
  const without = withoutPrincipal(reads);
  if (without !== null) return without;
  if (!exchangeRoles.ok) return unread(exchangeRoles.reason);
  const resource = exchangeRoles.value;
  if (resource === null) return noResource("Exchange Online");
  const has = hasConsent(consents.value, resource.id, fullAccessAsApp);
  const evidence = [
    `full_access_as_app: ${has ? "consented" : "no consent; EWS calls to Exchange Online are refused"}`,
  ];
  return has
    ? { state: "ok", evidence, command: null }
    : { state: "missing", evidence, command: addPermissions(reads) };
}

/** The ids of the roles come from Graph's own service principal: they are never guessed. */
function judgeGraphConsents(reads: CloudReads): Judged {
  const { appId, consents, graphRoles } = reads;
  if (appId === null) return noApplication;
  if (!consents.ok) return unread(consents.reason);
  const without = withoutPrincipal(reads);
  if (without !== null) return without;
  if (!graphRoles.ok) return unread(graphRoles.reason);
  const resource = graphRoles.value;
  if (resource === null) return noResource("Microsoft Graph");
  const states = graphPermissions.map(([value, feature]) => {
    const role = resource.roles.find((each) => each.value === value);
    if (role === undefined) return { isOk: null, text: `${value}: not offered by Microsoft Graph in this cloud` };
    const isOk = hasConsent(consents.value, resource.id, role.id);
    return { isOk, text: `${value}: ${isOk ? "consented" : `no consent; ${feature} are lost over Graph`}` };
  });
  const evidence = states.map(({ text }) => text);
  if (states.some(({ isOk }) => isOk === false)) return { state: "missing", evidence, command: addPermissions(reads) };
  if (states.some(({ isOk }) => isOk === null)) return { state: "cannot tell", evidence, command: null };
  return { state: "ok", evidence, command: null };
}

function hasConsent(consents: readonly Consented[] | null, resourceId: string, roleId: string): boolean {
  const resource = resourceId.toLowerCase();
  return consents?.some((one) => one.resourceId === resource && one.roleId === roleId) === true;
}

/** Without a service principal of its own an application has no consent. */
function withoutPrincipal(reads: CloudReads): Judged | null {
  const { appId, consents } = reads;
  if (!consents.ok || consents.value !== null) return null;
  const evidence = [`the tenant has no service principal of ${appId}, so it has no consent`];
  return { state: "missing", evidence, command: addPermissions(reads) };
}

function noResource(name: string): Judged {
  return { state: "cannot tell", evidence: [`the tenant has no service principal of ${name}`], command: null };
}

/** Exchange Online blocks EWS through it; a key that stays there lets its holder act as Exchange Online. */
function judgeShared({ cloud, shared }: CloudReads, certificate: Observation): Judged {
  if (!shared.ok) return unread(shared.reason);
  const [first, second] = shared.value;
  if (first === null && second === null) return noResource("Exchange Online");
  if (first === null || second === null) return differ;
  const found = first.keys.length > 0 ? first : second;
  if (found.keys.length === 0) return { state: "ok", evidence: ["no keys"], command: null };
  const evidence = found.keys.map((key) => describeKey(key, certificatesOf(certificate)));
  const when = "Clean up when the other gates are in order: every key here is removed";
  return {
    state: "wrong",
    evidence: [countOf(found.keys.length), ...evidence, when],
    command: hybridScript("ResetFirstPartyServicePrincipalKeyCredentials", cloud),
  };
}
