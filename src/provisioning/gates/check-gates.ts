// The profile `hybrid-app`: reads everything that the dedicated hybrid application needs, once, and judges each gate. Changes
// nothing: Microsoft's own script sets it up.
import { textProperty } from "../exchange/read-objects.ts";
import type { CertificateFacts } from "../model/certificate.ts";
import { isThumbprint } from "../model/certificate.ts";
import type { WireObject } from "../model/exchange-shell.ts";
import { appIds } from "../model/profiles.ts";
import type { Settings } from "../model/settings.ts";
import { graphOf, type Observation, type Ports } from "../model/step.ts";
import { Stop } from "../model/stop.ts";
import { authCertificateStep } from "../steps/auth-certificate.ts";
import type { RotationWarning } from "../steps/rotation.ts";
import {
  applicationGates,
  type CloudReads,
  certificateGate,
  graphAppId,
  rotationWarnings,
  type TwoReads,
} from "./application.ts";
import { applicationIdOf, authServerGates } from "./auth-servers.ts";
import { buildGates, type SeenBuild, serverBuilds } from "./builds.ts";
import { attempt, type Gate, gate, type Reading, readAll } from "./gate.ts";
import { overrideGates } from "./overrides.ts";
import { sharingGates } from "./sharing.ts";

export interface GateTable {
  /** `failed`: a gate is missing or wrong; `unverified`: one could not be told. Guides do not count. */
  readonly verdict: "ok" | "failed" | "unverified";
  readonly gates: readonly Gate[];
  readonly rotation: readonly RotationWarning[];
}

export interface GateInput {
  /** Certificates from files, for a run without the Exchange half. */
  readonly given: readonly CertificateFacts[];
  /** Builds that captured traffic showed. */
  readonly seen: readonly SeenBuild[];
}

/** Reads and judges every gate. Reads only. */
export async function checkGates(ports: Ports, { given, seen }: GateInput): Promise<GateTable> {
  const { settings } = ports;
  const isGraphGuide = !isGraphCovered(settings);
  const servers = mapped(await all(ports, "Get-ExchangeServer"), (list) => serverBuilds(list, ports.machine, seen));
  const overrides = await all(ports, "Get-SettingOverride");
  const authServers = await all(ports, "Get-AuthServer");
  const [certificate, nextThumbprint] = await readCertificates(ports, given);
  const cloud = await readCloud(ports, authServers);
  const now = ports.now();
  const gates = [
    ...buildGates(servers, isGraphGuide),
    ...overrideGates(overrides, servers, isGraphGuide),
    ...authServerGates(authServers, settings, isGraphGuide),
    certificateGate(certificate, nextThumbprint, settings.cloud),
    ...applicationGates(cloud, certificate, now, isGraphGuide),
    ...sharingGates({
      cloud: settings.cloud,
      partners: await all(ports, "Get-PartnerApplication"),
      connectors: await all(ports, "Get-IntraOrganizationConnector"),
      relationships: await all(ports, "Get-OrganizationRelationship"),
    }),
    ewsGate(cloud.appId),
  ];
  const rotation = rotationWarnings(cloud, certificate, now);
  return { verdict: verdictOf(gates, rotation), gates, rotation };
}

/** As far as public sources say, only the global cloud has hybrid over Graph; a custom cloud is judged as the global one. */
export function isGraphCovered({ cloud }: Settings): boolean {
  return cloud.name === "global" || cloud.name === "custom";
}

function all(ports: Ports, cmdlet: string): Promise<Reading<readonly WireObject[]>> {
  return attempt(() => readAll(ports, cmdlet));
}

function mapped<A, B>(reading: Reading<A>, map: (value: A) => B): Reading<B> {
  return reading.ok ? { ok: true, value: map(reading.value) } : reading;
}

async function readCertificates(
  ports: Ports,
  given: readonly CertificateFacts[],
): Promise<readonly [Observation, string]> {
  try {
    const observed = await authCertificateStep(ports.settings, given).observe(ports, new Map());
    if (given.length > 0) return [observed, ""];
    const [config] = await readAll(ports, "Get-AuthConfig");
    const next = textProperty(config, "NextCertificateThumbprint");
    return [observed, isThumbprint(next) ? next.toUpperCase() : ""];
  } catch (error) {
    if (error instanceof Stop) return [{ state: "unknown", reason: error.reason }, ""];
    throw error;
  }
}

async function readCloud(ports: Ports, authServers: Reading<readonly WireObject[]>): Promise<CloudReads> {
  const appId = authServers.ok ? applicationIdOf(authServers.value, ports.settings.tenant) : null;
  const named = appId ?? "";
  return {
    cloud: ports.settings.cloud,
    appId,
    keys: await attempt(() =>
      twice(() => (appId === null ? Promise.resolve(null) : graphOf(ports).readApplication(named))),
    ),
    consents: await attempt(() => (appId === null ? Promise.resolve(null) : graphOf(ports).readConsents(named))),
    exchangeRoles: await attempt(() => graphOf(ports).readOfferedRoles(appIds.exchange)),
    graphRoles: await attempt(() => graphOf(ports).readOfferedRoles(graphAppId)),
    shared: await attempt(() => twice(() => graphOf(ports).read(appIds.exchange))),
  };
}

async function twice(read: () => Promise<TwoReads[number]>): Promise<TwoReads> {
  return [await read(), await read()];
}

function ewsGate(appId: string | null): Gate {
  const evidence = [
    `EwsEnabled must be True and EwsAllowedAppIDs must hold ${appId ?? "the dedicated application"}`,
    "as far as public sources say, EWS in Exchange Online ends on 1 April 2027",
  ];
  const command =
    "in Exchange Online PowerShell: Get-OrganizationConfig -RetrieveEwsOperationAccessPolicy | Format-List EwsEnabled,EwsAllowedAppIDs";
  return gate("ews-gate", { state: "cannot tell", evidence, command }, true);
}

function verdictOf(gates: readonly Gate[], rotation: readonly RotationWarning[]): GateTable["verdict"] {
  const states = gates.filter(({ isGuide }) => !isGuide).map(({ state }) => state);
  if (states.includes("missing") || states.includes("wrong")) return "failed";
  if (rotation.some(({ kind }) => kind === "broken-now")) return "failed";
  return states.includes("cannot tell") ? "unverified" : "ok";
}
